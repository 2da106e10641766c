"""A scenario file: who works, by which list, by when, and how long work is assumed to take, each with its reason."""

import tomllib
from pathlib import Path
from typing import Any, Literal

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gongzhi.kernel.calendar import Promise, Unit
from gongzhi.kernel.errors import GongzhiError
from gongzhi_analysis.process.queueing import Service


class ScenarioError(GongzhiError):
    """A scenario that cannot be played."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Deadline(_Strict):
    """How much time a unit has."""

    amount: int = Field(ge=1)
    unit: Unit

    def promise(self) -> Promise:
        """The same as the calendar counts it."""
        return Promise(amount=self.amount, unit=self.unit)


class ServiceTime(_Strict):
    """How many working hours one person works on a matter: an assumption, so what it stands on must be said."""

    median_hours: float = Field(gt=0)
    spread: float = Field(default=2.0, ge=1)
    shape: Literal["lognormal", "exponential", "fixed"] = "lognormal"
    assumption: str = Field(min_length=10)

    def service(self) -> Service:
        """The same as the model takes it."""
        return Service(self.median_hours, self.spread, self.shape, self.assumption)


class Line(_Strict):
    """A line of the list: who has a category, in an area or everywhere, and within which time."""

    category: str
    lead: str
    amount: int = Field(ge=1)
    unit: Unit
    area: str = ""

    def deadline(self) -> Deadline:
        """The time that the line gives."""
        return Deadline(amount=self.amount, unit=self.unit)


class Scenario(_Strict):
    """All that is decided in a scenario. `list_file` stands in for the office's own list; it is a power_list.toml."""

    name: str
    order: Literal["arrival", "deadline"] = "arrival"
    staff: dict[str, int]
    service: dict[str, ServiceTime]
    deadline: dict[str, Deadline] = {}
    list_file: str = ""
    # Filled from `list_file`, never written in the scenario itself.
    lines: tuple[Line, ...] = ()


def read_scenario(path: Path) -> Scenario:
    """The scenario in a file. ScenarioError names the file, the entry and the fault."""
    data = _toml(path)
    if "lines" in data:
        raise ScenarioError(
            _("%(name)s: lines stand in a file of their own.") % {"name": path.name},
            hint=_("Name the file with list_file."),
        )
    try:
        found = Scenario.model_validate(data)
        if found.list_file:
            found = found.model_copy(update={"lines": read_lines(path.parent / found.list_file)})
    except ValidationError as error:
        raise _refusal(path, error) from error
    if any(people < 1 for people in found.staff.values()):
        raise ScenarioError(
            _("%(name)s: a unit in [staff] has nobody.") % {"name": path.name},
            hint=_("Write 1 or more people at work."),
        )
    return found


def read_lines(path: Path) -> tuple[Line, ...]:
    """The lines of a power_list.toml; what it holds beside (basis, source, helpers) does not matter here."""
    wanted = set(Line.model_fields)
    try:
        rows = [{k: v for k, v in entry.items() if k in wanted} for entry in _toml(path).get("item", ())]
        return tuple(Line.model_validate(row) for row in rows)
    except ValidationError as error:
        raise _refusal(path, error) from error


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError(
            _("%(name)s cannot be read.") % {"name": path.name}, hint=_("Check the name of the file.")
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(
            _("%(name)s cannot be read: %(why)s") % {"name": path.name, "why": error},
            hint=_("Correct the file at this line."),
        ) from error


def _refusal(path: Path, error: ValidationError) -> ScenarioError:
    first = error.errors()[0]
    entry = ".".join(str(part) for part in first["loc"])
    return ScenarioError(
        _("%(name)s cannot be read: %(why)s") % {"name": path.name, "why": f"{entry}: {first['msg']}"},
        hint=_("See docs/operate/simulation.md for what may stand there."),
    )


def line_for(lines: tuple[Line, ...], category: str, areas: tuple[str, ...]) -> Line | None:
    """The line that holds: nearest category, then smallest area (`areas` from the smallest up), then the first."""
    best: tuple[tuple[int, int], Line] | None = None
    for line in lines:
        if line.category != category and not category.startswith(f"{line.category}."):
            continue
        if line.area and line.area not in areas:
            continue
        depth = areas.index(line.area) if line.area else len(areas)
        key = (category.count(".") - line.category.count("."), depth)
        if best is None or key < best[0]:
            best = (key, line)
    return best[1] if best else None


def nearest(entries: dict[str, Deadline], category: str) -> Deadline | None:
    """The deadline written for the category or the nearest one above it, or for all (`*`)."""
    name = category
    while name:
        if name in entries:
            return entries[name]
        name = name.rpartition(".")[0]
    return entries.get("*")
