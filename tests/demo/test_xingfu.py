"""The invented sub-district: its map has no holes, its files agree, its messages are many, mixed and harmless."""

import json
import re
import tomllib
from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from shapely import unary_union
from shapely.geometry import Point, shape
from shapely.geometry.base import BaseGeometry

FOLDER = Path(__file__).parents[2] / "demo" / "xingfu"
LANGUAGES = {"zh-hans", "zh-hant", "en"}
LEAVES = {
    "housing": "property elevator leak rent illegal_building",
    "environment": "noise_construction noise_living smoke_smell sewage_water waste_pollution",
    "sanitation": "garbage toilet pests dead_animal",
    "greening": "trees parks",
    "roads": "potholes streetlight manhole drainage sidewalk",
    "traffic": "parking abandoned_vehicle signals bus ebike",
    "utilities": "water power gas heating telecom",
    "market": "price_fraud food_safety prepaid street_vending",
    "safety": "fire building_danger public_order construction_site",
    "welfare": "elderly allowance disabled children",
    "education": "school enrolment training",
    "health": "clinic insurance public_health",
    "labour": "wages injury employment",
    "community": "dispute activity pets volunteer committee",
    "governance": "service_attitude certificates disclosure suggestion praise",
    "other": "unclear",
}
CATEGORIES = {f"{top}.{leaf}" for top, leaves in LEAVES.items() for leaf in leaves.split()}
WITHOUT_RULE = {
    "utilities.telecom",
    "traffic.ebike",
    "education.training",
    "community.pets",
    "labour.employment",
    "other.unclear",
}
# Characters that only one of the two scripts uses.
TRADITIONAL = set("個這們來沒樓區園廣場錢說時會學對電車師發點還後麼嗎費燈濱機幫處長門開關號鐵員")
SIMPLIFIED = set("个这们来没楼区园广场钱说时会学对电车师发点还后么吗费灯滨机帮处长门开关号铁员")

Row = dict[str, Any]


def _toml(name: str) -> Row:
    return tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def messages() -> list[Row]:
    lines = (FOLDER / "messages.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def features() -> dict[str, Row]:
    found = json.loads((FOLDER / "areas.geojson").read_text(encoding="utf-8"))["features"]
    assert len({f["properties"]["code"] for f in found}) == len(found)
    return {f["properties"]["code"]: f for f in found}


def _shapes(features: dict[str, Row], kind: str) -> dict[str, BaseGeometry]:
    return {c: shape(f["geometry"]) for c, f in features.items() if f["properties"]["kind"] == kind}


def _steps(message: Row, do: str) -> list[Row]:
    return [step for step in message["outcome"] or [] if step["do"] == do]


def _script(text: str) -> str:
    if sum(c.isascii() and c.isalpha() for c in text) > len(text) / 2:
        return "en"
    used = set(text)
    return (
        "zh-hant"
        if used & (TRADITIONAL - SIMPLIFIED) and not used & (SIMPLIFIED - TRADITIONAL)
        else "zh-hans"
    )


def _leads(category: str, lines: list[Row]) -> list[str]:
    return [
        line["lead"]
        for line in lines
        if category == line["category"] or category.startswith(line["category"] + ".")
    ]


def test_the_office_is_described_once_in_three_languages() -> None:
    office = _toml("jurisdiction.toml")
    assert office["code"] == "xingfu" and office["demo"] is True and office["auto_route"] is True
    assert set(office["names"]) == set(office["languages"]) == LANGUAGES
    assert {"110", "119", "120", "122"} == set(office["emergency"].values())


def test_the_folder_holds_nothing_but_data() -> None:
    assert {path.suffix for path in FOLDER.iterdir()} == {".toml", ".jsonl", ".geojson"}


def test_areas_tile_the_outline_without_gap_or_overlap(
    features: dict[str, Row],
) -> None:
    box = _toml("jurisdiction.toml")["bbox"]
    outline = _shapes(features, "subdistrict")["xf"]
    min_lon, min_lat, max_lon, max_lat = outline.bounds
    assert box["min_lon"] < min_lon < max_lon < box["max_lon"]
    assert box["min_lat"] < min_lat < max_lat < box["max_lat"]
    for kind, count in (("community", 6), ("grid", 24)):
        cells = _shapes(features, kind)
        assert len(cells) == count
        assert all(cell.is_valid for cell in cells.values())
        for first, second in combinations(cells.values(), 2):
            assert first.intersection(second).area == pytest.approx(0, abs=1e-15)
        assert unary_union(list(cells.values())).symmetric_difference(outline).area == pytest.approx(
            0, abs=1e-15
        )


def test_each_grid_lies_in_its_community(features: dict[str, Row]) -> None:
    communities = _shapes(features, "community")
    children = Counter(features[code]["properties"]["parent"] for code in _shapes(features, "grid"))
    assert children == dict.fromkeys(communities, 4)
    for code, cell in _shapes(features, "grid").items():
        mother = communities[features[code]["properties"]["parent"]]
        assert cell.difference(mother).area == pytest.approx(0, abs=1e-15)
    assert all(set(f["properties"]["names"]) == LANGUAGES for f in features.values())


def test_coordinates_have_six_digits(features: dict[str, Row]) -> None:
    for feature in features.values():
        for pair in feature["geometry"]["coordinates"][0]:
            assert all(round(value, 6) == value for value in pair)


def test_places_lie_where_they_say(features: dict[str, Row]) -> None:
    places = _toml("places.toml")["place"]
    assert len(places) >= 60
    assert len({p["key"] for p in places}) == len(places)
    names = Counter(name for p in places for name in {*p["names"].values(), *p["aliases"]})
    assert [name for name, times in names.items() if times > 1] == []
    for place in places:
        assert set(place["names"]) == LANGUAGES and all(place["names"].values())
        assert shape(features[place["area"]]["geometry"]).contains(Point(place["lon"], place["lat"])), place[
            "key"
        ]


def test_units_are_one_tree_with_parents_first(features: dict[str, Row]) -> None:
    units = _toml("units.toml")["unit"]
    assert len(units) >= 24 and len({u["code"] for u in units}) == len(units)
    seen: set[str] = set()
    for unit in units:
        assert set(unit["names"]) == LANGUAGES
        assert set(unit["areas"]) <= set(features)
        assert unit.get("parent", "") in seen or not seen
        seen.add(unit["code"])
    assert [u["kind"] for u in units if u.get("convening")] == ["party_committee"]
    kinds = Counter(u["kind"] for u in units)
    assert kinds["residents_committee"] == 6 and kinds["property_company"] == 3 and kinds["branch"] == 2


def test_people_are_roles_of_known_units(features: dict[str, Row]) -> None:
    people = _toml("people.toml")["person"]
    units = {u["code"] for u in _toml("units.toml")["unit"]}
    names = {p["username"] for p in people}
    assert len(people) >= 30 and len(names) == len(people)
    assert {
        "xietiao",
        "lingdao",
        "guanli",
        "chengguan",
        "huanwei",
        "wuye",
        "wangge01",
        "shenji",
    } <= names
    for person in people:
        assert set(person["roles"]) <= {
            "worker",
            "handler",
            "coordinator",
            "leader",
            "admin",
            "auditor",
        }
        assert person["unit"] in units and person.get("area", "xf") in features
        assert set(person["names"]) == LANGUAGES


def test_power_list_leaves_only_the_chosen_categories_open(
    features: dict[str, Row],
) -> None:
    lines = _toml("power_list.toml")["item"]
    units = {u["code"] for u in _toml("units.toml")["unit"]}
    assert len(lines) >= 66 and len({line["code"] for line in lines}) == len(lines)
    for line in lines:
        assert line["category"] in CATEGORIES | set(LEAVES), line["code"]
        assert {line["lead"], *line["helpers"]} <= units and line["lead"] not in line["helpers"]
        assert line.get("area", "xf") in features
        assert line["unit"] in {"workday", "day", "hour"} and line["amount"] > 0
        assert line["basis"].startswith("《") and line["source"] and isinstance(line["verified"], bool)
        # A line quoted from memory says so.
        assert line["verified"] or "核对" in line["source"], line["code"]
    assert {c for c in CATEGORIES if not _leads(c, lines)} == WITHOUT_RULE


def test_every_lead_unit_has_somebody_who_signs_in() -> None:
    staffed = {p["unit"] for p in _toml("people.toml")["person"]}
    leads = {line["lead"] for line in _toml("power_list.toml")["item"]}
    assert leads - staffed <= {
        "xiaofang",
        "zhiyuan",
    }  # the fire station and the volunteers answer by telephone


def test_messages_are_many_and_distinct(messages: list[Row]) -> None:
    assert len(messages) >= 560
    assert len({m["id"] for m in messages}) == len(messages) == len({m["text"] for m in messages})
    assert {m["category"] for m in messages} == CATEGORIES
    assert min(Counter(m["category"] for m in messages).values()) >= 9
    assert sum(m["confirmed"] for m in messages) >= 260
    scripts = Counter(_script(m["text"]) for m in messages)
    assert scripts["zh-hant"] >= 30 and scripts["en"] >= 15
    lengths = [len(m["text"]) for m in messages]
    assert sum(length < 12 for length in lengths) >= 10 and sum(length > 130 for length in lengths) >= 10


def test_messages_have_only_known_keys_and_values(messages: list[Row]) -> None:
    keys = {
        "id",
        "text",
        "category",
        "confirmed",
        "place_words",
        "place",
        "channel",
        "request_type",
    }
    keys |= {"when", "same_as", "contact", "outcome"}
    for message in messages:
        assert set(message) == keys
        assert message["channel"] in {"web", "hotline_file", "worker"}
        assert message["request_type"] in {
            "complaint",
            "assistance",
            "inquiry",
            "suggestion",
            "report",
            "praise",
        }
        assert re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", message["when"]["time"])
        assert len(set(message["when"]) & {"ago", "holiday"}) == 1
        assert message["when"].get("ago", 1) >= 1


def test_messages_spread_around_the_holiday_and_the_last_month(
    messages: list[Row],
) -> None:
    holiday = [m["when"]["holiday"] for m in messages if "holiday" in m["when"]]
    assert 0.4 <= len(holiday) / len(messages) <= 0.52
    assert min(holiday) < 0 and max(holiday) > 7
    ago = [m["when"]["ago"] for m in messages if "ago" in m["when"]]
    assert max(ago) <= 30
    assert 0.12 <= sum(days <= 3 for days in ago) / len(messages) <= 0.2


def test_places_in_messages_are_those_of_the_gazetteer(messages: list[Row]) -> None:
    known = {p["key"]: {*p["names"].values(), *p["aliases"]} for p in _toml("places.toml")["place"]}
    for message in messages:
        if message["place"] is None:
            assert message["place_words"] == ""
        else:
            assert any(message["place_words"].startswith(name) for name in known[message["place"]]), message[
                "id"
            ]
    assert sum(m["place"] is not None for m in messages) > 0.8 * len(messages)


def test_follow_ups_point_at_an_earlier_message_of_the_same_matter(
    messages: list[Row],
) -> None:
    by_id = {m["id"]: m for m in messages}
    again = [m for m in messages if m["same_as"]]
    assert len(again) >= 40
    for message in again:
        first = by_id[message["same_as"]]
        assert first["same_as"] is None and message["outcome"] is None
        assert (first["category"], first["place"]) == (
            message["category"],
            message["place"],
        )
        if set(first["when"]) == set(message["when"]):
            sign = -1 if "ago" in first["when"] else 1
            kind = "ago" if "ago" in first["when"] else "holiday"
            moments = [(sign * m["when"][kind], m["when"]["time"]) for m in (first, message)]
            assert moments[0] < moments[1], message["id"]


def _check_life(message: Row) -> None:
    hours = [step["after_h"] for step in message["outcome"]]
    assert hours == sorted(hours) and hours[0] >= 0
    answered = closed = False
    for step in message["outcome"]:
        kind = step["do"]
        assert kind in {"accept", "return", "answer", "close", "rate"}
        if kind == "close":
            assert answered
            closed = True
        if kind == "rate":
            assert closed and 1 <= step["satisfaction"] <= 5 and isinstance(step["contacted"], bool)
            answered = closed = step["solved"]
        if kind == "answer":
            answered = True
        assert kind != "return" or len(step["reason"]) > 10
        # What no line of the power list covers is answered from the desk; no unit accepts it.
        assert kind not in {"accept", "return"} or message["category"] not in WITHOUT_RULE


def test_outcomes_are_lives_that_a_case_can_have(messages: list[Row]) -> None:
    for message in messages:
        if message["outcome"]:
            _check_life(message)
            if "ago" in message["when"]:
                hour = int(message["when"]["time"][:2])
                # All of it lies before today began.
                assert message["outcome"][-1]["after_h"] < message["when"]["ago"] * 24 - hour


def test_outcomes_are_of_every_kind(messages: list[Row]) -> None:
    total = len(messages)
    assert 0.55 <= sum(bool(_steps(m, "answer")) for m in messages) / total <= 0.7
    unsolved = [m for m in messages if any(not step["solved"] for step in _steps(m, "rate"))]
    assert 0.04 <= len(unsolved) / total <= 0.08
    assert all(len(_steps(m, "answer")) == 2 for m in unsolved)
    assert 0.02 <= sum(bool(_steps(m, "return")) for m in messages) / total <= 0.04
    unfinished = [m for m in messages if m["outcome"] and m["outcome"][-1]["do"] in {"accept", "answer"}]
    assert len(unfinished) >= 20
    assert any(m["outcome"] is None for m in messages)


def test_every_answer_was_written_for_its_matter(messages: list[Row]) -> None:
    answers = [step["text"] for m in messages for step in _steps(m, "answer")]
    assert len(set(answers)) == len(answers) >= 380
    assert all(len(text) >= 40 for text in answers)
    for message in messages:
        for step in _steps(message, "answer"):
            assert (_script(step["text"]) == "en") == (_script(message["text"]) == "en"), message["id"]


def test_nothing_looks_like_a_real_number_or_address(messages: list[Row]) -> None:
    for message in messages:
        said = [message["text"], message["place_words"]]
        for step in message["outcome"] or []:
            said += [
                step.get("text", ""),
                step.get("reason", ""),
                step.get("comment", ""),
            ]
        for text in said:
            assert not re.search(r"\d{6,}|\d{3,4}-\d{4,}|@|https?:", text), message["id"]
        if message["contact"]:
            assert re.fullmatch(r"1\d\d\*{4}0000", message["contact"]["phone"])
            assert set(message["contact"]) == {"name", "phone"}
    contacts = sum(m["contact"] is not None for m in messages)
    assert 0.3 * len(messages) < contacts < 0.8 * len(messages)
