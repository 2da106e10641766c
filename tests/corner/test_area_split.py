"""An area ends on a day and new ones begin: cases by their place, figures by their time, decisions by people."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from gongzhi.apps.actors import public as actors
from gongzhi.apps.actors.public import SYSTEM
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.public import Case
from gongzhi.apps.dispatch import public as dispatch
from gongzhi.apps.dispatch.public import PowerItem
from gongzhi.apps.openness.public import figures
from gongzhi.apps.places import public as places
from gongzhi.apps.places.public import Area, AreaError, NewArea
from gongzhi.journeys import changes
from gongzhi.kernel import worker
from gongzhi.kernel.calendar import Promise
from tests.cast import MONDAY, Cast, square
from tests.corner.story import DAY, HOUR, NOON, answered, filed, kinds, page

TODAY = date(2026, 11, 16)
# The east is cut in two: 120.02–120.03 and 120.03–120.04.
NORTH = {"code": "sunrise", "kind": "community", "names": {"zh-hans": "朝阳", "en": "Sunrise"}}
SOUTH = {"code": "harbour", "kind": "community", "names": {"zh-hans": "港口", "en": "Harbour"}}


def _half(lon: float) -> dict[str, Any]:
    ring = [[lon, 30.0], [lon + 0.01, 30.0], [lon + 0.01, 30.02], [lon, 30.02], [lon, 30.0]]
    return {"type": "Polygon", "coordinates": [ring]}


HALVES = [NewArea(**NORTH, geometry=_half(120.02)), NewArea(**SOUTH, geometry=_half(120.03))]


def _file(*features: dict[str, Any]) -> SimpleUploadedFile:
    return SimpleUploadedFile("new.geojson", json.dumps({"features": list(features)}).encode())


def _split(cast: Cast, first_day: date = TODAY) -> dict[str, Area]:
    begun = places.split_area(area=cast.east, first_day=first_day, new=HALVES, by=SYSTEM.ref, at=NOON)
    worker.drain()
    return {area.code: area for area in begun}


def _east_line(cast: Cast) -> PowerItem:
    return dispatch.save_power_item(
        jurisdiction=cast.office,
        code="east-1",
        category="roads.potholes",
        area=cast.east,
        lead_unit=cast.estate_unit,
        basis="某条",
        promise=Promise(amount=2, unit="workday"),
        by=SYSTEM.ref,
        at=MONDAY,
    )


def test_an_administrator_ends_an_area_with_a_file_of_outlines(cast: Cast, client_of: Any) -> None:
    admin = client_of(cast.admin)
    file = _file(
        {"type": "Feature", "properties": NORTH, "geometry": _half(120.02)},
        {"type": "Feature", "properties": SOUTH, "geometry": _half(120.03)},
    )
    sent = {"area": cast.east.pk, "first_day": "2026-11-17", "file": file}
    answer = admin.post("/river/setup/areas/end/", sent, follow=True)
    assert "2 new ones begin on that day." in answer.content.decode()
    east = Area.objects.get(code="east")
    assert east.valid_to == date(2026, 11, 16)
    codes = {area.code for area in places.areas(cast.office, TODAY)}
    assert codes == {"whole", "west", "east"}
    assert {a.code for a in places.areas(cast.office, date(2026, 11, 17))} == {
        "whole",
        "west",
        "sunrise",
        "harbour",
    }


def test_open_cases_move_by_their_place_on_the_day(cast: Cast) -> None:
    near, _r, _c = filed(cast, lon=120.025, lat=30.01)
    far, _r, _c = filed(cast, lon=120.035, lat=30.01, text="码头路面坑洼，车都颠坏了。")
    ended, _r, _c = answered(cast, lon=120.021, lat=30.015, text="井盖旁塌了一块。")
    new = _split(cast, date(2026, 11, 17))
    near.refresh_from_db()
    assert near.area == cast.east  # the day has not come
    changes.carry_out_changes(at=NOON + DAY)
    for case in (near, far, ended):
        case.refresh_from_db()
    assert (near.area, far.area, ended.area) == (new["sunrise"], new["harbour"], cast.east)
    assert kinds(near)[-1] == "placed" and kinds(ended)[-1] == "answered"
    steps = len(kinds(near))
    changes.carry_out_changes(at=NOON + DAY + HOUR)
    assert len(kinds(near)) == steps


def test_a_case_without_a_place_keeps_its_area_and_is_listed_for_a_person(cast: Cast, client_of: Any) -> None:
    case, _report, _code = filed(cast, lon=None, lat=None, area_id=cast.east.pk)
    assert case.area == cast.east
    new = _split(cast)
    case.refresh_from_db()
    assert case.area == cast.east
    desk = client_of(cast.coordinator)
    assert "1 open case lies in a part of the area that has ended." in page(desk, "/river/desk/")
    assert case.number in page(desk, "/river/desk/cases/?ended=1")
    address = f"/river/desk/cases/{case.number}/"
    assert "has ended, and the case has no place on the map." in page(desk, address)
    assert desk.post(f"{address}place/", {"area": cast.east.pk}).status_code == 409
    assert desk.post(f"{address}place/", {"area": new["harbour"].pk, "reason": "问过了"}).status_code == 302
    case.refresh_from_db()
    assert (case.area, case.first_area) == (new["harbour"], cast.east)
    assert "East → Harbour" in page(desk, address)
    assert "has ended." not in page(desk, "/river/desk/")


def test_figures_of_the_time_before_keep_the_old_area(cast: Cast, client_of: Any) -> None:
    filed(cast, lon=120.025, lat=30.01)
    new = _split(cast)
    assert Case.objects.get().area == new["sunrise"]
    filed(cast, lon=120.026, lat=30.011, text="朝阳新村门口路面塌陷。", at=NOON + HOUR)
    rows = figures(
        visible_to=SYSTEM,
        jurisdiction=cast.office,
        since=datetime(2026, 11, 1, tzinfo=UTC),
        until=datetime(2026, 12, 1, tzinfo=UTC),
        by="area",
        at=NOON,
    )
    assert {row.group: row.cases for row in rows} == {str(cast.east.pk): 1, str(new["sunrise"].pk): 1}
    table = page(client_of(cast.leader), "/river/figures/?by=area")
    assert "East (until 2026-11-15)" in table and "Sunrise" in table


def test_lines_units_and_roles_of_the_old_area_wait_for_a_decision(cast: Cast, client_of: Any) -> None:
    line = _east_line(cast)
    cast.estate_unit.areas.set([cast.east])
    actors.grant_role(
        user=cast.leader, jurisdiction=cast.office, role="leader", area=cast.east, by=SYSTEM.ref, at=MONDAY
    )
    new = _split(cast)
    admin = client_of(cast.admin)
    overview = page(admin, "/river/setup/")
    assert "1 line of the power list names an area, a category or a unit that is no longer there." in overview
    assert "1 unit works in an area that has ended." in overview
    assert "1 role holds for an area that has ended." in overview
    power = page(admin, "/river/setup/power/")
    assert "1 line needs a decision" in power and "Make a line for Sunrise" in power
    assert "(until 2026-11-15)" in page(admin, "/river/setup/units/")
    assert "This area has ended." in page(admin, "/river/setup/people/")
    copied = page(admin, f"/river/setup/power/?copy=east-1&area={new['sunrise'].pk}")
    assert 'value="east-1-sunrise"' in copied
    # Changing the old line does not silently make it hold everywhere.
    sent = {
        "category": line.category, "area": str(cast.east.pk), "lead_unit": line.lead_unit_id, "basis": line.basis,
        "amount": "2", "time_unit": "workday", "valid_to": "2026-11-15",
    }  # fmt: skip
    assert admin.post("/river/setup/power/?edit=east-1", sent).status_code == 302
    line.refresh_from_db()
    assert (line.area, line.valid_to) == (cast.east, date(2026, 11, 15))
    assert "needs a decision" not in page(admin, "/river/setup/power/")


def test_a_line_of_the_old_area_does_not_hold_in_the_new_ones(cast: Cast) -> None:
    _east_line(cast)
    before, _r, _c = filed(cast, lon=120.025, lat=30.01)
    _split(cast)
    after, _r, _c = filed(cast, lon=120.039, lat=30.019, text="码头尽头塌陷一处。", at=NOON + HOUR)
    assert (before.lead_unit, after.lead_unit) == (cast.estate_unit, cast.roads_unit)


def test_areas_below_go_on_below_the_new_ones(cast: Cast) -> None:
    grid = places.save_area(
        jurisdiction=cast.office, code="grid-7", kind="grid", names={"en": "Grid 7"}, parent=cast.east,
        geometry=square(120.031, 30.001, 0.005), by=SYSTEM.ref, at=MONDAY,
    )  # fmt: skip
    places.save_place(
        jurisdiction=cast.office, code="quay", names={"zh-hans": "码头"}, lon=120.033, lat=30.003, area=grid,
        by=SYSTEM.ref, at=MONDAY,
    )  # fmt: skip
    case, _r, _c = filed(cast, lon=120.033, lat=30.003)
    assert case.area == grid
    new = _split(cast)
    case.refresh_from_db()
    again = Area.objects.get(code="grid-7", valid_to=None)
    assert case.area == again and again.parent == new["harbour"]
    assert places.area_line(cast.office, again.pk) == [again.pk, new["harbour"].pk, cast.whole.pk]
    assert set(places.descend(cast.office, new["harbour"].pk)) >= {again.pk, grid.pk}
    assert {name.area_id for name in places.gazetteer(cast.office)} == {again.pk}


def test_a_coordinator_of_the_whole_sees_what_was_and_what_is(cast: Cast) -> None:
    case, _r, _c = filed(cast, lon=120.025, lat=30.01)
    actors.grant_role(
        user=cast.leader,
        jurisdiction=cast.office,
        role="coordinator",
        area=cast.whole,
        by=SYSTEM.ref,
        at=MONDAY,
    )
    _split(cast)
    seen = cases.visible_cases(visible_to=cast.actor(cast.leader, NOON), jurisdiction=cast.office)
    assert case in seen


@pytest.mark.parametrize(
    ("feature", "said"),
    [
        (
            {"properties": NORTH, "geometry": {"type": "Point", "coordinates": [120.02, 30.0]}},
            "not a sound polygon",
        ),
        ({"properties": {"code": "x"}, "geometry": _half(120.02)}, "no file of outlines"),
        (
            {"properties": NORTH | {"names": {"en": ""}}, "geometry": _half(120.02)},
            "lacks its code, kind or names",
        ),
        ({"properties": NORTH | {"code": "west"}, "geometry": _half(120.02)}, "with the code west already"),
        ({"properties": NORTH, "geometry": square(30.0, 120.0)}, "does not touch the one that ends"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_with_what_to_do(
    feature: dict[str, Any], said: str, cast: Cast, client_of: Any
) -> None:
    sent = {"area": cast.east.pk, "first_day": "2026-11-17", "file": _file(feature)}
    answer = client_of(cast.admin).post("/river/setup/areas/end/", sent)
    assert answer.status_code == 400 and said in answer.content.decode()
    assert Area.objects.filter(valid_to=None).count() == 3


def test_days_that_do_not_fit_are_refused(cast: Cast) -> None:
    _split(cast, date(2026, 11, 17))
    cast.east.refresh_from_db()
    with pytest.raises(AreaError, match="ended already"):
        places.split_area(area=cast.east, first_day=date(2026, 12, 1), new=HALVES, by="x", at=NOON)
    sunrise = Area.objects.get(code="sunrise")
    with pytest.raises(AreaError, match="begins on that day or later"):
        places.split_area(area=sunrise, first_day=date(2026, 11, 17), new=HALVES[1:], by="x", at=NOON)
