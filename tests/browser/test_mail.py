"""E-mail in a real browser: the choice in the form, the page that stops it, what the desk sees when one came back."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from cast import MONDAY, Cast, say
from page_checks import check_page, speak
from playwright.sync_api import Page, expect
from staff import sign_in
from test_resident_my import handled

from gongzhi.apps.actors.public import SYSTEM
from gongzhi.apps.cases import public as cases
from gongzhi.apps.channels import public as channels
from gongzhi.apps.channels.models import MessageState
from gongzhi.apps.channels.public import Contact, Message
from gongzhi.site.mail.stop_links import stop_token

LANGUAGES = ("en", "zh-hans", "zh-hant")
ADDRESS = "marcia.marked@example.net"


@pytest.fixture(autouse=True)
def with_mail(settings: Any) -> Iterator[None]:
    """The installation sends mail; it is Monday noon."""
    settings.GONGZHI_SMTP_URL, settings.GONGZHI_MAIL_FROM = "smtp://127.0.0.1:1", "answers@example.org"
    settings.GONGZHI_SITE_URL = "https://gongzhi.example.org"
    with time_machine.travel(MONDAY + timedelta(hours=3)):
        yield


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_form_asks_when_to_write(cast: Cast, live_server: Any, page: Page, language: str) -> None:
    speak(page, live_server.url, language)
    page.goto(f"{live_server.url}/river/say/")
    check_page(page)
    page.locator("#id_text").fill("楼下垃圾三天没人收了")
    page.locator("#id_contact_email").fill(ADDRESS)
    expect(page.locator("#id_mail_wish_0")).to_be_checked()
    page.locator("#id_mail_wish_1").check()
    page.locator("main form button.main").click()
    page.wait_for_url("**/say/done/")
    contact = Contact.objects.get()
    assert (contact.mail_wish, contact.language) == ("steps", language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_link_of_a_letter_stops_the_letters_and_takes_it_back(
    cast: Cast, live_server: Any, page: Page, language: str
) -> None:
    report, _code = say(cast, contact_email=ADDRESS, mail_wish="answer")
    speak(page, live_server.url, language)
    page.goto(f"{live_server.url}/river/mail/stop/{stop_token(report)}/")
    check_page(page)
    page.locator("main form button").click()
    expect(page.locator("main .note.done")).to_be_visible()
    check_page(page)
    assert Contact.objects.get().mail_end == "asked"
    page.locator("main form button").click()
    expect(page.locator("main .note.done")).to_have_count(0)
    assert Contact.objects.get().mail_end == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_desk_sees_that_a_letter_came_back(
    cast: Cast, live_server: Any, page: Page, language: str
) -> None:
    report, code = say(cast, contact_email=ADDRESS, contact_phone="010 0000 0000", mail_wish="answer")
    handled(cast, report)
    channels.notify(reports=[report], about="answer:1", by=SYSTEM, at=MONDAY + timedelta(hours=3))
    Message.objects.update(state=MessageState.BOUNCED, ended_at=MONDAY + timedelta(hours=3))
    Contact.objects.update(mail_end="bounced")
    case = cases.case_of(report)
    assert case is not None
    page.set_viewport_size({"width": 1280, "height": 900})
    sign_in(page, live_server.url, cast.coordinator)
    speak(page, live_server.url, language)
    page.goto(f"{live_server.url}/river/desk/")
    page.locator("main p.note").get_by_role("link", name=case.number).click()
    expect(page.locator("article.said .note.alert").first).to_be_visible()
    check_page(page)
    assert ADDRESS not in page.content()
    page.goto(f"{live_server.url}/river/my/")
    page.locator("#id_code").fill(code)
    page.locator("main form button.main").click()
    expect(page.locator("main .note.wait").first).to_be_visible()
    check_page(page)
