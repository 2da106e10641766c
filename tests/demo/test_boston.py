"""The Boston files: whole, small, without persons, and their parts fit each other."""

import importlib.util
import json
import re
import tomllib
from collections import Counter
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pyarrow.parquet as pq
import pytest
import shapely

ROOT = Path(__file__).resolve().parents[2]
BOSTON = ROOT / "demo" / "boston"
REQUESTS = BOSTON / "requests_2011H2.parquet"
ORIGINAL = ROOT.parent / "shared" / "data" / "us311" / "boston_2011H2_all.parquet"
CODE = re.compile(r"[a-z][a-z0-9_-]*")
LANGUAGES = {"en", "zh-hans", "zh-hant"}
PHONE = re.compile(r"(?<!\d)(?:\(?\d{3}\)?[ .-]{0,2})?\d{3}[ .-]\d{4}(?!\d)|(?<!\d)\d{10}(?!\d)")
MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[A-Za-z]{2,}")
PERSON = re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Dr|Officer|Inspector|Rep|Councilor|Supervisor)\b\.? [A-Z]")
STREET_OF_A_PERSON = re.compile(r"\bDr\. [A-Z]\w+(?: [A-Z]\w+)* (?:Way|Cir), ")

Rows = list[dict[str, Any]]


def toml(name: str) -> dict[str, Any]:
    return tomllib.loads((BOSTON / f"{name}.toml").read_text("utf-8"))


def tool(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def rows() -> Rows:
    found: Rows = pq.read_table(REQUESTS).to_pylist()
    return found


@pytest.fixture(scope="module")
def areas() -> dict[str, dict[str, Any]]:
    features = json.loads((BOSTON / "areas.geojson").read_text("utf-8"))["features"]
    return {item["properties"]["code"]: item for item in features}


def unknown_points() -> set[tuple[float, float]]:
    return {(point["lon"], point["lat"]) for point in toml("dataset")["unknown_point"]}


def test_every_request_is_there_once_and_the_file_is_small(rows: Rows) -> None:
    assert len(rows) == toml("dataset")["file"]["rows"] == 58_251
    assert len({row["case_enquiry_id"] for row in rows}) == len(rows)
    assert REQUESTS.stat().st_size < 2_000_000


def test_columns_and_their_types() -> None:
    schema = pq.read_schema(REQUESTS)
    assert schema.names == [
        "case_enquiry_id",
        "open_dt",
        "target_dt",
        "closed_dt",
        "case_status",
        "case_title",
        "department",
        "reason",
        "type",
        "closure_reason",
        "location",
        "neighborhood",
        "source",
        "latitude",
        "longitude",
    ]
    assert all(
        str(schema.field(name).type) == "timestamp[ms]" for name in ("open_dt", "target_dt", "closed_dt")
    )
    assert b"America/New_York" in schema.metadata[b"times"]
    assert schema.metadata[b"licence"] == b"PDDL-1.0"


def test_oldest_first_and_all_from_the_half_year(rows: Rows) -> None:
    opened = [row["open_dt"] for row in rows]
    assert opened == sorted(opened)
    assert datetime(2011, 7, 1) <= opened[0] and opened[-1] < datetime(2012, 1, 1)
    assert all((row["closed_dt"] is None) == (row["case_status"] == "Open") for row in rows)
    assert all(row["closed_dt"] >= row["open_dt"] for row in rows if row["closed_dt"])


def test_the_hurricane_is_in_it(rows: Rows) -> None:
    trees = Counter(row["open_dt"].date() for row in rows if row["reason"] == "Trees")
    assert trees.most_common(1) == [(datetime(2011, 8, 28).date(), 777)]


@pytest.mark.parametrize("pattern", [PHONE, MAIL, PERSON], ids=["phone", "e-mail", "person"])
def test_no_contact_and_no_person(rows: Rows, pattern: re.Pattern[str]) -> None:
    texts = {value for row in rows for value in row.values() if isinstance(value, str)}
    assert [text for text in texts if pattern.search(STREET_OF_A_PERSON.sub("", text))] == []


def test_closing_holds_standard_outcomes_only(rows: Rows) -> None:
    prepare = tool("boston_prepare")
    assert {row["closure_reason"] for row in rows} <= {*prepare.OUTCOMES, prepare.OTHER_OUTCOME, ""}


def test_remarks_and_names_are_taken_out() -> None:
    prepare = tool("boston_prepare")
    assert prepare.outcome_of("Case Closed Case Resolved  fixed. Jo Doe  Engineer [phone]") == "Case Resolved"
    assert (
        prepare.outcome_of(". Closed date : 2017-11-27 14:09:40.32 Case Noted RECENTLY PAVED") == "Case Noted"
    )
    assert prepare.outcome_of("Case Closed  jo doe") == "Other"
    assert prepare.outcome_of(" ") == prepare.outcome_of(None) == ""
    assert prepare.title_of("Request from State Rep. Jo Doe", "Park Request") == "Park Request"
    assert prepare.title_of("call 617-555-0100", "Pothole") == "Pothole"
    assert (
        prepare.title_of("Park Lighting Issue: Malcolm X Park", "Lights")
        == "Park Lighting Issue: Malcolm X Park"
    )
    assert prepare.location_of("20 Outlook Rd  Mattapan  MA  02126") == "20 Outlook Rd, Mattapan, MA 02126"


def test_all_types_are_mapped_and_no_others(rows: Rows) -> None:
    types = toml("categories")["types"]
    assert {row["type"] for row in rows} == set(types)
    assert len(types) == 141


def test_categories_are_those_of_the_base_pack() -> None:
    pack = ROOT / "packs" / "base" / "categories.toml"
    keys = {entry["key"] for entry in tomllib.loads(pack.read_text("utf-8"))["category"]}
    used = {*toml("categories")["types"].values(), *(item["category"] for item in toml("power_list")["item"])}
    assert used <= keys


def test_the_stand_in_point_is_the_commonest(rows: Rows) -> None:
    ((point, count),) = Counter((row["longitude"], row["latitude"]) for row in rows).most_common(1)
    assert {point} == unknown_points()
    assert count == toml("dataset")["unknown_point"][0]["rows"] == 4_775


def test_neighbourhoods_lead_to_areas(rows: Rows, areas: dict[str, dict[str, Any]]) -> None:
    dataset = toml("dataset")
    codes = set(areas) - {"boston"}
    assert set(dataset["neighborhoods"].values()) == codes == set(dataset["area_names"])
    assert {row["neighborhood"] for row in rows} - set(dataset["neighborhoods"]) == {
        "",
        "Boston",
        "Chestnut Hill",
    }


def test_areas_are_valid_and_do_not_overlap(areas: dict[str, dict[str, Any]]) -> None:
    assert (BOSTON / "areas.geojson").stat().st_size <= 150_000
    box = shapely.box(
        *(toml("jurisdiction")["bbox"][key] for key in ("min_lon", "min_lat", "max_lon", "max_lat"))
    )
    shapes = {code: shapely.from_geojson(json.dumps(item["geometry"])) for code, item in areas.items()}
    for code, item in areas.items():
        assert shapes[code].is_valid and shapes[code].geom_type in {"Polygon", "MultiPolygon"}, code
        assert box.contains(shapes[code]), code
        assert CODE.fullmatch(code) and set(item["properties"]["names"]) == LANGUAGES
        assert item["properties"]["parent"] == (None if code == "boston" else "boston")
    parts = [shape for code, shape in shapes.items() if code != "boston"]
    assert sum(part.area for part in parts) == pytest.approx(shapely.union_all(parts).area, rel=1e-3)
    assert shapes["boston"].area == pytest.approx(shapely.union_all(parts).area, rel=1e-2)


def test_most_requests_lie_in_their_area(rows: Rows, areas: dict[str, dict[str, Any]]) -> None:
    unknown, codes = unknown_points(), toml("dataset")["neighborhoods"]
    shapes = {code: shapely.from_geojson(json.dumps(areas[code]["geometry"])) for code in set(codes.values())}
    placed = [
        (codes[row["neighborhood"]], row["longitude"], row["latitude"])
        for row in rows
        if row["neighborhood"] in codes and (row["longitude"], row["latitude"]) not in unknown
    ]
    points = shapely.points([(lon, lat) for _, lon, lat in placed])
    inside = {code: shapely.contains(shape, points) for code, shape in shapes.items()}
    somewhere = sum(any(found[i] for found in inside.values()) for i in range(len(placed)))
    own = sum(bool(inside[code][i]) for i, (code, _, _) in enumerate(placed))
    assert somewhere >= 0.95 * len(placed)
    assert own >= 0.95 * len(placed)


def test_units_people_and_power_list_fit(rows: Rows, areas: dict[str, dict[str, Any]]) -> None:
    units, seen = toml("units")["unit"], set()
    for unit in units:
        assert CODE.fullmatch(unit["code"]) and unit["code"] not in seen
        assert unit.get("parent") is None or unit["parent"] in seen, unit["code"]
        assert set(unit["areas"]) <= set(areas) and set(unit["names"]) == LANGUAGES
        seen.add(unit["code"])
    assert [unit["code"] for unit in units if unit.get("convening")] == ["hotline"]
    departments = toml("dataset")["departments"]
    assert {row["department"] for row in rows} == set(departments)
    assert set(departments.values()) <= seen
    assert {person["unit"] for person in toml("people")["person"]} <= seen


def test_the_power_list_names_units_and_days() -> None:
    units = {unit["code"] for unit in toml("units")["unit"]}
    items = toml("power_list")["item"]
    assert (
        len({item["code"] for item in items}) == len({item["category"] for item in items}) == len(items) >= 30
    )
    for item in items:
        assert {item["lead"], *item["helpers"]} <= units and item["lead"] not in item["helpers"]
        assert item["unit"] == "workday" and 1 <= item["amount"] <= 250
        assert item["verified"] is False and "Boston 311, 2011 H2" in item["source"]
    assert "other.unclear" not in {item["category"] for item in items}


def test_demo_sign_ins_have_the_roles_promised() -> None:
    roles = {person["username"]: person["roles"] for person in toml("people")["person"]}
    assert roles == {
        "boston_coordinator": ["coordinator"],
        "boston_leader": ["leader"],
        "boston_admin": ["admin"],
        "boston_pwd": ["handler"],
        "boston_isd": ["handler"],
        "boston_parks": ["handler"],
        "boston_traffic": ["handler"],
    }


def test_the_shipped_file_is_what_the_tool_makes(rows: Rows) -> None:
    if not ORIGINAL.exists():
        pytest.skip("needs the city's original file, which is not part of this repository")
    assert tool("boston_prepare").shipped_table(pq.read_table(ORIGINAL)).to_pylist() == rows
