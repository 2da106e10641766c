"""Near me: what others see is the kind, the part, the state and the days; never words, never the exact place."""

from datetime import timedelta
from typing import Any

import pytest
from cast import Cast, say
from django.test import Client
from playwright.sync_api import Page, expect

from gongzhi.apps.actors.public import SYSTEM
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.public import Case
from gongzhi.apps.places.public import metres_between, save_place
from gongzhi.kernel import clock
from gongzhi.site import maps
from gongzhi.site.pages.resident.nearby import sensitive_categories


def matter(cast: Cast, category: str, text: str = "私人的话", hours: float = 1, **more: Any) -> Case:
    """A case of the category, some hours old."""
    at = clock.now() - timedelta(hours=hours)
    report, _code = say(cast, text, at=at, **more)
    return cases.open_case(report=report, category=category, by=SYSTEM, at=at)


def test_the_list_equals_the_map_and_shows_nobodys_words(cast: Cast, live_server: Any, page: Page) -> None:
    matter(cast, "roads.potholes", "王先生家门口", lon=120.011, lat=30.006)
    matter(cast, "roads.streetlight", "另一句话", hours=2, lon=120.033, lat=30.014)
    page.goto(f"{live_server.url}/river/near/")
    rows = page.locator("ol.list > li")
    expect(rows).to_have_count(2)
    expect(page.locator("svg .mark")).to_have_count(2)
    content = page.content()
    assert "王先生" not in content and "120.011" not in content and "学校门口" not in content
    page.locator("svg .mark").first.click()
    assert page.url.endswith("#n1")


def test_filters_narrow_and_paging_goes_on(cast: Cast, live_server: Any, page_without_script: Page) -> None:
    for n in range(23):
        matter(cast, "roads.potholes", hours=n + 1)
    matter(cast, "sanitation.garbage", hours=0.5)
    page = page_without_script
    page.goto(f"{live_server.url}/river/near/?category=roads")
    expect(page.locator("ol.list > li")).to_have_count(20)
    page.get_by_role("link", name="Older").click()
    expect(page.locator("ol.list > li")).to_have_count(3)
    page.get_by_role("link", name="Newest").click()
    page.get_by_label("State").select_option(label="answered")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("Nothing fits this choice.")).to_be_visible()


def test_what_is_around_a_place_is_shown_by_where_the_map_shows_it(
    cast: Cast, live_server: Any, page_without_script: Page
) -> None:
    place = save_place(
        jurisdiction=cast.office, code="school", names={"en": "River School", "zh-hans": "河边小学"}, kind="school",
        lon=120.02, lat=30.01, by=SYSTEM.ref, at=clock.now(),
    )  # fmt: skip
    for n in range(30):
        matter(cast, "roads.potholes", hours=n + 1, lon=120.012 + n * 0.0006, lat=30.01)
    page = page_without_script
    page.goto(f"{live_server.url}/river/near/")
    page.get_by_label("Around a place").select_option(label="River School")
    page.get_by_label("Within").select_option(label="500 m")
    page.get_by_role("button", name="Show").click()
    wanted = [
        case
        for case in Case.objects.all()
        if metres_between(place.lon, place.lat, *maps.coarse(case.lon or 0, case.lat or 0)) <= 500
    ]
    assert 5 < len(wanted) < 20
    expect(page.locator("ol.list > li")).to_have_count(len(wanted))


def test_sensitive_kinds_are_not_shown(cast: Cast) -> None:
    from_pack = sensitive_categories(cast.office)
    if not from_pack:
        pytest.skip("the packs name no sensitive category")
    matter(cast, from_pack[-1])
    assert "<ol" not in Client().get("/river/near/").content.decode()


@pytest.mark.parametrize(
    "query", ["after=x", "after=2026-01-01~5", "area=99999999999999999999", "category=<b>", "state=x"]
)
def test_odd_addresses_do_no_harm(cast: Cast, query: str) -> None:
    assert Client().get(f"/river/near/?{query}").status_code == 200


def test_public_places_are_rounded_to_about_200_metres() -> None:
    for lon, lat in [(116.3301, 39.9002), (-71.06, 42.36), (0.0, 0.0), (120.02, -33.5)]:
        rough = maps.coarse(lon, lat)
        assert metres_between(lon, lat, *rough) <= 145  # half the diagonal of a cell
        assert maps.coarse(*rough) == pytest.approx(rough)


def test_marks_that_cover_one_another_become_one(cast: Cast) -> None:
    frame = maps.frame_of(cast.office)
    found = maps.marks([(1, 120.01, 30.01), (2, 120.0101, 30.01), (3, 120.035, 30.01)], frame)
    assert [m.numbers for m in found] == [(1, 2), (3,)]
    assert found[0].label == "1+1"
