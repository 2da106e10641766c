"""The pages of what changes over time, in a real browser: usable by everybody, from the first press to the last."""

import json
from datetime import timedelta
from typing import Any

import pytest
from cast import MONDAY, Cast, say
from page_checks import check_page, speak
from playwright.sync_api import Page, expect
from staff import sign_in

from gongzhi.apps.actors.public import SYSTEM, Grant
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.public import Case
from gongzhi.apps.dispatch import public as dispatch
from gongzhi.apps.dispatch.public import Task
from gongzhi.apps.places import public as places
from gongzhi.apps.places.public import NewArea
from gongzhi.kernel import clock, worker

NOON = MONDAY + timedelta(hours=3)


@pytest.fixture(autouse=True)
def monday_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages' clock stands still."""
    monkeypatch.setattr(clock, "now", lambda: NOON)


def _half(lon: float) -> dict[str, Any]:
    ring = [[lon, 30.0], [lon + 0.01, 30.0], [lon + 0.01, 30.02], [lon, 30.02], [lon, 30.0]]
    return {"type": "Polygon", "coordinates": [ring]}


HALVES = [
    NewArea("sunrise", "community", {"zh-hans": "朝阳", "en": "Sunrise"}, _half(120.02)),
    NewArea("harbour", "community", {"zh-hans": "港口", "en": "Harbour"}, _half(120.03)),
]


def _answered(cast: Cast, **more: Any) -> tuple[Case, str]:
    report, code = say(cast, **({"category_hint": "roads.potholes", "at": NOON} | more))
    worker.drain()
    case = cases.case_of(report)
    assert case is not None
    dispatch.answer_task(
        task=dispatch.tasks_of(case)[0], text="已修补。", by=cast.actor(cast.handler, NOON), at=NOON
    )
    worker.drain()
    return case, code


def _open_report(page: Page, base: str, code: str) -> None:
    page.goto(f"{base}/river/my/")
    page.get_by_label("Tracking code").fill(code)
    page.get_by_role("button", name="Open my report").click()


def _complain(page: Page, base: str, code: str) -> None:
    _open_report(page, base, code)
    page.get_by_text("Complain about how this was handled").click()
    page.get_by_label("What was wrong with how it was handled?").fill("态度很差，没看就走了。")
    page.get_by_role("button", name="Send the complaint").click()
    expect(page.get_by_text("Your tracking code")).to_be_visible()
    worker.drain()


def test_a_unit_is_closed_with_what_lies_with_it_in_view(cast: Cast, live_server: Any, page: Page) -> None:
    say(cast, category_hint="roads.potholes", at=NOON)
    worker.drain()
    sign_in(page, live_server.url, cast.admin)
    page.goto(f"{live_server.url}/river/setup/units/")
    page.get_by_role("link", name="Change Roads").click()
    page.get_by_role("link", name="Close this unit").click()
    expect(page.get_by_text("It leads 1 open matter.")).to_be_visible()
    check_page(page)
    page.locator("#id_successor").select_option(label="East Estate")
    page.get_by_label("First day without it").fill("2026-11-10")
    page.get_by_role("button", name="Close it on that day").click()
    expect(page.locator("#errors")).to_contain_text("The day lies in the past.")
    page.get_by_label("First day without it").fill("2026-11-16")
    page.get_by_role("button", name="Close it on that day").click()
    expect(page.get_by_text("The day was set.")).to_be_visible()
    check_page(page)
    worker.drain()
    page.reload()
    expect(page.get_by_text("Closed on 2026-11-16. East Estate takes over.")).to_be_visible()
    assert Task.objects.latest("pk").unit == cast.estate_unit


def test_an_area_ends_and_people_decide_what_named_it(
    cast: Cast, live_server: Any, page: Page, tmp_path: Any
) -> None:
    report, _code = say(
        cast, category_hint="roads.potholes", lon=None, lat=None, area_id=cast.east.pk, at=NOON
    )
    worker.drain()
    file = tmp_path / "new.geojson"
    features = [
        {
            "type": "Feature",
            "properties": {"code": n.code, "kind": n.kind, "names": n.names},
            "geometry": n.geometry,
        }
        for n in HALVES
    ]
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    dispatch.save_power_item(
        jurisdiction=cast.office, code="east-1", category="roads", area=cast.east, lead_unit=cast.roads_unit,
        basis="某条", promise=five_days(), by=SYSTEM.ref, at=MONDAY,
    )  # fmt: skip
    sign_in(page, live_server.url, cast.admin)
    page.goto(f"{live_server.url}/river/setup/areas/")
    page.get_by_role("link", name="End an area, begin new ones").click()
    check_page(page)
    page.get_by_label("Area that ends").select_option(label="East")
    page.get_by_label("First day of the new areas").fill("2026-11-16")
    page.get_by_label("Outlines of the new areas").set_input_files(str(file))
    page.get_by_role("button", name="Set it for that day").click()
    expect(page.get_by_text("2 new ones begin on that day.")).to_be_visible()
    expect(page.get_by_text("Still names what has ended")).to_be_visible()
    check_page(page)
    worker.drain()
    page.get_by_role("link", name="1 line of the power list").click()
    check_page(page)
    page.get_by_role("link", name="Make a line for Sunrise").click()
    expect(page.get_by_label("Short code")).to_have_value("east-1-sunrise")

    sign_in(page, live_server.url, cast.coordinator)
    page.goto(f"{live_server.url}/river/desk/")
    page.get_by_role("link", name="Choose where they lie now").click()
    case = cases.case_of(report)
    assert case is not None
    page.locator(f'a[href$="{case.number}/"]').first.click()
    page.locator("#place-area").select_option(label="Harbour")
    page.get_by_role("button", name="Set the part of the area").click()
    expect(page.get_by_text("The part of the area was set.").first).to_be_visible()
    check_page(page)


def five_days() -> Any:
    """Five working days."""
    from gongzhi.kernel.calendar import Promise

    return Promise(5, "workday")


def test_a_person_is_moved(cast: Cast, live_server: Any, page: Page) -> None:
    sign_in(page, live_server.url, cast.admin)
    page.goto(f"{live_server.url}/river/setup/people/")
    page.get_by_role("link", name="Move to another unit (handler in a unit, roads_handler)").click()
    check_page(page)
    page.get_by_label("New unit").select_option(label="East Estate")
    page.get_by_role("button", name="Move now").click()
    expect(page.get_by_text("The person works for the other unit now.")).to_be_visible()
    assert Grant.objects.get(user=cast.handler, until=None).unit == cast.estate_unit


def test_an_answer_is_withdrawn_and_the_reporter_sees_it_struck_through(
    cast: Cast, live_server: Any, page: Page
) -> None:
    case, code = _answered(cast)
    sign_in(page, live_server.url, cast.coordinator)
    page.goto(f"{live_server.url}/river/desk/cases/{case.number}/")
    page.get_by_text("Withdraw this answer").click()
    page.get_by_label("Why is it withdrawn?").fill("弄错了路段")
    page.get_by_role("button", name="Withdraw the answer").click()
    expect(page.get_by_text("The answer was withdrawn.").first).to_be_visible()
    check_page(page)
    worker.drain()
    sign_in(page, live_server.url, cast.handler)
    page.goto(f"{live_server.url}/river/today/tasks/{dispatch.tasks_of(case)[0].pk}/")
    expect(page.get_by_role("heading", name="Next: answer")).to_be_visible()
    check_page(page)
    _open_report(page, live_server.url, code)
    expect(page.locator("s")).to_have_text("已修补。")
    check_page(page)


def test_a_complaint_goes_to_the_desk(cast: Cast, live_server: Any, page: Page) -> None:
    case, code = _answered(cast)
    _complain(page, live_server.url, code)
    check_page(page)
    sign_in(page, live_server.url, cast.coordinator)
    page.goto(f"{live_server.url}/river/desk/cases/{case.number}/")
    page.get_by_label("Complaints about how this case was handled").get_by_role("link").click()
    expect(page.get_by_text("It is about Roads, which cannot see it and never gets it.")).to_be_visible()
    check_page(page)
    page.get_by_role("button", name="Hand over to Street office").click()
    expect(page.get_by_text("The case was handed over.")).to_be_visible()


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant"])
@pytest.mark.parametrize("path", ["units/close/?unit=roads", "areas/end/"])
def test_the_pages_can_be_used_in_chinese(
    path: str, language: str, cast: Cast, live_server: Any, page: Page
) -> None:
    sign_in(page, live_server.url, cast.admin)
    speak(page, live_server.url, language)
    page.goto(f"{live_server.url}/river/setup/{path}")
    check_page(page)
    places.forget_kept()
