"""Fills an installation with cases and writes the requests that will be sent to it, a file a kind.

Run inside the installation: python bench/measuring/filling.py CASES FOLDER. Its last line says what there is.
"""

from measuring import requests_2011
from measuring.multiplying import multiply

# isort: split
import argparse
import json
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import product
from pathlib import Path
from urllib.parse import urlencode

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from gongzhi.apps.actors.public import SYSTEM, User
from gongzhi.apps.cases.public import Case
from gongzhi.apps.channels.public import Report
from gongzhi.apps.channels.queries import code_key
from gongzhi.apps.places.public import Jurisdiction, areas, save_place
from gongzhi.kernel import clock, ids
from gongzhi.site.pages.media import REPORT_SESSION_KEY
from gongzhi.site.pages.resident.filing import new_form_token

REAL = 5_000  # so many at most go through the pipeline, the others are their copies
FORMS = 16_000
CSRF = "a" * 32
CATEGORIES = ("roads", "sanitation", "utilities", "environment")
WORDS = (
    "The street light in front of the school has been out since Monday evening. When the children come home it is "
    "dark there, and cars pass fast. Please have it repaired, number {number}."
)
Line = tuple[str, str, str, dict[str, str] | None]  # method, path, cookie, form


def fill(cases: int) -> Jurisdiction:
    """Bring the newest requests in and make `cases` out of them."""
    office = requests_2011.office()
    real = min(cases, REAL)
    for stage in requests_2011.stages(office, requests_2011.rows(real)).values():
        stage()
    multiply(cases // real)
    return office


def _session(**values: object) -> str:
    """A cookie of a session that holds these values."""
    store = SessionStore()
    for name, value in values.items():
        store[name] = value
    store.set_expiry(timedelta(hours=4))
    store.create()
    return f"sessionid={store.session_key}"


def _signed_in(username: str) -> str:
    user = User.objects.get(username=username)
    values = {
        SESSION_KEY: str(user.pk),
        BACKEND_SESSION_KEY: "django.contrib.auth.backends.ModelBackend",
        HASH_SESSION_KEY: user.get_session_auth_hash(),
    }
    return _session(**values)


def _spread(rows: Iterable[int], wanted: int = 200) -> list[int]:
    """So many of the rows, evenly over all of them."""
    every = list(rows)
    return every[:: max(1, len(every) // wanted)][:wanted]


def _get(path: str, cookie: str = "", **query: object) -> Line:
    asked = f"?{urlencode(query)}" if query else ""
    return ("GET", path + asked, cookie, None)


def _forms(path: str) -> Iterator[Line]:
    """Reports as residents send them, each with the token of its own form."""
    for number in range(FORMS):
        form = {
            "csrfmiddlewaretoken": CSRF,
            "form_token": new_form_token(),
            "text": WORDS.format(number=number),
            "place_words": f"{number % 300} Centre Street",
            "lon": f"{-71.11 + number % 83 * 0.0005:.5f}",
            "lat": f"{42.30 + number % 71 * 0.0005:.5f}",
            "contact_phone": "617 555 0100",
        }
        yield ("POST", path, f"csrftoken={CSRF}", form)


def _codes(office: Jurisdiction, reports: list[int]) -> list[str]:
    """Tracking codes that open these reports."""
    found = []
    for report in Report.objects.filter(jurisdiction=office, pk__in=reports).select_related("tracking"):
        code = ids.new_tracking_code()
        report.tracking.code_hash = ids.code_hash(code, code_key())
        report.tracking.save()
        found.append(code)
    return found


def kinds(office: Jurisdiction) -> dict[str, Iterable[Line]]:
    """The requests of each kind."""
    j, staff = f"/{office.code}", _signed_in(requests_2011.COORDINATOR)
    numbers = [
        case.number
        for case in Case.objects.filter(pk__in=_spread(_ids(office))).select_related("jurisdiction")
    ]
    reports = _spread(Report.objects.filter(jurisdiction=office).order_by("pk").values_list("pk", flat=True))
    parts = [area.pk for area in areas(office) if area.parent_id is not None]
    narrowed = list(product(CATEGORIES, ("dispatched", "closed"), parts[:8]))
    csrf = f"csrftoken={CSRF}"
    return {
        "public_list": [_get(f"{j}/near/")],
        "public_filtered": [
            _get(f"{j}/near/", category=c, state=s) for c, s in product(CATEGORIES, ("open", "ended"))
        ],
        "public_area": [_get(f"{j}/near/", area=pk) for pk in parts],
        "public_radius": [
            _get(f"{j}/near/", place=code, radius=metres)
            for code, metres in product(_places(office), (500, 1000))
        ],
        "public_further": [_get(f"{j}/near/", after=after) for after in _cursors(office)],
        "staff_list": [_get(f"{j}/desk/cases/", staff)],
        "staff_filtered": [
            _get(f"{j}/desk/cases/", staff, category=c, state=s, area=a) for c, s, a in narrowed
        ],
        "staff_late": [_get(f"{j}/desk/cases/", staff, late=1)],
        "desk": [_get(f"{j}/desk/", staff)],
        "case": [_get(f"{j}/desk/cases/{number}/", staff) for number in numbers],
        "home": [_get(f"{j}/")],
        "form": [_get(f"{j}/say/")],
        "report_page": [_get(f"{j}/my/report/", _session(**{REPORT_SESSION_KEY: pk})) for pk in reports[:50]],
        "open_by_code": [
            ("POST", f"{j}/my/", csrf, {"csrfmiddlewaretoken": CSRF, "code": code})
            for code in _codes(office, reports[:50])
        ],
        "danger": [
            ("POST", f"{j}/say/danger/", csrf, {"csrfmiddlewaretoken": CSRF, "text": WORDS.format(number=n)})
            for n in range(50)
        ],
        "report": _forms(f"{j}/say/"),
    }


def _places(office: Jurisdiction) -> list[str]:
    """Named places where cases are: 400 of them, so that few are asked twice while what was shown is kept."""
    points = (
        Case.objects.filter(jurisdiction=office).exclude(lon=None).order_by("pk").values_list("lon", "lat")
    )
    every = list(points)
    chosen = every[:: max(1, len(every) // 400)][:400]
    for number, (lon, lat) in enumerate(chosen):
        save_place(
            jurisdiction=office, code=f"p{number}", names={"en": f"Place {number}"}, lon=lon or 0.0, lat=lat or 0.0,
            by=SYSTEM.ref, at=clock.now(),
        )  # fmt: skip
    return [f"p{number}" for number in range(len(chosen))]


def _cursors(office: Jurisdiction) -> list[str]:
    """Second pages of the list, each from another case on: none of them was made a moment ago."""
    rows = Case.objects.filter(jurisdiction=office).order_by("pk").values_list("opened_at", "pk")
    return [f"{opened_at.isoformat()}~{pk}" for opened_at, pk in list(rows)[:: max(1, rows.count() // 2000)]]


def _ids(office: Jurisdiction) -> Iterable[int]:
    return Case.objects.filter(jurisdiction=office).order_by("pk").values_list("pk", flat=True)


def write(folder: Path, name: str, lines: Iterable[Line]) -> None:
    """One file for replay.lua."""
    with (folder / f"{name}.requests").open("w", encoding="utf-8") as file:
        for method, path, cookie, form in lines:
            file.write("\t".join((method, path, cookie, urlencode(form) if form else "")) + "\n")


def main() -> None:
    """Fill, write the requests, say how many cases there are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", type=int)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    office = fill(given.cases)
    for name, lines in kinds(office).items():
        write(given.folder, name, lines)
    print(json.dumps({"cases": Case.objects.filter(jurisdiction=office).count()}))


if __name__ == "__main__":
    main()
