"""Today and a task: the own unit's list in its published order, taking on, answering, handing back, looking up."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from cast import MONDAY, Cast, say
from django.db import connection
from django.test.utils import CaptureQueriesContext
from page_checks import check_page, speak
from playwright.sync_api import Page, expect
from staff import client_of, sign_in

from gongzhi.apps.actors.public import SYSTEM
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.public import Case, State, Step
from gongzhi.apps.channels import public as channels
from gongzhi.apps.channels.public import ContactView, Report
from gongzhi.apps.dispatch import public as dispatch
from gongzhi.apps.dispatch.public import Task
from gongzhi.kernel import clock, worker
from gongzhi.site.pages.worker import words

NOON = MONDAY + timedelta(days=1, hours=3)  # Tuesday 17 November, 12:00 in Shanghai
HOLE = "学校门口的路面有个大坑，下雨天电动车摔倒两次了。"


@pytest.fixture(autouse=True)
def tuesday_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages' clock stands still, so that what is late stays late."""
    monkeypatch.setattr(clock, "now", lambda: NOON)


def dispatched(cast: Cast, text: str = HOLE, *, at: datetime = MONDAY, **more: Any) -> Task:
    """A report as a case that was handed to the roads unit by its line of the power list."""
    report, _code = say(cast, text, at=at, **more)
    case = cases.open_case(
        report=report, category="roads.potholes", lon=report.lon, lat=report.lat, by=SYSTEM, at=at
    )
    return dispatch.dispatch_case(case=case, item=cast.pothole_rule, by=SYSTEM, at=at)


def reports_in(task: Task) -> list[Report]:
    """The reports of the task's case."""
    return cases.reports_of(task.case, visible_to=SYSTEM)


def test_a_handler_sees_only_the_tasks_of_the_own_unit(cast: Cast, live_server: Any, page: Page) -> None:
    mine = dispatched(cast)
    other = dispatched(cast, "楼道灯坏了")
    dispatch.dispatch_case(case=other.case, unit=cast.estate_unit, reason="小区内", by=SYSTEM, at=MONDAY)
    theirs = Task.objects.get(unit=cast.estate_unit)
    sign_in(page, live_server.url, cast.handler)
    page.goto(f"{live_server.url}/river/today/")
    expect(page.locator(".tasks > li")).to_have_count(1)
    expect(page.locator(".tasks")).to_contain_text("学校门口的路面有个大坑")
    expect(page.get_by_text("As of Tue 17 Nov, 12:00")).to_be_visible()
    page.goto(f"{live_server.url}/river/today/tasks/{mine.pk}/")
    expect(page.get_by_role("heading", name="Next: take it on")).to_be_visible()
    answer = page.goto(f"{live_server.url}/river/today/tasks/{theirs.pk}/")
    assert answer is not None and answer.status == 404


def test_the_order_is_said_and_each_place_in_it_explained(cast: Cast, live_server: Any, page: Page) -> None:
    near = dispatched(cast, "快到期的坑", at=MONDAY)
    late = dispatched(cast, "过期的坑", at=MONDAY - timedelta(days=10))
    danger = dispatched(cast, "井盖没了，有人掉下去了", at=MONDAY + timedelta(hours=1))
    Case.objects.filter(pk=danger.case_id).update(urgent=True)
    sign_in(page, live_server.url, cast.handler)
    page.goto(f"{live_server.url}/river/today/")
    expect(page.get_by_text("The order: danger first, then what is late")).to_be_visible()
    rows = page.locator(".tasks > li")
    for n, (task, sign, why) in enumerate(
        [
            (danger, "Danger", "Danger was named in it."),
            (late, "2 working days late", "Late matters stand above those that are not"),
            (near, "4 working days left", "The nearer the day, the higher it stands."),
        ]
    ):
        expect(rows.nth(n)).to_contain_text(task.case.number)
        expect(rows.nth(n).locator(".signs")).to_contain_text(sign)
        rows.nth(n).get_by_text("Why is this here?").click()
        expect(rows.nth(n).get_by_text(why)).to_be_visible()
    expect(page.locator(".tallies")).to_contain_text("1 late")


def test_a_task_is_taken_on_and_answered(cast: Cast, live_server: Any, page: Page) -> None:
    task = dispatched(cast)
    sign_in(page, live_server.url, cast.handler)
    page.goto(f"{live_server.url}/river/today/")
    page.get_by_role("button", name="Take on").click()
    expect(page.get_by_text("Taken on.")).to_be_visible()
    task.refresh_from_db()
    assert task.state == "accepted"

    page.get_by_role("link", name="Today").first.click()
    page.get_by_role("link", name="Answer").click()
    page.get_by_label("Answer to the reporters").fill("大坑已于今天上午补好。")
    page.get_by_role("button", name="Give the answer").click()
    expect(page.get_by_text("The answer was given.")).to_be_visible()
    expect(page.get_by_role("heading", name="Nothing more to do")).to_be_visible()
    worker.drain()
    report = reports_in(task)[0]
    assert channels.notices_of(report).get().about.startswith("answer:")
    assert Case.objects.get(pk=task.case_id).state == State.ANSWERED
    page.get_by_role("link", name="Today").first.click()
    expect(page.get_by_text("Nothing waits for you.")).to_be_visible()


def test_what_was_typed_stays_when_the_case_has_changed(cast: Cast, live_server: Any, page: Page) -> None:
    task = dispatched(cast)
    dispatch.accept_task(task=task, by=cast.actor(cast.handler), at=NOON)
    sign_in(page, live_server.url, cast.handler)
    page.goto(f"{live_server.url}/river/today/tasks/{task.pk}/")
    cases.add_note(case=task.case, text="居民补充：坑更大了", by=SYSTEM, at=NOON)
    page.get_by_label("Answer to the reporters").fill("大坑已经补好。")
    page.get_by_role("button", name="Give the answer").click()
    summary = page.locator("#errors")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("Somebody else has just changed this case.")
    expect(page.get_by_label("Answer to the reporters")).to_have_value("大坑已经补好。")
    expect(page.get_by_text("居民补充：坑更大了")).to_be_visible()
    page.get_by_role("button", name="Give the answer").click()
    expect(page.get_by_text("The answer was given.")).to_be_visible()


def test_handing_back_is_asked_with_reason_and_line_and_the_desk_decides(
    cast: Cast, live_server: Any, page: Page
) -> None:
    task = dispatched(cast)
    sign_in(page, live_server.url, cast.handler)
    page.goto(f"{live_server.url}/river/today/tasks/{task.pk}/")
    page.get_by_role("link", name="Hand back").click()  # the link on a phone unfolds the part
    page.get_by_role("button", name="Ask to hand it back").click()
    summary = page.locator("#errors")
    expect(summary).to_contain_text("No reason is chosen.")
    summary.get_by_role("link").click()
    expect(page.get_by_label("Whose is it, and why is it not yours?")).to_be_focused()
    task.refresh_from_db()
    assert task.state == "offered"
    page.get_by_label("Whose is it, and why is it not yours?").fill("小区内部道路，属东苑物业。")
    page.get_by_label("Why do you hand it back?").select_option("other_duty")
    page.get_by_label("Which line of the power list says so?").select_option("wrong")
    check_page(page)
    page.get_by_role("button", name="Ask to hand it back").click()
    expect(page.get_by_text("Asked. Until it is decided")).to_be_visible()
    expect(page.get_by_text("The desk decides. To be decided by Wed 18 Nov, 17:30.")).to_be_visible()
    expect(page.locator(".timeline")).to_contain_text("小区内部道路，属东苑物业。")
    due = task.due_at
    sign_in(page, live_server.url, cast.coordinator)
    page.goto(f"{live_server.url}/river/desk/")
    page.get_by_role("link", name="Decide").click()
    check_page(page)
    page.get_by_label("Why do you decide so?").fill("图上是小区内部道路。")
    page.get_by_label("If accepted: who handles it?").select_option(label="East Estate")
    page.get_by_role("button", name="Accept").click()
    expect(page.get_by_text("Accepted and handed over. The promised day stays.")).to_be_visible()
    case = Case.objects.get(pk=task.case_id)
    assert (case.state, case.waits_for, case.lead_unit, case.due_at) == (
        State.DISPATCHED, "", cast.estate_unit, due,
    )  # fmt: skip
    sign_in(page, live_server.url, cast.leader)
    page.goto(f"{live_server.url}/river/figures/")
    expect(page.get_by_role("heading", name="Handed back")).to_be_visible()
    check_page(page)
    sign_in(page, live_server.url, cast.admin)
    page.goto(f"{live_server.url}/river/setup/arbiter/")
    page.get_by_label("Unit that decides").select_option(label="Street office")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    check_page(page)


def test_a_unit_that_handed_back_has_neither_contact_nor_note(cast: Cast) -> None:
    task = dispatched(cast, contact_phone="138 0000 0000")
    dispatch.return_task(task=task, reason="不属本单位", by=cast.actor(cast.handler), at=NOON)
    client = client_of(cast.handler)
    path = f"/river/today/tasks/{task.pk}/"
    assert "Look up the contact" not in client.get(path).content.decode()
    report = reports_in(task)[0]
    for action, sent in (("contact", {"report": report.pk, "why": "回访"}), ("note", {"text": "补充"})):
        answer = client.post(f"{path}{action}/", sent)
        assert answer.status_code == 409
        assert "138 0000 0000" not in answer.content.decode()
    assert ContactView.objects.count() == 0
    assert client.post(f"{path}nothing/").status_code == 404


def test_a_helping_unit_finishes_its_part(cast: Cast, live_server: Any, page: Page) -> None:
    lead = dispatched(cast)
    dispatch.add_helper(case=lead.case, unit=cast.estate_unit, reason="请物业围挡", by=SYSTEM, at=MONDAY)
    sign_in(page, live_server.url, cast.estate_handler)
    page.goto(f"{live_server.url}/river/today/")
    page.get_by_role("button", name="Take on").click()
    page.get_by_text("Why your unit?").click()
    expect(page.get_by_text("A person at the desk chose it: 请物业围挡")).to_be_visible()
    expect(page.get_by_label("Answer to the reporters")).to_have_count(0)
    page.get_by_label("What has your unit done?").fill("已围挡并放置警示牌。")
    page.get_by_role("button", name="Finish your part").click()
    expect(page.get_by_text("Your part is done.")).to_be_visible()
    expect(page.locator(".timeline")).to_contain_text("已围挡并放置警示牌。")
    assert Task.objects.get(unit=cast.estate_unit).state == "done"
    refused = client_of(cast.handler).post(f"/river/today/tasks/{lead.pk}/finish/", {"text": "好了"})
    assert refused.status_code == 409
    assert "好了" in refused.content.decode()


def test_a_look_at_the_contact_needs_a_reason_and_is_written_down(
    cast: Cast, live_server: Any, page: Page
) -> None:
    task = dispatched(cast, contact_name="王女士", contact_phone="138 0000 0000")
    sign_in(page, live_server.url, cast.handler)
    page.goto(f"{live_server.url}/river/today/tasks/{task.pk}/")
    expect(page.get_by_text("138 0000 0000")).to_have_count(0)
    page.locator("#contact summary").click()
    page.get_by_role("button", name="Show the contact").click()
    expect(page.locator("#errors")).to_contain_text("Please say why you need the contact.")
    assert ContactView.objects.count() == 0
    page.get_by_label("What do you need it for?").fill("约时间看现场")
    page.get_by_role("button", name="Show the contact").click()
    expect(page.get_by_role("link", name="138 0000 0000")).to_have_attribute("href", "tel:13800000000")
    look = ContactView.objects.get()
    assert (look.why, look.by_label) == ("约时间看现场", "roads_handler")


def test_a_note_is_public_only_where_one_says_so(cast: Cast, live_server: Any, page: Page) -> None:
    task = dispatched(cast)
    sign_in(page, live_server.url, cast.handler)
    page.goto(f"{live_server.url}/river/today/tasks/{task.pk}/")
    for text, public in (("材料已订", False), ("周四上午施工，请绕行", True)):
        page.locator("#note summary").click()
        page.get_by_label("What is new?").fill(text)
        page.get_by_label("The reporters may read it").set_checked(public)
        page.get_by_role("button", name="Add", exact=True).click()
        expect(page.get_by_text("The note was added.")).to_be_visible()
        assert Step.objects.get(text=text).public is public
    page.locator("#note summary").click()
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("#errors")).to_contain_text("The note is empty.")


def test_the_day_and_the_unit_are_explained(cast: Cast, live_server: Any, page: Page) -> None:
    task = dispatched(cast)
    sign_in(page, live_server.url, cast.handler)
    page.goto(f"{live_server.url}/river/today/tasks/{task.pk}/")
    expect(page.locator("dl").get_by_text("Mon 23 Nov")).to_be_visible()
    page.get_by_text("Why this day?").click()
    expect(page.get_by_text("《城市道路管理条例》第二十一条")).to_be_visible()
    expect(page.get_by_text("Roads answers within 5 working days")).to_be_visible()
    page.get_by_text("Why your unit?").click()
    expect(
        page.get_by_text("The power list names Roads for this category here (line roads-1).")
    ).to_be_visible()
    expect(page.get_by_role("link", name="Open in the phone’s map")).to_have_attribute(
        "href", "geo:30.01,120.03?q=30.01,120.03"
    )


def test_taking_on_works_without_javascript(cast: Cast, live_server: Any, page_without_script: Page) -> None:
    task = dispatched(cast)
    page = page_without_script
    sign_in(page, live_server.url, cast.handler)
    page.goto(f"{live_server.url}/river/today/")
    page.get_by_role("button", name="Take on").click()
    page.get_by_label("Answer to the reporters").fill("补好了。")
    page.get_by_role("button", name="Give the answer").click()
    expect(page.get_by_text("The answer was given.")).to_be_visible()
    task.refresh_from_db()
    assert task.state == "done"


def test_a_longer_list_asks_the_database_no_more_often(cast: Cast) -> None:
    client = client_of(cast.handler)

    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get("/river/today/").status_code == 200
        return len(queries)

    dispatched(cast)
    asked()
    few = asked()
    for n in range(8):
        dispatched(cast, f"第{n}个坑")
    assert asked() == few


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        (-100, "2 working days late"),
        (-1, "Late since today, 11:00"),
        (3, "Due today by 15:00"),
        (24, "1 working day left"),
        (24 * 6, "4 working days left"),
        (None, "No day was promised"),
    ],
)
def test_the_time_left_is_said_in_words(cast: Cast, hours: int | None, said: str) -> None:
    due = NOON + timedelta(hours=hours) if hours is not None else None
    assert words.time_left(due, cast.office, NOON) == said


@pytest.mark.parametrize(
    ("name", "language"),
    [
        *((name, "en") for name in ("today", "empty", "accepted", "refused", "done")),
        ("today", "zh-hans"),
        ("offered", "zh-hans"),
    ],
)
def test_the_pages_can_be_used_by_everybody(
    name: str, language: str, cast: Cast, live_server: Any, page: Page
) -> None:
    sign_in(page, live_server.url, cast.handler)
    speak(page, live_server.url, language)
    if name != "empty":
        task = dispatched(cast, contact_phone="138 0000 0000")
        dispatched(cast, "很久以前的坑" * 12, at=MONDAY - timedelta(days=10))
    path = "" if name in {"today", "empty"} else f"tasks/{task.pk}/"
    if name in {"accepted", "refused", "done"}:
        dispatch.accept_task(task=task, by=cast.actor(cast.handler), at=NOON)
    if name == "done":
        dispatch.answer_task(task=task, text="补好了。", by=cast.actor(cast.handler), at=NOON)
    page.goto(f"{live_server.url}/river/today/{path}")
    if name == "refused":
        page.locator("#next button.main").click()
        expect(page.locator("#errors")).to_be_visible()
    check_page(page)


def test_large_type_fits_a_narrow_phone(cast: Cast, live_server: Any, page: Page) -> None:
    task = dispatched(cast, contact_phone="138 0000 0000")
    dispatched(cast, "很久以前的坑", at=MONDAY - timedelta(days=10))
    sign_in(page, live_server.url, cast.handler)
    page.context.add_cookies([{"name": "gz_display", "value": "elder", "url": live_server.url}])
    page.set_viewport_size({"width": 360, "height": 740})
    for path in ("", f"tasks/{task.pk}/"):
        page.goto(f"{live_server.url}/river/today/{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert page.locator("main .button.main").first.evaluate("b => b.getBoundingClientRect().height") >= 60
