"""The coordinator at work in a real browser: deciding, handing over, joining; two on one case; contacts on record."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from cast import MONDAY, PASSWORD, Cast, say
from playwright.sync_api import Browser, Page, expect
from staff import GARBAGE, POTHOLE, a_desk_full, alike, client_of, lying_with_roads, sign_in, waiting

from gongzhi.apps.actors import public as actors
from gongzhi.apps.actors.public import SYSTEM
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.public import Case, State
from gongzhi.apps.channels.models import ContactView
from gongzhi.apps.dispatch.models import Task
from gongzhi.apps.understanding.public import CategoryDecision
from gongzhi.kernel import worker


@pytest.fixture(autouse=True)
def monday_morning() -> Iterator[None]:
    """It is eleven o'clock on the Monday of the cast."""
    with time_machine.travel(MONDAY + timedelta(hours=2)):
        yield


@pytest.fixture
def desk(cast: Cast, live_server: Any, page: Page) -> Page:
    """The coordinator's browser, at a desk."""
    page.set_viewport_size({"width": 1280, "height": 900})
    return sign_in(page, live_server.url, cast.coordinator)


def open_case_page(page: Page, base: str, case: Case) -> Page:
    """The case's page."""
    page.goto(f"{base}/river/desk/cases/{case.number}/")
    return page


def test_signing_in_leads_to_the_inbox_and_a_wrong_password_is_said_kindly(
    cast: Cast, live_server: Any, page: Page
) -> None:
    page.goto(f"{live_server.url}/river/desk/")
    expect(page.get_by_role("heading", name="Staff sign-in")).to_be_visible()
    expect(page.get_by_text("You need no account for that")).to_be_visible()
    page.get_by_label("User name").fill("coordinator")
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#errors")).to_be_focused()
    expect(page.get_by_label("User name")).to_have_value("coordinator")
    expect(page.get_by_label("Password")).to_have_value("")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/river/desk/")
    expect(page.get_by_text("Nothing waits for you.")).to_be_visible()


def test_after_too_many_tries_the_password_is_not_even_looked_at(cast: Cast) -> None:
    client = client_of(cast.leader)
    client.logout()
    tries = [client.post("/sign-in/", {"username": "leader", "password": "wrong"}) for _ in range(11)]
    assert [t.status_code for t in tries] == [200] * 10 + [429]
    answer = client.post("/sign-in/", {"username": "leader", "password": PASSWORD})
    assert answer.status_code == 429
    assert "wait a quarter of an hour" in answer.content.decode()
    assert "_auth_user_id" not in client.session


def test_the_desk_groups_by_why_and_shows_the_evidence(cast: Cast, live_server: Any, desk: Page) -> None:
    a_desk_full(cast)
    desk.goto(f"{live_server.url}/river/desk/")
    expect(desk.get_by_text("6 cases wait for a person")).to_be_visible()
    shown = desk.locator("section h2").all_inner_texts()
    reasons = [
        "Safety",
        "Handed back",
        "Past the deadline",
        "Perhaps the same",
        "Category not sure",
        "No line",
    ]
    assert all(text.startswith(reason) for text, reason in zip(shown, reasons, strict=True)), shown
    unsure = desk.get_by_role("region", name="Category not sure")
    expect(unsure).to_contain_text("学校门口的路面有个大坑")
    for part in ("学校门口", "East", "1 report", "2 hours ago"):
        expect(unsure.get_by_text(part, exact=True)).to_be_visible()
    expect(unsure.get_by_role("button")).to_have_count(3)
    expect(unsure.get_by_role("button").first).to_contain_text("about 6 in 10")
    expect(desk.get_by_role("region", name="Handed back")).to_contain_text("桥下归水务管")
    expect(desk.get_by_role("region", name="Past the deadline")).to_contain_text("1 working day late")
    same = desk.get_by_role("region", name="Perhaps the same")
    expect(same.get_by_role("list", name="Why perhaps the same")).to_contain_text("distance 40 m")
    expect(desk.get_by_role("region", name="Safety first")).to_contain_text("Danger words:")


def test_one_press_decides_the_category_and_hands_the_case_over(
    cast: Cast, live_server: Any, desk: Page
) -> None:
    case = waiting(cast, category="roads.streetlight")
    desk.goto(f"{live_server.url}/river/desk/")
    desk.get_by_role("button", name="about 6 in 10").click()
    expect(desk.get_by_role("status")).to_contain_text(
        f"{case.number}: Category decided and case handed over"
    )
    assert desk.url.endswith("/river/desk/")
    expect(desk.get_by_text("Nothing waits for you.")).to_be_visible()
    case.refresh_from_db()
    assert (case.category, case.state, case.lead_unit) == (
        "roads.potholes",
        State.DISPATCHED,
        cast.roads_unit,
    )
    assert CategoryDecision.objects.get().category == "roads.potholes"


def test_a_report_that_no_model_has_read_gets_its_category_from_a_person(
    cast: Cast, live_server: Any, desk: Page
) -> None:
    say(cast, GARBAGE)
    worker.drain()
    case = Case.objects.get()
    open_case_page(desk, live_server.url, case)
    desk.get_by_text("Why this category?").click()
    expect(desk.get_by_text("Nobody has read it yet")).to_be_visible()
    desk.get_by_role("combobox", name="Category").select_option("sanitation.garbage")
    desk.get_by_label("Reason").first.fill("垃圾清运")
    desk.get_by_role("button", name="Decide and hand over").click()
    # The cast's power list has no line for it: the case goes on to whoever chooses the unit.
    expect(desk.get_by_role("status")).to_contain_text("please choose a unit")
    expect(desk.get_by_text("No line of the power list covers this category here.")).to_be_visible()
    case.refresh_from_db()
    assert (case.category, case.waits_for) == ("sanitation.garbage", "no_rule")


def test_another_unit_than_the_list_names_needs_a_reason_and_the_choice_is_kept(
    cast: Cast, live_server: Any, desk: Page
) -> None:
    case = waiting(cast, "no_rule", GARBAGE, category="sanitation.garbage")
    open_case_page(desk, live_server.url, case)
    form = desk.locator("#do-dispatch")
    form.get_by_label("Unit", exact=True).select_option(label="East Estate")
    form.get_by_role("button", name="Hand over").click()
    expect(desk.locator("#errors")).to_contain_text("Say in a few words why this unit should do it.")
    expect(form.get_by_label("Unit", exact=True)).to_have_value(str(cast.estate_unit.pk))
    desk.locator("#errors a").click()
    form.get_by_label("Why this unit?").fill("小区自己的垃圾点")
    form.get_by_role("button", name="Hand over").click()
    expect(desk.get_by_role("status")).to_contain_text("The case was handed over.")
    task = Task.objects.get(case=case)
    assert (task.unit, task.role) == (cast.estate_unit, "lead")
    expect(desk.get_by_text("小区自己的垃圾点")).to_be_visible()


def test_the_second_of_two_coordinators_is_told_and_keeps_what_was_typed(
    cast: Cast, live_server: Any, desk: Page, browser: Browser
) -> None:
    night = actors.save_user(
        username="night", display_name="Night desk", password=None, by=SYSTEM.ref, at=MONDAY
    )
    actors.grant_role(user=night, jurisdiction=cast.office, role="coordinator", by=SYSTEM.ref, at=MONDAY)
    case = waiting(cast)
    context = browser.new_context(locale="en")
    other = sign_in(context.new_page(), live_server.url, night)
    for page in (desk, other):
        open_case_page(page, live_server.url, case)
        page.locator("summary", has_text="Choose the category").click()
    desk.get_by_role("combobox", name="Category").select_option("roads.streetlight")
    desk.get_by_role("button", name="Decide and hand over").click()
    expect(desk.get_by_role("status")).to_contain_text("Category decided.")
    other.get_by_role("combobox", name="Category").select_option("sanitation.garbage")
    other.get_by_label("Reason").first.fill("其实是垃圾")
    other.get_by_role("button", name="Decide and hand over").click()
    expect(other.locator("#errors")).to_contain_text("Somebody else has just changed this case.")
    expect(other.locator(".note").first).to_contain_text("What happened last")
    expect(other.locator(".note").first).to_contain_text("coordinator")
    expect(other.get_by_label("Reason").first).to_have_value("其实是垃圾")
    expect(other.get_by_role("combobox", name="Category")).to_have_value("sanitation.garbage")
    case.refresh_from_db()
    assert case.category == "roads.streetlight"
    other.locator("#do-category button.button").first.click()  # seen now, and decided again
    expect(other.get_by_role("status")).to_contain_text("Category decided.")
    case.refresh_from_db()
    assert case.category == "sanitation.garbage"
    context.close()


def test_a_join_is_compared_made_and_undone(cast: Cast, live_server: Any, desk: Page) -> None:
    older = lying_with_roads(cast)
    case = waiting(cast, "maybe_same", "校门口那个坑又深了。")
    alike(case, older)
    open_case_page(desk, live_server.url, case)
    panel = desk.get_by_role("region", name="Same matter")
    expect(panel).to_contain_text("学校门口的路面有个大坑")
    expect(panel).to_contain_text("the same: about 7 in 10")
    panel.get_by_role("button", name="Same: join").click()
    expect(desk.get_by_role("status")).to_contain_text("The cases are one now.")
    assert desk.url.endswith(f"/{older.number}/")
    expect(desk.get_by_role("heading", name="Report 2")).to_be_visible()
    case.refresh_from_db()
    assert (case.state, case.merged_into) == (State.MERGED, older)
    desk.get_by_role("button", name=f"Undo the join {case.number}").click()
    expect(desk.get_by_role("status")).to_contain_text("The join was undone.")
    case.refresh_from_db()
    # Nobody had it before, so it is on the desk again and not lost.
    assert (case.state, case.waits_for, case.merged_into) == (State.NEW, "maybe_same", None)
    expect(desk.get_by_role("heading", name="Report 2")).to_have_count(0)


def test_a_join_by_a_wrong_number_keeps_the_number(cast: Cast, live_server: Any, desk: Page) -> None:
    case = waiting(cast)
    open_case_page(desk, live_server.url, case)
    desk.get_by_text("Join with another case").click()
    desk.get_by_label("Number of the other case").fill("RV-999999")
    desk.get_by_role("button", name="Join", exact=True).click()
    expect(desk.locator("#errors")).to_contain_text("There is no case with this number.")
    expect(desk.get_by_label("Number of the other case")).to_have_value("RV-999999")


def test_not_the_same_goes_on_by_the_power_list(cast: Cast, live_server: Any, desk: Page) -> None:
    case = waiting(cast, "maybe_same", "桥头也有一个坑。")
    alike(case, lying_with_roads(cast))
    desk.goto(f"{live_server.url}/river/desk/")
    desk.get_by_role("button", name="Not the same").click()
    expect(desk.get_by_role("status")).to_contain_text(f"{case.number}: Noted: not the same.")
    case.refresh_from_db()
    assert (case.state, case.lead_unit) == (State.DISPATCHED, cast.roads_unit)


def test_reports_are_taken_out_into_a_case_of_their_own(cast: Cast, live_server: Any, desk: Page) -> None:
    older = lying_with_roads(cast)
    gone = waiting(cast, "maybe_same", GARBAGE)
    cases.join_cases(into=older, cases=[gone], by=SYSTEM, at=MONDAY)
    open_case_page(desk, live_server.url, older)
    desk.get_by_text("Take reports out").click()
    desk.get_by_role("button", name="Make them a case of their own").click()
    expect(desk.locator("#errors")).to_contain_text("At least one report stays in the case.")
    desk.get_by_role("checkbox", name="Report 2").check()
    desk.get_by_role("button", name="Make them a case of their own").click()
    expect(desk.get_by_role("status")).to_contain_text("a case of their own now")
    expect(desk.get_by_role("article")).to_have_count(1)
    expect(desk.get_by_role("article")).to_contain_text(GARBAGE)


def test_a_contact_is_shown_for_a_reason_and_the_look_is_on_record(
    cast: Cast, live_server: Any, desk: Page
) -> None:
    case = waiting(cast, contact_name="王女士", contact_phone="138 0000 0000")
    open_case_page(desk, live_server.url, case)
    expect(desk.get_by_text("138 0000 0000")).to_have_count(0)
    desk.get_by_text("See the reporter’s contact").click()
    desk.get_by_label("What do you need it for?").fill("问清楚是哪个路口")
    desk.get_by_role("button", name="Show the contact").click()
    expect(desk.get_by_role("link", name="138 0000 0000")).to_be_visible()
    look = ContactView.objects.get()
    assert (look.by_ref, look.why) == (f"user:{cast.coordinator.pk}", "问清楚是哪个路口")
    assert cases.timeline(case, public_only=False)[-1].kind == "opened"  # no number of anybody in the history
    answer = client_of(cast.coordinator).post(
        f"/river/desk/cases/{case.number}/contact/", {"report": "1", "why": ""}
    )
    assert answer.status_code == 409
    assert "138 0000 0000" not in answer.content.decode()


def test_answering_closing_and_noting(cast: Cast, live_server: Any, desk: Page) -> None:
    case = lying_with_roads(cast)
    open_case_page(desk, live_server.url, case)
    expect(desk.get_by_text("A case can be closed once it has a public answer.")).to_be_visible()
    desk.get_by_text("Answer from the desk").click()
    desk.get_by_label("Answer to the reporters").fill("大坑已经补好，用了沥青。")
    desk.get_by_role("button", name="Answer 1 report").click()
    expect(desk.get_by_role("region", name="Answers")).to_contain_text("大坑已经补好")
    desk.get_by_text("Write a note").click()
    desk.get_by_label("Note", exact=True).fill("下周再看一次")
    desk.get_by_role("button", name="Add the note").click()
    expect(desk.get_by_role("region", name="What has happened")).to_contain_text("下周再看一次")
    desk.locator("summary", has_text="Close the case").click()
    desk.get_by_role("button", name="Close the case").click()
    expect(desk.get_by_role("status")).to_contain_text("The case is closed.")
    case.refresh_from_db()
    assert case.state == State.CLOSED
    assert POTHOLE in desk.content()


def test_an_empty_form_is_refused_with_what_to_do(cast: Cast) -> None:
    case = waiting(cast)
    client = client_of(cast.coordinator)
    for action in (
        "category",
        "answer",
        "close",
        "join",
        "not-same",
        "undo",
        "split",
        "note",
        "helper",
        "contact",
    ):
        answer = client.post(f"/river/desk/cases/{case.number}/{action}/")
        assert (action, answer.status_code) == (action, 409)
        assert 'id="errors"' in answer.content.decode()
    case.refresh_from_db()
    assert (case.state, case.waits_for) == (State.NEW, "unsure")
    # Without a unit the power list decides.
    assert client.post(f"/river/desk/cases/{case.number}/dispatch/").status_code == 302
    case.refresh_from_db()
    assert case.lead_unit == cast.roads_unit
