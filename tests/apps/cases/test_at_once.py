"""Two people on one case at the very same moment, and a merge whose process is killed: nothing half, nothing twice."""

from functools import partial
from pathlib import Path

import pytest

from gongzhi.apps.actors.public import SYSTEM
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.actions.moving import MoveError
from gongzhi.apps.cases.models import Answer, Holding, Membership, Suggestion
from gongzhi.apps.cases.public import Case, CaseError, StaleCaseError, State, Step
from gongzhi.apps.channels.public import Notice
from gongzhi.apps.dispatch import public as dispatch
from gongzhi.apps.dispatch.models import Task, TaskStep
from gongzhi.apps.ledger import public as ledger
from gongzhi.kernel import worker
from gongzhi.kernel.models import OutboxJob
from tests.cast import MONDAY, Cast, make_cast, say
from tests.crowd import at_once, errors_of
from tests.doomed import run_and_kill

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def opened(cast: Cast, text: str = "路灯坏了") -> Case:
    report, _ = say(cast, text)
    return cases.open_case(report=report, category="roads.potholes", waits_for="unsure", by=SYSTEM, at=MONDAY)


def test_of_two_coordinators_who_decide_at_the_same_moment_one_is_told(cast: Cast) -> None:
    case = opened(cast)
    wanted = ["roads.manhole", "roads.sidewalk", "roads.potholes", "other.unclear"]
    found = at_once(
        [
            partial(
                cases.set_category, case=case, category=key, by=SYSTEM, at=MONDAY, seen_version=case.version
            )
            for key in wanted
        ]
    )
    errors = errors_of(found)
    assert len(errors) == len(wanted) - 1
    assert {type(error) for error in errors} == {StaleCaseError}
    case.refresh_from_db()
    assert case.category == wanted[[isinstance(one, Case) for one in found].index(True)]
    assert Step.objects.filter(case=case, kind="categorised").count() == 1


def test_a_stale_page_does_not_pass_a_case_on_and_leaves_the_task_where_it_was(cast: Cast) -> None:
    case = opened(cast)
    seen = case.version
    task = dispatch.dispatch_case(case=case, item=cast.pothole_rule, by=SYSTEM, at=MONDAY, seen_version=seen)
    with pytest.raises(StaleCaseError) as error:
        dispatch.dispatch_case(case=case, unit=cast.estate_unit, by=SYSTEM, at=MONDAY, seen_version=seen)
    assert error.value.what_to_do()
    task.refresh_from_db()
    assert (task.state, Task.objects.count(), TaskStep.objects.count()) == ("offered", 1, 1)
    assert set(Holding.objects.filter(until=None).values_list("unit_id", flat=True)) == {cast.roads_unit.pk}


def test_an_answer_sent_twice_at_the_same_moment_is_given_once(cast: Cast) -> None:
    case = opened(cast)
    task = dispatch.dispatch_case(case=case, item=cast.pothole_rule, by=SYSTEM, at=MONDAY)
    found = at_once([partial(dispatch.answer_task, task=task, text="已修好", by=SYSTEM, at=MONDAY)] * 4)
    assert len(errors_of(found)) == 3
    assert Answer.objects.count() == 1
    worker.drain()
    assert Notice.objects.count() == 1


def test_a_task_that_is_accepted_and_handed_back_at_the_same_moment_ends_in_one_of_both(cast: Cast) -> None:
    case = opened(cast)
    task = dispatch.dispatch_case(case=case, item=cast.pothole_rule, by=SYSTEM, at=MONDAY)
    at_once(
        [
            partial(dispatch.accept_task, task=task, by=SYSTEM, at=MONDAY),
            partial(dispatch.return_task, task=task, reason="不归我们", by=SYSTEM, at=MONDAY),
        ]
    )
    task.refresh_from_db()
    case.refresh_from_db()
    assert (task.state, case.state) in {("accepted", State.ACCEPTED), ("returned", State.NEW)}
    steps = list(TaskStep.objects.filter(task=task).order_by("pk").values_list("to_state", flat=True))
    assert steps in (["offered", "accepted"], ["offered", "returned"], ["offered", "accepted", "returned"])
    assert steps[-1] == task.state


def test_a_report_that_is_read_by_two_workers_at_once_gets_one_case(cast: Cast) -> None:
    report, _ = say(cast)
    found = at_once(
        [partial(cases.open_case, report=report, category="roads.potholes", by=SYSTEM, at=MONDAY)] * 6
    )
    assert {one.pk for one in found if isinstance(one, Case)} == set(
        Case.objects.values_list("pk", flat=True)
    )
    assert (Case.objects.count(), Membership.objects.count()) == (1, 1)
    assert Step.objects.count() == 1


def test_two_people_who_join_the_same_cases_crosswise_make_one(cast: Cast) -> None:
    a, b, c = (opened(cast, text) for text in "甲乙丙")
    found = at_once(
        [
            partial(cases.join_cases, into=a, cases=[b, c], by=SYSTEM, at=MONDAY),
            partial(cases.join_cases, into=c, cases=[b, a], by=SYSTEM, at=MONDAY),
            partial(cases.join_cases, into=b, cases=[a], by=SYSTEM, at=MONDAY),
        ]
    )
    assert all(isinstance(error, CaseError) for error in errors_of(found))
    standing = [case for case in Case.objects.all() if case.state != State.MERGED]
    inside = {case.pk: len(cases.reports_of(case, visible_to=SYSTEM)) for case in Case.objects.all()}
    assert sum(inside.values()) == 3
    assert all(not inside[case.pk] for case in Case.objects.filter(state=State.MERGED))
    assert all(inside[case.pk] for case in standing)
    assert Membership.objects.filter(until=None).count() == 3


def test_a_case_is_joined_and_answered_at_the_same_moment_and_nobody_is_forgotten(cast: Cast) -> None:
    a, b = opened(cast, "甲"), opened(cast, "乙")
    found = at_once(
        [
            partial(cases.answer_case, case=b, text="已修好", by=SYSTEM, at=MONDAY),
            partial(cases.join_cases, into=a, cases=[b], by=SYSTEM, at=MONDAY),
        ]
    )
    assert all(isinstance(error, MoveError) for error in errors_of(found))
    worker.drain()
    assert Notice.objects.count() == Answer.objects.count()


def picture() -> dict[str, object]:
    """All that a merge changes."""
    return {
        "cases": sorted(Case.objects.values_list("pk", "state", "merged_into", "version", "waits_for")),
        "members": sorted(Membership.objects.values_list("case", "report", "until"), key=str),
        "steps": sorted(Step.objects.values_list("case", "kind")),
        "suggestions": sorted(Suggestion.objects.values_list("case", "other", "state")),
        "ledger": ledger.Entry.objects.count(),
        "outbox": OutboxJob.objects.count(),
    }


def test_a_merge_whose_process_is_killed_has_not_happened_and_can_be_done_again(
    cast: Cast, packs: Path
) -> None:
    made = [opened(cast, text) for text in "甲乙丙"]
    worker.drain()
    before = picture()
    wanted = {"work": "merge", "cases": [case.pk for case in made], "packs": packs, "at": MONDAY.isoformat()}
    for stop_before in (2, 12):
        assert run_and_kill(stop_before=stop_before, **wanted) == "killed"
        assert picture() == before

    word, statements = run_and_kill(stop_before=10_000, **wanted).split()
    assert (word, int(statements) > 12) == ("ended", True)
    worker.drain()
    assert [case.state for case in Case.objects.order_by("pk")] == [State.NEW, State.MERGED, State.MERGED]
    assert len(cases.reports_of(made[0], visible_to=SYSTEM)) == 3
    assert Membership.objects.filter(until=None).count() == 3
    assert [s.kind for s in Step.objects.filter(case=made[0])] == ["opened", "joined"]
    ledger.sequence(MONDAY)
    assert ledger.verify(cast.office.code).ok
