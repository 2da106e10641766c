"""Units as waiting lines: matters arrive, wait until one of so many people is free, and are worked on.

Time runs on one axis of working hours, so nights and holidays are simply not there: whoever calls puts real moments
onto that axis first. The number of people is a number; nobody in it is anybody. Discrete events by simpy.
"""

import math
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Any, Literal

import numpy as np
import simpy

Order = Literal["arrival", "deadline"]
Shape = Literal["lognormal", "exponential", "fixed"]
_NO_DEADLINE = float("inf")


@dataclass(frozen=True)
class Arrival:
    """A matter: when it came and when it is due, in working hours from the beginning; which unit has it."""

    at: float
    unit: str
    category: str = ""
    due: float | None = None


@dataclass(frozen=True)
class Service:
    """How many working hours one person works on a matter. An assumption: say in `assumption` what it stands on.

    `median`: half of the matters take less. `spread`: the factor of one standard deviation of a lognormal time.
    """

    median: float
    spread: float = 2.0
    shape: Shape = "lognormal"
    assumption: str = ""

    def hours(self, normal: float) -> float:
        """The hours for one draw of the standard normal distribution."""
        if self.shape == "fixed":
            return self.median
        if self.shape == "exponential":
            return self.median / math.log(2) * -math.log1p(-_phi(normal))
        return float(self.median * self.spread**normal)


def _phi(normal: float) -> float:
    """The share of the standard normal distribution below `normal`, kept below 1."""
    return min(0.5 * (1.0 + math.erf(normal / math.sqrt(2))), 1.0 - 1e-16)


@dataclass
class _Course:
    """When a matter came and the work on it began and ended; None where it has not."""

    came: float = 0.0
    began: float | None = None
    ended: float | None = None


@dataclass
class _Desk:
    """A unit while the model runs: how many are free, and who waits, whose turn it is first in front.

    simpy's own resource sorts all that wait at each arrival; a line of thousands would take minutes.
    """

    free: int
    waiting: list[tuple[int, float, _Course]] = field(default_factory=list)


@dataclass(frozen=True)
class UnitFigures:
    """What came of one unit, hours being working hours. `waits` are until the work begins, of matters begun.

    `late`: matters with a deadline that were done after it, or that were still open when it had passed at the end.
    `load`: hours worked as a share of all hours of all people, 1.0 being no free hour.
    """

    unit: str
    people: int
    arrived: int
    done: int
    wait_mean: float
    wait_median: float
    wait_p90: float
    with_deadline: int
    late: int
    load: float

    @property
    def late_share(self) -> float:
        """Late matters as a share of those with a deadline; 0 where there are none."""
        return self.late / self.with_deadline if self.with_deadline else 0.0


def service_of(services: Mapping[str, Service], category: str) -> Service:
    """The nearest that is said: for the category, for one above it, or for all (`*`). KeyError where nothing is."""
    name = category
    while name:
        if name in services:
            return services[name]
        name = name.rpartition(".")[0]
    return services["*"]


def draws(count: int, seed: int) -> list[float]:
    """One standard normal number for each matter. The same seed gives two scenarios the same luck."""
    drawn: list[float] = np.random.default_rng(seed).standard_normal(count).tolist()
    return drawn


def run(
    arrivals: Sequence[Arrival],
    *,
    people: Mapping[str, int],
    services: Mapping[str, Service],
    seed: int,
    order: Order = "arrival",
    until: float | None = None,
) -> list[UnitFigures]:
    """Let the matters pass through the units and say what came of it, by unit in order of their names.

    `people` holds the people at work in each unit (`*` for those not named). `until` ends the observation, in working
    hours; without it everything is worked off. ValueError where a unit has nobody, or nothing says how long work takes.
    """
    env = simpy.Environment()
    crews = _crews(arrivals, people)
    desks = {unit: _Desk(crew) for unit, crew in crews.items()}
    # By time, matters of the same moment in their order; each keeps the luck of its place in the list.
    places = sorted(range(len(arrivals)), key=lambda i: arrivals[i].at)
    hours = _hours(arrivals, services, draws(len(arrivals), seed))
    courses = [_Course() for _ in arrivals]
    matters = [(arrivals[i], hours[i], courses[i]) for i in places]
    env.process(_arrive(env, matters, desks, _turns([arrivals[i] for i in places], order)))
    env.run(until=until)
    end = float(env.now)
    by_unit: dict[str, list[tuple[Arrival, _Course]]] = {unit: [] for unit in crews}
    for arrival, _needed, course in matters:
        if arrival.at < end or until is None:
            by_unit[arrival.unit].append((arrival, course))
    return [_figures(unit, crews[unit], handled, end) for unit, handled in by_unit.items()]


def _crews(arrivals: Sequence[Arrival], people: Mapping[str, int]) -> dict[str, int]:
    found = {}
    for unit in sorted({arrival.unit for arrival in arrivals}):
        crew = people.get(unit, people.get("*", 0))
        if crew < 1:
            raise ValueError(f"unit {unit!r} has matters and nobody at work")
        found[unit] = crew
    return found


def _hours(
    arrivals: Sequence[Arrival], services: Mapping[str, Service], luck: Sequence[float]
) -> list[float]:
    try:
        return [service_of(services, a.category).hours(n) for a, n in zip(arrivals, luck, strict=True)]
    except KeyError as error:
        raise ValueError("nothing says how long the work takes: name a service for *") from error


def _arrive(
    env: simpy.Environment,
    matters: Sequence[tuple[Arrival, float, _Course]],
    desks: Mapping[str, _Desk],
    turns: Sequence[int],
) -> Generator[Any, Any, None]:
    for (arrival, hours, course), turn in zip(matters, turns, strict=True):
        if arrival.at > env.now:
            yield env.timeout(arrival.at - env.now)
        course.came = env.now
        desk = desks[arrival.unit]
        heappush(desk.waiting, (turn, hours, course))
        if desk.free:
            desk.free -= 1
            env.process(_work(env, desk))


def _turns(arrivals: Sequence[Arrival], order: Order) -> list[int]:
    """Whose turn it is first, the lowest number: by arrival, or by deadline and then by arrival."""
    if order == "arrival":
        return list(range(len(arrivals)))
    by_due = sorted(
        range(len(arrivals)), key=lambda i: (_NO_DEADLINE if (due := arrivals[i].due) is None else due, i)
    )
    turns = [0] * len(arrivals)
    for turn, i in enumerate(by_due):
        turns[i] = turn
    return turns


def _work(env: simpy.Environment, desk: _Desk) -> Generator[Any, Any, None]:
    """One person of the unit, at work as long as anything waits."""
    while desk.waiting:
        _turn, hours, course = heappop(desk.waiting)
        course.began = env.now
        yield env.timeout(hours)
        course.ended = env.now
    desk.free += 1


def _is_late(arrival: Arrival, course: _Course, end: float) -> bool:
    # A matter done in the very moment is in time; the axis is summed from floats.
    finished = end if course.ended is None else course.ended
    return arrival.due is not None and finished > arrival.due + 1e-9


def _figures(unit: str, crew: int, handled: Sequence[tuple[Arrival, _Course]], end: float) -> UnitFigures:
    waits = [course.began - course.came for _, course in handled if course.began is not None]
    worked = sum(
        (end if course.ended is None else course.ended) - course.began
        for _, course in handled
        if course.began is not None
    )
    return UnitFigures(
        unit=unit,
        people=crew,
        arrived=len(handled),
        done=sum(course.ended is not None for _, course in handled),
        wait_mean=float(np.mean(waits)) if waits else 0.0,
        wait_median=float(np.median(waits)) if waits else 0.0,
        wait_p90=float(np.quantile(waits, 0.9)) if waits else 0.0,
        with_deadline=sum(arrival.due is not None for arrival, _ in handled),
        late=sum(_is_late(arrival, course, end) for arrival, course in handled),
        load=worked / (crew * end) if end else 0.0,
    )
