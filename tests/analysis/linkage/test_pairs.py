"""How alike two reports are, and why, in features that a person can check."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongzhi_analysis.linkage.pairs import Said, metres, pair_score, said
from gongzhi_analysis.reference import linkage as slow

POTHOLE = "学校门口的路面有个大坑，下雨天电动车摔倒两次了"
LON, LAT = st.floats(116, 117), st.floats(39, 40)


def here(text: str = POTHOLE, hours: float = 0, **more: object) -> Said:
    values: dict[str, object] = {"lon": 116.3, "lat": 39.9, "category": "roads.potholes"}
    return said(text, hours, **(values | more))  # type: ignore[arg-type]


@given(LON, LAT, LON, LAT)
def test_distance_equals_the_slow_twin(lon1: float, lat1: float, lon2: float, lat2: float) -> None:
    found = metres(said("", 0, lon=lon1, lat=lat1), said("", 0, lon=lon2, lat=lat2))
    assert found == pytest.approx(slow.metres(lon1, lat1, lon2, lat2), abs=0.2)


@given(
    st.text(alphabet="路灯坏了大坑", max_size=20),
    st.text(alphabet="路灯坏了大坑", max_size=20),
    st.floats(0, 2000),
)
def test_the_score_is_symmetric_and_a_probability(a: str, b: str, hours: float) -> None:
    first, second = here(a), here(b, hours, lon=116.303)
    assert pair_score(first, second).score == pair_score(second, first).score
    assert 0 <= pair_score(first, second).score <= 1


def test_each_circumstance_moves_the_score_the_way_a_person_would() -> None:
    same = pair_score(here(), here()).score
    assert same > 0.9
    assert pair_score(here(), here("路面有个大坑请修补")).score < same
    assert pair_score(here(), here(lon=116.34)).score < same
    assert pair_score(here(), here(hours=24 * 40)).score < same
    assert pair_score(here(), here(category="utilities.water")).score < same


def test_another_named_place_is_strong_evidence_against() -> None:
    far_apart = {"lon": None, "lat": None}
    a = here(places=frozenset({"杏花里"}), **far_apart)
    b = here(places=frozenset({"柳叶里"}), **far_apart)
    scored = pair_score(a, b)
    assert scored.score < pair_score(a, here(places=frozenset({"杏花里"}), **far_apart)).score - 0.05
    assert "place_conflict" in {r.key for r in scored.reasons}


def test_reasons_are_readable_keys_and_single_values() -> None:
    scored = pair_score(here(places=frozenset({"杏花里"})), here(places=frozenset({"杏花里"}), hours=5))
    reasons = {r.key: r.value for r in scored.reasons}
    assert reasons["text_similarity"] == 1.0
    assert reasons["distance_m"] == 0
    assert reasons["hours_apart"] == 5.0
    assert reasons["place_words"] == "杏花里"
    assert reasons["category"] == "roads.potholes"


def test_without_points_nothing_is_said_about_distance() -> None:
    scored = pair_score(here(lon=None), here())
    assert "distance_m" not in {r.key for r in scored.reasons}


def test_the_same_few_words_some_way_apart_are_perhaps_the_same_and_never_surely() -> None:
    here = said("street light out", 0.0, lon=120.0, lat=30.0, category="roads.streetlight")
    near = said("street light out", 1.0, lon=120.0005, lat=30.0, category="roads.streetlight")
    apart = said("street light out", 1.0, lon=120.0052, lat=30.0, category="roads.streetlight")
    assert 300 < (metres(here, apart) or 0) < 600
    assert pair_score(here, near).score > 0.95
    assert pair_score(here, apart).score <= 0.8
    long = "The street light in front of the school has been out since Monday, and cars pass fast there at night."
    a, b = (said(long, h, lon=lon, lat=30.0) for h, lon in ((0.0, 120.0), (1.0, 120.0052)))
    assert pair_score(a, b).score > 0.8
