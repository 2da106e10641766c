"""Pages of filtered cases are what a slow reader of all cases would find, whatever the database does to be quick."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import product

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.models import Case
from gongzhi.apps.cases.public import CaseFilter, State
from gongzhi.apps.places.public import Around, descend, metres_between
from tests.cast import MONDAY, Cast, make_cast

pytestmark = pytest.mark.django_db
CATEGORIES = ("roads.potholes", "roads.streetlight", "sanitation.garbage", "roads", "gone.long_ago")
STATES = (
    State.NEW,
    State.DISPATCHED,
    State.REOPENED,
    State.ANSWERED,
    State.CLOSED,
    State.SOLVED,
    State.MERGED,
)


@pytest.fixture
def cast() -> Cast:
    """The office with a case for each category, state and area, three of them opened at each moment."""
    made = make_cast()
    areas = (made.west, made.east, made.whole, None)
    Case.objects.bulk_create(
        Case(
            jurisdiction=made.office,
            category=category,
            state=state,
            area=area,
            opened_at=MONDAY + timedelta(minutes=n * 7 % 40 // 3),
            last_step_at=MONDAY + timedelta(minutes=n),
        )
        for n, (category, state, area) in enumerate(product(CATEGORIES, STATES, areas))
    )
    return made


def fits(case: Case, wanted: CaseFilter, cast: Cast) -> bool:
    """What a filter means, read slowly."""
    right_state = case.state in wanted.states if wanted.states else case.state != State.MERGED
    top = wanted.category
    right_kind = not top or case.category == top or case.category.startswith(f"{top}.")
    below = descend(cast.office, wanted.area_id) if wanted.area_id else None
    return right_state and right_kind and (below is None or case.area_id in below)


def pages(cast: Cast, wanted: CaseFilter) -> Iterator[list[int]]:
    """All pages of five."""
    cursor = None
    while True:
        found, cursor = cases.search_cases(
            visible_to=cast.actor(cast.coordinator),
            jurisdiction=cast.office,
            wanted=wanted,
            after=cursor,
            limit=5,
        )
        yield [case.pk for case in found]
        if cursor is None:
            return


@pytest.mark.parametrize("category", ["", "roads", "roads.potholes", "gone.long_ago", "nowhere"])
@pytest.mark.parametrize(
    "states",
    [
        (),
        (State.NEW,),
        (State.NEW, State.DISPATCHED, State.REOPENED),
        (State.CLOSED, State.SOLVED),
        (State.MERGED,),
        (State.NEW, State.CLOSED),
    ],
)
@pytest.mark.parametrize("place", ["", "west", "whole"])
def test_pages_of_a_filter_are_those_of_a_slow_reader(
    cast: Cast, category: str, states: tuple[State, ...], place: str
) -> None:
    area_id = {"west": cast.west.pk, "whole": cast.whole.pk}.get(place)
    wanted = CaseFilter(category=category, states=states, area_id=area_id)
    every = sorted(Case.objects.all(), key=lambda case: (case.opened_at, case.pk), reverse=True)
    found = [pk for page in pages(cast, wanted) for pk in page]
    assert found == [case.pk for case in every if fits(case, wanted, cast)]


def test_a_filtered_page_takes_two_statements(cast: Cast) -> None:
    desk = cast.actor(cast.coordinator)
    wanted = CaseFilter(category="roads", states=(State.NEW, State.REOPENED), area_id=cast.whole.pk)
    cases.search_cases(visible_to=desk, jurisdiction=cast.office, wanted=wanted)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        found, _ = cases.search_cases(visible_to=desk, jurisdiction=cast.office, wanted=wanted)
        assert [(case.number, case.area, case.lead_unit) for case in found]
    assert len(asked) == 2


def test_a_filter_that_nothing_can_fit_gives_an_empty_page(cast: Cast) -> None:
    stranger = cast.actor(cast.handler)
    wanted = CaseFilter(states=(State.NEW, State.REOPENED))
    assert cases.search_cases(visible_to=stranger, jurisdiction=cast.office, wanted=wanted) == ([], None)


def grid(lon: float, lat: float) -> tuple[float, float]:
    """The middle of a cell of a thousandth of a degree: what these tests show of a place."""
    return round(lon, 3), round(lat, 3)


@pytest.mark.parametrize("metres", [150.0, 700.0, 5000.0])
def test_pages_around_a_point_hold_what_a_slow_reader_measures(cast: Cast, metres: float) -> None:
    Case.objects.bulk_create(
        Case(
            jurisdiction=cast.office,
            category=CATEGORIES[n % 2],
            state=State.DISPATCHED,
            opened_at=MONDAY + timedelta(minutes=n % 50),
            last_step_at=MONDAY,
            lon=120.0 + n % 31 * 0.0007,
            lat=30.0 + n % 17 * 0.0009,
        )
        for n in range(500)
    )
    around = Around(120.01, 30.007, metres, grid, 200.0)
    rows = Case.objects.exclude(lon=None).filter(category="roads.potholes")
    wanted = [
        case.pk
        for case in rows.order_by("-opened_at", "-pk")
        if metres_between(120.01, 30.007, *grid(case.lon or 0, case.lat or 0)) <= metres
    ]
    found: list[int] = []
    after = None
    while True:
        page, after = cases.public_cases(
            jurisdiction=cast.office, since=MONDAY, category="roads.potholes", around=around, after=after
        )
        found += [case.pk for case in page]
        if after is None:
            break
    assert found == wanted
    assert metres == 150.0 or len(wanted) > 20
