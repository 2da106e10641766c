"""What the tests of staff pages share: signing in without the form, cases that wait for each reason."""

from datetime import timedelta
from typing import Any

from cast import MONDAY, Cast, say
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page

from gongzhi.apps.actors.public import SYSTEM, User
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.public import Case
from gongzhi.apps.channels.public import Report
from gongzhi.apps.dispatch import public as dispatch
from gongzhi.apps.understanding.models import Reading

POTHOLE = "学校门口的路面有个大坑，下雨天电动车摔倒两次了。"
GARBAGE = "菜市场后门垃圾堆了三天没人清，臭得开不了窗。"


def client_of(user: User) -> Client:
    """A test client that is signed in and reads English."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(user)
    return client


def sign_in(page: Page, base: str, user: User) -> Page:
    """The page's browser, signed in as this person."""
    cookie = client_of(user).cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": base}])
    return page


def read(report: Report, category: str = "roads.potholes", **more: Any) -> Reading:
    """A reading of the report that is not sure, with three guesses and two leading words."""
    values: dict[str, Any] = {
        "model_version": "test",
        "category": category,
        "probability": 0.58,
        "top3": [
            {"category": "roads.potholes", "probability": 0.58},
            {"category": "roads.streetlight", "probability": 0.22},
            {"category": "sanitation.garbage", "probability": 0.11},
        ],
        "words": [{"word": "大坑", "weight": 2.0}, {"word": "路面", "weight": 1.0}],
        "language": "zh-hans",
        "at": MONDAY,
    }
    return Reading.objects.create(report=report, **(values | more))


def waiting(cast: Cast, waits_for: str = "unsure", text: str = POTHOLE, **more: Any) -> Case:
    """A case at the desk: a report, its reading, and why it waits."""
    category = more.pop("category", "roads.potholes")
    hazards = more.pop("hazards", [])
    report, _code = say(cast, text, **more)
    read(report, category, hazards=hazards)
    case = cases.open_case(
        report=report, category=category, waits_for=waits_for, urgent=bool(hazards), by=SYSTEM, at=MONDAY
    )
    case.refresh_from_db()
    return case


def lying_with_roads(cast: Cast, text: str = POTHOLE) -> Case:
    """A case that was handed over by the power list."""
    case = waiting(cast, "", text)
    dispatch.dispatch_case(case=case, item=cast.pothole_rule, by=SYSTEM, at=MONDAY)
    case.refresh_from_db()
    return case


def alike(case: Case, other: Case) -> None:
    """Suggest that the two are the same."""
    reasons = [
        {"key": "distance_m", "value": 40},
        {"key": "category", "value": case.category},
        {"key": "hours_apart", "value": 3.0},
    ]
    pair = cases.Alike(case.pk, other.pk, 0.72, reasons, MONDAY)
    cases.suggest_same(alike=[pair])


def a_desk_full(cast: Cast) -> dict[str, Case]:
    """One case for each reason to wait."""
    found = {
        "unsure": waiting(cast),
        "no_rule": waiting(cast, "no_rule", GARBAGE, category="sanitation.garbage"),
        "safety": waiting(cast, "safety", "三楼有煤气味，很呛人。", hazards=["gas"]),
    }
    found["maybe_same"] = waiting(cast, "maybe_same", "校门口那个坑又深了。")
    alike(found["maybe_same"], lying_with_roads(cast))
    late = lying_with_roads(cast, "坑补了又塌。")
    Case.objects.filter(pk=late.pk).update(due_at=MONDAY - timedelta(days=3))
    found["late"] = late
    returned = lying_with_roads(cast, "桥下路面塌了。")
    task = dispatch.tasks_of(returned)[0]
    dispatch.return_task(task=task, reason="桥下归水务管", by=SYSTEM, at=MONDAY)
    found["returned"] = returned
    return found
