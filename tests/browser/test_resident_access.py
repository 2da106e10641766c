"""Everybody can use the residents' pages: axe finds nothing, nothing is cut off, large type and all languages work."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from cast import Cast, say
from playwright.sync_api import Page, expect
from test_resident_my import handled

DESK = {"width": 1280, "height": 900}


def open_my_report(page: Page, base: str, cast: Cast) -> None:
    """The report's page with an answer."""
    report, code = say(cast)
    handled(cast, report)
    page.goto(f"{base}/river/my/")
    page.locator("#id_code").fill(code)
    page.locator("main form button.main").click()
    page.wait_for_url("**/my/report/")


def open_receipt(page: Page, base: str, cast: Cast) -> None:
    """The receipt."""
    page.goto(f"{base}/river/say/")
    page.locator("#id_text").fill("楼下垃圾三天没人收了")
    page.locator("main form button.main").click()
    page.wait_for_url("**/say/done/")


def open_errors(page: Page, base: str, cast: Cast) -> None:
    """The form with errors."""
    page.goto(f"{base}/river/say/")
    page.locator("main form button.main").click()
    expect(page.locator("#errors")).to_be_visible()


def plain(path: str) -> Callable[[Page, str, Cast], None]:
    """A page that needs nothing before it."""

    def open_page(page: Page, base: str, cast: Cast) -> None:
        say(cast)
        page.goto(f"{base}{path}")

    return open_page


PAGES: dict[str, Callable[[Page, str, Cast], None]] = {
    "start": plain("/"),
    "home": plain("/river/"),
    "say": plain("/river/say/"),
    "say with errors": open_errors,
    "receipt": open_receipt,
    "my": plain("/river/my/"),
    "my report": open_my_report,
    "near": plain("/river/near/"),
    "not found": plain("/river/nowhere/"),
}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(name: str, language: str, cast: Cast, live_server: Any, page: Page) -> None:
    page.context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
    PAGES[name](page, live_server.url, cast)
    for details in page.locator("main details").all():
        details.evaluate("d => d.open = true")
    result = Axe().run(page)
    assert result.violations_count == 0, result.generate_report()
    assert page.locator("html").get_attribute("lang") == {"zh-hans": "zh-Hans", "en": "en"}[language]


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("mode", ["usual", "elder", "dark"])
def test_nothing_is_wider_than_a_phone(
    name: str, mode: str, cast: Cast, live_server: Any, page: Page
) -> None:
    if mode == "elder":
        page.context.add_cookies([{"name": "gz_display", "value": "elder", "url": live_server.url}])
    if mode == "dark":
        page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 360, "height": 740})
    PAGES[name](page, live_server.url, cast)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    if mode != "usual":
        result = Axe().run(
            page, options={"runOnly": ["color-contrast", "color-contrast-enhanced"][: 1 + (mode == "elder")]}
        )
        assert result.violations_count == 0, result.generate_report()
    small = page.evaluate(
        """(least) => [...document.querySelectorAll('main button, main a.button, main select, main summary, .tools button')]
          .filter(e => e.offsetParent && e.getBoundingClientRect().height < least - 0.5).map(e => e.outerHTML.slice(0, 90))""",
        60 if mode == "elder" else 44,
    )
    assert small == []


def test_language_and_type_are_chosen_without_javascript(
    cast: Cast, live_server: Any, page_without_script: Page
) -> None:
    page = page_without_script
    page.goto(f"{live_server.url}/river/near/")
    page.get_by_role("button", name="繁體中文").click()
    assert page.url.endswith("/river/near/")
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hant")
    page.get_by_role("button", name="English").click()
    page.get_by_role("button", name="Large type").click()
    expect(page.locator("html")).to_have_class("elder")
    page.get_by_role("button", name="Large type").click()
    expect(page.locator("html")).not_to_have_class("elder")


def test_the_keyboard_reaches_the_content_first(cast: Cast, live_server: Any, page: Page) -> None:
    page.goto(f"{live_server.url}/river/say/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Go to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("#id_text")).to_be_focused()


def test_nothing_is_asked_of_another_host(cast: Cast, live_server: Any, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.url))
    for name in ("home", "say", "near"):
        PAGES[name](page, live_server.url, cast)
    assert asked and all(url.startswith((live_server.url, "data:")) for url in asked)
