"""My report: the code opens it; the answer, the rating, “not solved”; all of it without JavaScript too."""

from datetime import timedelta
from typing import Any

import pytest
from cast import MONDAY, Cast, say
from django.contrib.sessions.models import Session
from django.test import Client
from playwright.sync_api import Page, expect

from gongzhi.apps.actors.public import RESIDENT, SYSTEM
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.public import Case, Rating, State
from gongzhi.apps.channels import public as channels
from gongzhi.apps.channels.public import Report
from gongzhi.apps.dispatch import public as dispatch


def handled(cast: Cast, report: Report, *, answered: bool = True) -> Case:
    """The report as a case that lies with the roads unit, answered a day later."""
    case = cases.open_case(report=report, category="roads.potholes", by=SYSTEM, at=MONDAY)
    dispatch.dispatch_case(case=case, item=cast.pothole_rule, by=SYSTEM, at=MONDAY)
    if answered:
        later = MONDAY + timedelta(days=1)
        answer = cases.answer_case(
            case=case, text="大坑已经补好。", unit=cast.roads_unit, by=SYSTEM, at=later
        )
        channels.notify(reports=[report], about=f"answer:{answer.pk}", by=SYSTEM, at=later)
    case.refresh_from_db()
    return case


@pytest.fixture(params=["with script", "without script"])
def any_page(request: pytest.FixtureRequest) -> Page:
    """The page once with JavaScript, once without."""
    found: Page = request.getfixturevalue("page" if request.param == "with script" else "page_without_script")
    return found


def test_not_solved_opens_the_case_again(cast: Cast, live_server: Any, any_page: Page) -> None:
    report, code = say(cast)
    case = handled(cast, report)
    page = any_page
    page.goto(f"{live_server.url}/river/my/")
    page.get_by_label("Tracking code").fill(code.lower().replace("-", " "))
    page.get_by_role("button", name="Open my report").click()
    assert page.url.endswith("/river/my/report/")
    expect(page.get_by_text("大坑已经补好。")).to_be_visible()
    expect(page.get_by_text("Roads has answered.")).to_be_visible()
    assert channels.notices_of(report).get().seen_at is not None

    page.get_by_role("group", name="Is it solved?").get_by_label("No").check()
    page.get_by_role("group", name="How satisfied").get_by_label("2 not satisfied").check()
    page.get_by_label("What would you like to say").fill("坑又出现了")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("It is open again; the unit hears of it")).to_be_visible()
    case.refresh_from_db()
    assert case.state == State.REOPENED
    rating = Rating.objects.get(report=report)
    assert (rating.solved, rating.satisfaction, rating.comment) == (False, 2, "坑又出现了")


def test_solved_confirms(cast: Cast, live_server: Any, any_page: Page) -> None:
    report, code = say(cast)
    case = handled(cast, report)
    page = any_page
    page.goto(f"{live_server.url}/river/my/")
    page.get_by_label("Tracking code").fill(code)
    page.get_by_role("button", name="Open my report").click()
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#errors").get_by_text("Please say whether it is solved.")).to_be_visible()
    page.get_by_role("group", name="Is it solved?").get_by_label("Yes").check()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("You said: it is solved.")).to_be_visible()
    case.refresh_from_db()
    assert case.state == State.SOLVED


def test_the_promise_is_shown_with_its_reason(cast: Cast, live_server: Any, page: Page) -> None:
    report, code = say(cast)
    handled(cast, report, answered=False)
    page.goto(f"{live_server.url}/river/my/")
    page.get_by_label("Tracking code").fill(code)
    page.get_by_role("button", name="Open my report").click()
    expect(page.get_by_text("It was handed to Roads")).to_be_visible()
    expect(page.locator("dl").get_by_text("Mon 23 Nov")).to_be_visible()
    page.get_by_text("Why this day?").click()
    expect(page.get_by_text("《城市道路管理条例》第二十一条")).to_be_visible()
    expect(page.get_by_text("5 working days")).to_be_visible()


def test_words_are_added_and_only_their_author_sees_them(cast: Cast, live_server: Any, page: Page) -> None:
    report, code = say(cast)
    case = handled(cast, report, answered=False)
    other, other_code = say(cast, "同一个大坑，孩子上学不敢走。")
    other_case = cases.open_case(report=other, category="roads.potholes", by=SYSTEM, at=MONDAY)
    cases.join_cases(into=case, cases=[other_case], by=SYSTEM, at=MONDAY, reason="same")
    page.goto(f"{live_server.url}/river/my/")
    page.get_by_label("Tracking code").fill(code)
    page.get_by_role("button", name="Open my report").click()
    expect(page.get_by_text("1 other person has reported the same")).to_be_visible()
    page.get_by_label("What do you want to add?").fill("坑更大了")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_text("You added something")).to_be_visible()
    expect(page.get_by_text("坑更大了")).to_be_visible()
    neighbour = Client()
    neighbour.post("/river/my/", {"code": other_code})
    shown = neighbour.get("/river/my/report/").content.decode()
    assert "同一个大坑" in shown and "坑更大了" not in shown


def test_the_qr_code_opens_the_report_and_the_code_never_reaches_an_address(
    cast: Cast, live_server: Any, page: Page
) -> None:
    report, code = say(cast)
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url))
    page.goto(f"{live_server.url}/river/my/#{code}")
    page.wait_for_url("**/river/my/report/")
    expect(page.get_by_text(report.text)).to_be_visible()
    assert not [url for url in asked if code in url.partition("#")[0]]
    assert code not in page.evaluate("window.location.href")


def test_closing_the_report_on_a_shared_device(cast: Cast, live_server: Any, page: Page) -> None:
    _report, code = say(cast)
    page.goto(f"{live_server.url}/river/my/")
    page.get_by_label("Tracking code").fill(code)
    page.get_by_role("button", name="Open my report").click()
    page.get_by_role("button", name="Close my report on this device").click()
    page.goto(f"{live_server.url}/river/my/report/")
    expect(page.get_by_label("Tracking code")).to_be_visible()


@pytest.mark.parametrize("typed", ["", "12345", "ZZZZZ-ZZZZ-ZZZZ", "x" * 70, "<script>"])
def test_a_wrong_code_is_answered_politely(cast: Cast, typed: str) -> None:
    answer = Client(headers={"accept-language": "en"}).post("/river/my/", {"code": typed})
    assert answer.status_code in {400, 404}
    assert "<script>" not in answer.content.decode().replace("<script src", "")


def test_o_and_i_are_read_as_zero_and_one(cast: Cast) -> None:
    _report, code = say(cast)
    typed = code.replace("0", "o").replace("1", "I").replace("-", "")
    assert Client().post("/river/my/", {"code": typed}).headers["Location"] == "/river/my/report/"


def test_trying_codes_is_slowed_down(cast: Cast) -> None:
    client = Client(headers={"accept-language": "en"})
    answers = [client.post("/river/my/", {"code": "ZZZZZ-ZZZZ-ZZZZ"}) for _ in range(31)]
    assert [a.status_code for a in answers[:30]] == [404] * 30
    assert answers[30].status_code == 429
    assert "wait a quarter of an hour" in answers[30].content.decode()


def test_the_database_holds_no_code(cast: Cast) -> None:
    client = Client()
    _report, code = say(cast)
    client.post("/river/my/", {"code": code})
    kept = [s.get_decoded() for s in Session.objects.all()]
    assert kept and code not in str(kept) and code.replace("-", "") not in str(kept)


def test_the_reporter_sees_who_looked_at_the_contact(cast: Cast) -> None:
    report, code = say(cast, contact_phone="138 0000 0000")
    actor = cast.actor(cast.coordinator)
    channels.view_contact(report=report, why="to ask where exactly", by=actor, at=MONDAY)
    client = Client()
    client.post("/river/my/", {"code": code})
    shown = client.get("/river/my/report/").content.decode()
    assert "to ask where exactly" in shown
    assert "138 0000 0000" not in shown


def test_a_report_of_another_office_stays_closed(cast: Cast) -> None:
    report, _code = say(cast)
    client = Client()
    assert client.get("/river/my/report/").headers["Location"] == "/river/my/"
    assert client.get("/nowhere/my/").status_code == 404
    assert RESIDENT.ref == "resident" and report.filed_by == "resident"
