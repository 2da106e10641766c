"""A resident keeps reports with the lock of the own phone: no name, no account, no code to remember."""

from typing import Any

from cast import Cast
from page_checks import check_page
from playwright.sync_api import Page, expect
from test_passkeys import Device
from test_resident_my import say

from gongzhi.apps.actors.models import ResidentKey
from gongzhi.apps.channels.models import KeptReport

KEEP = "Keep this report"
OPEN = "Open the reports I keep"


def open_by_code(page: Page, base: str, code: str) -> None:
    """The way that everybody has."""
    page.goto(f"{base}/river/my/")
    page.get_by_label("Tracking code").fill(code)
    page.get_by_role("button", name="Open my report", exact=True).click()


def test_the_lock_of_the_phone_opens_what_was_kept_with_it(cast: Cast, live_server: Any, page: Page) -> None:
    phone, base = Device(page), live_server.url
    first, code = say(cast)
    second, other_code = say(cast, "路灯不亮，晚上看不清。")
    open_by_code(page, base, code)
    page.get_by_role("button", name=KEEP, exact=True).click()
    expect(page.get_by_text("Kept. Next time the lock of this device")).to_be_visible()
    check_page(page)
    open_by_code(page, base, other_code)
    page.get_by_role("button", name="Keep this report too").click()
    expect(page.get_by_text("Kept. Next time")).to_be_visible()
    assert ResidentKey.objects.count() == 1 and len(phone.keys()) == 1

    page.context.clear_cookies()
    page.goto(f"{base}/river/my/")
    page.get_by_role("button", name=OPEN).click()
    expect(page.get_by_role("heading", name="Reports kept on this device")).to_be_visible()
    check_page(page)
    expect(page.get_by_text("路灯不亮")).to_be_visible()
    page.get_by_role("listitem").filter(has_text="大坑").get_by_role("button", name="Open my report").click()
    assert page.url.endswith("/river/my/report/")
    expect(page.get_by_text(first.text)).to_be_visible()

    page.get_by_role("button", name="Do not keep it any more").click()
    expect(page.get_by_text("No device keeps this report any more.")).to_be_visible()
    assert list(KeptReport.objects.values_list("report_id", flat=True)) == [second.pk]
    page.get_by_role("button", name="Close my report on this device").click()
    page.goto(f"{base}/river/my/kept/")
    assert page.url.endswith("/river/my/")


def test_a_key_that_nobody_knows_opens_nothing(cast: Cast, live_server: Any, page: Page) -> None:
    Device(page)
    _first, code = say(cast)
    open_by_code(page, live_server.url, code)
    page.get_by_role("button", name=KEEP, exact=True).click()
    expect(page.get_by_text("Kept. Next time")).to_be_visible()
    ResidentKey.objects.all().delete()
    page.context.clear_cookies()
    page.goto(f"{live_server.url}/river/my/")
    page.get_by_role("button", name=OPEN).click()
    expect(page.locator(".note, .errors, [role=alert], .message").first).to_be_visible()
    expect(page.get_by_label("Tracking code")).to_be_visible()
