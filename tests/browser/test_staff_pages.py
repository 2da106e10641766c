"""Staff pages as such: search and filters, figures and their file, the keyboard, everybody can use them, few queries."""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from axe_playwright_python.sync_playwright import Axe
from cast import MONDAY, Cast
from playwright.sync_api import Page, expect
from staff import GARBAGE, a_desk_full, client_of, lying_with_roads, sign_in, waiting

from gongzhi.apps.actors import public as actors
from gongzhi.apps.actors.public import SYSTEM
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.public import Case
from gongzhi.apps.places import public as places

NOON = MONDAY + timedelta(hours=3)


@pytest.fixture(autouse=True)
def monday_noon() -> Iterator[None]:
    """It is noon on the Monday of the cast."""
    with time_machine.travel(NOON):
        yield


@pytest.fixture
def desk(cast: Cast, live_server: Any, page: Page) -> Page:
    """The coordinator's browser, at a desk."""
    page.set_viewport_size({"width": 1280, "height": 900})
    return sign_in(page, live_server.url, cast.coordinator)


def test_search_and_filters_narrow_the_list_and_are_kept(
    cast: Cast, live_server: Any, page_without_script: Page
) -> None:
    found = a_desk_full(cast)
    page = sign_in(page_without_script, live_server.url, cast.coordinator)
    page.goto(f"{live_server.url}/river/desk/cases/")
    expect(page.locator("[data-row]")).to_have_count(7)
    page.get_by_label("What it is about").select_option("roads")
    page.get_by_label("In charge").select_option(label="Roads")
    page.get_by_label("Only those past the deadline").check()
    page.get_by_role("button", name="Show").click()
    expect(page.locator("[data-row]")).to_have_count(1)
    expect(page.locator("[data-row]")).to_contain_text(found["late"].number)
    expect(page.get_by_label("What it is about")).to_have_value("roads")
    expect(page.get_by_label("Only those past the deadline")).to_be_checked()
    page.get_by_role("link", name="Show everything").click()
    page.get_by_label("Words, place or number").fill("菜市场 垃圾")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("[data-row]")).to_have_count(1)
    expect(page.locator("[data-row]")).to_contain_text("菜市场后门垃圾堆了三天没人清")
    page.get_by_label("Words, place or number").fill("nobody said this")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("No case fits this choice.")).to_be_visible()


def test_older_pages_keep_the_filters(cast: Cast, live_server: Any, desk: Page) -> None:
    for n in range(22):
        waiting(cast, text=f"第{n}号坑。", at=MONDAY)
    waiting(cast, "no_rule", GARBAGE, category="sanitation.garbage")
    desk.goto(f"{live_server.url}/river/desk/cases/?waits=unsure")
    expect(desk.locator("[data-row]")).to_have_count(20)
    desk.get_by_role("link", name="Older").click()
    expect(desk.locator("[data-row]")).to_have_count(2)
    expect(desk.get_by_label("Waits at the desk")).to_have_value("unsure")
    desk.get_by_role("link", name="Newest").click()
    expect(desk.locator("[data-row]")).to_have_count(20)


NONSENSE = (
    "desk/cases/?after=x", "desk/cases/?after=2026-13-99T00:00:00Z,1", "desk/cases/?state=zz&area=x&unit=-1",
    "desk/cases/?q=%00", "desk/cases/?waits=zz&after=,", "figures/?since=9999-12-31&until=9999-12-31",
    "figures/?since=0001-01-01", "figures/?since=x&until=y&by=z",
)  # fmt: skip


def test_a_list_asked_for_nonsense_shows_what_it_can(cast: Cast) -> None:
    waiting(cast)
    client = client_of(cast.coordinator)
    for query in NONSENSE:
        assert (query, client.get(f"/river/{query}").status_code) == (query, 200)


def test_figures_say_their_base_and_leave_out_medians_of_few(
    cast: Cast, live_server: Any, page: Page
) -> None:
    lying_with_roads(cast)
    sign_in(page, live_server.url, cast.leader).goto(f"{live_server.url}/river/figures/")
    table = page.get_by_role("table")
    expect(page.locator("figcaption")).to_contain_text("1 case opened from Tue 20 Oct to Mon 16 Nov.")
    expect(table.get_by_role("row", name="Roads")).to_contain_text("–")
    page.get_by_text("What each column means").click()
    expect(page.get_by_text("Below 5 cases no middle time is given")).to_be_visible()
    page.get_by_label("One line for each").select_option("week")
    page.get_by_label("Cases opened from").fill("2026-11-09")
    page.get_by_role("button", name="Show").click()
    expect(table.get_by_role("row", name="week from Mon 16 Nov")).to_be_visible()
    page.get_by_label("to (that day too)").fill("2026-11-10")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("No case was opened in this period.")).to_be_visible()


def test_a_median_is_given_with_what_it_rests_on(cast: Cast) -> None:
    for n in range(5):
        case = lying_with_roads(cast, f"第{n}号坑。")
        cases.answer_case(
            case=case, text="补好了", unit=cast.roads_unit, by=SYSTEM, at=MONDAY + timedelta(hours=2)
        )
    shown = client_of(cast.leader).get("/river/figures/?by=unit").content.decode()
    assert "2 hours" in shown
    assert "n = 5" in shown


def test_a_name_that_is_a_formula_is_harmless_in_the_file(cast: Cast) -> None:
    evil = '=HYPERLINK("http://evil.example","x")'
    lying_with_roads(cast)
    names = {"en": evil, "zh-hans": evil, "zh-hant": evil}
    for thing in (cast.roads_unit, cast.east):
        thing.names = names
        thing.save()
    places.forget_kept()
    for by in ("unit", "area"):
        answer = client_of(cast.leader).get(f"/river/figures/?by={by}&format=csv")
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
        assert lines[0][:3] == [by, "cases", "open"]
        assert lines[1][:3] == [f"'{evil}", "1", "1"]


def test_j_and_k_move_and_o_opens(cast: Cast, live_server: Any, desk: Page) -> None:
    first, second = waiting(cast), waiting(cast, text="桥头也有一个坑。")
    desk.goto(f"{live_server.url}/river/desk/")
    links = desk.locator("[data-open]")
    desk.keyboard.press("j")
    expect(links.nth(0)).to_be_focused()
    desk.keyboard.press("j")
    expect(links.nth(1)).to_be_focused()
    desk.keyboard.press("j")  # there is no third
    expect(links.nth(1)).to_be_focused()
    desk.keyboard.press("k")
    expect(links.nth(0)).to_be_focused()
    desk.keyboard.press("o")
    desk.wait_for_url(f"**/{first.number}/")
    assert second.number not in desk.url


def test_a_number_presses_the_button_of_the_chosen_case_only(
    cast: Cast, live_server: Any, desk: Page
) -> None:
    case = waiting(cast)
    desk.goto(f"{live_server.url}/river/desk/")
    desk.keyboard.press("1")  # no case is chosen yet
    desk.keyboard.press("j")
    desk.keyboard.press("2")
    expect(desk.get_by_role("status")).to_contain_text(case.number)
    case.refresh_from_db()
    assert case.category == "roads.streetlight"


def test_keys_do_nothing_while_one_writes_and_can_be_switched_off(
    cast: Cast, live_server: Any, desk: Page
) -> None:
    waiting(cast)
    desk.goto(f"{live_server.url}/river/desk/")
    desk.keyboard.press("/")
    search = desk.get_by_role("searchbox")
    expect(search).to_be_focused()
    desk.keyboard.type("jk?o/1")
    expect(search).to_have_value("jk?o/1")
    expect(desk.get_by_role("dialog")).to_have_count(0)
    desk.get_by_role("heading", name="Inbox").click()
    desk.keyboard.press("?")
    help_box = desk.get_by_role("dialog", name="Keyboard shortcuts")
    expect(help_box).to_be_visible()
    desk.keyboard.press("j")  # behind the help nothing moves
    help_box.get_by_label("Single keys work on this device").uncheck()
    desk.keyboard.press("Escape")
    expect(help_box).to_be_hidden()
    desk.keyboard.press("j")
    expect(desk.locator("[data-open]").first).not_to_be_focused()
    desk.get_by_role("button", name="Keyboard shortcuts").click()
    expect(help_box).to_be_visible()


def test_letters_jump_to_the_forms_of_a_case(cast: Cast, live_server: Any, desk: Page) -> None:
    case = lying_with_roads(cast)
    desk.goto(f"{live_server.url}/river/desk/cases/{case.number}/")
    for key, field in (
        ("a", "#dispatch-unit"),
        ("m", "#join-other"),
        ("r", "#answer-text"),
        ("c", "#category-choice"),
    ):
        desk.keyboard.press(key)
        expect(desk.locator(field)).to_be_focused()
        desk.get_by_role("heading", level=1).click()
    desk.keyboard.press("/")
    desk.wait_for_url("**/desk/cases/")


def open_case(page: Page, base: str, case: Case) -> None:
    """A case with everything: two reports, a suggestion, an answer, the contact shown."""
    page.goto(f"{base}/river/desk/cases/{case.number}/")
    page.locator("summary", has=page.locator('use[href="#i-lock"]')).click()
    page.locator('input[name="why"]').fill("问路口")
    page.locator('form[id^="do-contact"] button').click()
    expect(page.get_by_role("link", name="138 0000 0000")).to_be_visible()


def open_refused(page: Page, base: str, case: Case) -> None:
    """A case after a refusal."""
    page.goto(f"{base}/river/desk/cases/{case.number}/")
    page.locator("#dispatch-unit").select_option(index=1)
    page.locator("#do-dispatch button").click()
    expect(page.locator("#errors")).to_be_visible()


def open_sign_in(page: Page, base: str, _case: Case) -> None:
    """The sign-in with an error."""
    page.context.clear_cookies(name="sessionid")
    page.goto(f"{base}/sign-in/")
    page.locator("main form button.main").last.click()
    expect(page.locator("#errors")).to_be_visible()


def plain(path: str) -> Callable[[Page, str, Case], None]:
    """A page that needs nothing before it."""

    def open_page(page: Page, base: str, _case: Case) -> None:
        page.goto(f"{base}/river/{path}")

    return open_page


PAGES: dict[str, tuple[str, Callable[[Page, str, Case], None]]] = {  # the case it shows, how it is opened
    "desk": ("unsure", plain("desk/")),
    "list": ("unsure", plain("desk/cases/")),
    "case": ("maybe_same", open_case),
    "refused": ("no_rule", open_refused),
    "figures": ("unsure", plain("figures/")),
    "sign-in": ("unsure", open_sign_in),
}
WAYS = {  # width, language, large type, colours
    "phone": (390, "zh-hans", False, "light"),
    "desk": (1280, "en", False, "light"),
    "phone, large type": (390, "en", True, "light"),
    "desk, dark": (1280, "zh-hans", False, "dark"),
}
SMALL = """(least) => [...document.querySelectorAll(
    'main button, main a.button, main select, main input:not([type=hidden]), main summary')]
  .map((e) => e.closest('label.choice') || e)
  .filter((e) => e.offsetParent && e.getBoundingClientRect().height < least - 0.5)
  .map((e) => e.outerHTML.slice(0, 90))"""


def faults_of(page: Page, width: int, least: int) -> list[str]:
    """What axe finds with everything opened, whether it is too wide, which targets are too small."""
    page.evaluate("document.querySelectorAll('main details').forEach((d) => { d.open = true; })")
    result = Axe().run(page)
    wide = page.evaluate("document.documentElement.scrollWidth")
    found = [result.generate_report()] if result.violations_count else []
    small: list[str] = page.evaluate(SMALL, least)
    return found + ([f"{wide} px wide"] if wide > width else []) + small


@pytest.mark.parametrize("way", WAYS)
def test_everybody_can_use_the_pages(way: str, cast: Cast, live_server: Any, page: Page) -> None:
    width, language, large, colours = WAYS[way]
    least = 60 if large else 44
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=colours)  # type: ignore[arg-type]
    wanted = {"django_language": language, "gz_display": "elder" if large else "usual"}
    page.context.add_cookies([{"name": k, "value": v, "url": live_server.url} for k, v in wanted.items()])
    sign_in(page, live_server.url, cast.coordinator).goto(f"{live_server.url}/river/desk/")
    faults = {"empty desk": faults_of(page, width, least)}
    found = a_desk_full(cast)
    other = waiting(cast, "", "坑里全是水。", contact_phone="138 0000 0000")
    cases.join_cases(into=found["maybe_same"], cases=[other], by=SYSTEM, at=MONDAY)
    cases.answer_case(case=found["maybe_same"], text="明天补。", unit=cast.roads_unit, by=SYSTEM, at=MONDAY)
    for name, (waits_for, open_page) in PAGES.items():
        open_page(page, live_server.url, found[waits_for])
        faults[name] = faults_of(page, width, least)
    assert {name: found for name, found in faults.items() if found} == {}


def test_a_leader_reads_the_case_and_decides_nothing(cast: Cast) -> None:
    case = waiting(cast, contact_phone="138 0000 0000")
    client = client_of(cast.leader)
    shown = client.get(f"/river/desk/cases/{case.number}/").content.decode()
    main = shown[shown.index("<main") :]
    assert "Potholes" in main
    assert '<form method="post"' not in main
    assert client.post(f"/river/desk/cases/{case.number}/close/").status_code == 403


def test_another_offices_cases_are_not_even_suggested(cast: Cast) -> None:
    area_desk = actors.save_user(
        username="west", display_name="West", password=None, by=SYSTEM.ref, at=MONDAY
    )
    actors.grant_role(
        user=area_desk, jurisdiction=cast.office, role="coordinator", area=cast.west, by=SYSTEM.ref, at=MONDAY
    )
    mine = waiting(cast, "maybe_same", "西边的坑。", lon=120.01)
    other = lying_with_roads(cast)
    cases.suggest_same(
        alike=[cases.Alike(mine.pk, other.pk, 0.9, [{"key": "distance_m", "value": 5}], MONDAY)]
    )
    client = client_of(area_desk)
    for path in ("/river/desk/", f"/river/desk/cases/{mine.number}/"):
        shown = client.get(path).content.decode()
        assert mine.number in shown
        assert other.number not in shown


def test_more_cases_do_not_mean_more_queries(cast: Cast, django_assert_max_num_queries: Any) -> None:
    client = client_of(cast.coordinator)
    counted = {}
    for round_ in (1, 2):
        found = a_desk_full(cast)
        for name, path in {
            "desk": "/river/desk/",
            "list": "/river/desk/cases/",
            "case": f"/river/desk/cases/{found['maybe_same'].number}/",
        }.items():
            client.get(path)  # what a process keeps of small tables is read here
            with django_assert_max_num_queries(60) as queries:
                client.get(path)
            counted[name, round_] = len(queries)
    assert Case.objects.count() == 14
    assert [counted[n, 1] for n in ("desk", "list", "case")] == [
        counted[n, 2] for n in ("desk", "list", "case")
    ]
    assert counted["desk", 2] <= 27  # three of them: whose word a hand-back is, how many wait, more time
    assert counted["list", 2] <= 12
    assert counted["case", 2] <= 36
