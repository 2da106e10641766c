"""Joining and undoing in any order: every reporter hears of each answer once, every unit keeps what it had in hand."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import permutations

import pytest

from gongzhi.apps.actors.public import RESIDENT, SYSTEM
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.actions.moving import MoveError
from gongzhi.apps.cases.models import Membership
from gongzhi.apps.cases.public import Case, CaseError, State
from gongzhi.apps.channels.public import Notice, Report
from gongzhi.apps.dispatch import public as dispatch
from gongzhi.apps.dispatch.models import Task
from gongzhi.kernel import worker
from tests.cast import MONDAY, Cast, make_cast, say

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


class Clock:
    """Each look is an hour later."""

    def __init__(self) -> None:
        self.at = MONDAY

    def __call__(self) -> datetime:
        self.at += HOUR
        return self.at


@pytest.fixture
def now() -> Clock:
    return Clock()


def opened(cast: Cast, text: str, waits_for: str = "unsure") -> tuple[Case, Report]:
    report, _ = say(cast, text)
    case = cases.open_case(
        report=report, category="roads.potholes", waits_for=waits_for, by=SYSTEM, at=MONDAY
    )
    return case, report


def join(into: Case, *others: Case, at: datetime) -> None:
    cases.join_cases(into=into, cases=others, by=SYSTEM, at=at)


def reports_in(case: Case) -> list[int]:
    return sorted(r.pk for r in cases.reports_of(case, visible_to=SYSTEM))


def told(report: Report) -> list[str]:
    return sorted(Notice.objects.filter(report=report).values_list("about", flat=True))


def test_undoing_in_any_order_brings_each_report_home(cast: Cast, now: Clock) -> None:
    for order in permutations(range(3)):
        made = [opened(cast, f"坑{i}") for i in range(4)]
        (a, _), (b, _), (c, _), (d, _) = made
        join(c, d, at=now())
        join(b, c, at=now())
        join(a, b, at=now())
        assert reports_in(a) == sorted(r.pk for _, r in made)
        for i in order:
            cases.undo_merge(case=(b, c, d)[i], by=SYSTEM, at=now())
        # A case that had taken others in before it was joined brings them with it unless they have left before.
        assert sorted(sum((reports_in(case) for case, _ in made), [])) == sorted(r.pk for _, r in made)
        for case, report in made:
            assert report.pk in reports_in(case)
            case.refresh_from_db()
            assert (case.state, case.merged_into, case.waits_for) == (State.NEW, None, "unsure")
        assert Membership.objects.filter(until=None).count() == Report.objects.count()


def test_a_report_that_was_taken_elsewhere_meanwhile_stays_there(cast: Cast, now: Clock) -> None:
    (a, ra), (b, rb) = opened(cast, "甲"), opened(cast, "乙")
    join(a, b, at=now())
    fresh = cases.split_case(case=a, reports=[rb], by=SYSTEM, at=now())
    with pytest.raises(CaseError):
        cases.undo_merge(case=b, by=SYSTEM, at=now())
    b.refresh_from_db()
    assert b.state == State.MERGED
    assert (reports_in(a), reports_in(fresh)) == ([ra.pk], [rb.pk])


def test_a_joined_case_can_only_be_taken_out_again(cast: Cast, now: Clock) -> None:
    (a, _), (b, _) = opened(cast, "甲"), opened(cast, "乙")
    join(a, b, at=now())
    for do in (
        lambda: cases.answer_case(case=b, text="已修好", by=SYSTEM, at=now()),
        lambda: cases.move_case(case=b, to=State.NEW, by=SYSTEM, at=now()),
        lambda: dispatch.dispatch_case(case=b, item=cast.pothole_rule, by=SYSTEM, at=now()),
    ):
        with pytest.raises(MoveError):
            do()
    b.refresh_from_db()
    assert (b.state, b.merged_into, b.answers.count(), Task.objects.count()) == (State.MERGED, a, 0, 0)


def test_a_unit_cannot_hand_back_or_take_on_what_was_joined_to_another_case(cast: Cast, now: Clock) -> None:
    (a, _), (b, _) = opened(cast, "甲"), opened(cast, "乙")
    task = dispatch.dispatch_case(case=b, item=cast.pothole_rule, by=SYSTEM, at=now())
    join(a, b, at=now())
    with pytest.raises(MoveError):
        dispatch.return_task(task=task, reason="不归我们", by=SYSTEM, at=now())
    with pytest.raises(MoveError):
        dispatch.accept_task(task=task, by=SYSTEM, at=now())
    task.refresh_from_db()
    assert task.state == "offered"


def test_a_case_taken_out_again_is_in_the_hands_that_had_it(cast: Cast, now: Clock) -> None:
    (a, _), (b, _) = opened(cast, "甲"), opened(cast, "乙")
    task = dispatch.dispatch_case(case=b, item=cast.pothole_rule, by=SYSTEM, at=now())
    dispatch.accept_task(task=task, by=cast.actor(cast.handler), at=now())
    helper = dispatch.add_helper(case=b, unit=cast.estate_unit, reason="请配合", by=SYSTEM, at=now())
    b.refresh_from_db()
    before = (b.state, b.lead_unit, b.due_at, b.contacted_at)
    join(a, b, at=now())
    worker.drain()
    assert set(Task.objects.values_list("state", flat=True)) == {"withdrawn"}

    cases.undo_merge(case=b, by=SYSTEM, at=now())
    worker.drain()
    for one in (b, task, helper):
        one.refresh_from_db()
    assert (b.state, b.lead_unit, b.due_at, b.contacted_at) == before
    assert (task.state, helper.state) == ("accepted", "offered")
    assert dispatch.work_list(visible_to=cast.actor(cast.handler), jurisdiction=cast.office, at=now()) == [
        task
    ]


def test_a_merge_undone_before_the_worker_looked_leaves_the_tasks_as_they_were(
    cast: Cast, now: Clock
) -> None:
    (a, _), (b, _) = opened(cast, "甲"), opened(cast, "乙")
    task = dispatch.dispatch_case(case=b, item=cast.pothole_rule, by=SYSTEM, at=now())
    join(a, b, at=now())
    cases.undo_merge(case=b, by=SYSTEM, at=now())
    worker.drain()
    task.refresh_from_db()
    assert task.state == "offered"
    assert Task.objects.count() == 1


def test_a_closed_case_taken_out_again_was_closed_when_it_was(cast: Cast, now: Clock) -> None:
    (a, _), (b, rb) = opened(cast, "甲"), opened(cast, "乙")
    cases.answer_case(case=b, text="已修好", by=SYSTEM, at=now())
    cases.close_case(case=b, by=SYSTEM, at=now())
    cases.rate_case(report=rb, contacted=True, solved=False, satisfaction=1, by=RESIDENT, at=now())
    cases.answer_case(case=b, text="再次修好", by=SYSTEM, at=now())
    cases.close_case(case=b, by=SYSTEM, at=now())
    b.refresh_from_db()
    before = (b.state, b.answered_at, b.closed_at, b.solved_at, b.reopened_count, b.contacted_at)
    join(a, b, at=now())
    cases.undo_merge(case=b, by=SYSTEM, at=now())
    b.refresh_from_db()
    assert (b.state, b.answered_at, b.closed_at, b.solved_at, b.reopened_count, b.contacted_at) == before


STEPS = ("answer a", "answer b", "join b", "join c")


@pytest.mark.parametrize("often", [True, False], ids=["worker after each step", "worker at the end"])
@pytest.mark.parametrize("order", list(permutations(STEPS)), ids="/".join)
def test_every_reporter_hears_of_each_answer_once_in_whatever_order_cases_are_joined(
    cast: Cast, now: Clock, order: tuple[str, ...], often: bool
) -> None:
    (a, ra), (b, rb), (c, rc) = (opened(cast, text) for text in "甲乙丙")
    concerned: dict[str, set[int]] = {}
    where = {"a": {ra.pk}, "b": {rb.pk}, "c": {rc.pk}}
    joined = False
    for step in order:
        verb, name = step.split()
        if verb == "join":
            join(a, {"b": b, "c": c}[name], at=now())
            where["a"] |= where.pop(name)
            joined = joined or name == "b"
        elif name == "b" and joined:
            with pytest.raises(MoveError):
                cases.answer_case(case=b, text="太迟了", by=SYSTEM, at=now())
        else:
            answer = cases.answer_case(case={"a": a, "b": b}[name], text="已修好", by=SYSTEM, at=now())
            concerned[f"answer:{answer.pk}"] = where[name]
        if often:
            worker.drain()
    worker.drain()
    answers = cases.answers_of(a)
    for report in (ra, rb, rc):
        heard = told(report)
        assert len(heard) == len(set(heard))
        # Whoever was there when it was given, and whoever is in the case that it answers now.
        must = {about for about, reports in concerned.items() if report.pk in reports}
        if answers:
            must.add(f"answer:{answers[0].pk}")
        assert set(heard) == must


def test_hearing_again_of_the_same_answer_adds_no_notice(cast: Cast, now: Clock) -> None:
    (a, ra), (b, rb) = opened(cast, "甲"), opened(cast, "乙")
    cases.answer_case(case=a, text="已修好", by=SYSTEM, at=now())
    for _ in range(3):
        join(a, b, at=now())
        worker.drain()
        cases.undo_merge(case=b, by=SYSTEM, at=now())
        worker.drain()
    assert (len(told(ra)), len(told(rb))) == (1, 1)


@pytest.mark.parametrize("do", [cases.undo_merge, cases.close_case])
def test_what_cannot_be_done_says_what_to_do(cast: Cast, do: Callable[..., object]) -> None:
    case, _ = opened(cast, "甲")
    with pytest.raises(CaseError) as error:
        do(case=case, by=SYSTEM, at=MONDAY)
    assert error.value.what_to_do()
