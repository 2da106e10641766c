"""The clock of a case on the pages: it stands still, runs on, gets longer; the office closes for a day."""

from datetime import timedelta
from typing import Any

import pytest
from cast import MONDAY, Cast, say
from page_checks import check_page
from playwright.sync_api import Page, expect
from staff import sign_in

from gongzhi.apps.actors.public import SYSTEM
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.public import Case
from gongzhi.apps.dispatch import public as dispatch
from gongzhi.apps.places import public as places
from gongzhi.kernel import clock, worker

NOON = MONDAY + timedelta(days=1, hours=3)  # Tuesday 17 November, 12:00 in Shanghai


@pytest.fixture(autouse=True)
def tuesday_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages' clock stands still."""
    monkeypatch.setattr(clock, "now", lambda: NOON)
    places.forget_kept()


def test_time_stands_still_runs_on_and_gets_longer(cast: Cast, live_server: Any, page: Page) -> None:
    base = f"{live_server.url}/river"
    report, code = say(cast)
    opened = cases.open_case(report=report, category="roads.potholes", by=SYSTEM, at=MONDAY)
    task = dispatch.dispatch_case(case=opened, item=cast.pothole_rule, by=SYSTEM, at=MONDAY)
    sign_in(page, live_server.url, cast.handler)
    page.goto(f"{base}/today/tasks/{task.pk}/")
    page.locator("#pause > summary").click()
    page.get_by_label("For which lawful reason?").select_option(
        label="Severe weather or another force majeure"
    )
    page.get_by_label("Until which day at the latest?").fill("2026-11-19")
    page.get_by_role("button", name="Stop the time").click()
    expect(page.locator("#errors")).to_contain_text("The reason has no words.")
    expect(page.get_by_label("Until which day at the latest?")).to_have_value("2026-11-19")
    page.get_by_label("What do you wait for?").fill("连日暴雨，沥青铺不上。")
    page.get_by_role("button", name="Stop the time").click()
    expect(page.get_by_text("The time stands still: Severe weather")).to_be_visible()
    check_page(page)
    resident = page.context.browser.new_context(locale="en-US").new_page()  # type: ignore[union-attr]
    resident.goto(f"{base}/my/")
    resident.locator("input[name=code]").fill(code)
    resident.locator("main form button").first.click()
    expect(resident.locator(".timeline")).to_contain_text("连日暴雨，沥青铺不上。")
    expect(resident.get_by_text("The time stood still from Tue 17 Nov")).to_be_attached()
    expect(resident.locator(".timeline")).to_contain_text("let the time stand still: Severe weather")
    resident.goto(f"{base}/pauses/")
    expect(resident.get_by_role("cell", name="2 days").first).to_be_visible()
    check_page(resident)
    page.get_by_role("button", name="Let the time run on now").click()
    expect(page.get_by_text("The time runs on.", exact=True)).to_be_visible()
    page.locator("#extend > summary").click()
    page.get_by_label("New day").fill("2026-11-27")
    page.get_by_label("Why is more time needed?").fill("要等沥青。")
    page.get_by_role("button", name="Ask for the new day").click()
    expect(page.get_by_text("Asked. Until it is approved")).to_be_visible()
    sign_in(page, live_server.url, cast.coordinator)
    page.goto(f"{base}/desk/")
    page.get_by_role("link", name="Decide about more time").click()
    check_page(page)
    page.get_by_label("Why do you decide so?").fill("同意，材料未到。")
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("Approved. The reporters are told of the new day.")).to_be_visible()
    assert Case.objects.get(pk=opened.pk).due_at.isoformat() == "2026-11-27T09:30:00+00:00"  # type: ignore[union-attr]
    sign_in(page, live_server.url, cast.admin)
    page.goto(f"{base}/setup/calendar/")
    page.get_by_label("Day", exact=True).fill("2026-11-20")
    page.get_by_label("Why", exact=True).fill("台风停工")
    page.get_by_label("Where it was decided or published").fill("区政府公告第12号")
    page.get_by_role("button", name="Show what would move").click()
    # The day was approved as such: a closure before it does not move it.
    expect(page.get_by_text("The promised days of 0 open cases would move")).to_be_visible()
    check_page(page)
    page.get_by_role("button", name="Save, and count anew").click()
    expect(page.get_by_text("Saved. The open cases are being counted anew.")).to_be_visible()
    worker.drain()
    expect(page.get_by_text("区政府公告第12号")).to_be_visible()
