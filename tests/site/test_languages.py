"""Every page in every language: nothing untranslated, no codes, no `None`; the page says its language."""

import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from gongzhi.apps.actors.public import User
from gongzhi.apps.dispatch import public as dispatch
from gongzhi.apps.places import public as places
from gongzhi.kernel import clock
from gongzhi.site.mail.stop_links import stop_token
from gongzhi.site.pages.coordinator.case_actions import ACTIONS
from gongzhi.site.pages.worker.views import TASK_ACTIONS
from tests.cast import MONDAY, PASSWORD
from tests.house.addresses import addresses
from tests.house.plan import complain
from tests.site.greek_office import HOLE, GreekOffice, grant_of, make_greek_office
from tests.site.page_words import faults_in

pytestmark = pytest.mark.django_db
LANGUAGES = {"zh-hans": "zh-Hans", "zh-hant": "zh-Hant", "en": "en"}
# Latin words that are the same in every language: the product, formats, what has no other name.
ALLOWED = frozenset(
    {
        "gongzhi",
        "EN",
        "CSV",
        "XLSX",
        "GeoJSON",
        "ICS",
        "MB",
        "QR",
        "Code",
        "Cookie",
        "Apache",
        "https",
        "PIN",
        "iPhone",
        "iPad",
        "Linux",
        "Mac",
        "Windows",
    }
)
# Addresses that show no page of ours, each with what it gives instead.
NO_PAGE = {
    "healthz": "for machines", "readyz": "for machines", "metrics": "for machines", "photo": "a picture",
    "import_errors": "a file", "lending_calendar": "a file", "language": "leads back", "display": "leads back", "sign_out": "leads on",
    "work": "leads on", "my_leave": "leads on",
    "link_passkey_ask": "for a script",
}  # fmt: skip


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any) -> Iterator[GreekOffice]:
    """The Greek office on the day after its Monday."""
    settings.MEDIA_ROOT = settings.DATA_ROOT = tmp_path
    monkeypatch.setattr(clock, "now", lambda: MONDAY + timedelta(days=1))
    _forget()
    yield make_greek_office()
    _forget()


def _forget() -> None:
    places.forget_kept()
    dispatch.forget_lines()
    cache.clear()


class Visitor:
    """Somebody who opens pages in one language and notes what is wrong with their words."""

    def __init__(self, language: str, user: User | None = None, *, strict: bool = False) -> None:
        self.language = language
        self.client = Client(headers={"accept-language": language}, enforce_csrf_checks=strict)
        self.client.raise_request_exception = False
        if user is not None:
            self.client.force_login(user)
        self.faults: dict[str, str] = {}
        self.seen: set[str] = set()

    def opens(self, path: str, **data: Any) -> None:
        """Open a page, or send it a form."""
        self._read(path, self.client.get(path, data))

    def sends(self, path: str, **data: Any) -> None:
        """Send a form."""
        self._read(f"{path} {sorted(data)}", self.client.post(path, data))

    def _read(self, what: str, answer: Any) -> None:
        if answer.status_code >= 500:
            self.faults[f"the page fails: {what}"] = what
            return
        if answer.resolver_match is not None and answer.status_code not in {404, 405}:
            self.seen.add(answer.resolver_match.url_name)
        if answer.status_code in {204, 301, 302} or not answer["Content-Type"].startswith("text/html"):
            return
        html = answer.content.decode()
        if "<html" not in html:  # a part of a page, put into one that says its language
            html = f'<html lang="{LANGUAGES[self.language]}">{html}</html>'
        for fault in faults_in(html, LANGUAGES[self.language], ALLOWED):
            self.faults.setdefault(fault, what)


def a_resident(office: GreekOffice, language: str) -> Visitor:
    """Says something, with mistakes at first, reads the own report, looks around."""
    who = Visitor(language)
    for path in ("/", "/sign-in/", "/river/", "/river/say/", "/river/my/", "/river/near/", "/nowhere/"):
        who.opens(path)
    who.opens("/river/near/", state="answered", category="roads")
    who.sends("/sign-in/", username="", password="")
    who.sends("/sign-in/", username="x", password="y")
    who.sends("/river/say/danger/", text="煤气泄漏 gas leak")
    who.sends("/river/say/", text="", lon="2", lat="48", contact_email="x", contact_phone="x")
    who.sends("/river/say/", text="\x01\x02\x03", lon="30.01", lat="120.03")
    token = re.search(r'name="form_token" value="([^"]+)"', who.client.get("/river/say/").content.decode())
    assert token is not None
    who.sends("/river/say/", form_token=token[1], text=HOLE, lon="120.03", lat="30.01")
    who.opens("/river/say/done/")
    who.opens("/river/my/report/")
    who.sends("/river/my/report/add/", words=HOLE)
    who.sends("/river/my/", code="")
    who.sends("/river/my/", code="ZZZZZ-ZZZZ-ZZZZ")
    who.sends("/river/my/", code=office.code)
    who.opens("/river/my/")
    who.opens("/river/my/report/")
    who.sends("/river/my/report/add/", words="")
    who.sends("/river/my/report/rate/")
    who.sends("/river/my/report/complain/", words="")
    who.sends("/river/my/report/rate/", solved="no", satisfaction="2", comment=HOLE)
    who.opens("/river/my/report/")
    stop = f"/river/mail/stop/{stop_token(office.full.memberships.earliest('pk').report)}/"
    for path in ("/river/mail/stop/x/", stop):
        who.opens(path)
    who.sends(stop)
    who.sends(stop, do="resume")
    return who


def a_coordinator(office: GreekOffice, language: str) -> Visitor:
    """Looks at the desk, at a case of each kind, sends every form empty and a few with something in them."""
    who = Visitor(language, office.cast.coordinator)
    who.opens("/river/desk/")
    who.opens("/river/desk/cases/")
    who.opens("/river/desk/cases/", q="ουδέν", late="1")
    for case in (office.full, *office.waiting.values()):
        who.opens(f"/river/desk/cases/{case.number}/")
    unsure = office.waiting["unsure"].number
    for action in ACTIONS:
        who.sends(f"/river/desk/cases/{unsure}/{action}/")
    report = str(office.full.memberships.first().report_id)
    who.sends(f"/river/desk/cases/{office.full.number}/contact/", report=report, why=HOLE)
    who.sends(f"/river/desk/cases/{unsure}/note/", text=HOLE)
    who.sends(f"/river/desk/cases/{unsure}/category/", category="roads.potholes", seen_version="0")
    who.opens(f"/river/desk/cases/{unsure}/")
    who.opens("/river/setup/")  # not for coordinators
    _decides_many(who, office)
    for decided in ({}, {"decision": "refuse", "words": HOLE}):
        who.opens("/river/more-time/")
        who.sends(
            "/river/more-time/decide/", asking=str(office.extension.pk if office.extension else 0), **decided
        )
    who.opens("/river/returns/")
    for row, sent in zip(office.askings, ({}, {"decision": "refuse", "words": HOLE}), strict=False):
        who.opens(f"/river/desk/cases/{row.case.number}/")
        who.sends("/river/returns/decide/", asking=str(row.pk), **sent)
        who.opens(f"/river/today/tasks/{row.task_id}/")
    return who


def _decides_many(who: Visitor, office: GreekOffice) -> None:
    case, run = office.waiting["no_rule"], f"/river/desk/bulk/{uuid.uuid4()}/"
    ticked = {"kind": "rule", "case": f"{case.pk}:{case.version}", "key": run.split("/")[-2]}
    who.sends("/river/desk/bulk/preview/", **ticked)
    who.sends("/river/desk/bulk/do/", **ticked)
    who.opens(run)
    who.sends(f"{run}undo/")
    who.opens(run)


def units_that_lend(office: GreekOffice, language: str) -> Visitor:
    """The administrator adds what a unit lends; a handler books it, wrongly at first, and gives it up."""
    adds, books = Visitor(language, office.cast.admin), Visitor(language, office.cast.handler)
    unit = office.cast.roads_unit.pk
    new = {"code": "van", "name": HOLE, "kind": "vehicle", "unit": unit, "days": "0", "opens": "09:00"}
    adds.sends("/river/lending/add/", **new, closes="17:30", phone_share="10")
    adds.opens("/river/lending/")
    day = f"{MONDAY + timedelta(days=7):%Y-%m-%d}"
    wanted = {"unit": unit, "day": day, "begins": "10:00", "ends": "11:00", "purpose": HOLE}
    for sent in ({}, wanted, wanted):
        books.sends("/river/lending/van/book/", **sent)
        books.opens("/river/lending/van/")
    books.sends("/river/lending/van/cancel/", booking="0")
    books.opens("/river/lending/van/")
    books.faults |= adds.faults
    return books


def a_handler(office: GreekOffice, language: str) -> Visitor:
    """Looks at today, at a task in each state, sends every form empty."""
    who = Visitor(language, office.cast.handler)
    who.opens("/river/today/")
    for task in office.tasks:
        who.opens(f"/river/today/tasks/{task.pk}/")
    first = office.tasks[0].pk
    for action in (*TASK_ACTIONS, "contact"):
        who.sends(f"/river/today/tasks/{first}/{action}/")
    who.sends(f"/river/today/tasks/{first}/note/", text=HOLE)
    who.opens(f"/river/today/tasks/{first}/")
    idle = Visitor(language, office.cast.estate_handler)
    idle.opens("/river/today/")
    who.faults |= idle.faults
    return who


def a_leader(office: GreekOffice, language: str) -> Visitor:
    """Reads the figures each way, and a case without deciding."""
    who = Visitor(language, office.cast.leader)
    for by in ("category", "area", "unit", "week"):
        who.opens("/river/figures/", by=by)
    who.opens("/river/figures/", since="2020-01-01", until="2020-01-31")
    who.opens(f"/river/desk/cases/{office.full.number}/")
    return who


def an_administrator(office: GreekOffice, language: str) -> Visitor:
    """Goes through the set-up, and sends every form empty."""
    who = Visitor(language, office.cast.admin)
    run, grant = office.run, grant_of(office.cast)
    assert run is not None
    for part in ("", "areas/", "units/", "people/", "power/", "packs/", "imports/"):
        who.opens(f"/river/setup/{part}")
        who.sends(f"/river/setup/{part}")
    who.opens("/river/setup/units/", edit="μονάδα1")
    who.opens("/river/setup/power/", edit="γραμμή1")
    who.opens("/river/setup/people/", q="ουδείς")
    who.opens("/river/setup/imports/", run=run.pk)
    for path in ("areas/end/", "units/close/?unit=μονάδα1", f"people/{grant.pk}/move/"):
        who.opens(f"/river/setup/{path}")
        who.sends(f"/river/setup/{path}")
    who.sends("/river/setup/units/keep/", unit="μονάδα1")
    who.sends(f"/river/setup/people/{grant.pk}/end/")
    for part in ("units/", "people/"):  # what was done is said there
        who.opens(f"/river/setup/{part}")
    return who


def a_person_at_the_own_account(office: GreekOffice, language: str) -> Visitor:
    """Shows once more who is there, and looks at the ways to sign in."""
    who = Visitor(language, office.cast.handler)
    for path in ("", "confirm/", "password/", "code-app/"):
        who.opens(f"/account/{path}")
    who.sends("/account/confirm/", password="wrong")
    who.sends("/account/confirm/", password=PASSWORD)
    for path in ("password/", "code-app/", "paper-codes/"):
        who.opens(f"/account/{path}")
        who.sends(f"/account/{path}")
    who.opens("/account/")
    stranger = Visitor(language)
    stranger.opens("/sign-in/code/")
    stranger.opens("/link/")
    stranger.sends("/link/")
    stranger.sends("/link/", code="x")
    stranger.sends("/sign-in/", username=office.cast.leader.username, password=PASSWORD)
    who.faults |= stranger.faults
    return who


def the_curious(office: GreekOffice, language: str) -> Visitor:
    """Everybody tries every address, so that a new page is looked at before somebody thinks of it here."""
    cast, run = office.cast, office.run
    assert run is not None
    values = {
        "j": cast.office.code, "number": office.full.number, "task_id": office.tasks[0].pk, "action": "note",
        "grant_id": grant_of(cast).pk, "run_id": run.pk, "user_id": cast.leader.pk,
    }  # fmt: skip
    whole = Visitor(language)
    for user in (None, cast.coordinator, cast.handler, cast.leader, cast.admin, cast.auditor):
        who = Visitor(language, user)
        for address in addresses():
            if address.name not in NO_PAGE and values.keys() >= set(address.wants):
                path = address.filled(values)
                who.opens(path)
                if address.name not in who.seen:
                    who.sends(path)
        whole.faults |= who.faults
        whole.seen |= who.seen
    return whole


def somebody_lost(office: GreekOffice, language: str) -> Visitor:
    """Sends a form whose token is gone, and far too much at once."""
    who = Visitor(language, strict=True)
    who.sends("/river/my/", code="x")
    return who


VISITORS = (
    a_resident, a_coordinator, a_handler, units_that_lend, a_leader, an_administrator,
    a_person_at_the_own_account, somebody_lost, the_curious,
)  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_speaks_the_chosen_language_and_no_codes(office: GreekOffice, language: str) -> None:
    visitors = [visits(office, language) for visits in VISITORS]
    faults = {fault: page for who in visitors for fault, page in who.faults.items()}
    complain(
        [f"{page}: {fault}" for fault, page in sorted(faults.items(), key=lambda f: f[1])],
        "Put the words into gettext (and into the catalogues), turn codes into words (gongzhi.site.labels).",
    )
    seen = set().union(*(who.seen for who in visitors))
    missed = [a.name for a in addresses() if a.name not in seen and a.name not in NO_PAGE]
    complain(missed, "Let one of the visitors above open these pages too.")
