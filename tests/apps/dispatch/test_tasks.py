"""Handing over, handing back, helping, the work list, deadlines on the statutory calendar."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from gongzhi.apps.actors import public as actors
from gongzhi.apps.actors.public import SYSTEM, Unit
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.actions.moving import MoveError
from gongzhi.apps.cases.models import Holding
from gongzhi.apps.cases.public import Case, State, Step
from gongzhi.apps.channels.public import ReportPromise
from gongzhi.apps.dispatch import public as dispatch
from gongzhi.apps.dispatch.models import PowerItem, Task, TaskStep
from gongzhi.apps.dispatch.public import TaskError
from gongzhi.apps.dispatch.queries import RuleMatch, find_rule, forget_lines
from gongzhi.apps.ledger import public as ledger
from gongzhi.kernel.calendar import Promise
from tests.cast import MONDAY, Cast, make_cast, make_office, say

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def opened(cast: Cast, at: datetime = MONDAY, **more: Any) -> Case:
    report, _ = say(cast, at=at)
    return cases.open_case(report=report, category="roads.potholes", by=SYSTEM, at=at, **more)


def handed(cast: Cast, **more: Any) -> tuple[Case, Task]:
    case = opened(cast)
    task = dispatch.dispatch_case(case=case, item=cast.pothole_rule, by=SYSTEM, at=MONDAY, **more)
    case.refresh_from_db()
    return case, task


def rule(cast: Cast, code: str, category: str = "roads.potholes", **more: Any) -> PowerItem:
    values: dict[str, Any] = {
        "lead_unit": cast.roads_unit,
        "basis": "《条例》",
        "promise": Promise(amount=5, unit="workday"),
    }
    return dispatch.save_power_item(
        jurisdiction=cast.office, code=code, category=category, by="system", at=MONDAY, **(values | more)
    )


def find(cast: Cast, category: str = "roads.potholes", area_id: int | None = None) -> RuleMatch:
    return find_rule(jurisdiction=cast.office, category=category, area_id=area_id, on=MONDAY.date())


def open_units(case: Case) -> list[tuple[int, str]]:
    return [(t.unit_id, t.role) for t in dispatch.open_tasks([case.pk]).get(case.pk, [])]


def holds(case: Case) -> set[tuple[int, str]]:
    return set(Holding.objects.filter(case=case, until=None).values_list("unit_id", "role"))


def test_a_line_for_the_area_beats_the_one_for_everywhere(cast: Cast) -> None:
    east = rule(cast, "roads-east", area=cast.east, lead_unit=cast.estate_unit)
    assert find(cast, area_id=cast.east.pk).item == east
    assert find(cast, area_id=cast.west.pk).item == cast.pothole_rule
    assert find(cast).item == cast.pothole_rule


def test_a_line_for_a_parent_area_holds_below_it(cast: Cast) -> None:
    whole = rule(cast, "signs", "roads.signs", area=cast.whole)
    assert find(cast, "roads.signs", cast.east.pk).item == whole
    assert find(cast, "roads.signs").item is None


def test_without_a_rule_the_nearest_lines_are_shown(cast: Cast) -> None:
    manhole = rule(cast, "manhole", "roads.manhole", area=cast.west)
    match = find(cast, "roads.manhole", cast.east.pk)
    assert (match.item, match.nearest) == (None, [manhole, cast.pothole_rule])
    assert find(cast, "noise.square_dance") == RuleMatch(None, [])


def test_a_line_counts_at_once_after_it_was_changed(cast: Cast) -> None:
    assert find(cast).item == cast.pothole_rule
    rule(cast, "roads-1", "roads.potholes", valid_to=date(2020, 1, 1))
    assert find(cast).item is None


def test_lines_of_another_office_do_not_hold_here(cast: Cast) -> None:
    assert find_rule(
        jurisdiction=make_office("lake", "LK"), category="roads.potholes", area_id=None, on=MONDAY.date()
    ) == RuleMatch(None, [])


def close_unit(cast: Cast, unit: Unit) -> None:
    actors.save_unit(
        jurisdiction=cast.office,
        code=unit.code,
        kind=unit.kind,
        names=unit.names,
        active=False,
        by="system",
        at=MONDAY,
    )


def test_a_closed_unit_is_handed_nothing(cast: Cast) -> None:
    helped = rule(cast, "helped", "roads.manhole", helpers=[cast.estate_unit, cast.street_office])
    close_unit(cast, cast.estate_unit)
    case = opened(cast)
    dispatch.dispatch_case(case=case, item=helped, by=SYSTEM, at=MONDAY)
    assert open_units(case) == [(cast.roads_unit.pk, "lead"), (cast.street_office.pk, "helper")]
    close_unit(cast, cast.roads_unit)
    forget_lines()
    assert find(cast).item is None


def test_which_day_it_is_the_office_decides(cast: Cast) -> None:
    rule(cast, "roads-1", valid_to=date(2026, 11, 15))
    new = rule(cast, "roads-2", lead_unit=cast.estate_unit, valid_from=date(2026, 11, 16))
    case = opened(cast)
    sunday_night = datetime(2026, 11, 15, 15, 59, tzinfo=UTC)
    assert dispatch.rule_for(case, sunday_night).item == cast.pothole_rule
    assert dispatch.rule_for(case, sunday_night + timedelta(minutes=2)).item == new


def test_handing_over_gives_the_unit_the_case_the_task_and_the_reporters_a_date(cast: Cast) -> None:
    case, task = handed(cast)
    # Received on Monday 16 November; the fifth working day after it is Monday 23, 17:30 in Shanghai.
    due = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    assert (case.state, case.lead_unit, case.due_at) == (State.DISPATCHED, cast.roads_unit, due)
    assert (task.state, task.role, task.due_at, task.power_item) == (
        "offered",
        "lead",
        due,
        cast.pothole_rule,
    )
    promise = ReportPromise.objects.get()
    assert (promise.due_at, promise.rule, promise.set_at) == (due, "roads-1", MONDAY)
    assert promise.calendar_version.startswith("cn-")
    step = Step.objects.get(case=case, kind="dispatched")
    assert (step.unit, step.detail) == (cast.roads_unit, {"power_item": "roads-1", "due": due.isoformat()})


@pytest.mark.parametrize(
    ("received", "amount", "unit", "due"),
    [
        # The National Day holidays of 2025 went from 1 to 8 October; 28 September and 11 October were worked.
        ("2025-09-29 10:00", 5, "workday", "2025-10-13 17:30"),
        ("2025-09-26 10:00", 1, "workday", "2025-09-28 17:30"),
        ("2025-09-30 23:59", 1, "workday", "2025-10-09 17:30"),
        ("2025-09-24 10:00", 7, "day", "2025-10-09 17:30"),
        # Spring Festival 2025: 28 January to 4 February.
        ("2025-01-27 16:00", 3, "workday", "2025-02-07 17:30"),
        ("2026-11-13 18:00", 1, "workday", "2026-11-16 17:30"),
        ("2026-11-14 09:00", 24, "hour", "2026-11-15 09:00"),
    ],
)
def test_deadlines_follow_the_statutory_calendar(
    cast: Cast, received: str, amount: int, unit: Any, due: str
) -> None:
    def local(text: str) -> datetime:
        return datetime.fromisoformat(f"{text}+08:00")

    item = rule(cast, "dated", promise=Promise(amount=amount, unit=unit))
    case = opened(cast, at=local(received))
    assert dispatch.deadline_of(case, item, case.opened_at) == local(due)


def test_passing_a_case_on_never_resets_the_clock(cast: Cast) -> None:
    case, task = handed(cast)
    due = case.due_at
    dispatch.return_task(task=task, reason="不归我们", by=SYSTEM, at=MONDAY + 2 * DAY)
    again = dispatch.dispatch_case(case=case, item=cast.pothole_rule, by=SYSTEM, at=MONDAY + 3 * DAY)
    assert again.due_at == due
    to_other = dispatch.dispatch_case(
        case=case, unit=cast.estate_unit, reason="小区内", by=SYSTEM, at=MONDAY + 4 * DAY
    )
    case.refresh_from_db()
    assert (to_other.due_at, case.due_at, case.lead_unit) == (due, due, cast.estate_unit)


def test_a_case_that_is_handed_back_waits_at_the_desk_with_the_reason(cast: Cast) -> None:
    case, task = handed(cast)
    handler = cast.actor(cast.handler)
    dispatch.return_task(task=task, reason=" 不归我们管 ", by=handler, at=MONDAY + HOUR)
    case.refresh_from_db()
    assert (case.state, case.waits_for, case.lead_unit) == (State.NEW, "returned", None)
    assert (open_units(case), holds(case)) == ([], set())
    step = Step.objects.get(case=case, kind="returned")
    assert (step.text, step.unit, step.by_ref) == ("不归我们管", cast.roads_unit, handler.ref)
    assert list(TaskStep.objects.order_by("pk").values_list("to_state", "reason")) == [
        ("offered", ""),
        ("returned", "不归我们管"),
    ]
    assert not cases.visible_cases(visible_to=handler, jurisdiction=cast.office).exists()


def test_handing_back_needs_a_reason(cast: Cast) -> None:
    case, task = handed(cast)
    with pytest.raises(TaskError) as error:
        dispatch.return_task(task=task, reason=" \n", by=SYSTEM, at=MONDAY)
    assert error.value.what_to_do()
    assert open_units(case) == [(cast.roads_unit.pk, "lead")]


def test_a_finished_task_can_be_neither_taken_on_nor_handed_back(cast: Cast) -> None:
    _case, task = handed(cast)
    dispatch.return_task(task=task, reason="不归我们", by=SYSTEM, at=MONDAY)
    for do in (
        lambda: dispatch.accept_task(task=task, by=SYSTEM, at=MONDAY),
        lambda: dispatch.return_task(task=task, reason="还是不归", by=SYSTEM, at=MONDAY),
        lambda: dispatch.answer_task(task=task, text="已修好", by=SYSTEM, at=MONDAY),
    ):
        with pytest.raises(TaskError) as error:
            do()
        assert error.value.what_to_do()
    assert TaskStep.objects.count() == 2


def test_a_task_shown_before_it_was_withdrawn_does_nothing(cast: Cast) -> None:
    case, task = handed(cast)
    shown = Task.objects.get(pk=task.pk)
    dispatch.dispatch_case(case=case, unit=cast.estate_unit, by=SYSTEM, at=MONDAY)
    with pytest.raises(TaskError):
        dispatch.answer_task(task=shown, text="已修好", by=SYSTEM, at=MONDAY)
    assert not case.answers.exists()
    assert open_units(case) == [(cast.estate_unit.pk, "lead")]
    assert holds(case) == {(cast.estate_unit.pk, "lead")}


def test_the_unit_that_takes_a_case_on_is_known_to_the_reporters(cast: Cast) -> None:
    case, task = handed(cast)
    dispatch.accept_task(task=task, by=cast.actor(cast.handler), at=MONDAY + HOUR)
    case.refresh_from_db()
    task.refresh_from_db()
    assert (case.state, case.contacted_at, task.accepted_at) == (State.ACCEPTED, MONDAY + HOUR, MONDAY + HOUR)
    assert Step.objects.get(kind="accepted").public


def test_helpers_of_a_line_are_asked_with_the_lead_and_the_lead_is_no_helper(cast: Cast) -> None:
    helped = rule(cast, "helped", helpers=[cast.estate_unit, cast.roads_unit])
    case = opened(cast)
    dispatch.dispatch_case(case=case, item=helped, by=SYSTEM, at=MONDAY)
    assert open_units(case) == [(cast.roads_unit.pk, "lead"), (cast.estate_unit.pk, "helper")]


def test_a_helper_is_not_asked_twice_when_a_case_is_handed_over_again(cast: Cast) -> None:
    helped = rule(cast, "helped", helpers=[cast.estate_unit])
    case = opened(cast)
    lead = dispatch.dispatch_case(case=case, item=helped, by=SYSTEM, at=MONDAY)
    dispatch.return_task(task=lead, reason="不归我们", by=SYSTEM, at=MONDAY)
    dispatch.dispatch_case(case=case, item=helped, by=SYSTEM, at=MONDAY)
    assert sorted(open_units(case)) == sorted([(cast.roads_unit.pk, "lead"), (cast.estate_unit.pk, "helper")])
    again = dispatch.add_helper(case=case, unit=cast.estate_unit, reason="请配合", by=SYSTEM, at=MONDAY)
    assert again.role == "helper"
    assert len(open_units(case)) == 2


def test_a_helper_that_becomes_the_lead_has_one_task(cast: Cast) -> None:
    case, _task = handed(cast)
    dispatch.add_helper(case=case, unit=cast.estate_unit, reason="请配合", by=SYSTEM, at=MONDAY)
    dispatch.dispatch_case(case=case, unit=cast.estate_unit, by=SYSTEM, at=MONDAY)
    assert open_units(case) == [(cast.estate_unit.pk, "lead")]


def test_a_helper_does_its_part_and_the_lead_answers(cast: Cast) -> None:
    case, lead = handed(cast)
    helper = dispatch.add_helper(case=case, unit=cast.estate_unit, reason="请开门", by=SYSTEM, at=MONDAY)
    assert cast.actor(cast.estate_handler).unit_ids & {unit for unit, _ in holds(case)}
    with pytest.raises(TaskError):
        dispatch.finish_task(task=lead, words="好了", by=SYSTEM, at=MONDAY)
    with pytest.raises(TaskError):
        dispatch.answer_task(task=helper, text="好了", by=SYSTEM, at=MONDAY)
    dispatch.accept_task(task=helper, by=SYSTEM, at=MONDAY)
    case.refresh_from_db()
    assert case.state == State.DISPATCHED, "a helper takes on its part, not the case"
    dispatch.finish_task(task=helper, words="门已开", by=SYSTEM, at=MONDAY)
    answer = dispatch.answer_task(task=lead, text="坑已填平", by=SYSTEM, at=MONDAY + HOUR)
    case.refresh_from_db()
    assert (answer.unit, case.state, open_units(case)) == (cast.roads_unit, State.ANSWERED, [])
    kinds = [step.kind for step in cases.timeline(case, public_only=False)]
    assert kinds == ["opened", "dispatched", "helper_added", "helper_accepted", "helper_done", "answered"]


def test_a_helper_that_hands_back_leaves_the_case_with_the_lead(cast: Cast) -> None:
    case, _lead = handed(cast)
    helper = dispatch.add_helper(case=case, unit=cast.estate_unit, reason="请开门", by=SYSTEM, at=MONDAY)
    dispatch.return_task(task=helper, reason="不是我们小区", by=SYSTEM, at=MONDAY)
    case.refresh_from_db()
    assert (case.state, case.waits_for) == (State.DISPATCHED, "")
    assert open_units(case) == [(cast.roads_unit.pk, "lead")]
    assert holds(case) == {(cast.roads_unit.pk, "lead")}


def test_an_answered_case_is_not_handed_over_behind_its_back(cast: Cast) -> None:
    case, task = handed(cast)
    dispatch.answer_task(task=task, text="已修好", by=SYSTEM, at=MONDAY)
    with pytest.raises(MoveError):
        dispatch.dispatch_case(case=case, unit=cast.estate_unit, by=SYSTEM, at=MONDAY)
    with pytest.raises(TaskError):
        dispatch.dispatch_case(case=opened(cast), by=SYSTEM, at=MONDAY)


def test_all_open_tasks_of_an_ended_case_are_withdrawn(cast: Cast) -> None:
    case, _lead = handed(cast)
    dispatch.add_helper(case=case, unit=cast.estate_unit, reason="", by=SYSTEM, at=MONDAY)
    assert dispatch.end_tasks(case=case, by=SYSTEM, at=MONDAY) == 2
    assert dispatch.end_tasks(case=case, by=SYSTEM, at=MONDAY) == 0
    assert open_units(case) == []


def test_the_work_list_is_in_the_published_order_and_holds_the_own_tasks_only(cast: Cast) -> None:
    def task(due: datetime | None, *, urgent: bool = False, at: datetime = MONDAY) -> int:
        case = opened(cast, at=at, urgent=urgent)
        Case.objects.filter(pk=case.pk).update(due_at=due)
        case.refresh_from_db()
        return dispatch.dispatch_case(case=case, unit=cast.roads_unit, by=SYSTEM, at=at).pk

    later, soon = task(MONDAY + 3 * DAY), task(MONDAY + DAY)
    late, danger = task(MONDAY - DAY), task(None, urgent=True)
    undated, waits_long = task(None), task(MONDAY + 3 * DAY, at=MONDAY - 5 * DAY)
    other = opened(cast)
    dispatch.dispatch_case(case=other, unit=cast.estate_unit, by=SYSTEM, at=MONDAY)
    done = task(MONDAY)
    dispatch.return_task(task=Task.objects.get(pk=done), reason="不归我们", by=SYSTEM, at=MONDAY)

    handler = cast.actor(cast.handler)

    def listed(limit: int = 100) -> list[int]:
        found = dispatch.work_list(visible_to=handler, jurisdiction=cast.office, at=MONDAY, limit=limit)
        return [one.pk for one in found]

    assert listed() == [danger, late, soon, waits_long, later, undated]
    for limit in range(1, 6):
        assert listed(limit) == listed()[:limit], "the cut leaves nothing pressing out"


def test_a_task_is_opened_by_its_unit_and_by_who_decides_cases(cast: Cast) -> None:
    _case, task = handed(cast)

    def opens(user: Any) -> bool:
        actor = cast.actor(user)
        return dispatch.task_by_id(visible_to=actor, jurisdiction=cast.office, task_id=task.pk) is not None

    assert opens(cast.handler)
    assert opens(cast.coordinator)
    assert not opens(cast.estate_handler)
    assert not opens(cast.leader)
    assert not opens(cast.admin)


def test_every_change_of_a_task_is_in_the_ledger(cast: Cast) -> None:
    case, task = handed(cast)
    dispatch.accept_task(task=task, by=SYSTEM, at=MONDAY)
    dispatch.answer_task(task=task, text="坑已填平", by=SYSTEM, at=MONDAY)
    entries = ledger.entries_about(f"case:{case.pk}").filter(kind="dispatch.task_changed")
    assert [entry.fields["to"] for entry in entries] == ["accepted", "done"]
    ledger.sequence(MONDAY)
    assert ledger.verify(cast.office.code).ok


def test_the_power_list_is_kept_as_it_was_saved(cast: Cast) -> None:
    item = rule(
        cast, "helped", helpers=[cast.estate_unit], source="www", verified=True, rank=7, area=cast.east
    )
    again = rule(cast, "helped", "roads.manhole", rank=8)
    assert again.pk == item.pk
    kept = dispatch.power_items(cast.office).get(code="helped")
    assert (kept.category, kept.rank, kept.area, list(kept.helpers.all())) == ("roads.manhole", 8, None, [])
