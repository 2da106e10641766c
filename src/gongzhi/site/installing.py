"""Setting up: tables, base model, an office from a folder of data, the first administrator."""

import json
import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gongzhi.apps.actors import public as actors
from gongzhi.apps.actors.public import SYSTEM, Unit, User
from gongzhi.apps.dispatch import public as dispatch
from gongzhi.apps.places import public as places
from gongzhi.apps.places.public import Area, Jurisdiction
from gongzhi.apps.understanding import training
from gongzhi.apps.understanding.public import ModelVersion
from gongzhi.kernel import clock
from gongzhi.kernel.calendar import Promise
from gongzhi.kernel.errors import GongzhiError

DEMO_PASSWORD = "gongzhi-demo"  # noqa: S105 (printed on purpose; demo accounts cannot exist after init)


class TerritoryError(GongzhiError):
    """A folder of an office's data that cannot be loaded."""


def prepare() -> None:
    """Bring the tables up to date and make sure there is a base reading model."""
    call_command("migrate", interactive=False, verbosity=0)
    ensure_base_model()


def ensure_base_model() -> None:
    """Train the base reading model from the packs where none is in use."""
    if not ModelVersion.objects.filter(jurisdiction=None, active=True).exists():
        training.retrain(jurisdiction=None, at=clock.now(), force=True)


def remove_demo_accounts() -> int:
    """Close all demo accounts for good. Returns how many there were."""
    rows = User.objects.filter(is_demo=True, is_active=True)
    count = 0
    for user in rows:
        user.is_active = False
        user.set_unusable_password()
        user.save(update_fields=["is_active", "password"])
        count += 1
    return count


def first_admin(*, jurisdiction: Jurisdiction, username: str, at: datetime) -> str | None:
    """Make the first administrator; returns the code of a one-time link. None where there is such an account."""
    if User.objects.filter(username=username).exists():
        return None
    user = actors.save_user(username=username, display_name=username, password=None, by=SYSTEM.ref, at=at)
    actors.grant_role(user=user, jurisdiction=jurisdiction, role="admin", by=SYSTEM.ref, at=at)
    return actors.links.give_link(user=user, by=SYSTEM.ref, at=at)


class NoAccountError(GongzhiError):
    """A link was asked for an account that there is not, or that is closed."""

    hint = gettext_lazy(
        "Look at the user name. A closed account is opened on the page “People” of its office."
    )


def link_for(*, username: str, at: datetime) -> str:
    """The code of a new one-time link for an account: the way back that needs no mail, only the server.

    NoAccountError where there is no such account, or it is closed or one of the demonstration.
    """
    user = User.objects.filter(username=username, is_active=True, is_demo=False).first()
    if user is None:
        raise NoAccountError(_("There is no account “%(name)s” that is open.") % {"name": username})
    return actors.links.give_link(user=user, by=SYSTEM.ref, at=at)


def link_address(code: str) -> str:
    """Where the link leads. The code stands behind “#”, so no server and no log sees it."""
    scheme = "https" if settings.HTTPS else "http"
    site = (
        settings.GONGZHI_SITE_URL or f"{scheme}://{settings.HOSTS[0] if settings.HOSTS else 'localhost:8000'}"
    )
    return f"{site.rstrip('/')}{reverse('link')}#{code}"


def _toml(folder: Path, name: str) -> dict[str, Any]:
    path = folder / name
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise TerritoryError(
            _("The folder has no %(name)s.") % {"name": name}, hint=_("Compare it with demo/xingfu.")
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise TerritoryError(
            _("%(name)s cannot be read: %(why)s") % {"name": name, "why": error},
            hint=_("Mend the line it names."),
        ) from error


def load_territory(*, folder: Path, by: str, at: datetime, people: bool) -> Jurisdiction:
    """Create or bring up to date an office from its folder. `people` also makes the demo accounts in it.

    Without them the office is a real one, whatever folder it came from.
    """
    values = _toml(folder, "jurisdiction.toml")
    values = values.get("jurisdiction", values)
    jurisdiction = places.save_jurisdiction(
        code=values["code"], values=_jurisdiction_fields(values) | {"demo": people}, by=by, at=at
    )
    areas = _load_areas(folder, jurisdiction, by, at)
    if (folder / "places.toml").exists():
        _load_places(folder, jurisdiction, areas, by, at)
    units = _load_units(folder, jurisdiction, areas, by, at)
    if people:
        _load_people(folder, jurisdiction, areas, units, by, at)
    _load_power_list(folder, jurisdiction, areas, units, by, at)
    return jurisdiction


def _jurisdiction_fields(values: Mapping[str, Any]) -> dict[str, Any]:
    names = {
        "names", "zone", "languages", "default_language", "calendar", "packs", "number_prefix",
        "emergency", "auto_route", "demo", "host",
    }  # fmt: skip
    found = {key: values[key] for key in names if key in values}
    box = values["bbox"]
    if isinstance(box, Mapping):
        box = [box["min_lon"], box["min_lat"], box["max_lon"], box["max_lat"]]
    return found | dict(zip(("min_lon", "min_lat", "max_lon", "max_lat"), box, strict=True))


def _load_areas(folder: Path, jurisdiction: Jurisdiction, by: str, at: datetime) -> dict[str, Area]:
    features = json.loads((folder / "areas.geojson").read_text(encoding="utf-8"))["features"]
    found: dict[str, Area] = {}
    waiting = list(features)
    while waiting:
        ready = [f for f in waiting if (f["properties"].get("parent") or None) in {None, *found}]
        if not ready:
            raise TerritoryError(
                _("An area names a parent that is not there."), hint=_("Look at areas.geojson.")
            )
        for feature in ready:
            p = feature["properties"]
            found[p["code"]] = places.save_area(
                jurisdiction=jurisdiction,
                code=p["code"],
                kind=p["kind"],
                names=p["names"],
                parent=found.get(p.get("parent") or ""),
                geometry=feature["geometry"],
                by=by,
                at=at,
            )
        waiting = [f for f in waiting if f not in ready]
    return found


def _load_places(
    folder: Path, jurisdiction: Jurisdiction, areas: dict[str, Area], by: str, at: datetime
) -> None:
    for entry in _toml(folder, "places.toml")["place"]:
        places.save_place(
            jurisdiction=jurisdiction,
            code=entry.get("key", entry.get("code")),
            names=entry["names"],
            aliases=entry.get("aliases", ()),
            kind=entry.get("kind", ""),
            lon=entry["lon"],
            lat=entry["lat"],
            area=areas.get(entry.get("area", "")) or places.area_at(jurisdiction, entry["lon"], entry["lat"]),
            by=by,
            at=at,
        )


def _load_units(
    folder: Path, jurisdiction: Jurisdiction, areas: dict[str, Area], by: str, at: datetime
) -> dict[str, Unit]:
    found: dict[str, Unit] = {}
    for entry in _toml(folder, "units.toml")["unit"]:
        found[entry["code"]] = actors.save_unit(
            jurisdiction=jurisdiction,
            code=entry["code"],
            kind=entry["kind"],
            names=entry["names"],
            parent=found.get(entry.get("parent") or ""),
            areas=[areas[code] for code in entry.get("areas", ())],
            convening=entry.get("convening", False),
            phone=entry.get("phone", ""),
            by=by,
            at=at,
        )
    return found


def _load_people(
    folder: Path,
    jurisdiction: Jurisdiction,
    areas: dict[str, Area],
    units: dict[str, Unit],
    by: str,
    at: datetime,
) -> None:
    encoded = make_password(DEMO_PASSWORD)
    for entry in _toml(folder, "people.toml")["person"]:
        user = actors.save_user(
            username=entry["username"],
            display_name=entry["names"].get(jurisdiction.default_language)
            or next(iter(entry["names"].values())),
            password=None,
            encoded=encoded,
            language=jurisdiction.default_language,
            is_demo=True,
            by=by,
            at=at,
        )
        for role in entry.get("roles", [entry.get("role")]):
            actors.grant_role(
                user=user,
                jurisdiction=jurisdiction,
                role=role,
                unit=units.get(entry.get("unit") or ""),
                area=areas.get(entry.get("area") or ""),
                by=by,
                at=at,
            )


def _load_power_list(
    folder: Path,
    jurisdiction: Jurisdiction,
    areas: dict[str, Area],
    units: dict[str, Unit],
    by: str,
    at: datetime,
) -> None:
    # Lines that were ended since stay as they are, and so do those of closed units.
    ended = {i.code for i in dispatch.power_items(jurisdiction) if i.valid_to or not i.lead_unit.active}
    for entry in _toml(folder, "power_list.toml")["item"]:
        if entry["code"] in ended:
            continue
        dispatch.save_power_item(
            jurisdiction=jurisdiction,
            code=entry["code"],
            category=entry["category"],
            area=areas.get(entry.get("area") or ""),
            lead_unit=units[entry["lead"]],
            helpers=[units[code] for code in entry.get("helpers", ())],
            basis=entry["basis"],
            promise=Promise(amount=entry["amount"], unit=entry["unit"]),
            source=entry.get("source", ""),
            verified=entry.get("verified", False),
            rank=entry.get("rank", 100),
            by=by,
            at=at,
        )
