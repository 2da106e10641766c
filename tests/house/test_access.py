"""Who may open what: every view says so, every role meets just what its permissions allow, offices stay apart."""

from typing import Any

import pytest
from django.test import Client

from gongzhi.apps.actors import public as actors
from gongzhi.apps.actors.public import ROLE_PERMISSIONS, SYSTEM, Grant, Role, User
from gongzhi.apps.places.public import Jurisdiction
from tests.cast import MONDAY, Cast, make_office
from tests.house.addresses import Address, addresses, ask
from tests.house.conftest import House
from tests.house.plan import complain

ROLES: list[Role] = list(ROLE_PERMISSIONS)
# The page could be opened: it was shown, it leads on, or the thing is not there (for this person).
OPENED = {200, 302, 400, 404, 409}
# What the pages of each part of the site may ask for, said here once more so that a change is meant.
ASKED: dict[str, set[str]] = {
    "desk/": {"see_inbox", "see_all_cases", "decide_case"},
    "today/": {"handle_task"},
    "more-time/": {"decide_case", "see_figures"},
    "returns/": {"decide_case", "handle_task"},
    "lending/": {"handle_task", "decide_case", "manage_setup"},
    "asks/": {"handle_task", "decide_case", "see_figures"},
    "figures/": {"see_figures"},
    "setup/": {"manage_setup", "import_file"},
    "work/": {"see_inbox", "handle_task", "manage_setup", "see_figures"},
}


def _person(office: Jurisdiction, *roles: Role, unit: Any = None) -> User:
    name = f"{office.code}_{'_'.join(roles) or 'nobody'}"
    user = actors.save_user(username=name, display_name=name, password=None, by=SYSTEM.ref, at=MONDAY)
    for role in roles:
        actors.grant_role(user=user, jurisdiction=office, role=role, unit=unit, by=SYSTEM.ref, at=MONDAY)
    return user


def _client(user: User | None = None) -> Client:
    client = Client(raise_request_exception=False)
    if user is not None:
        client.force_login(user)
    return client


def _staff_pages() -> list[Address]:
    return [a for a in addresses() if a.is_for_staff]


def test_every_view_says_who_may_open_it() -> None:
    found = [f"{a.pattern} ({a.name})" for a in addresses() if a.access is None]
    complain(found, "Put @open_page, @public_page or @needs(…) of gongzhi.site.access on the view.")


def test_every_address_has_a_name_of_its_own() -> None:
    names = [a.name for a in addresses()]
    found = [f"{a.pattern}: “{a.name}”" for a in addresses() if not a.name or names.count(a.name) > 1]
    complain(found, "Give the address a name that no other has; templates and tests link by it.")


def test_a_page_for_staff_asks_for_permissions_that_exist() -> None:
    known = frozenset().union(*ROLE_PERMISSIONS.values())
    found = [f"{a.name} needs {p}" for a in _staff_pages() for p in a.access if p not in known]
    complain(
        found, "Name a permission of actors.rules; one that no role brings closes the page to everybody."
    )


def test_each_part_of_the_site_asks_for_its_own_permissions() -> None:
    found = []
    for page in addresses():
        part = page.pattern.removeprefix("<slug:j>/").partition("/")[0] + "/"
        asked = set(page.access) if page.is_for_staff else set()
        if asked - ASKED.get(part, set()) or (part in ASKED and not asked):
            found.append(f"{page.pattern} asks for {sorted(asked) or page.access}")
    complain(
        found,
        "Ask for a permission of this part of the site; if the page is new in kind, write it into ASKED.",
    )


@pytest.mark.parametrize("role", ROLES)
def test_a_role_opens_just_the_pages_that_its_permissions_allow(role: Role, house: House) -> None:
    client = _client(_person(house.cast.office, role, unit=house.cast.roads_unit))
    found = []
    for page in _staff_pages():
        answer = ask(client, page.filled(house.values()))
        allowed = any(p in ROLE_PERMISSIONS[role] for p in page.access)
        if allowed and answer.status_code not in OPENED:
            found.append(f"{role} at {page.name}: {answer.status_code}, though it may {page.access}")
        if not allowed and answer.status_code != 403:
            found.append(f"{role} at {page.name}: {answer.status_code} instead of 403")
    complain(found, "Make @needs(…) of the view and ROLE_PERMISSIONS agree, and mend pages that fail.")


def test_who_is_not_signed_in_is_sent_to_sign_in(house: House) -> None:
    found = []
    for page in _staff_pages():
        path = page.filled(house.values())
        answer = ask(_client(), path)
        if answer.status_code != 302 or not answer["Location"].startswith("/sign-in/?next="):
            found.append(f"{page.name}: {answer.status_code}")
    complain(
        found, "Pages of staff carry @needs(…) outermost: it asks for sign-in before anything else happens."
    )


def test_who_has_no_role_in_an_office_is_refused_there(house: House) -> None:
    elsewhere = make_office(code="hill", prefix="HL")
    for user in (_person(elsewhere, *ROLES), _person(house.cast.office)):
        client = _client(user)
        found = [
            f"{user.username} at {page.name}: {answer.status_code}"
            for page in _staff_pages()
            if (answer := ask(client, page.filled(house.values()))).status_code != 403
        ]
        complain(found, "A role counts in its own jurisdiction only.")


def test_the_things_of_these_tests_are_found_in_their_own_office(house: House) -> None:
    """Else the next tests would hold for things that are nowhere."""
    client = _client(_person(house.cast.office, *ROLES, unit=house.cast.roads_unit))
    named = [a for a in addresses() if set(a.wants) - {"j", "action"}]
    named.sort(key=lambda a: a.name == "end_role")  # what it ends cannot be found afterwards
    found = [
        f"{a.name}: {answer.status_code}"
        for a in named
        if (answer := ask(client, a.filled(house.values()))).status_code not in OPENED - {404}
    ]
    assert len(named) > 5
    complain(found, "Give House a thing of this kind, so that the page can show it.")


def test_things_of_another_office_are_not_found_under_ones_own(house: House) -> None:
    hill = make_office(code="hill", prefix="HL")
    client = _client(_person(hill, *ROLES))
    found = []
    for page in addresses():
        if set(page.wants) - {"j", "action"}:
            answer = ask(client, page.filled(house.values() | {"j": hill.code}))
            if answer.status_code != 404:
                found.append(f"{page.name}: {answer.status_code} instead of 404")
    complain(
        found, "Look the thing up with the request's jurisdiction; what belongs to another is not there."
    )
    assert Grant.objects.get(pk=house.grant.pk).until is None


def test_a_unit_sees_only_what_lies_with_it(house: House) -> None:
    client = _client(_person(house.cast.office, "handler", unit=house.cast.estate_unit))
    values = house.values()
    named = [a for a in _staff_pages() if "task_id" in a.wants]
    found = [f"{a.name}: not 404" for a in named if ask(client, a.filled(values)).status_code != 404]
    complain(found, "A task is looked up with visible_to: whoever's unit does not hold it does not find it.")
    assert ask(client, f"/{house.cast.office.code}/photos/{house.photo.pk}.jpg").status_code == 404


def test_a_role_that_has_ended_opens_nothing(cast: Cast) -> None:
    user = _person(cast.office, "coordinator")
    client = _client(user)
    assert client.get(f"/{cast.office.code}/desk/").status_code == 200
    actors.end_grant(grant=Grant.objects.get(user=user), by=SYSTEM.ref, at=MONDAY)
    answer: Any = client.get(f"/{cast.office.code}/desk/")
    assert answer["Location"].startswith("/sign-in/"), "who loses a role is signed out"
    client.force_login(User.objects.get(pk=user.pk))
    assert client.get(f"/{cast.office.code}/desk/").status_code == 403


def test_an_office_that_does_not_exist_is_not_found(cast: Cast) -> None:
    client = _client(cast.coordinator)
    found = [
        a.name
        for a in addresses()
        if a.wants == ("j",) and ask(client, a.filled({"j": "nowhere"})).status_code != 404
    ]
    complain(found, "The view's decorator looks the office up first.")
