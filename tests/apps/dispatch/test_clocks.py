"""Time stands still for lawful reasons, gets longer by approval, and is counted anew with both."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from gongzhi.apps.actors.public import SYSTEM
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.public import Case
from gongzhi.apps.channels.models import Notice
from gongzhi.apps.channels.public import ReportPromise
from gongzhi.apps.dispatch import public as dispatch
from gongzhi.apps.dispatch.clocks import public as clocks
from gongzhi.apps.dispatch.clocks import rules
from gongzhi.apps.dispatch.clocks.public import CasePause, ClockError, Extension
from gongzhi.apps.dispatch.models import Task
from gongzhi.kernel.calendar import Promise
from gongzhi.scenarios import loader
from tests.cast import MONDAY, Cast, make_cast, say

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def local(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00")


@pytest.fixture
def cast(db: None, packs: Path) -> Iterator[Cast]:
    """The cast under the shipped packs: reasons and limits are theirs."""
    loader.set_packs_root(loader.DEFAULT_ROOT)
    with translation.override("en"):
        yield make_cast()


def handed(cast: Cast, at: datetime = MONDAY) -> Task:
    report, _ = say(cast, at=at)
    case = cases.open_case(report=report, category="roads.potholes", by=SYSTEM, at=at)
    return dispatch.dispatch_case(case=case, item=cast.pothole_rule, by=SYSTEM, at=at)


def due_of(task: Task) -> datetime | None:
    return Case.objects.get(pk=task.case_id).due_at


def pause(cast: Cast, task: Task, at: datetime, until: date, reason: str = "weather") -> CasePause:
    return clocks.start_pause(
        task=task, reason=reason, words="连日暴雨，无法施工", until=until, by=cast.actor(cast.handler), at=at
    )


def test_a_pause_over_national_day_counts_the_office_hours_that_it_covers(cast: Cast) -> None:
    # Received on Monday 28 September 2026: five working days after it are 29, 30 September, 8, 9 and 10 October
    # (a worked Saturday); 1 to 7 October are off.
    task = handed(cast, local("2026-09-28 10:00"))
    assert due_of(task) == local("2026-10-10 17:30")
    row = pause(cast, task, local("2026-09-30 12:00"), date(2026, 10, 9))
    # At the latest: half of Wednesday (5.5 h), Thursday and Friday (8.5 h each) are covered.
    assert due_of(task) == local("2026-10-14 14:30")
    clocks.end_pause(pause=row, by=cast.actor(cast.handler), at=local("2026-10-08 12:00"))
    # In truth 5.5 h on 30 September and 3 h on 8 October: one office day.
    assert due_of(task) == local("2026-10-12 17:30")
    assert Task.objects.get(pk=task.pk).due_at == due_of(task)


def test_a_pause_within_the_holidays_moves_nothing_and_tells_nobody(cast: Cast) -> None:
    task = handed(cast, local("2026-09-28 10:00"))
    pause(cast, task, local("2026-10-01 10:00"), date(2026, 10, 7))
    assert due_of(task) == local("2026-10-10 17:30")
    assert "paused" in [s.kind for s in cases.timeline(task.case, public_only=True)]
    assert not Notice.objects.filter(about__startswith="due:").exists()


def test_the_reporter_is_told_why_and_until_when_and_the_old_day_stays_in_the_promises(cast: Cast) -> None:
    task = handed(cast)
    old = due_of(task)
    pause(cast, task, MONDAY + DAY, date(2026, 11, 18))
    step = cases.timeline(task.case, public_only=True)[-1]
    assert (step.kind, step.text) == ("paused", "连日暴雨，无法施工")
    assert step.detail["reason"]["en"] == "Severe weather or another force majeure"
    assert [p.due_at for p in ReportPromise.objects.order_by("pk")] == [old, due_of(task)]
    assert Notice.objects.filter(about__startswith="due:").count() == 1


def test_a_pause_that_ran_out_is_written_down_and_moves_nothing_more(cast: Cast) -> None:
    task = handed(cast)
    row = pause(cast, task, MONDAY + DAY, date(2026, 11, 18))
    due = due_of(task)
    assert clocks.open_pause(task.case, MONDAY + 2 * DAY) == row
    assert clocks.end_past_pauses(jurisdiction=cast.office, by=SYSTEM, at=MONDAY + 2 * DAY) == 0
    assert clocks.end_past_pauses(jurisdiction=cast.office, by=SYSTEM, at=MONDAY + 4 * DAY) == 1
    row.refresh_from_db()
    assert (row.ended_at, due_of(task)) == (row.until, due)
    assert clocks.open_pause(task.case, MONDAY + 4 * DAY) is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"reason": "holiday"}, "No reason is chosen"),
        ({"words": " "}, "no words"),
        ({"until": date(2026, 11, 15)}, "until that day"),
        ({"until": date(2027, 1, 1)}, "until that day"),
        ({"at": MONDAY + 30 * DAY, "until": date(2026, 12, 20)}, "has passed already"),
    ],
)
def test_a_pause_needs_a_lawful_reason_words_and_a_day_within_its_limit(
    cast: Cast, change: dict[str, Any], said: str
) -> None:
    values = {"reason": "weather", "words": "暴雨", "until": date(2026, 11, 18), "at": MONDAY + HOUR} | change
    with pytest.raises(ClockError, match=said):
        clocks.start_pause(task=handed(cast), by=cast.actor(cast.handler), **values)
    assert not CasePause.objects.exists()


def test_only_who_has_the_case_stops_and_starts_its_time(cast: Cast) -> None:
    task = handed(cast)
    row = pause(cast, task, MONDAY + HOUR, date(2026, 11, 18))
    with pytest.raises(ClockError, match="stands still already"):
        pause(cast, task, MONDAY + 2 * HOUR, date(2026, 11, 18))
    with pytest.raises(ClockError, match="Only the unit"):
        clocks.end_pause(pause=row, by=cast.actor(cast.estate_handler), at=MONDAY + DAY)
    helper = dispatch.add_helper(case=task.case, unit=cast.estate_unit, reason="围挡", by=SYSTEM, at=MONDAY)
    with pytest.raises(ClockError, match="Only the unit"):
        pause(cast, helper, MONDAY + HOUR, date(2026, 11, 18))


def ask(cast: Cast, task: Task, day: date, at: datetime = MONDAY + HOUR) -> Extension:
    return clocks.ask_extension(task=task, words="要等沥青", new_day=day, by=cast.actor(cast.handler), at=at)


def test_an_approved_extension_gives_the_new_day_once(cast: Cast) -> None:
    task = handed(cast)
    old = due_of(task)
    row = ask(cast, task, date(2026, 11, 27))
    assert due_of(task) == old
    assert [
        e.pk for e in clocks.extensions_waiting(visible_to=cast.actor(cast.leader), jurisdiction=cast.office)
    ] == [row.pk]
    clocks.decide_extension(
        extension=row, approve=True, words="同意", by=cast.actor(cast.leader), at=MONDAY + 2 * HOUR
    )
    assert due_of(task) == local("2026-11-27 17:30")
    assert [p.due_at for p in ReportPromise.objects.order_by("pk")] == [old, due_of(task)]
    with pytest.raises(ClockError, match="No more time"):
        ask(cast, task, date(2026, 11, 30), MONDAY + 3 * HOUR)
    # A pause after it pushes the new day, and counting anew keeps both.
    pause(cast, task, local("2026-11-17 09:00"), date(2026, 11, 17))
    assert due_of(task) == local("2026-11-30 17:30")
    assert clocks.recount_cases(case_ids=[task.case_id], by=SYSTEM, at=MONDAY + 2 * DAY) == []


def test_a_refused_extension_moves_nothing_and_is_not_public(cast: Cast) -> None:
    task = handed(cast)
    old, row = due_of(task), ask(cast, task, date(2026, 11, 24))
    with pytest.raises(ClockError, match="Another person"):
        clocks.decide_extension(
            extension=row, approve=True, words="同意", by=cast.actor(cast.handler), at=MONDAY + 2 * HOUR
        )
    clocks.decide_extension(
        extension=row, approve=False, words="不同意", by=cast.actor(cast.coordinator), at=MONDAY + 2 * HOUR
    )
    assert due_of(task) == old
    public = [s.kind for s in cases.timeline(task.case, public_only=True)]
    assert "extension_refused" not in public and "extension_asked" not in public


@pytest.mark.parametrize("day", [date(2026, 11, 23), date(2026, 11, 28), date(2026, 12, 1)])
def test_a_day_that_is_not_later_not_worked_or_beyond_the_rule_is_not_given(cast: Cast, day: date) -> None:
    with pytest.raises(ClockError, match="cannot be given"):
        ask(cast, handed(cast), day)


def test_a_case_handed_on_keeps_its_line_and_day_also_when_counted_anew(cast: Cast) -> None:
    task = handed(cast)
    due = due_of(task)
    dispatch.return_task(task=task, reason="不归我们", by=SYSTEM, at=MONDAY + HOUR)
    longer = dispatch.save_power_item(
        jurisdiction=cast.office, code="long", category="roads.potholes", lead_unit=cast.estate_unit,
        basis="《条例》", promise=Promise(amount=20, unit="workday"), by="system", at=MONDAY,
    )  # fmt: skip
    case = Case.objects.select_related("jurisdiction").get(pk=task.case_id)
    again = dispatch.dispatch_case(case=case, item=longer, by=SYSTEM, at=MONDAY + 2 * HOUR)
    assert (again.power_item, again.day_line, due_of(task)) == (longer, cast.pothole_rule, due)
    assert clocks.recount_cases(case_ids=[case.pk], by=SYSTEM, at=MONDAY + DAY) == []
    assert due_of(task) == due


def test_the_published_list_names_reasons_units_and_categories_and_no_person(cast: Cast) -> None:
    pause(cast, handed(cast), MONDAY, date(2026, 11, 16))
    pause(cast, handed(cast), MONDAY, date(2026, 11, 17), "hearing")

    def found(by: str) -> list[rules.PauseSum]:
        return clocks.pause_sums(cast.office, MONDAY, MONDAY + DAY, by)

    assert found("reason") == [rules.PauseSum("hearing", 1, 1, 39.0), rules.PauseSum("weather", 1, 1, 15.0)]
    assert found("unit") == [rules.PauseSum(str(cast.roads_unit.pk), 2, 2, 54.0)]
    assert found("category") == [rules.PauseSum("roads", 2, 2, 54.0)]
