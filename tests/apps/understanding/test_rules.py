"""What the machine may decide, and what not."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongzhi.apps.understanding import rules
from gongzhi.apps.understanding.hazards import compile_hazards, scan
from gongzhi.apps.understanding.pack import HazardEntry

SURE: dict[str, Any] = {
    "abstained": False, "hazards": [], "sensitive": False, "category": "roads.potholes",
    "from_channel": False, "labels": 200, "auto_route": True,
}  # fmt: skip
ALL = frozenset(
    {"roads", "roads.potholes", "roads.streetlight", "sanitation", "sanitation.garbage", "other.unclear"}
)


def test_routing_begins_at_two_hundred_confirmed_labels() -> None:
    assert rules.may_route(**SURE)
    assert not rules.may_route(**SURE | {"labels": 199})


@pytest.mark.parametrize(
    "change",
    [
        {"abstained": True},
        {"hazards": ["fire"]},
        {"sensitive": True},
        {"category": "other.unclear"},
        {"auto_route": False},
    ],
)
def test_doubt_danger_and_delicate_matters_go_to_a_person(change: dict[str, Any]) -> None:
    assert not rules.may_route(**SURE | {"labels": 9_999} | change)
    assert not rules.may_route(**SURE | {"from_channel": True} | change)


def test_a_category_that_came_with_the_report_needs_no_labels() -> None:
    assert rules.may_route(**SURE | {"from_channel": True, "labels": 0})


def test_the_parent_is_said_where_only_it_is_sure() -> None:
    classes = ["roads.potholes", "roads.streetlight", "sanitation.garbage"]
    both = rules.choose(classes, [0.5, 0.45, 0.05], ALL, 0.9)
    assert (both.category, both.abstained) == ("roads", False)
    assert both.probability == pytest.approx(0.95)
    assert [c for c, _ in both.top] == ["roads.potholes", "roads.streetlight", "sanitation.garbage"]
    torn = rules.choose(classes, [0.5, 0.0, 0.5], ALL, 0.9)
    assert (torn.category, torn.abstained) == ("roads.potholes", True)


def test_categories_that_the_office_does_not_have_are_never_said() -> None:
    choice = rules.choose(["health.clinic", "sanitation.garbage"], [0.9, 0.1], ALL, 0.9)
    assert (choice.category, choice.probability) == ("sanitation.garbage", 1.0)
    nothing = rules.choose(["health.clinic", "other.unclear"], [0.5, 0.5], ALL, 0.9)
    assert (nothing.category, nothing.abstained) == ("other.unclear", True)


@given(st.lists(st.floats(0, 1), min_size=3, max_size=3), st.floats(0, 1))
def test_a_decision_always_reaches_the_threshold(weights: list[float], threshold: float) -> None:
    classes = ["roads.potholes", "roads.streetlight", "sanitation.garbage"]
    choice = rules.choose(classes, weights, ALL, threshold)
    assert choice.category in ALL
    assert choice.abstained or choice.probability >= threshold
    assert 0 <= choice.probability <= 1 + 1e-9


def test_a_challenger_is_refused_only_when_it_is_worse_than_chance_explains() -> None:
    assert not rules.is_clearly_worse(0, 0)
    assert not rules.is_clearly_worse(6, 4)
    assert not rules.is_clearly_worse(4, 40)
    assert rules.is_clearly_worse(20, 5)
    assert rules.compared(
        {1: "a", 2: "b", 3: "c"}, {1: "a", 2: "x", 3: "y"}, {1: "a", 2: "b", 3: "y", 4: "z"}
    ) == (1, 1)


FIRE = compile_hazards(
    [HazardEntry(key="fire", emergency="fire", patterns=["着火", "on fire"], not_when=["演习", "如果", "怕"])]
)


@pytest.mark.parametrize(
    "text", ["三楼着火了！", "The shop is ON FIRE", "上次是演习，这次真的着火了", "着火了，不是演习"]
)
def test_danger_is_found(text: str) -> None:
    assert [hit.key for hit in scan(text, FIRE)] == ["fire"]


@pytest.mark.parametrize("text", ["消防演习假装着火", "如果着火怎么办", "路灯坏了", ""])
def test_what_is_only_imagined_is_no_danger(text: str) -> None:
    assert scan(text, FIRE) == []


def test_one_real_mention_counts_beside_imagined_ones() -> None:
    assert scan("我一直怕着火。昨晚二楼真着火了。", FIRE)[0].words == "着火"
