"""Many cases at once, lending and what is asked, in a real browser, on a phone and on a desk, in two languages."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from cast import MONDAY, Cast, say
from page_checks import SIZES, check_page, speak
from playwright.sync_api import Page, expect
from staff import sign_in

from gongzhi.apps.actors.public import SYSTEM
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.public import Case
from gongzhi.apps.dispatch.burden.models import Ask
from gongzhi.apps.dispatch.resources import public as resources
from gongzhi.apps.dispatch.resources.models import Booking
from gongzhi.apps.places import public as places
from gongzhi.kernel import worker


@pytest.fixture(autouse=True)
def monday_morning() -> Iterator[None]:
    """It is eleven o'clock on the Monday of the cast."""
    with time_machine.travel(MONDAY + timedelta(hours=2)):
        yield


def look(page: Page, name: str) -> None:
    """Axe and sizes; with GONGZHI_SHOTS set, pictures of both sizes as well."""
    check_page(page)
    folder = os.environ.get("GONGZHI_SHOTS")
    for width, height in SIZES if folder else ():
        page.set_viewport_size({"width": width, "height": height})
        page.screenshot(path=str(Path(folder or "") / f"{name}-{width}.png"), full_page=True)


def test_three_potholes_go_to_one_unit_and_come_back(cast: Cast, live_server: Any, page: Page) -> None:
    for _ in range(3):
        report, _code = say(cast)
        cases.open_case(report=report, category="roads.potholes", by=SYSTEM, at=MONDAY, waits_for="unsure")
    base = live_server.url
    speak(page, base, "zh-hans")
    sign_in(page, base, cast.coordinator)
    page.goto(f"{base}/river/desk/cases/?category=roads.potholes")
    page.get_by_role("link", name="对这些事项一起办理").click()
    look(page, "bulk-zh")
    page.get_by_text("派给同一个单位", exact=True).click()
    page.get_by_label("单位", exact=True).select_option(label="东苑物业")
    page.get_by_label("答复内容或理由").fill("这几处在小区里面，由物业负责。")
    page.get_by_role("button", name="先看办理结果").click()
    look(page, "bulk-preview-zh")
    page.get_by_role("button", name="确认办理 3 件").click()
    worker.drain()
    page.reload()
    expect(page.get_by_text("3 / 3")).to_be_visible()
    look(page, "bulk-run-zh")
    assert {c.lead_unit_id for c in Case.objects.all()} == {cast.estate_unit.pk}
    page.get_by_role("button", name="全部撤销").click()
    worker.drain()
    page.reload()
    assert {c.state for c in Case.objects.all()} == {"new"}


def test_a_hall_is_found_booked_and_a_table_is_asked_for(cast: Cast, live_server: Any, page: Page) -> None:
    places.save_place(
        jurisdiction=cast.office,
        code="school",
        names={"zh-hans": "学校", "en": "School"},
        lon=120.02,
        lat=30.01,
        by="system",
        at=MONDAY,
    )
    resources.save_resource(
        jurisdiction=cast.office,
        code="hall",
        kind="team",
        unit=cast.street_office,
        names={"zh-hans": "邻里互助队", "en": "Neighbours' team"},
        lon=120.021,
        lat=30.01,
        hours={str(day): [["09:00", "17:30"]] for day in range(5)},
        phone_share=20,
        skills={"急救": 5, "搬运": 12},
        by="system",
        at=MONDAY,
    )
    base = live_server.url
    speak(page, base, "en")
    sign_in(page, base, cast.coordinator)
    page.goto(f"{base}/river/lending/")
    page.get_by_label("Near which place").select_option(label="School")
    page.get_by_role("button", name="Show").click()
    look(page, "lending-en")
    page.get_by_role("link", name="Neighbours' team").first.click()
    page.get_by_label("Day").fill("2026-11-17")
    page.get_by_label("From").fill("09:00")
    page.get_by_label("Until").fill("10:30")
    page.get_by_label("What for").fill("Moving shelves")
    page.get_by_role("button", name="Book it").click()
    expect(page.get_by_text("Moving shelves")).to_be_visible()
    look(page, "lending-one-en")
    assert Booking.objects.count() == 1

    page.goto(f"{base}/river/asks/new/")
    page.get_by_label("Who asks").select_option(label="Street office")
    page.get_by_label("Name of the table or report").fill("Safety check")
    page.get_by_label("What is asked, a line for each field").fill("address\nfaults")
    page.get_by_label("Minutes that one copy takes, as you suppose").fill("30")
    page.locator("[name=groups]").first.check()
    page.get_by_label("By when").fill("2026-11-20")
    page.get_by_role("button", name="Show what it means").click()
    look(page, "ask-new-en")
    page.get_by_role("button", name="Ask for it").click()
    expect(page.get_by_text("Asked. The ledger")).to_be_visible()
    look(page, "asks-en")
    speak(page, base, "zh-hans")
    page.goto(f"{base}/river/asks/")
    look(page, "asks-zh")
    sign_in(page, base, cast.admin)
    page.goto(f"{base}/river/lending/")
    look(page, "lending-admin-zh")
    assert Ask.objects.count() == 1
