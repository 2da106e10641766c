"""From a report to a case with somebody who handles it, or a reason why a person must decide."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gongzhi.apps.actors.public import SYSTEM
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.actions.moving import MoveError
from gongzhi.apps.cases.models import Case, Holding, Step, Suggestion
from gongzhi.apps.cases.rules import State
from gongzhi.apps.channels.models import ReportPromise
from gongzhi.apps.dispatch.models import Task
from gongzhi.apps.ledger import public as ledger
from gongzhi.apps.understanding import public as understanding
from gongzhi.kernel import worker
from tests.cast import MONDAY, Cast, say

pytestmark = pytest.mark.django_db(transaction=True)

POTHOLE = "roads.potholes"
TEXTS = (
    ("学校门口的路面有个大坑，下雨天电动车摔倒两次了。", POTHOLE, 120.03, 30.01),
    ("学校门口的路面有个大坑，下雨天电动车又摔倒了一次。", POTHOLE, 120.0301, 30.0101),
    ("三楼着火了，快来人", POTHOLE, 120.01, 30.01),
    ("路灯坏了一排，晚上没有路灯很黑", "roads.streetlight", 120.02, 30.015),
    ("孩子天天被打骂，邻居都听得见", "welfare.children", None, None),
    ("马路坑洼不平，菜市场那里", POTHOLE, 120.005, 30.002),
    ("你好，请问一下", "other.unclear", None, None),
    ("柏油路面塌陷了一块，医院对面", POTHOLE, 120.038, 30.019),
)


def file_all(cast: Cast, texts: Sequence[tuple[Any, ...]] = TEXTS) -> list[int]:
    """The reports in order, each with the category its channel names."""
    return [
        say(cast, text, category_hint=hint, lon=lon, lat=lat, at=MONDAY + timedelta(minutes=i))[0].pk
        for i, (text, hint, lon, lat) in enumerate(texts)
    ]


def picture(ids: Sequence[int]) -> list[tuple[Any, ...]]:
    """All that became of the reports, without ids."""
    order = {pk: i for i, pk in enumerate(ids)}
    by_report = cases.cases_of(ids)
    place = {case.pk: order[pk] for pk, case in by_report.items()}
    rows = []
    for pk in ids:
        case = by_report[pk]
        pairs = Suggestion.objects.filter(case=case)
        rows.append(
            (
                case.state,
                case.waits_for,
                case.category,
                case.urgent,
                case.lead_unit_id,
                case.due_at,
                case.opened_at,
                sorted((place[s.other_id], round(s.score, 4)) for s in pairs),
                list(Step.objects.filter(case=case).order_by("pk").values_list("kind", "by_ref", "at")),
                sorted(Holding.objects.filter(case=case).values_list("unit_id", "role")),
                sorted(Task.objects.filter(case=case).values_list("unit_id", "role", "state")),
                list(ReportPromise.objects.filter(report_id=pk).values_list("due_at", "rule")),
                ledger.entries_about(f"case:{case.pk}").count(),
            )
        )
    return rows


def test_a_pothole_goes_to_the_unit_that_the_power_list_names_with_its_deadline(cast: Cast) -> None:
    (report_id,) = file_all(cast, TEXTS[:1])
    worker.drain()
    case = cases.cases_of([report_id])[report_id]
    assert (case.state, case.lead_unit, case.waits_for) == (State.DISPATCHED, cast.roads_unit, "")
    # Received on Monday; five working days after it is the next Monday at close of office.
    assert case.due_at is not None and case.due_at.isoformat() == "2026-11-23T09:30:00+00:00"
    promise = ReportPromise.objects.get(report_id=report_id)
    assert (promise.due_at, promise.rule) == (case.due_at, "roads-1")


@pytest.mark.parametrize(
    ("number", "waits_for"), [(2, "safety"), (3, "no_rule"), (4, "unsure"), (6, "unsure")]
)
def test_what_a_person_must_decide_waits_at_the_desk_and_says_why(
    cast: Cast, number: int, waits_for: str
) -> None:
    (report_id,) = file_all(cast, TEXTS[number : number + 1])
    worker.drain()
    case = cases.cases_of([report_id])[report_id]
    assert (case.state, case.waits_for, case.lead_unit_id) == (State.NEW, waits_for, None)
    assert case.urgent is (waits_for == "safety")


def test_danger_is_never_handed_over_by_the_machine_however_sure_the_category(cast: Cast) -> None:
    (report_id,) = file_all(cast, [("路面塌了着火了", POTHOLE, 120.01, 30.01)])
    worker.drain()
    assert cases.cases_of([report_id])[report_id].waits_for == "safety"


def test_a_second_report_of_the_same_pothole_waits_for_a_person_to_say_so(cast: Cast) -> None:
    first, second = file_all(cast, TEXTS[:2])
    worker.drain()
    found = cases.cases_of([first, second])
    assert found[second].waits_for == "maybe_same" and found[first].waits_for == ""
    (suggestion,) = cases.suggestions_of([found[second]])[found[second].pk]
    assert suggestion.other == found[first]
    assert {r["key"] for r in suggestion.reasons} >= {"text_similarity", "distance_m", "category"}


def test_reports_handled_together_end_as_those_handled_one_by_one(cast: Cast) -> None:
    together = file_all(cast)
    worker.drain()
    at_once = picture(together)
    # Another office of the same shape, where each report is handled before the next arrives.
    Suggestion.objects.all().delete()
    understanding.drop_old_bands(at=MONDAY + timedelta(days=400))
    one_by_one = []
    for i, row in enumerate(TEXTS):
        text, hint, lon, lat = row
        at = MONDAY + timedelta(minutes=i)
        one_by_one.append(say(cast, text, category_hint=hint, lon=lon, lat=lat, at=at)[0].pk)
        worker.drain()
    assert picture(one_by_one) == at_once


def test_statements_grow_with_batches_not_with_reports(cast: Cast) -> None:
    def statements(count: int) -> int:
        file_all(cast, [(f"{n}号路段路面坑洼", POTHOLE, 120.001 + n / 1000, 30.001) for n in range(count)])
        with CaptureQueriesContext(
            connection,
        ) as caught:
            worker.drain()
        return len(caught)

    statements(2)  # what a process keeps is read once
    assert statements(30) <= statements(5) + 2


def test_delivering_an_event_twice_opens_no_second_case(cast: Cast) -> None:
    from gongzhi.journeys.report import handle_reports
    from gongzhi.kernel.events import Event
    from gongzhi.kernel.models import OutboxJob

    file_all(cast)
    jobs = list(OutboxJob.objects.filter(handler="gongzhi.journeys.report.handle_report"))
    worker.drain()
    before = Case.objects.count()
    handle_reports([(Event.from_json(job.payload), job.event_id) for job in jobs])
    assert Case.objects.count() == before == len(TEXTS)


def test_a_case_whose_report_was_erased_meanwhile_is_left_out(cast: Cast) -> None:
    from gongzhi.apps.channels.public import Report

    ids = file_all(cast, TEXTS[:2])
    Report.objects.filter(pk=ids[0]).delete()
    worker.drain()
    assert set(cases.cases_of(ids)) == {ids[1]}


def test_a_history_from_another_register_ends_cases_without_telling_anybody(cast: Cast) -> None:
    from gongzhi.apps.cases.public import PastAnswer
    from gongzhi.apps.channels.models import Notice
    from gongzhi.apps.dispatch import public as dispatch

    (report_id,) = file_all(cast, TEXTS[:1])
    worker.drain()
    case = cases.cases_of([report_id])[report_id]
    at = MONDAY + timedelta(days=2)
    dispatch.take_past_answers(answers=[PastAnswer(case, "已修好。", at)], by=SYSTEM)
    worker.drain()
    case.refresh_from_db()
    assert (case.state, case.answered_at, case.closed_at) == (State.CLOSED, at, at)
    assert [s.kind for s in cases.timeline(case, public_only=True)][-2:] == ["answered", "closed"]
    assert Notice.objects.count() == 0
    assert set(Task.objects.filter(case=case).values_list("state", flat=True)) == {"done"}
    with pytest.raises(MoveError):
        dispatch.take_past_answers(answers=[PastAnswer(case, "再答", at)], by=SYSTEM)
