"""Passkeys in a real browser, with an authenticator that Chromium itself plays."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from cast import PASSWORD, Cast
from page_checks import check_page
from playwright.sync_api import CDPSession, Page, expect
from staff import sign_in

from gongzhi.apps.actors.models import Passkey
from gongzhi.apps.actors.public import SYSTEM, User, links
from gongzhi.apps.ledger import public as ledger
from gongzhi.kernel import clock

BY_PASSKEY = "Use a passkey"


class Device:
    """The authenticator that Chromium plays: a phone whose owner unlocks it whenever it is asked."""

    def __init__(self, page: Page) -> None:
        self.session: CDPSession = page.context.new_cdp_session(page)
        self.session.send("WebAuthn.enable")
        self.id = self._added()

    def _added(self) -> str:
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        made = self.session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        return str(made["authenticatorId"])

    def keys(self) -> list[dict[str, Any]]:
        """The keys that the device holds."""
        found = self.session.send("WebAuthn.getCredentials", {"authenticatorId": self.id})
        return list(found["credentials"])

    def stays_locked(self) -> None:
        """From now on the owner does not unlock it."""
        wanted = {"authenticatorId": self.id, "isUserVerified": False}
        self.session.send("WebAuthn.setUserVerified", wanted)

    def give_key(self, key: dict[str, Any]) -> None:
        """A key, as somebody might copy it."""
        self.session.send("WebAuthn.addCredential", {"authenticatorId": self.id, "credential": key})

    def forget_keys(self) -> None:
        """The device was wiped."""
        self.session.send("WebAuthn.clearCredentials", {"authenticatorId": self.id})


@pytest.fixture
def phone(page: Page) -> Iterator[Device]:
    """A phone with a lock."""
    yield Device(page)


def add_passkey(page: Page, base: str, user: User, name: str = "Phone") -> None:
    """The person adds a passkey on the account page."""
    sign_in(page, base, user)
    page.goto(f"{base}/account/")
    page.get_by_label("Name of the device").fill(name)
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("The passkey was added.")).to_be_visible()


def enter_by_passkey(page: Page, base: str) -> None:
    """Sign in without typing a name."""
    page.context.clear_cookies()
    page.goto(f"{base}/sign-in/")
    page.get_by_role("button", name=BY_PASSKEY).click()


def kinds(user: User) -> list[str]:
    """What the ledger says of the account."""
    return [entry.kind for entry in ledger.entries_about(f"user:{user.pk}")]


def test_a_passkey_is_added_and_opens_the_account_without_a_name(
    cast: Cast, live_server: Any, page: Page, phone: Device
) -> None:
    base = live_server.url
    add_passkey(page, base, cast.coordinator, "My phone")
    check_page(page)
    held = phone.keys()
    assert len(held) == 1 and held[0]["isResidentCredential"]
    enter_by_passkey(page, base)
    expect(page).to_have_url(re.compile(r"/river/desk/"))
    key = Passkey.objects.get()
    assert (key.user, key.name, key.last_used_on) == (cast.coordinator, "My phone", clock.now().date())
    assert key.sign_count == phone.keys()[0]["signCount"] > 0
    assert kinds(cast.coordinator)[-1] == "actors.passkey_added"


def test_a_second_key_on_the_same_device_is_not_made(
    cast: Cast, live_server: Any, page: Page, phone: Device
) -> None:
    add_passkey(page, live_server.url, cast.leader)
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("This device has a passkey of your account already.")).to_be_visible()
    assert Passkey.objects.count() == 1


def test_a_removed_passkey_opens_nothing(cast: Cast, live_server: Any, page: Page, phone: Device) -> None:
    base = live_server.url
    add_passkey(page, base, cast.leader)
    page.locator("summary", has_text="Remove").first.click()
    page.get_by_role("button", name="Remove this passkey").click()
    expect(page.get_by_text("The passkey was removed.")).to_be_visible()
    enter_by_passkey(page, base)
    expect(page.locator("#errors")).to_contain_text("This passkey is not known here, or no longer.")
    check_page(page)


def test_a_device_that_is_not_unlocked_opens_nothing(
    cast: Cast, live_server: Any, page: Page, phone: Device
) -> None:
    base = live_server.url
    add_passkey(page, base, cast.leader)
    phone.stays_locked()
    enter_by_passkey(page, base)
    expect(
        page.get_by_text("No passkey was used. Try once more, or sign in with your password.")
    ).to_be_visible()
    page.get_by_label("User name").fill("leader")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(re.compile(r"/river/figures/"))


def test_a_copy_of_a_key_is_noticed_by_its_counter(
    cast: Cast, live_server: Any, page: Page, phone: Device
) -> None:
    base = live_server.url
    add_passkey(page, base, cast.coordinator)
    copied = phone.keys()[0]
    enter_by_passkey(page, base)
    expect(page).to_have_url(re.compile(r"/river/desk/"))
    phone.forget_keys()
    phone.give_key(copied)
    enter_by_passkey(page, base)
    expect(page.locator("#errors")).to_contain_text("There may be a copy of this passkey")
    assert kinds(cast.coordinator)[-1] == "actors.passkey_doubted"


def test_a_link_opens_an_account_for_the_first_time_by_passkey(
    cast: Cast, live_server: Any, page: Page, phone: Device
) -> None:
    base = live_server.url
    code = links.give_link(user=cast.admin, by=SYSTEM.ref, at=clock.now())
    page.goto(f"{base}/link/#{code}")
    expect(page.get_by_role("heading", name="Set up your account")).to_be_visible()
    assert code not in page.url
    check_page(page)
    page.get_by_role("button", name="Make a passkey").click()
    expect(page.get_by_text("Your account is open.")).to_be_visible()
    cast.admin.refresh_from_db()
    assert not cast.admin.has_usable_password()
    enter_by_passkey(page, base)
    expect(page).to_have_url(re.compile(r"/river/setup/"))
    page.context.clear_cookies()
    page.goto(f"{base}/link/#{code}")
    expect(page.locator("#errors")).to_contain_text("This link does not work, or not any more.")


def test_before_a_role_is_given_the_person_shows_again_who_is_there(
    cast: Cast, live_server: Any, page: Page, phone: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = live_server.url
    add_passkey(page, base, cast.admin)
    from datetime import timedelta

    later = clock.now() + timedelta(minutes=11)
    monkeypatch.setattr(clock, "now", lambda: later)
    page.goto(f"{base}/river/setup/people/")
    page.get_by_label("User name").fill("xinren")
    page.get_by_label("Shown as").fill("新人")
    page.get_by_label("Role", exact=True).select_option(label="auditor")
    page.get_by_role("button", name="Give this role").click()
    expect(page.get_by_role("heading", name="Is it you?")).to_be_visible()
    assert not User.objects.filter(username="xinren").exists()
    check_page(page)
    page.get_by_role("button", name="Use my passkey").click()
    expect(page.get_by_label("Shown as")).to_have_value("新人")
    page.get_by_role("button", name="Give this role").click()
    expect(page.get_by_role("heading", name="One-time link")).to_be_visible()
    check_page(page)


def test_without_script_or_by_an_address_of_numbers_there_is_no_button(
    cast: Cast, live_server: Any, page: Page, page_without_script: Page
) -> None:
    page_without_script.goto(f"{live_server.url}/sign-in/")
    expect(page_without_script.get_by_role("button", name=BY_PASSKEY)).to_have_count(0)
    expect(page_without_script.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
