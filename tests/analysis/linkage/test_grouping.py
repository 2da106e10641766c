"""Messages about the same matter share a group; themes that repeat in many places do not make one."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from gongzhi_analysis.linkage.grouping import group_messages, sizes
from gongzhi_analysis.linkage.places import place_names
from gongzhi_analysis.reference.linkage import b_cubed

MATTERS = [
    ("杏花里小区", "楼下搅拌站夜里施工粉尘大，居民无法开窗睡觉"),
    ("柳叶里小区", "开发商捆绑销售车位，不买车位不让选房"),
    ("和睦路", "路口红绿灯配时太短，老人过不去马路"),
    ("晨光公园", "广场舞音响震天响，孩子没法写作业"),
    ("福安里小区", "电梯困人三次，物业一直不维修更换"),
    ("槐安路", "烧烤店油烟直排进住户家里，熏得头疼"),
]
BEGIN = ["", "请问领导，", "强烈投诉！", "再次反映：", "我是业主，"]
END = ["请尽快处理。", "谢谢！", "什么时候能解决？", "盼复。", "已经说过很多次了。"]


def town(seed: int = 1) -> tuple[list[str], list[int]]:
    """Each matter told by six people, and a hundred lone messages."""
    draw = random.Random(seed)
    rows = []
    for number, (place, matter) in enumerate(MATTERS):
        for _ in range(6):
            words = matter.split("，")
            draw.shuffle(words)
            rows.append((f"{draw.choice(BEGIN)}{place}{'，'.join(words)}，{draw.choice(END)}", number))
    letters = [chr(0x4E00 + i) for i in range(3_000)]
    rows += [("".join(draw.choices(letters, k=30)), 100 + i) for i in range(100)]
    draw.shuffle(rows)
    return [t for t, _ in rows], [g for _, g in rows]


def test_the_same_matters_are_found_and_lone_messages_stay_alone() -> None:
    texts, gold = town()
    precision, recall, f = b_cubed(group_messages(texts), gold)
    assert precision > 0.98
    assert recall > 0.9
    assert f > 0.95


def test_the_same_theme_in_another_place_is_another_matter() -> None:
    texts = [
        f"{place}{matter}，请尽快处理"
        for place in ("杏花里小区", "柳叶里小区")
        for matter in ["电梯困人三次没人修"] * 4
    ]
    groups = group_messages(texts + town()[0])
    assert len(set(groups[:4])) == 1
    assert set(groups[:4]).isdisjoint(groups[4:8])


def test_far_apart_points_keep_equal_words_apart_and_near_ones_join_them() -> None:
    texts = ["路灯不亮了，晚上很黑，请来修"] * 4 + town()[0]
    points = [(116.30, 39.90), (116.3005, 39.9002), (116.36, 39.90), (116.3603, 39.9001)] + [None] * len(
        town()[0]
    )
    groups = group_messages(texts, points=points)
    assert groups[0] == groups[1]
    assert groups[2] == groups[3]
    assert groups[0] != groups[2]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(alphabet="路灯坏了垃圾没人清小区东门 a1\n", max_size=20), max_size=25))
def test_every_message_has_a_group_and_numbers_run_from_zero(texts: list[str]) -> None:
    groups = group_messages(texts)
    assert len(groups) == len(texts)
    first_seen = list(dict.fromkeys(groups))
    assert first_seen == list(range(len(first_seen)))
    assert sum(sizes(groups).values()) == len(texts)


def test_grouping_is_the_same_every_time() -> None:
    texts, _ = town()
    assert group_messages(texts) == group_messages(texts)


def test_empty_messages_stay_alone() -> None:
    assert group_messages(["", "", "。"]) == [0, 1, 2]
    assert group_messages([]) == []


def test_place_names_are_found_by_how_they_end() -> None:
    assert place_names("我家住杏花里小区，槐安路那边也一样") >= {"杏花里小区", "槐安路"}
    assert place_names("The light in Mill Lane near Hope School is out") == {"mill lane", "hope school"}
    assert place_names("小区里很脏") == frozenset()
