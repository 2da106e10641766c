"""What the corner cases share: a report that lies with the roads unit, an answer to it."""

from datetime import timedelta
from typing import Any

from django.test import Client

from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.public import Case
from gongzhi.apps.channels.public import Report
from gongzhi.apps.dispatch import public as dispatch
from gongzhi.apps.dispatch.public import Task
from gongzhi.kernel import worker
from tests.cast import MONDAY, Cast, say

NOON = MONDAY + timedelta(hours=3)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
POTHOLE = "roads.potholes"


def filed(cast: Cast, **more: Any) -> tuple[Case, Report, str]:
    """A report about a pothole, read and handed to the roads unit by the power list; its case, itself, its code."""
    report, code = say(cast, **({"category_hint": POTHOLE, "at": NOON} | more))
    worker.drain()
    case = cases.case_of(report)
    assert case is not None
    return case, report, code


def task_of(case: Case, state: str = "") -> Task:
    """The latest leading task of a case, or the latest in this state."""
    rows = Task.objects.filter(case=case, role="lead").select_related(
        "case__jurisdiction", "unit__jurisdiction"
    )
    rows = rows.filter(state=state) if state else rows
    return rows.latest("pk")


def answered(cast: Cast, text: str = "已修补。", **more: Any) -> tuple[Case, Report, str]:
    """As `filed`, and the roads unit has answered."""
    case, report, code = filed(cast, **more)
    handler = cast.actor(cast.handler)
    dispatch.accept_task(task=task_of(case), by=handler, at=NOON + HOUR)
    dispatch.answer_task(task=task_of(case), text=text, by=handler, at=NOON + HOUR)
    worker.drain()
    case.refresh_from_db()
    return case, report, code


def opened_by(code: str, office: str = "river") -> Client:
    """The browser of the reporter who has typed the code."""
    client = Client(headers={"accept-language": "en"})
    assert client.post(f"/{office}/my/", {"code": code}).status_code == 302
    return client


def page(client: Client, path: str, status: int = 200) -> str:
    """The words of a page."""
    answer = client.get(path)
    assert answer.status_code == status, (path, answer.status_code)
    return answer.content.decode()


def kinds(case: Case) -> list[str]:
    """The kinds of the steps of a case, oldest first."""
    return [step.kind for step in cases.timeline(case, public_only=False)]
