"""Set-up: what is missing, units, people and roles, power list, models."""

from datetime import date, timedelta
from typing import Any

import pytest
from cast import MONDAY, PASSWORD, Cast, make_office, say
from django.test import Client
from page_checks import check_page, speak
from playwright.sync_api import Page, expect
from staff import client_of, sign_in

from gongzhi.apps.actors import public as actors
from gongzhi.apps.actors.public import SYSTEM, Grant, Unit, User
from gongzhi.apps.dispatch import public as dispatch
from gongzhi.apps.dispatch.public import PowerItem, Task
from gongzhi.apps.understanding.models import ModelVersion
from gongzhi.kernel import clock, worker
from gongzhi.kernel.calendar import Promise

NOON = MONDAY + timedelta(days=1, hours=3)
PAGES = {
    "overview": "",
    "areas": "areas/",
    "units": "units/",
    "one unit": "units/?edit=roads",
    "people": "people/",
    "power": "power/",
    "one line": "power/?edit=roads-1",
    "packs": "packs/",
    "imports": "imports/",
}


@pytest.fixture(autouse=True)
def tuesday_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages' clock stands still."""
    monkeypatch.setattr(clock, "now", lambda: NOON)


@pytest.fixture
def admin(cast: Cast, live_server: Any, page: Page) -> Page:
    """The administrator's browser."""
    sign_in(page, live_server.url, cast.admin)
    return page


def models(cast: Cast) -> tuple[ModelVersion, ModelVersion, ModelVersion]:
    """A base model in use, the office's own in use, an older one of its own."""

    def model(name: str, days: int, own: bool, active: bool) -> ModelVersion:
        metrics = {"held_out": 412, "accuracy": 0.81, "top3": 0.94, "messages": 900, "own_messages": 300}
        return ModelVersion.objects.create(
            jurisdiction=cast.office if own else None,
            version=name,
            folder=name,
            data_hash="9f2c" * 16,
            metrics=metrics,
            created_at=MONDAY - timedelta(days=days),
            active=active,
        )

    return model("base-1", 60, False, True), model("river-2", 1, True, True), model("river-1", 9, True, False)


def test_the_overview_counts_and_says_what_is_missing(cast: Cast, live_server: Any, admin: Page) -> None:
    admin.goto(f"{live_server.url}/river/setup/")
    missing = admin.get_by_role("region", name="What is still missing")
    expect(missing).to_contain_text("have no line in the power list")
    expect(missing).to_contain_text("1 line of the power list names a legal basis that nobody has checked.")
    expect(missing).to_contain_text("No unit convenes the others.")
    expect(admin.get_by_role("link", name="Units 3")).to_be_visible()
    missing.get_by_role("link", name="Go to the power list").first.click()
    expect(admin.get_by_role("heading", name="categories without a line")).to_be_visible()


def test_areas_stand_as_a_tree_beside_their_map(cast: Cast, live_server: Any, admin: Page) -> None:
    admin.goto(f"{live_server.url}/river/setup/areas/")
    expect(admin.locator(".tree > li > ul > li")).to_have_count(2)
    expect(admin.get_by_role("img", name="Map of the areas in the tree")).to_be_visible()


def test_a_unit_is_added_and_changed(cast: Cast, live_server: Any, admin: Page) -> None:
    admin.goto(f"{live_server.url}/river/setup/units/")
    admin.get_by_label("Short code").fill("green")
    admin.get_by_label("Name", exact=True).fill("园林所")
    admin.get_by_label("Name (English)").fill("Parks")
    admin.get_by_label("Kind").select_option(label="volunteer team")
    admin.get_by_label("East", exact=True).check()
    admin.get_by_label("West", exact=True).check()
    admin.get_by_role("button", name="Save").click()
    expect(admin.get_by_text("The unit was saved.")).to_be_visible()
    expect(admin.get_by_role("heading", name="Volunteer team")).to_be_visible()

    admin.get_by_role("link", name="Change Parks").click()
    expect(admin.get_by_label("Short code")).to_be_disabled()
    admin.get_by_label("Duty phone").fill("021-5555 0000")
    admin.get_by_role("button", name="Save").click()
    expect(admin.get_by_text("021-5555 0000")).to_be_visible()
    unit = Unit.objects.get(code="green")
    assert unit.names == {"zh-hans": "园林所", "en": "Parks"}
    assert {a.code for a in unit.areas.all()} == {"east", "west"}
    assert (unit.kind, unit.phone, unit.active) == ("volunteer_team", "021-5555 0000", True)


def test_a_code_in_use_is_not_written_over(cast: Cast) -> None:
    client = client_of(cast.admin)
    sent = {"code": "roads", "name": "别的单位", "kind": "department", "active": "on"}
    answer = client.post("/river/setup/units/", sent)
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "There is a unit with this code." in page and "别的单位" in page
    assert Unit.objects.get(code="roads").names["en"] == "Roads"
    empty = client.post("/river/setup/units/", {"code": "weg/weg"}).content.decode()
    assert "Please fill in “Name”." in empty and "The short code takes letters" in empty
    line = {
        "code": "roads-1", "category": "roads.manhole", "lead_unit": cast.estate_unit.pk, "basis": "某条",
        "amount": "1", "time_unit": "day",
    }  # fmt: skip
    assert client.post("/river/setup/power/", line).status_code == 400
    assert PowerItem.objects.get(code="roads-1").category == "roads.potholes"


def test_a_person_gets_a_role_and_loses_it(cast: Cast, live_server: Any, admin: Page) -> None:
    admin.goto(f"{live_server.url}/river/setup/people/")
    admin.get_by_label("User name").fill("xinren")
    admin.get_by_label("Shown as").fill("新经办人")
    admin.get_by_label("Role", exact=True).select_option(label="handler in a unit")
    admin.get_by_role("button", name="Give this role").click()
    summary = admin.locator("#errors")
    expect(summary).to_contain_text("Please choose the unit this person works for.")
    expect(summary).not_to_contain_text("Please fill in")
    expect(admin.get_by_label("Shown as")).to_have_value("新经办人")
    admin.locator("#id_unit").select_option(label="Roads")
    admin.get_by_role("button", name="Give this role").click()
    expect(admin.get_by_role("heading", name="One-time link")).to_be_visible()
    assert not User.objects.get(username="xinren").has_usable_password()
    person = client_of(User.objects.get(username="xinren"))
    assert person.get("/river/today/").status_code == 200

    admin.goto(f"{live_server.url}/river/setup/people/")
    admin.get_by_label("Find by name, unit or role").fill("xinren")
    admin.get_by_role("button", name="Find").click()
    expect(admin.locator(".setup-list > li")).to_have_count(1)
    admin.get_by_text("End this role").click()
    admin.get_by_role("button", name="End it now for 新经办人").click()
    expect(admin.get_by_text("The role has ended.")).to_be_visible()
    assert person.get("/river/today/")["Location"].startswith("/sign-in/")  # signed out with it
    assert Grant.objects.get(user__username="xinren").until == NOON


def test_an_administrator_cannot_lock_the_office_out(cast: Cast) -> None:
    client = client_of(cast.admin)
    own = Grant.objects.get(user=cast.admin)
    answer = client.post(f"/river/setup/people/{own.pk}/end/", follow=True)
    assert "You cannot end your own role as administrator." in answer.content.decode()
    own.refresh_from_db()
    assert own.until is None


def test_an_account_of_another_office_keeps_its_password(cast: Cast) -> None:
    lake = make_office("lake", "LK")
    actors.grant_role(user=cast.leader, jurisdiction=lake, role="leader", by=SYSTEM.ref, at=MONDAY)
    client = client_of(cast.admin)
    sent = {
        "username": "leader",
        "display_name": "换个名字",
        "role": "auditor",
        "password": "a-taken-over-password",
    }
    assert client.post("/river/setup/people/", sent).status_code == 302
    user = User.objects.get(username="leader")
    assert user.check_password(PASSWORD) and user.display_name == "leader"
    assert Grant.objects.filter(user=user, jurisdiction=cast.office, role="auditor").exists()
    demo = actors.save_user(
        username="demo", display_name="演示", password=PASSWORD, is_demo=True, by=SYSTEM.ref, at=MONDAY
    )
    sent = {"username": "demo", "display_name": "演示员", "role": "auditor", "password": ""}
    assert client.post("/river/setup/people/", sent).status_code == 302
    demo.refresh_from_db()
    assert demo.is_demo and demo.display_name == "演示员" and demo.check_password(PASSWORD)


def test_what_each_role_may_do_is_a_table(cast: Cast, live_server: Any, admin: Page) -> None:
    admin.goto(f"{live_server.url}/river/setup/people/")
    table = admin.get_by_role("region", name="What each role may do")
    expect(table.get_by_role("row")).to_have_count(1 + len(actors.ROLE_PERMISSIONS))
    expect(table.get_by_role("row", name="leader")).to_contain_text("sees all cases")
    expect(table.get_by_role("row", name="leader")).not_to_contain_text("contact")


def test_a_new_line_of_the_power_list_is_followed_by_the_next_report(
    cast: Cast, live_server: Any, admin: Page
) -> None:
    admin.goto(f"{live_server.url}/river/setup/power/")
    admin.get_by_role("link", name="Rubbish and street cleaning").click()
    expect(admin.get_by_label("Short code")).to_have_value("sanitation-garbage")
    admin.get_by_label("Leading unit").select_option(label="East Estate")
    admin.get_by_role("group", name="Helping units").get_by_label("Roads").check()
    admin.get_by_label("Legal basis").fill("《城市市容和环境卫生管理条例》第二十五条")
    admin.get_by_label("Checked").check()
    admin.get_by_label("Time to answer").fill("2")
    admin.get_by_role("button", name="Save").click()
    expect(admin.get_by_text("The line was saved.")).to_be_visible()
    expect(admin.get_by_role("link", name="Rubbish and street cleaning")).to_have_count(0)
    expect(admin.get_by_role("row", name="Rubbish and street cleaning")).to_contain_text("2 working days")
    expect(admin.get_by_role("row", name="Rubbish and street cleaning")).to_contain_text("checked")

    say(cast, "楼下垃圾三天没人收了", category_hint="sanitation.garbage")
    worker.drain()
    tasks = {task.role: task for task in Task.objects.select_related("unit", "power_item")}
    assert tasks["lead"].unit == cast.estate_unit and tasks["helper"].unit == cast.roads_unit
    assert tasks["lead"].power_item is not None and tasks["lead"].power_item.code == "sanitation-garbage"


def test_a_changed_line_keeps_its_rank_and_an_ended_one_no_longer_counts(cast: Cast) -> None:
    dispatch.save_power_item(
        jurisdiction=cast.office,
        code="roads-1",
        category="roads.potholes",
        lead_unit=cast.roads_unit,
        basis="某条",
        promise=Promise(amount=5, unit="workday"),
        rank=7,
        by=SYSTEM.ref,
        at=MONDAY,
    )
    client = client_of(cast.admin)
    sent = {
        "category": "roads.potholes", "area": str(cast.east.pk), "lead_unit": cast.roads_unit.pk, "basis": "新条",
        "amount": "3", "time_unit": "day", "valid_from": "2026-11-01",
    }  # fmt: skip
    assert client.post("/river/setup/power/?edit=roads-1", sent).status_code == 302
    line = PowerItem.objects.get(code="roads-1")
    assert (line.rank, line.basis, line.area, line.valid_from) == (7, "新条", cast.east, date(2026, 11, 1))
    assert "1 category has lines for some areas only" in client.get("/river/setup/power/").content.decode()

    wrong = client.post("/river/setup/power/?edit=roads-1", sent | {"valid_to": "2026-10-01"})
    assert wrong.status_code == 400 and "The last day lies before the first." in wrong.content.decode()
    ended = sent | {"valid_to": "2026-11-16"}
    assert client.post("/river/setup/power/?edit=roads-1", ended).status_code == 302
    page = client.get("/river/setup/power/").content.decode()
    assert "not valid now" in page and "?category=roads.potholes#form" in page


def test_an_older_model_is_put_back(cast: Cast, live_server: Any, admin: Page) -> None:
    base, newest, older = models(cast)
    admin.goto(f"{live_server.url}/river/setup/packs/")
    expect(admin.get_by_text("Measured on 412 messages it had not seen:").first).to_be_visible()
    expect(admin.get_by_text("reads now")).to_have_count(1)
    admin.get_by_role("button", name="Read with this model river-1").click()
    expect(admin.get_by_text("This model reads from now on.")).to_be_visible()
    older.refresh_from_db()
    newest.refresh_from_db()
    assert older.active and not newest.active
    admin.get_by_role("button", name="Go back to the base model").click()
    older.refresh_from_db()
    base.refresh_from_db()
    assert base.active and not older.active


def test_another_base_model_is_not_this_office_s_to_choose(cast: Cast) -> None:
    models(cast)
    ModelVersion.objects.create(version="base-0", folder="base-0", data_hash="0", created_at=MONDAY)
    client = client_of(cast.admin)
    assert "base-0" in client.get("/river/setup/packs/").content.decode()
    answer = client.post("/river/setup/packs/", {"version": "base-0"})
    assert answer.status_code == 409
    assert "other offices would read with it too" in answer.content.decode()
    assert client.post("/river/setup/packs/", {"version": "nothing"}).status_code == 404


@pytest.mark.parametrize("path", ["", "areas/", "units/", "people/", "power/", "packs/", "imports/"])
def test_only_administrators_see_the_set_up(cast: Cast, path: str) -> None:
    assert client_of(cast.handler).get(f"/river/setup/{path}").status_code == 403
    assert Client().get(f"/river/setup/{path}").status_code == 302
    may = client_of(cast.coordinator).get(f"/river/setup/{path}").status_code
    assert may == (200 if path == "imports/" else 403)


@pytest.mark.parametrize(
    ("name", "language"), [*((name, "en") for name in PAGES), ("people", "zh-hans"), ("errors", "zh-hans")]
)
def test_the_pages_can_be_used_by_everybody(
    name: str, language: str, cast: Cast, live_server: Any, page: Page
) -> None:
    sign_in(page, live_server.url, cast.admin)
    speak(page, live_server.url, language)
    models(cast)
    page.goto(f"{live_server.url}/river/setup/{PAGES.get(name, 'power/')}")
    if name == "errors":
        page.locator("form[method=post] button.main").click()
        expect(page.locator("#errors")).to_be_visible()
    check_page(page)
