"""The model of waiting lines against formulas, by hand, and for what must hold whatever the numbers are."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongzhi_analysis.process.comparing import compare, interval
from gongzhi_analysis.process.queueing import Arrival, Service, run, service_of
from gongzhi_analysis.reference.queueing import mean_wait, mean_wait_fixed

FIXED = {"*": Service(2.0, shape="fixed", assumption="by hand")}


def _poisson(rate: float, count: int, seed: int) -> list[Arrival]:
    gaps = np.random.default_rng(seed).exponential(1 / rate, count)
    return [Arrival(float(at), "roads") for at in np.cumsum(gaps)]


@pytest.mark.parametrize(("rate", "people"), [(0.7, 1), (1.6, 2), (4.0, 5)])
def test_the_wait_and_the_load_are_those_of_erlangs_formula(rate: float, people: int) -> None:
    work = {"*": Service(math.log(2), shape="exponential")}  # a mean of one hour
    waits, loads = [], []
    for seed in range(3):
        (figures,) = run(_poisson(rate, 12_000, 100 + seed), people={"*": people}, services=work, seed=seed)
        waits.append(figures.wait_mean)
        loads.append(figures.load)
    assert np.mean(waits) == pytest.approx(mean_wait(rate, 1.0, people), rel=0.1)
    assert np.mean(loads) == pytest.approx(rate / people, rel=0.02)


def test_work_of_fixed_length_waits_as_pollaczek_and_khinchine_say() -> None:
    work = {"*": Service(1.0, shape="fixed")}
    (figures,) = run(_poisson(0.6, 30_000, 7), people={"*": 1}, services=work, seed=1)
    assert figures.wait_mean == pytest.approx(mean_wait_fixed(0.6, 1.0), rel=0.08)


def test_three_matters_and_one_person_by_hand() -> None:
    came = [Arrival(0, "roads", due=2), Arrival(1, "roads", due=3), Arrival(1, "roads", due=None)]
    (figures,) = run(came, people={"roads": 1}, services=FIXED, seed=1)
    # Begun at 0, 2 and 4; done at 2, 4 and 6: the second is late, the first done in the very moment is not.
    assert (figures.wait_mean, figures.wait_median, figures.late, figures.with_deadline) == (4 / 3, 1, 1, 2)
    assert (figures.arrived, figures.done, figures.load) == (3, 3, 1.0)


def test_the_nearest_deadline_first_may_save_a_deadline() -> None:
    came = [Arrival(0, "roads", due=9), Arrival(1, "roads", due=9), Arrival(1.5, "roads", due=4)]
    by_arrival = run(came, people={"*": 1}, services=FIXED, seed=1, order="arrival")
    by_deadline = run(came, people={"*": 1}, services=FIXED, seed=1, order="deadline")
    assert (by_arrival[0].late, by_deadline[0].late) == (1, 0)


def test_what_is_open_at_the_end_counts_where_its_deadline_has_passed() -> None:
    came = [
        Arrival(0, "roads", due=1),
        Arrival(0, "roads", due=2),
        Arrival(0, "roads", due=8),
        Arrival(6, "roads"),
    ]
    (figures,) = run(came, people={"*": 1}, services=FIXED, seed=1, until=3)
    assert (figures.arrived, figures.done, figures.late, figures.load) == (3, 1, 2, 1.0)


def test_a_unit_without_people_is_named_and_not_waited_for() -> None:
    with pytest.raises(ValueError, match="roads"):
        run([Arrival(0, "roads")], people={"parks": 3}, services=FIXED, seed=1)
    with pytest.raises(ValueError, match="how long"):
        run([Arrival(0, "roads", "trees")], people={"*": 1}, services={"noise": FIXED["*"]}, seed=1)


def test_the_nearest_assumption_holds() -> None:
    near, far = Service(1), Service(2)
    known = {"roads": near, "*": far}
    assert service_of(known, "roads.potholes") is near
    assert service_of(known, "roadside") is far


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 40), st.sampled_from("ab"), st.floats(0, 60)), min_size=1, max_size=30),
    st.integers(1, 4),
    st.sampled_from(["arrival", "deadline"]),
)
def test_nothing_is_lost_and_nobody_works_more_than_all_the_time(came, crew, order) -> None:  # type: ignore[no-untyped-def]
    arrivals = [Arrival(at, unit, due=due) for at, unit, due in came]
    work = {"*": Service(1.5)}
    figures = run(arrivals, people={"*": crew}, services=work, seed=3, order=order)
    assert sum(f.done for f in figures) == len(arrivals)
    assert all(0 <= f.load <= 1 + 1e-9 and f.wait_mean >= 0 and f.late <= f.with_deadline for f in figures)
    assert figures == run(arrivals, people={"*": crew}, services=work, seed=3, order=order)


def test_more_people_wait_less_with_the_same_luck_and_the_bounds_say_so() -> None:
    came = _poisson(1.8, 3000, 5)
    work = {"*": Service(0.8)}
    two, three = ([run(came, people={"*": n}, services=work, seed=s) for s in range(5)] for n in (2, 3))
    by_name = {d.measure: d for d in compare(two, three)}
    assert by_name["wait_mean"].change.high < 0
    assert by_name["wait_mean"].change.decided
    assert not compare(two, two)[0].change.decided


def test_the_bounds_are_students() -> None:
    # Mean 2, deviation 1, three values: 2 ± 4.3027 / √3, by a table of t.
    found = interval([1.0, 2.0, 3.0])
    assert (found.mean, found.low) == (2.0, pytest.approx(2 - 4.302653 / math.sqrt(3), abs=1e-5))
    with pytest.raises(ValueError, match="two replications"):
        interval([1.0])
