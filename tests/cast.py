"""The cast: one small office, its units and people, used by all database tests."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from gongzhi.apps.actors import public as actors
from gongzhi.apps.actors.public import RESIDENT, SYSTEM, Actor, Unit, User
from gongzhi.apps.channels import public as channels
from gongzhi.apps.channels.public import NewReport, Report
from gongzhi.apps.dispatch import public as dispatch
from gongzhi.apps.dispatch.public import PowerItem
from gongzhi.apps.places import public as places
from gongzhi.apps.places.public import Area, Jurisdiction
from gongzhi.kernel.calendar import Promise

MONDAY = datetime(2026, 11, 16, 1, 0, tzinfo=UTC)  # Monday 9:00 in Shanghai, an ordinary working week
PASSWORD = "a-long-test-password"  # noqa: S105


def square(lon: float, lat: float, side: float = 0.02) -> dict[str, Any]:
    """A square polygon with its lower left corner at the point."""
    ring = [[lon, lat], [lon + side, lat], [lon + side, lat + side], [lon, lat + side], [lon, lat]]
    return {"type": "Polygon", "coordinates": [ring]}


@dataclass
class Cast:
    """Everybody and everything a test may need."""

    office: Jurisdiction
    whole: Area
    east: Area
    west: Area
    street_office: Unit
    roads_unit: Unit
    estate_unit: Unit
    coordinator: User
    handler: User
    estate_handler: User
    leader: User
    admin: User
    auditor: User
    pothole_rule: PowerItem

    def actor(self, user: User, at: datetime = MONDAY) -> Actor:
        """The person as an actor in the office."""
        return actors.actor_of(user=user, jurisdiction=self.office, at=at)


def _unit(office: Jurisdiction, code: str, kind: str, zh: str, en: str, **more: Any) -> Unit:
    names = {"zh-hans": zh, "zh-hant": zh, "en": en}
    return actors.save_unit(
        jurisdiction=office, code=code, kind=kind, names=names, by=SYSTEM.ref, at=MONDAY, **more
    )


def _user(office: Jurisdiction, name: str, role: Any, unit: Unit | None = None) -> User:
    user = actors.save_user(username=name, display_name=name, password=PASSWORD, by=SYSTEM.ref, at=MONDAY)
    actors.grant_role(user=user, jurisdiction=office, role=role, unit=unit, by=SYSTEM.ref, at=MONDAY)
    return user


def make_office(code: str = "river", prefix: str = "RV", **more: Any) -> Jurisdiction:
    """An office on a box of 0.04 by 0.02 degrees in Shanghai time."""
    values: dict[str, Any] = {
        "names": {"zh-hans": "河边街道", "zh-hant": "河邊街道", "en": "Riverside"},
        "zone": "Asia/Shanghai",
        "languages": ["zh-hans", "zh-hant", "en"],
        "default_language": "zh-hans",
        "calendar": "cn",
        "packs": ["base", "community"],
        "number_prefix": prefix,
        "min_lon": 120.0,
        "min_lat": 30.0,
        "max_lon": 120.04,
        "max_lat": 30.02,
        "emergency": {"police": "110", "fire": "119", "medical": "120"},
        "auto_route": True,
    }
    return places.save_jurisdiction(code=code, values=values | more, by=SYSTEM.ref, at=MONDAY)


def make_cast() -> Cast:
    """Create the cast in the test's database."""
    office = make_office()

    def area(
        code: str, kind: str, zh: str, en: str, geometry: dict[str, Any], parent: Area | None = None
    ) -> Area:
        return places.save_area(
            jurisdiction=office,
            code=code,
            kind=kind,
            names={"zh-hans": zh, "zh-hant": zh, "en": en},
            geometry=geometry,
            parent=parent,
            by=SYSTEM.ref,
            at=MONDAY,
        )

    outline = {
        "type": "Polygon",
        "coordinates": [[[120.0, 30.0], [120.04, 30.0], [120.04, 30.02], [120.0, 30.02], [120.0, 30.0]]],
    }
    whole = area("whole", "subdistrict", "河边街道", "Riverside", outline)
    west = area("west", "community", "西社区", "West", square(120.0, 30.0), whole)
    east = area("east", "community", "东社区", "East", square(120.02, 30.0), whole)
    street_office = _unit(office, "office", "subdistrict_office", "街道办", "Street office", areas=[whole])
    roads = _unit(office, "roads", "department", "市政所", "Roads", parent=street_office)
    estate = _unit(office, "estate", "property_company", "东苑物业", "East Estate", parent=street_office)
    rule = dispatch.save_power_item(
        jurisdiction=office,
        code="roads-1",
        category="roads.potholes",
        lead_unit=roads,
        basis="《城市道路管理条例》第二十一条",
        promise=Promise(amount=5, unit="workday"),
        by=SYSTEM.ref,
        at=MONDAY,
    )
    return Cast(
        office=office,
        whole=whole,
        east=east,
        west=west,
        street_office=street_office,
        roads_unit=roads,
        estate_unit=estate,
        coordinator=_user(office, "coordinator", "coordinator", street_office),
        handler=_user(office, "roads_handler", "handler", roads),
        estate_handler=_user(office, "estate_handler", "handler", estate),
        leader=_user(office, "leader", "leader"),
        admin=_user(office, "admin", "admin"),
        auditor=_user(office, "auditor", "auditor"),
        pothole_rule=rule,
    )


def say(
    cast: Cast, text: str = "学校门口的路面有个大坑，下雨天电动车摔倒两次了。", **more: Any
) -> tuple[Report, str]:
    """A resident says something by the web form; returns the report and its tracking code."""
    at = more.pop("at", MONDAY)
    values: dict[str, Any] = {"text": text, "place_words": "学校门口", "lon": 120.03, "lat": 30.01}
    received = channels.receive_report(
        jurisdiction=cast.office, channel="web", new=NewReport(**(values | more)), by=RESIDENT, at=at
    )
    assert received.code is not None
    return received.report, received.code
