"""The life of a case: three different ends, no silent closing, reopening, joining and undoing."""

from datetime import timedelta

import pytest

from gongzhi.apps.actors.public import RESIDENT, SYSTEM
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases import rules
from gongzhi.apps.cases.actions.moving import MoveError
from gongzhi.apps.cases.models import Membership
from gongzhi.apps.cases.public import Case, CaseError, StaleCaseError, State, Step
from tests.cast import MONDAY, Cast, make_cast, say

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def opened(cast: Cast, text: str = "路灯坏了，晚上很黑。") -> Case:
    report, _ = say(cast, text)
    return cases.open_case(report=report, category="roads.potholes", by=SYSTEM, at=MONDAY)


def test_every_state_can_be_left_and_every_move_ends_in_a_known_state() -> None:
    assert set(rules.MOVES) == set(State)
    assert all(rules.MOVES[state] for state in State)
    assert all(to in State for moves in rules.MOVES.values() for to in moves)


def test_a_report_has_one_case_at_a_time(cast: Cast) -> None:
    report, _ = say(cast)
    first = cases.open_case(report=report, category="roads.potholes", by=SYSTEM, at=MONDAY)
    again = cases.open_case(report=report, category="other.unclear", by=SYSTEM, at=MONDAY)
    assert again == first
    assert Case.objects.count() == 1


def test_closing_needs_a_public_answer_and_words(cast: Cast) -> None:
    case = opened(cast)
    desk = cast.actor(cast.coordinator)
    with pytest.raises(CaseError):
        cases.close_case(case=case, by=desk, at=MONDAY)
    with pytest.raises(CaseError):
        cases.answer_case(case=case, text="  \n ", by=desk, at=MONDAY)
    assert Case.objects.get().state == State.NEW
    assert not case.answers.exists()


def test_answered_closed_and_solved_are_three_things(cast: Cast) -> None:
    case = opened(cast)
    desk = cast.actor(cast.coordinator)
    cases.answer_case(case=case, text="今晚修好。", by=desk, at=MONDAY + HOUR)
    case.refresh_from_db()
    assert (case.state, case.answered_at, case.closed_at, case.solved_at) == (
        State.ANSWERED,
        MONDAY + HOUR,
        None,
        None,
    )
    cases.close_case(case=case, by=desk, at=MONDAY + 2 * HOUR)
    case.refresh_from_db()
    assert (case.state, case.closed_at, case.solved_at) == (State.CLOSED, MONDAY + 2 * HOUR, None)
    report = cases.reports_of(case, visible_to=SYSTEM)[0]
    cases.rate_case(
        report=report, contacted=True, solved=True, satisfaction=5, by=RESIDENT, at=MONDAY + 3 * HOUR
    )
    case.refresh_from_db()
    assert (case.state, case.solved_at) == (State.SOLVED, MONDAY + 3 * HOUR)


def test_not_solved_reopens_and_the_first_closing_stays_in_the_history(cast: Cast) -> None:
    case = opened(cast)
    desk = cast.actor(cast.coordinator)
    cases.answer_case(case=case, text="已处理。", by=desk, at=MONDAY)
    cases.close_case(case=case, by=desk, at=MONDAY + HOUR)
    report = cases.reports_of(case, visible_to=SYSTEM)[0]
    cases.rate_case(
        report=report,
        contacted=False,
        solved=False,
        satisfaction=1,
        comment="还是坏的",
        by=RESIDENT,
        at=MONDAY + 2 * HOUR,
    )
    case.refresh_from_db()
    assert case.state == State.REOPENED
    assert case.waits_for == "reopened"
    assert case.reopened_count == 1
    kinds = [s.kind for s in cases.timeline(case, public_only=False)]
    assert kinds == ["opened", "answered", "closed", "rated", "reopened"]


def test_a_reporter_cannot_rate_before_there_is_an_answer(cast: Cast) -> None:
    case = opened(cast)
    report = cases.reports_of(case, visible_to=SYSTEM)[0]
    with pytest.raises(CaseError):
        cases.rate_case(report=report, contacted=None, solved=False, satisfaction=1, by=RESIDENT, at=MONDAY)


def test_two_coordinators_on_one_case_the_second_is_told(cast: Cast) -> None:
    case = opened(cast)
    desk = cast.actor(cast.coordinator)
    seen = case.version
    cases.set_category(case=case, category="roads.manhole", by=desk, at=MONDAY, seen_version=seen)
    with pytest.raises(StaleCaseError):
        cases.set_category(case=case, category="roads.sidewalk", by=desk, at=MONDAY, seen_version=seen)
    case.refresh_from_db()
    assert case.category == "roads.manhole"


def test_a_move_that_the_table_does_not_allow_changes_nothing(cast: Cast) -> None:
    case = opened(cast)
    with pytest.raises(MoveError):
        cases.move_case(case=case, to=State.SOLVED, by=SYSTEM, at=MONDAY)
    assert [s.kind for s in Step.objects.all()] == ["opened"]


def test_joining_moves_reports_and_undo_brings_them_back(cast: Cast) -> None:
    first, second = opened(cast, "小区门口路坑"), opened(cast, "门口那个坑还没修")
    desk = cast.actor(cast.coordinator)
    cases.join_cases(into=first, cases=[second], by=desk, at=MONDAY + HOUR, reason="同一个坑")
    second.refresh_from_db()
    assert second.state == State.MERGED
    assert second.merged_into == first
    assert len(cases.reports_of(first, visible_to=SYSTEM)) == 2
    cases.undo_merge(case=second, by=desk, at=MONDAY + 2 * HOUR)
    second.refresh_from_db()
    assert second.state == State.NEW
    assert second.merged_into is None
    assert len(cases.reports_of(first, visible_to=SYSTEM)) == 1
    assert len(cases.reports_of(second, visible_to=SYSTEM)) == 1
    assert Membership.objects.filter(until=None).count() == 2
    assert Membership.objects.count() == 4  # every move is a row; none was deleted


def test_a_case_cannot_join_itself_or_a_merged_one(cast: Cast) -> None:
    first, second, third = opened(cast, "甲"), opened(cast, "乙"), opened(cast, "丙")
    cases.join_cases(into=first, cases=[second], by=SYSTEM, at=MONDAY)
    for bad in (second, third):
        with pytest.raises(CaseError):
            cases.join_cases(into=bad, cases=[bad], by=SYSTEM, at=MONDAY)
    with pytest.raises(CaseError):
        cases.join_cases(into=second, cases=[third], by=SYSTEM, at=MONDAY)


def test_split_takes_some_reports_never_all(cast: Cast) -> None:
    first, second = opened(cast, "树倒了"), opened(cast, "垃圾没人清")
    cases.join_cases(into=first, cases=[second], by=SYSTEM, at=MONDAY)
    both = cases.reports_of(first, visible_to=SYSTEM)
    with pytest.raises(CaseError):
        cases.split_case(case=first, reports=both, by=SYSTEM, at=MONDAY)
    fresh = cases.split_case(case=first, reports=both[1:], by=SYSTEM, at=MONDAY)
    assert [r.text for r in cases.reports_of(fresh, visible_to=SYSTEM)] == ["垃圾没人清"]
    assert [r.text for r in cases.reports_of(first, visible_to=SYSTEM)] == ["树倒了"]


def test_people_see_only_what_their_units_hold(cast: Cast) -> None:
    case = opened(cast)
    cases.hold_case(case=case, unit=cast.roads_unit, role="lead", by=SYSTEM, at=MONDAY)

    def sees(user: object) -> bool:
        actor = cast.actor(user)  # type: ignore[arg-type]
        return cases.visible_cases(visible_to=actor, jurisdiction=cast.office).filter(pk=case.pk).exists()

    assert sees(cast.handler)
    assert sees(cast.coordinator)
    assert not sees(cast.estate_handler)
    assert not sees(cast.admin)
    cases.release_case(case=case, unit=cast.roads_unit, by=SYSTEM, at=MONDAY)
    assert not sees(cast.handler)


@pytest.mark.parametrize("number", ["RV-000012", "rv-12", "12", " RV-12 "])
def test_case_numbers_are_read_forgivingly(number: str) -> None:
    assert rules.case_id_of(number, "RV") == 12


@pytest.mark.parametrize("number", ["XX-12", "RV-", "RV-1a", "", "RV-９９", "RV-99999999999999999"])
def test_what_is_no_case_number_is_none(number: str) -> None:
    assert rules.case_id_of(number, "RV") is None


def test_pages_follow_each_other_without_gap_or_repeat(cast: Cast) -> None:
    for n in range(7):
        opened(cast, f"第{n}件")
    desk = cast.actor(cast.coordinator)
    seen: list[int] = []
    cursor = None
    while True:
        found, cursor = cases.search_cases(
            visible_to=desk, jurisdiction=cast.office, wanted=cases.CaseFilter(), after=cursor, limit=3
        )
        seen += [c.pk for c in found]
        if cursor is None:
            break
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == len(set(seen)) == 7
