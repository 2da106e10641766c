"""An answer is withdrawn: its words stay on record with the reason, the case is open again, its day runs on."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from gongzhi.apps.actors import public as actors
from gongzhi.apps.actors.public import RESIDENT, SYSTEM
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.public import Case, CaseError, State
from gongzhi.apps.channels import public as channels
from gongzhi.apps.dispatch import public as dispatch
from gongzhi.apps.openness.public import FigureRow, figures
from gongzhi.kernel import worker
from tests.cast import Cast
from tests.corner.story import HOUR, NOON, answered, filed, kinds, opened_by, page, task_of

WRONG = "弄错了路段"
TEXT = "已修补。"


def _retract(cast: Cast, case: Case, **more: Any) -> Case:
    by = cast.actor(cast.coordinator, NOON)
    answer = cases.answers_of(case)[0]
    found = dispatch.retract_answer(answer=answer, reason=WRONG, by=by, at=NOON + 3 * HOUR, **more)
    worker.drain()
    return found


def _figures(cast: Cast) -> FigureRow:
    (row,) = figures(
        visible_to=SYSTEM,
        jurisdiction=cast.office,
        since=datetime(2026, 11, 1, tzinfo=UTC),
        until=datetime(2026, 12, 1, tzinfo=UTC),
        by="category",
        at=NOON + 4 * HOUR,
    )
    return row


def test_the_desk_withdraws_it_and_the_unit_has_the_case_in_hand_again(cast: Cast, client_of: Any) -> None:
    case, _report, code = answered(cast)
    due = case.due_at
    desk = client_of(cast.coordinator)
    address = f"/river/desk/cases/{case.number}/"
    answer = cases.answers_of(case)[0]
    assert desk.post(f"{address}retract/", {"answer": answer.pk, "reason": " "}).status_code == 409
    assert desk.post(f"{address}retract/", {"answer": 0, "reason": WRONG}).status_code == 409
    assert desk.post(f"{address}retract/", {"answer": answer.pk, "reason": WRONG}).status_code == 302
    worker.drain()
    case.refresh_from_db()
    assert (case.state, case.lead_unit, case.due_at) == (State.ACCEPTED, cast.roads_unit, due)
    assert (case.answered_at, case.reopened_count) == (None, 0)
    task = task_of(case)
    assert (task.state, task.due_at, task.done_at) == ("accepted", due, None)
    said = page(desk, address)
    assert f"<s>{TEXT}</s>" in said and WRONG in said and "This answer was withdrawn on" in said
    reporter = page(opened_by(code), "/river/my/report/")
    assert f"<s>{TEXT}</s>" in reporter and "This answer was withdrawn on" in reporter and WRONG in reporter
    assert "What do you say?" not in reporter
    worked = page(client_of(cast.handler), f"/river/today/tasks/{task.pk}/")
    assert "Next: answer" in worked and f"<s>{TEXT}</s>" in worked


def test_the_unit_withdraws_its_own_answer_and_answers_better(
    cast: Cast, client_of: Any, at: time_machine.Traveller
) -> None:
    case, _report, code = answered(cast)
    task = task_of(case)
    handler = client_of(cast.handler)
    address = f"/river/today/tasks/{task.pk}/"
    assert "Withdraw this answer" in page(handler, address)
    assert handler.post(f"{address}retract/", {"reason": ""}).status_code == 409
    assert handler.post(f"{address}retract/", {"reason": WRONG}).status_code == 302
    assert handler.post(f"{address}retract/", {"reason": WRONG}).status_code == 409
    assert client_of(cast.estate_handler).post(f"{address}retract/", {"reason": WRONG}).status_code == 404
    case.refresh_from_db()
    assert case.state == State.ACCEPTED
    step = next(s for s in cases.timeline(case, public_only=True) if s.kind == "retracted")
    assert (step.unit, step.text) == (cast.roads_unit, WRONG)
    at.move_to(NOON + 2 * HOUR)
    assert handler.post(f"{address}answer/", {"text": "路面重新铺了。"}).status_code == 302
    worker.drain()
    said = page(opened_by(code), "/river/my/report/")
    assert "路面重新铺了。" in said and f"<s>{TEXT}</s>" in said and "What do you say?" in said


def test_every_reporter_hears_of_it_once(cast: Cast) -> None:
    case, report, _code = answered(cast)
    other, second, _code = filed(cast, text="同一个坑，还有一人摔了。", lat=30.0101, at=NOON + HOUR)
    desk = cast.actor(cast.coordinator, NOON)
    cases.join_cases(into=case, cases=[other], by=desk, at=NOON + 2 * HOUR)
    worker.drain()
    case.refresh_from_db()
    _retract(cast, case)
    for one in (report, second):
        about = [n.about for n in channels.notices_of(one) if n.about.startswith("retracted:")]
        assert len(about) == 1
    from gongzhi.apps.cases.events import AnswerRetracted
    from gongzhi.journeys.changes import tell_retraction

    answer = cases.answers_of(case)[0]
    event = AnswerRetracted(jurisdiction="river", at=NOON, case_id=case.pk, answer_id=answer.pk)
    tell_retraction(event, event_id=None)  # type: ignore[arg-type]
    assert sum(n.about.startswith("retracted:") for n in channels.notices_of(report)) == 1


def test_a_closed_or_solved_case_is_open_again_and_does_not_count_as_solved(cast: Cast) -> None:
    case, report, code = answered(cast)
    desk = cast.actor(cast.coordinator, NOON)
    cases.close_case(case=case, by=desk, at=NOON + 2 * HOUR)
    cases.rate_case(
        report=report, contacted=True, solved=True, satisfaction=5, by=RESIDENT, at=NOON + 2 * HOUR
    )
    worker.drain()
    assert _figures(cast).solved == 1
    _retract(cast, case)
    case.refresh_from_db()
    assert (case.state, case.closed_at, case.solved_at, case.reopened_count) == (
        State.REOPENED,
        None,
        None,
        0,
    )
    assert task_of(case).state == "accepted"
    row = _figures(cast)
    assert (row.solved, row.closed, row.answered, row.open, row.reopened) == (0, 0, 0, 1, 0)
    assert row.resolution_base == 0
    # What the reporter said stays where it was said.
    assert [r.satisfaction for r in cases.ratings_of(case)] == [5]
    assert "The answer was withdrawn, so it is open again." in page(opened_by(code), "/river/my/report/")
    with pytest.raises(CaseError, match="no answer to rate"):
        cases.rate_case(report=report, contacted=None, solved=True, satisfaction=1, by=RESIDENT, at=NOON)
    with pytest.raises(CaseError, match="without a public answer"):
        cases.close_case(case=case, by=desk, at=NOON)


def test_an_answer_of_the_desk_leaves_the_case_at_the_desk(cast: Cast, client_of: Any) -> None:
    case, _report, _code = filed(cast, category_hint="roads.streetlight")
    assert case.lead_unit is None
    cases.answer_case(case=case, text="归电力公司。", by=cast.actor(cast.coordinator, NOON), at=NOON + HOUR)
    _retract(cast, case)
    case.refresh_from_db()
    assert (case.state, case.waits_for) == (State.NEW, "withdrawn")
    assert "Answer withdrawn" in page(client_of(cast.coordinator), "/river/desk/")


def test_while_another_answer_stands_the_case_stays_answered(cast: Cast) -> None:
    case, _report, code = answered(cast)
    cases.answer_case(
        case=case, text="更好的答复。", by=cast.actor(cast.coordinator, NOON), at=NOON + 2 * HOUR
    )
    case.refresh_from_db()
    _retract(cast, case)
    case.refresh_from_db()
    assert (case.state, case.answered_at) == (State.ANSWERED, NOON + HOUR)
    said = page(opened_by(code), "/river/my/report/")
    assert "<s>更好的答复。</s>" in said and TEXT in said


def test_a_case_that_is_in_hand_again_stays_as_it_is(cast: Cast) -> None:
    case, report, _code = answered(cast)
    cases.rate_case(
        report=report, contacted=None, solved=False, satisfaction=None, by=RESIDENT, at=NOON + 2 * HOUR
    )
    worker.drain()
    before = task_of(case)
    _retract(cast, case)
    case.refresh_from_db()
    assert (case.state, case.answered_at) == (State.DISPATCHED, None)
    assert task_of(case).pk == before.pk and kinds(case)[-1] == "retracted"


def test_two_people_withdraw_it_at_once_only_one_does(cast: Cast) -> None:
    case, _report, _code = answered(cast)
    _retract(cast, case)
    with pytest.raises(CaseError, match="withdrawn already"):
        _retract(cast, case)
    assert kinds(case).count("retracted") == 1


def test_the_answer_of_a_unit_that_was_closed_brings_the_case_to_its_successor(cast: Cast) -> None:
    case, _report, _code = answered(cast)
    actors.close_unit(
        unit=cast.roads_unit, on=NOON.date(), successor=cast.estate_unit, reason="", by="x", at=NOON
    )
    worker.drain()
    _retract(cast, case)
    case.refresh_from_db()
    assert (case.lead_unit, task_of(case).unit, task_of(case).state) == (
        cast.estate_unit,
        cast.estate_unit,
        "offered",
    )


def test_an_answer_of_a_case_that_was_joined_is_withdrawn_where_it_lives_on(cast: Cast) -> None:
    case, _report, _code = answered(cast)
    other, _r, _c = filed(cast, text="同一个坑。", lat=30.0101, at=NOON + HOUR)
    cases.join_cases(into=other, cases=[case], by=cast.actor(cast.coordinator, NOON), at=NOON + 2 * HOUR)
    with pytest.raises(CaseError, match="joined to another"):
        _retract(cast, case)
