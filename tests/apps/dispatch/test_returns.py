"""Handing back: asked, decided, at last by the arbiter; whatever the order, the case lies with one and its day stays."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from gongzhi.apps.actors import public as actors
from gongzhi.apps.actors.public import SYSTEM, Actor, Unit
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.public import OPEN_STATES, Case, State
from gongzhi.apps.dispatch import public as dispatch
from gongzhi.apps.dispatch.models import Task
from gongzhi.apps.dispatch.public import TaskError
from gongzhi.apps.dispatch.returns import public as returns
from gongzhi.apps.dispatch.returns import rules
from gongzhi.apps.dispatch.returns.public import HandBack, ReturnError
from gongzhi.kernel.calendar import Promise
from gongzhi.kernel.errors import GongzhiError
from gongzhi.scenarios import loader
from tests.cast import MONDAY, Cast, make_cast, say

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def cast(db: None, packs: Path) -> Iterator[Cast]:
    """The cast under the shipped packs: reasons and times are theirs."""
    loader.set_packs_root(loader.DEFAULT_ROOT)
    with translation.override("en"):
        yield make_cast()


def handed(cast: Cast) -> Task:
    report, _ = say(cast)
    case = cases.open_case(report=report, category="roads.potholes", by=SYSTEM, at=MONDAY)
    return dispatch.dispatch_case(case=case, item=cast.pothole_rule, by=SYSTEM, at=MONDAY)


def lead_of(case: Case) -> Task:
    return Task.objects.get(case=case, role="lead", state__in=dispatch.OPEN_TASKS)


def ask(
    cast: Cast, task: Task, at: datetime = MONDAY + HOUR, claim: str = "wrong", by: Actor | None = None
) -> HandBack:
    return returns.ask_return(
        task=task,
        reason="other_duty",
        words="小区内部道路",
        claim=claim,
        by=by or cast.actor(cast.handler),
        at=at,
    )


def decide(
    cast: Cast, row: HandBack, accept: bool, unit: Unit | None = None, by: Actor | None = None
) -> HandBack:
    who = by or cast.actor(cast.coordinator)
    return returns.decide_return(
        hand_back=row, accept=accept, words="看过图纸", unit=unit, by=who, at=row.asked_at + HOUR
    )


def with_arbiter(cast: Cast) -> Actor:
    """The estate's people as arbiter: somebody who is no coordinator."""
    returns.name_arbiter(jurisdiction=cast.office, unit=cast.street_office, by=SYSTEM, at=MONDAY)
    user = actors.save_user(
        username="arbiter", display_name="arbiter", password="a-long-test-password", by="system", at=MONDAY
    )
    actors.grant_role(
        user=user, jurisdiction=cast.office, role="handler", unit=cast.street_office, by="system", at=MONDAY
    )
    return cast.actor(user)


def test_while_nobody_has_decided_the_case_stays_with_the_unit_and_waits_on_the_desk(cast: Cast) -> None:
    task = handed(cast)
    due = task.due_at
    row = ask(cast, task)
    case = Case.objects.get(pk=task.case_id)
    assert (case.state, case.lead_unit, case.waits_for) == (State.DISPATCHED, cast.roads_unit, "returned")
    assert (row.number, row.decider, row.item, row.asked_late) == (1, "desk", cast.pothole_rule, False)
    # Asked on Monday: decided by the end of Tuesday. The case's own day is another.
    assert row.decide_by == datetime.fromisoformat("2026-11-17T17:30+08:00")
    assert (case.due_at, task.due_at) == (due, due)
    assert [
        r.pk for r in returns.waiting(visible_to=cast.actor(cast.coordinator), jurisdiction=cast.office)
    ] == [row.pk]
    assert returns.waiting(visible_to=cast.actor(cast.handler), jurisdiction=cast.office) == []


def test_an_asking_later_than_the_rule_allows_says_so(cast: Cast) -> None:
    assert ask(cast, handed(cast), at=MONDAY + 25 * HOUR).asked_late


def test_accepted_the_named_unit_has_it_with_the_same_day(cast: Cast) -> None:
    task = handed(cast)
    due = task.due_at
    decide(cast, ask(cast, task), True, cast.estate_unit)
    case = Case.objects.get(pk=task.case_id)
    assert (lead_of(case).unit, case.lead_unit, case.due_at, case.waits_for) == (
        cast.estate_unit,
        cast.estate_unit,
        due,
        "",
    )
    assert [s.kind for s in cases.timeline(case, public_only=True)][-2:] == ["returned", "dispatched"]


def test_accepted_without_a_unit_it_lies_on_the_desk_and_any_line_keeps_the_day(cast: Cast) -> None:
    task = handed(cast)
    due = task.due_at
    decide(cast, ask(cast, task), True)
    case = Case.objects.get(pk=task.case_id)
    assert (case.state, case.lead_unit, case.waits_for) == (State.NEW, None, "returned")
    longer = dispatch.save_power_item(
        jurisdiction=cast.office, code="long", category="roads.potholes", lead_unit=cast.estate_unit,
        basis="《条例》", promise=Promise(amount=20, unit="workday"), by="system", at=MONDAY,
    )  # fmt: skip
    assert dispatch.dispatch_case(case=case, item=longer, by=SYSTEM, at=MONDAY + DAY).due_at == due


def test_refused_it_stays_and_the_desk_is_clear(cast: Cast) -> None:
    task = handed(cast)
    decide(cast, ask(cast, task), False)
    case = Case.objects.get(pk=task.case_id)
    assert (lead_of(case).pk, case.waits_for) == (task.pk, "")
    assert returns.waiting(visible_to=cast.actor(cast.coordinator), jurisdiction=cast.office) == []


def test_the_second_time_the_arbiter_decides_and_that_binds(cast: Cast) -> None:
    arbiter, desk = with_arbiter(cast), cast.actor(cast.handler)
    task = handed(cast)
    decide(cast, ask(cast, task), True, cast.estate_unit)
    case = Case.objects.get(pk=task.case_id)
    second = ask(cast, lead_of(case), claim="missing", by=cast.actor(cast.estate_handler), at=MONDAY + DAY)
    assert (second.number, second.decider) == (2, "arbiter")
    with pytest.raises(ReturnError, match="Another person"):
        decide(cast, second, False, by=desk)
    with pytest.raises(TaskError, match="for the arbiter"):
        dispatch.dispatch_case(case=case, unit=cast.roads_unit, reason="换", by=SYSTEM, at=MONDAY + DAY)
    with pytest.raises(ReturnError, match="No other unit"):
        decide(cast, second, True, by=arbiter)
    assert [r.pk for r in returns.waiting(visible_to=arbiter, jurisdiction=cast.office)] == [second.pk]
    decide(cast, second, True, cast.roads_unit, by=arbiter)
    bound = lead_of(case)
    assert (bound.unit, bound.bound) == (cast.roads_unit, True)
    with pytest.raises(ReturnError, match="arbiter has decided"):
        ask(cast, bound, at=MONDAY + 2 * DAY)
    with pytest.raises(TaskError, match="arbiter has decided"):
        dispatch.return_task(task=bound, reason="还是不归", by=SYSTEM, at=MONDAY)
    with pytest.raises(TaskError, match="for the arbiter"):
        dispatch.dispatch_case(case=case, unit=cast.estate_unit, reason="换", by=SYSTEM, at=MONDAY)
    assert lead_of(case).pk == bound.pk


def test_refused_by_the_arbiter_it_stays_for_good(cast: Cast) -> None:
    arbiter, task = with_arbiter(cast), handed(cast)
    decide(cast, ask(cast, task), False)
    decide(cast, ask(cast, task, at=MONDAY + DAY), False, by=arbiter)
    assert lead_of(task.case).bound
    assert "return_bound" in [s.kind for s in cases.timeline(task.case, public_only=False)]


def test_nobody_decides_on_the_own_asking(cast: Cast) -> None:
    desk = cast.actor(cast.coordinator)
    row = ask(cast, handed(cast), by=desk)
    with pytest.raises(ReturnError, match="Another person"):
        decide(cast, row, True, by=desk)
    assert returns.waiting(visible_to=desk, jurisdiction=cast.office) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"reason": "lazy"}, "No reason is chosen"),
        ({"claim": "right"}, "No line of the power list"),
        ({"claim": "nothing"}, "No line of the power list"),
        ({"words": " \n"}, "A reason is needed"),
    ],
)
def test_an_asking_names_reason_line_and_words(cast: Cast, change: dict[str, str], said: str) -> None:
    task = handed(cast)
    given_values = {"reason": "other_duty", "words": "不归我们", "claim": "wrong"} | change
    with pytest.raises(ReturnError, match=said):
        returns.ask_return(task=task, by=cast.actor(cast.handler), at=MONDAY, **given_values)
    assert not HandBack.objects.exists()


def test_taking_it_on_after_all_ends_the_asking_and_does_not_count(cast: Cast) -> None:
    task = handed(cast)
    ask(cast, task)
    with pytest.raises(ReturnError, match="asked already"):
        ask(cast, task)
    assert returns.take_back_asking(task=task, by=cast.actor(cast.handler), at=MONDAY + 2 * HOUR)
    assert Case.objects.get(pk=task.case_id).waits_for == ""
    assert ask(cast, task, at=MONDAY + 3 * HOUR).number == 1


def test_hops_by_category_and_unit_hide_the_middle_time_of_a_few(cast: Cast) -> None:
    for _ in range(5):
        decide(cast, ask(cast, handed(cast)), True, cast.estate_unit)
    leader = cast.actor(cast.leader)

    def found(by: str) -> list[returns.Hops]:
        return returns.hops(
            visible_to=leader, jurisdiction=cast.office, since=MONDAY, until=MONDAY + DAY, by=by
        )

    assert found("category") == [rules.Hops("roads", 5, 5, 5, 0, 1.0, 5)]
    assert found("unit")[0].group == str(cast.roads_unit.pk)
    HandBack.objects.filter(pk=HandBack.objects.latest("pk").pk).update(state="asked", decided_at=None)
    assert found("unit")[0].hours is None and found("unit")[0].asked == 5


@given(st.lists(st.sampled_from([*rules.CLAIMS, "asked", "accepted", "refused", "withdrawn", "lapsed"])))
def test_only_what_was_taken_back_is_not_counted(states: list[str]) -> None:
    assert rules.number_of(states) == len(states) - states.count("withdrawn") + 1


STEPS = st.lists(
    st.sampled_from(
        ["ask", "accept_desk", "accept_unit", "refuse", "take_on", "take_back", "desk", "answer"]
    ),
    max_size=12,
)


class AnyOrderTest(TestCase):
    """Any order of askings, decisions and everything else that can happen meanwhile."""

    def setUp(self) -> None:
        self.cast = make_cast()
        self.arbiter = with_arbiter(self.cast)

    @settings(max_examples=25, deadline=None)
    @given(STEPS)
    def test_no_order_leaves_a_case_with_nobody_or_with_two_and_its_day_never_moves(
        self, steps: list[str]
    ) -> None:
        task = handed(self.cast)
        case_id, due, bound_once = task.case_id, task.due_at, False
        for n, step in enumerate(steps):
            self._try(step, case_id, MONDAY + (n + 1) * HOUR)
            case = Case.objects.get(pk=case_id)
            leads = list(Task.objects.filter(case=case, role="lead", state__in=dispatch.OPEN_TASKS))
            if case.phase in OPEN_STATES:
                assert len(leads) == 1 or (
                    not leads and case.state == State.NEW and case.waits_for == "returned"
                )
            assert len(leads) <= 1
            assert case.lead_unit_id == (leads[0].unit_id if leads else case.lead_unit_id)
            assert case.due_at == due
            assert all(lead.due_at == due for lead in leads)
            assert HandBack.objects.filter(case=case, state="asked", task__in=leads).count() <= 1
            arbitrated = HandBack.objects.filter(
                case=case, decider="arbiter", state__in=["accepted", "refused"]
            )
            assert arbitrated.count() <= 1
            bound_once = bound_once or arbitrated.exists()
            if bound_once and leads:
                assert leads[0].bound

    def _try(self, step: str, case_id: int, at: datetime) -> None:
        try:
            with transaction.atomic():
                self._do(step, case_id, at)
        except GongzhiError:
            return  # refused: nothing has happened

    def _do(self, step: str, case_id: int, at: datetime) -> None:
        case = Case.objects.select_related("jurisdiction").get(pk=case_id)
        task = (
            Task.objects.filter(case=case, role="lead")
            .order_by("-pk")
            .select_related("case__jurisdiction")[0]
        )
        row = HandBack.objects.filter(case=case).order_by("-pk").first()
        other = self.cast.estate_unit if task.unit_id == self.cast.roads_unit.pk else self.cast.roads_unit
        handler = self.cast.actor(self.cast.handler)
        desk = (
            self.arbiter
            if row is not None and row.decider == "arbiter"
            else self.cast.actor(self.cast.coordinator)
        )

        def decided(accept: bool, unit: Unit | None = None) -> None:
            if row is not None:
                returns.decide_return(hand_back=row, accept=accept, words="看过", unit=unit, by=desk, at=at)

        def take_on() -> None:
            returns.take_back_asking(task=task, by=handler, at=at)
            dispatch.accept_task(task=task, by=handler, at=at)

        do: dict[str, Callable[[], object]] = {
            "ask": lambda: ask(self.cast, task, at, claim="missing", by=handler),
            "accept_desk": lambda: decided(True),
            "accept_unit": lambda: decided(True, other),
            "refuse": lambda: decided(False),
            "take_on": take_on,
            "take_back": lambda: returns.take_back_asking(task=task, by=handler, at=at),
            "desk": lambda: dispatch.dispatch_case(case=case, unit=other, reason="换单位", by=SYSTEM, at=at),
            "answer": lambda: dispatch.answer_task(task=task, text="已修好", by=handler, at=at),
        }
        do[step]()
