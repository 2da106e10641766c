"""`gongzhi simulate`: real arrivals, the office's own calendar, tables and JSON, faults in words."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from gongzhi.kernel.calendar import china
from gongzhi.site.cli import main
from gongzhi.site.simulating.history import WorkAxis, of_office
from gongzhi.site.simulating.scenario import Line, line_for
from tests.cast import Cast, make_cast, say

AS_IS = """
name = "As it is"
[staff]
"*" = 1
[service."*"]
median_hours = 2.0
shape = "fixed"
assumption = "The roads unit was asked and said two hours."
"""


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def _scenario(folder: Path, text: str = AS_IS, name: str = "as_is.toml") -> str:
    (folder / name).write_text(text, encoding="utf-8")
    return str(folder / name)


def _run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["simulate", *words])
    return done.exit_code, done.output


def _three_holes(cast: Cast) -> None:
    from gongzhi.kernel import worker

    for minute in range(3):
        say(cast, at=datetime(2026, 11, 16, 1, minute, tzinfo=UTC))
    worker.drain()


def test_nights_weekends_and_holidays_take_no_room_on_the_axis() -> None:
    axis = WorkAxis(
        china(), date(2026, 9, 29)
    )  # a Tuesday; 1 to 7 October are holidays, Saturday 10 is worked

    def at(*when: int) -> float:
        return axis.hours(datetime(2026, *when, tzinfo=china().zone_info))  # type: ignore[arg-type, misc]

    assert at(9, 29, 8) == 0
    assert at(9, 29, 10) == 1
    assert at(9, 29, 22) == at(9, 30, 9) == 8.5
    assert at(10, 3, 12) == at(10, 8, 9) == 17
    assert at(10, 10, 9) == 34
    assert at(10, 11, 9) == at(10, 12, 9) == 42.5


def test_the_nearest_category_then_the_smallest_area_has_a_matter() -> None:
    wide = Line(category="roads", lead="a", amount=1, unit="day")
    near = Line(category="roads.potholes", lead="b", amount=1, unit="day")
    here = Line(category="roads", lead="c", amount=1, unit="day", area="east")
    assert line_for((wide, near, here), "roads.potholes", ("east", "whole")) is near
    assert line_for((wide, here), "roads.potholes", ("east", "whole")) is here
    assert line_for((wide, here), "roads.potholes", ("west", "whole")) is wide
    assert line_for((wide,), "roadside", ()) is None


def test_the_offices_own_cases_are_played_by_its_own_list(cast: Cast, tmp_path: Path) -> None:
    _three_holes(cast)
    came = of_office(cast.office).came
    assert {c.areas for c in came} == {("east", "whole")}
    code, said = _run(_scenario(tmp_path), "--office", "river", "--json", "--replications", "2")
    assert code == 0, said
    units = json.loads(said)["scenarios"][0]["units"]
    assert sum(unit["arrived"] for unit in units) == len(came)
    assert {unit["unit"] for unit in units} <= {"roads", "(no line)"}
    assert of_office(cast.office, since=date(2026, 11, 17)).came == ()


def test_boston_is_compared_with_itself_and_a_change_is_seen(tmp_path: Path) -> None:
    fewer = AS_IS.replace('"*" = 1', '"*" = 60')
    more = fewer.replace("As it is", "More").replace("60", "66")
    words = ("--data", "demo/boston", "--replications", "2", "--json")
    code, said = _run(_scenario(tmp_path, fewer), "--compare", _scenario(tmp_path, more, "more.toml"), *words)
    assert code == 0, said
    data = json.loads(said)
    arrived = sum(unit["arrived"] for unit in data["scenarios"][0]["units"])
    assert arrived == 58_251
    changes = {(c["unit"], c["measure"]): c["change"] for c in data["changes"]}
    assert changes["pwd", "wait_mean"]["high"] < 0
    assert any("58251 matters, 2011-07-01 to 2011-12-31" in note for note in data["notes"])
    assert any("asked and said two hours" in note for note in data["notes"])


def test_the_tables_name_units_and_what_was_assumed(cast: Cast, tmp_path: Path) -> None:
    _three_holes(cast)
    file = _scenario(tmp_path)
    code, said = _run(file, "--compare", file, "--office", "river", "--replications", "2")
    assert code == 0, said
    assert "what does not change is left out" in said
    assert "Assumed in “As it is”: *: 2.0 h, fixed: The roads unit was asked" in said


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('assumption = "The roads unit was asked and said two hours."', "", "service.*.assumption"),
        ("median_hours = 2.0", "median_hours = 0", "service.*.median_hours"),
        ('"*" = 1', '"*" = 0', "has nobody"),
        ('"*" = 1', "parks = 1", "nobody at work"),
        ('name = "As it is"', 'name = "As it is"\nstuff = 1', "stuff"),
        ('name = "As it is"', "name = ", "as_is.toml"),
        ('name = "As it is"', 'name = "x"\nlist_file = "none.toml"', "none.toml cannot be read"),
    ],
)
def test_a_fault_of_a_scenario_is_said_in_words(
    cast: Cast, tmp_path: Path, old: str, new: str, fault: str
) -> None:
    _three_holes(cast)
    code, said = _run(_scenario(tmp_path, AS_IS.replace(old, new)), "--office", "river")
    assert code == 1
    assert fault in said
    assert "Traceback" not in said


def test_nothing_to_play_is_said(cast: Cast, tmp_path: Path) -> None:
    file = _scenario(tmp_path)
    assert "No case was opened" in _run(file, "--office", "river")[1]
    assert _run(file)[0] == _run(file, "--office", "nowhere")[0] == 2
