"""A real browser against a live server. Skipped with a reason where no Chromium can be found."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cast import Cast, make_cast
from django.core.cache import cache
from playwright.sync_api import Browser, BrowserContext, Page, Playwright

from gongzhi.apps.dispatch import public as dispatch
from gongzhi.apps.places import public as places

# Playwright's synchronous interface runs inside an event loop; the tests use the ORM beside it on purpose.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}


def chromium_path() -> str | None:
    """The Chromium to use: `CHROMIUM`, else the system's; None leaves Playwright its own."""
    named = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    return named or shutil.which("google-chrome")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Use the system's Chromium where there is one; containers have no user namespaces for its sandbox."""
    args = {**browser_type_launch_args, "args": ["--no-sandbox", "--disable-dev-shm-usage"]}
    path = chromium_path()
    return {**args, "executable_path": path} if path else args


@pytest.fixture(scope="session", autouse=True)
def some_chromium(playwright: Playwright) -> None:
    """Skip the browser tests where there is no browser at all."""
    if chromium_path() is None and not Path(playwright.chromium.executable_path).exists():
        pytest.skip(
            "no Chromium: install one, or run `playwright install chromium`", allow_module_level=False
        )


@pytest.fixture(autouse=True)
def plain_static(settings: Any, tmp_path: Path) -> None:
    """Static files straight from the source folder, photos into a folder of the test."""
    settings.STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.MEDIA_ROOT = tmp_path
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick, for tests only


@pytest.fixture
def cast(transactional_db: None) -> Iterator[Cast]:
    """The office of the tests, freshly made; what a process keeps of small tables is dropped before and after."""
    _forget()
    yield make_cast()
    _forget()


def _forget() -> None:
    places.forget_kept()
    dispatch.forget_lines()
    cache.clear()


@pytest.fixture
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A phone, in English, unless a test wants otherwise."""
    return {**browser_context_args, "viewport": PHONE, "locale": "en"}


@pytest.fixture
def page_without_script(browser: Browser) -> Iterator[Page]:
    """A phone whose browser runs no JavaScript."""
    context = browser.new_context(viewport=PHONE, locale="en", java_script_enabled=False)  # type: ignore[arg-type]
    yield context.new_page()
    context.close()


@pytest.fixture(autouse=True)
def complaints(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """No page may break the content security policy or fail in its scripts."""
    found: list[str] = []
    if "page" in request.fixturenames:
        context: BrowserContext = request.getfixturevalue("context")
        context.on("weberror", lambda e: found.append(str(e.error)))
        context.on("console", lambda m: found.append(m.text) if "Content Security Policy" in m.text else None)
    yield found
    assert not found, found
