"""A year whose holidays are not published: counted Monday to Friday, said so, counted anew once they are."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from gongzhi.apps.cases import public as cases
from gongzhi.apps.channels import public as channels
from gongzhi.apps.channels.public import Report, ReportPromise
from gongzhi.apps.dispatch import public as dispatch
from gongzhi.apps.dispatch.public import Task
from gongzhi.apps.places import public as places
from gongzhi.journeys import changes
from gongzhi.kernel import worker
from gongzhi.kernel.calendar import Promise, china, unpublished_years
from gongzhi.scenarios import loader
from tests.apps.understanding.conftest import write_packs
from tests.cast import Cast, make_cast, say
from tests.corner.story import kinds, opened_by, page, task_of

DECEMBER = datetime(2027, 12, 29, 2, 0, tzinfo=UTC)  # Wednesday, 10:00 in Shanghai
HOUR = timedelta(hours=1)
SAID = (
    "The holidays of %s are not yet published. Until then Monday to Friday are counted, so this day may move."
)
LISTED = """
[[calendar]]
key = "cn"
source = "listed"
opens = "09:00"
closes = "17:30"
years_known = {years}
holidays = {holidays}
makeup_days = {makeup}
version = "{version}"
"""


def publish(packs: Path, years: list[int], holidays: str = "[]", makeup: str = "[]") -> None:
    """The office's calendar, as far as it is published."""
    text = LISTED.format(years=years, holidays=holidays, makeup=makeup, version=f"cn-{max(years)}")
    (packs / "base" / "calendars.toml").write_text(text)
    loader.set_packs_root(packs)
    places.forget_kept()


@pytest.fixture
def packs(tmp_path: Path, settings: Any) -> Iterator[Path]:
    known = list(loader._root)
    write_packs(tmp_path / "packs")
    settings.PACKS_ROOT, settings.MODELS_ROOT = tmp_path / "packs", tmp_path / "models"
    publish(tmp_path / "packs", [2027])
    yield tmp_path / "packs"
    loader._root[:] = known
    loader.scenario_for.cache_clear()
    places.forget_kept()


@pytest.fixture
def cast(packs: Path, at: time_machine.Traveller) -> Cast:
    at.move_to(DECEMBER)
    return make_cast()


def _filed(cast: Cast, moment: datetime = DECEMBER, **more: Any) -> tuple[Report, str]:
    report, code = say(cast, category_hint="roads.potholes", at=moment, **more)
    worker.drain()
    return report, code


def test_which_years_a_count_touches() -> None:
    calendar = china()
    known = max(calendar.years_known)
    last = datetime(known, 12, 29, 2, tzinfo=UTC)
    assert unpublished_years(last, last + timedelta(days=2), calendar) == ()
    assert unpublished_years(last, last + timedelta(days=9), calendar) == (known + 1,)
    # Received on the last day of a year, the count begins in the next.
    eve = datetime(known, 12, 31, 15, 59, tzinfo=UTC)  # 23:59 in Shanghai
    assert unpublished_years(eve, eve + timedelta(days=3), calendar) == (known + 1,)
    assert unpublished_years(eve + HOUR, eve + timedelta(days=400), calendar) == (known + 1, known + 2)


def test_the_statutory_calendar_of_a_year_to_come_is_counted_and_said_so(
    at: time_machine.Traveller, client_of: Any
) -> None:
    year = max(china().years_known) + 1
    moment = datetime(year, 12, 6, 2, 0, tzinfo=UTC)
    moment += timedelta(days=(7 - moment.weekday()) % 7)  # a Monday
    at.move_to(moment)
    cast = make_cast()
    report, code = _filed(cast, moment)
    case = cases.case_of(report)
    assert case is not None and case.due_at is not None
    assert case.due_at.date() == (moment + timedelta(days=7)).date()  # five days, Monday to Friday
    said = SAID % year
    assert said in page(opened_by(code), "/river/my/report/")
    assert said in page(client_of(cast.coordinator), f"/river/desk/cases/{case.number}/")
    assert said in page(client_of(cast.handler), f"/river/today/tasks/{task_of(case).pk}/")
    assert f"The public holidays of {year} are not known." in page(client_of(cast.admin), "/river/setup/")


def test_once_the_year_is_published_the_day_moves_and_the_reporter_hears_of_it(
    cast: Cast, packs: Path, client_of: Any
) -> None:
    report, code = _filed(cast)
    case = cases.case_of(report)
    assert case is not None and case.due_at == datetime(2028, 1, 5, 9, 30, tzinfo=UTC)
    assert SAID % 2028 in page(opened_by(code), "/river/my/report/")
    dispatch.add_helper(
        case=case,
        unit=cast.estate_unit,
        reason="一起",
        by=cast.actor(cast.coordinator, DECEMBER),
        at=DECEMBER,
    )
    changes.count_days_anew(at=DECEMBER + HOUR)
    case.refresh_from_db()
    assert case.due_at == datetime(2028, 1, 5, 9, 30, tzinfo=UTC)
    assert kinds(case)[-1] == "helper_added"

    publish(packs, [2027, 2028], "[2028-01-03, 2028-01-04]")
    changes.count_days_anew(at=DECEMBER + 2 * HOUR)
    case.refresh_from_db()
    due = datetime(2028, 1, 7, 9, 30, tzinfo=UTC)
    assert case.due_at == due
    assert set(Task.objects.filter(case=case).values_list("due_at", "day_may_move")) == {(due, False)}
    assert kinds(case)[-1] == "recounted"
    promises = ReportPromise.objects.filter(report=report).order_by("pk")
    assert [(p.due_at, p.calendar_version) for p in promises] == [
        (datetime(2028, 1, 5, 9, 30, tzinfo=UTC), "cn-2027"),
        (due, "cn-2028"),
    ]
    assert [n.about for n in channels.notices_of(report)] == [f"due:{case.pk}:20280107T0930:2712290400"]
    said = page(opened_by(code), "/river/my/report/")
    assert "counted anew: the public holidays have been published" in said and "not yet published" not in said
    assert "Fri 7 Jan" in page(client_of(cast.coordinator), f"/river/desk/cases/{case.number}/")
    changes.count_days_anew(at=DECEMBER + 3 * HOUR)
    assert kinds(case).count("recounted") == 1 and channels.notices_of(report).count() == 1


def test_a_make_up_day_may_bring_the_day_nearer(cast: Cast, packs: Path) -> None:
    report, _code = _filed(cast)
    publish(packs, [2027, 2028], "[]", "[2028-01-01]")
    changes.count_days_anew(at=DECEMBER + HOUR)
    case = cases.case_of(report)
    assert case is not None and case.due_at == datetime(2028, 1, 4, 9, 30, tzinfo=UTC)


def test_a_day_that_stays_is_settled_without_telling_anybody(cast: Cast, packs: Path) -> None:
    report, _code = _filed(cast)
    publish(packs, [2027, 2028], "[2028-02-01]")
    changes.count_days_anew(at=DECEMBER + HOUR)
    case = cases.case_of(report)
    assert case is not None and kinds(case)[-1] == "dispatched"
    assert not Task.objects.filter(day_may_move=True).exists()
    assert not channels.notices_of(report).exists()


def test_a_case_that_came_back_to_the_desk_is_counted_anew_too(cast: Cast, packs: Path) -> None:
    report, _code = _filed(cast)
    case = cases.case_of(report)
    assert case is not None
    handler = cast.actor(cast.handler, DECEMBER)
    dispatch.return_task(task=task_of(case), reason="不归我们", by=handler, at=DECEMBER)
    publish(packs, [2027, 2028], "[2028-01-03]")
    changes.count_days_anew(at=DECEMBER + HOUR)
    case.refresh_from_db()
    assert case.due_at == datetime(2028, 1, 6, 9, 30, tzinfo=UTC)


def test_a_case_passed_on_by_hand_keeps_counting(cast: Cast, packs: Path) -> None:
    report, _code = _filed(cast)
    case = cases.case_of(report)
    assert case is not None
    dispatch.dispatch_case(
        case=case, unit=cast.estate_unit, reason="换", by=cast.actor(cast.coordinator, DECEMBER), at=DECEMBER
    )
    publish(packs, [2027, 2028], "[2028-01-03]")
    changes.count_days_anew(at=DECEMBER + HOUR)
    case.refresh_from_db()
    task = task_of(case)
    assert case.due_at == task.due_at == datetime(2028, 1, 6, 9, 30, tzinfo=UTC)


def test_an_answered_case_stays_as_it_was_promised(cast: Cast, packs: Path) -> None:
    report, _code = _filed(cast)
    case = cases.case_of(report)
    assert case is not None
    dispatch.answer_task(
        task=task_of(case), text="修好了", by=cast.actor(cast.handler, DECEMBER), at=DECEMBER
    )
    publish(packs, [2027, 2028], "[2028-01-03]")
    changes.count_days_anew(at=DECEMBER + HOUR)
    case.refresh_from_db()
    assert case.due_at == datetime(2028, 1, 5, 9, 30, tzinfo=UTC)
    assert ReportPromise.objects.count() == 1


def test_hours_do_not_wait_for_holidays(cast: Cast, packs: Path) -> None:
    dispatch.save_power_item(
        jurisdiction=cast.office, code="roads-1", category="roads.potholes", lead_unit=cast.roads_unit, basis="某条",
        promise=Promise(amount=96, unit="hour"), by="x", at=DECEMBER,
    )  # fmt: skip
    report, code = _filed(cast)
    assert not Task.objects.filter(day_may_move=True).exists()
    assert "not yet published" not in page(opened_by(code), "/river/my/report/")
    publish(packs, [2027, 2028], "[2028-01-03]")
    changes.count_days_anew(at=DECEMBER + HOUR)
    case = cases.case_of(report)
    assert case is not None and case.due_at == DECEMBER + timedelta(hours=96)


def test_a_day_never_moves_into_the_past(cast: Cast, packs: Path) -> None:
    report, _code = _filed(cast)
    case = cases.case_of(report)
    assert case is not None
    before = case.due_at
    publish(packs, [2027, 2028], "[]", "[2028-01-01, 2028-01-02]")
    changes.count_days_anew(at=datetime(2028, 1, 4, 10, 0, tzinfo=UTC))
    case.refresh_from_db()
    assert case.due_at == before and date(2028, 1, 5) == case.due_at.date()
