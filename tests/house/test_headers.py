"""What every answer carries: the browser runs and loads nothing but our own files, and tells nobody where it was."""

import re

from django.http import HttpResponse
from django.test import Client

from tests.house.addresses import addresses, ask
from tests.house.conftest import House
from tests.house.plan import complain

# Everything that may run or change the page comes from our own files.
STRICT = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
ALSO = {"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin"}


def _faults_of(answer: HttpResponse) -> list[str]:
    policy = dict(
        part.strip().partition(" ")[::2] for part in answer.get("Content-Security-Policy", "").split(";")
    )
    wrong = [f"{k} is {policy.get(k)!r}" for k, v in STRICT.items() if policy.get(k) != v]
    return wrong + [f"{k} is {answer.get(k)!r}" for k, v in ALSO.items() if answer.get(k) != v]


def _clients(house: House) -> list[Client]:
    people = [house.cast.coordinator, house.cast.handler, house.cast.leader, house.cast.admin]
    clients = [Client(raise_request_exception=False) for _ in range(len(people) + 1)]
    for client, person in zip(clients, people, strict=False):
        client.force_login(person)
    return clients


def test_every_answer_says_what_the_browser_may_load(house: House) -> None:
    found = []
    for client in _clients(house):
        for page in addresses():
            answer = ask(client, page.filled(house.values()))
            found += [f"{page.name} ({answer.status_code}): {fault}" for fault in _faults_of(answer)]
    complain(
        sorted(set(found)),
        "Leave the header to the middleware: no @csp_exempt, no looser directive. "
        "What a page needs goes into static/.",
    )


def test_an_answer_to_a_wrong_address_is_as_strict(house: House) -> None:
    client = Client(raise_request_exception=False)
    answer = client.get("/river/desk/no/such/page/")
    assert answer.status_code == 404
    complain(_faults_of(answer), "Error pages pass through the same middleware.")


def test_no_page_holds_a_script_or_a_style_of_its_own(house: House) -> None:
    inline = re.compile(r"<script(?![^>]*\bsrc=)|<style\b|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE)
    found = []
    for client in _clients(house):
        for page in addresses():
            answer = ask(client, page.filled(house.values()))
            if "html" in answer.get("Content-Type", "") and not answer.streaming:
                text = answer.content.decode()
                found += [f"{page.name}: {text[m.start() : m.start() + 60]!r}" for m in inline.finditer(text)]
    complain(
        sorted(set(found)), "The browser refuses it. Put it into static/ and use a class or a data attribute."
    )


def test_pages_about_a_person_are_not_kept_by_others(house: House) -> None:
    client = Client()
    client.force_login(house.cast.coordinator)
    found = []
    for page in (a for a in addresses() if a.is_for_staff):
        answer = ask(client, page.filled(house.values()))
        if "public" in answer.get("Cache-Control", ""):
            found.append(f"{page.name}: {answer['Cache-Control']}")
    complain(found, "What staff see is for one pair of eyes: never Cache-Control: public.")
