"""What every page of handlers and administrators must hold, on a phone and on a desk."""

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Page

SIZES = ((390, 844), (1280, 900))
SMALL = """() => [...document.querySelectorAll('main button, main a.button, main select, main summary, main .sections a')]
  .filter(e => e.offsetParent && e.getBoundingClientRect().height < 43.5).map(e => e.outerHTML.slice(0, 90))"""


def speak(page: Page, base: str, language: str) -> None:
    """Let the browser's pages be in this language."""
    page.context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": base}])


def check_page(page: Page) -> None:
    """Axe finds nothing, nothing is wider than the screen, everything can be touched; details opened as well."""
    for details in page.locator("main details").all():
        details.evaluate("d => d.open = true")
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        result = Axe().run(page)
        assert result.violations_count == 0, result.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(SMALL) == []
