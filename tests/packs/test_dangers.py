"""The dangers that the packs ship: their cases are found, harmless words are left alone, everybody has a number."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest

from gongzhi.apps.understanding.hazards import compile_hazards, scan
from gongzhi.apps.understanding.pack import HazardEntry
from gongzhi.scenarios import loader
from gongzhi.scenarios.model import LANGUAGES, Scenario

ROOT: Final = Path(__file__).parents[2]
PACKS, DEMO = ROOT / "packs", ROOT / "demo"
# Characters that only traditional texts use; one of them at least stands in each traditional case.
TRADITIONAL: Final = frozenset(
    "們來沒樓會電車發點過體頭門開關號實驗觸員說輕還機濃煙線斷險塊脫鎖慘護蹤馬誤當藥見氣蓋裡貨傷聲這個時間萬災滅讓邊幾兩媽從給鄰處聞廠長槍"
)
HARMLESS: Final = """
如果着火了往哪里跑，请画一张疏散图
万一煤气泄漏应该打哪个电话
怕孩子掉进河里，建议装护栏
消防通道被堵，一旦发生火灾消防车进不来
电线老化，容易引发火灾，请更换
差点被电动车撞倒，请加个隔离墩
建议做好防溺水宣传
为防止触电，请给配电箱加锁
担心发生车祸，能不能装个红绿灯
明天上午小区消防演习冒烟是正常的
社区什么时候办晕倒急救培训
下周三有反家暴法律讲座
学校组织地震倒塌演练
想报名燃气泄漏应急演练
去年楼下失火之后一直没有修
上个月父亲脑出血，想申请临时救助
以前这里发生过车祸
现在是信息大爆炸的时代，公告太多看不过来
夜市生意火爆，停车难
物业的态度真是气死我了
热得要命，公交车没有空调
这个价格简直是抢劫
噪音像一颗定时炸弹
商场跳楼价甩卖，喇叭太吵
打死我也不信物业会修
烧烤店冒烟，油烟呛人
工厂烟囱冒黑烟
燃气灶打不着火，表也充不进去
电梯困难户能不能优先加装
人情味越来越淡
轮胎漏气，想找个打气的地方
他发起火来谁也劝不住
一起火锅聚餐的通知在哪里看
垃圾倒在路边没人收
救命稻草
老公打我电话打不通，麻烦转告
孩子打疫苗去哪里
学生打篮球太晚，吵
狗走丢了，能不能帮忙贴个启事
请关注孩子的作业负担
井盖已经修好了，谢谢师傅
落水管坏了，雨水滴到楼下
马路中间有一只被撞死的狗
加装电梯卡在一楼那户不同意
路灯不亮，晚上很黑
居住证怎么办理，要什么材料
萬一失火要往哪裡跑
明天舉辦消防演習
夜市生意很火爆
路燈不亮，請派人來修
I was fired last week, where can I get unemployment benefit?
When is the next fire drill?
The fire hydrant is blocked by a parked car
Please repair the fire escape sign
What should I do if there is a fire?
If my neighbour's car caught fire, would the insurance pay?
We are drowning in trash on this street
This app is killing my battery
The information explosion makes it hard to find the right form
My phone exploded with messages about the new parking rules
A broken swing could hurt a child
I almost got hit by a car at this crossing
How do I register for CPR training?
The gas station on Main Street overcharges
My dog is missing, can I put up posters?
A dog was hit by a car, please collect the body
Swimming class to prevent drowning
Where is the suicide prevention workshop?
Overflowing trash can at the park
""".strip().splitlines()


def office(name: str) -> dict[str, Any]:
    return tomllib.loads((DEMO / name / "jurisdiction.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    """Base and community together, as the sub-district has them."""
    return loader.load_packs(PACKS, ["base", "community"])


@pytest.fixture(scope="module")
def base() -> Scenario:
    """The base alone, as Boston has it."""
    return loader.load_packs(PACKS, ["base"])


def hazards_of(scenario: Scenario) -> list[HazardEntry]:
    return list(scenario.entries("hazards.toml"))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_advice_in_danger_is_short_and_names_no_number(scenario: Scenario, lang: str) -> None:
    for hazard in hazards_of(scenario):
        words = scenario.strings(lang)[f"hazard.{hazard.key}"]
        assert not re.search(r"\d{3}", words), "the office says which number to call"
        assert len(words) <= (150 if lang == "en" else 70), hazard.key
        assert len(scenario.strings(lang)[f"hazard.{hazard.key}.label"]) <= (40 if lang == "en" else 14)


def test_each_hazard_finds_all_its_cases(scenario: Scenario) -> None:
    compiled = compile_hazards(hazards_of(scenario))
    missed = [
        (hazard.key, case)
        for hazard in hazards_of(scenario)
        for case in hazard.cases
        if hazard.key not in {hit.key for hit in scan(case, compiled)}
    ]
    assert missed == []


def test_each_hazard_has_cases_in_three_languages(scenario: Scenario, base: Scenario) -> None:
    assert len(hazards_of(base)) >= 14
    for hazard in hazards_of(scenario):
        english = [case for case in hazard.cases if case.isascii()]
        hant = [case for case in hazard.cases if TRADITIONAL & set(case)]
        assert len(set(hazard.cases)) == len(hazard.cases) >= 8, hazard.key
        assert english and hant and len(hazard.cases) - len(english) - len(hant) >= 3, hazard.key


def test_at_least_sixty_harmless_words_are_left_alone() -> None:
    assert len(set(HARMLESS)) == len(HARMLESS) >= 60


@pytest.mark.parametrize("words", HARMLESS)
def test_harmless_words_are_no_danger(scenario: Scenario, words: str) -> None:
    hits = scan(words, compile_hazards(hazards_of(scenario)))
    assert [(hit.key, hit.words) for hit in hits] == []


def test_capitals_and_full_width_signs_do_not_hide_a_danger(scenario: Scenario) -> None:
    compiled = compile_hazards(hazards_of(scenario))
    for said in (
        "THE KITCHEN IS ON FIRE",
        "Ｔｈｅ ｋｉｔｃｈｅｎ ｉｓ ｏｎ ｆｉｒｅ！",
        "去年失火过，现在又着火了！",
    ):
        assert [hit.key for hit in scan(said, compiled)] == ["fire"]


def test_few_messages_of_a_district_are_taken_for_danger(scenario: Scenario) -> None:
    compiled = compile_hazards(hazards_of(scenario))
    lines = (DEMO / "xingfu" / "messages.jsonl").read_text(encoding="utf-8").splitlines()
    share = sum(bool(scan(json.loads(line)["text"], compiled)) for line in lines) / len(lines)
    assert 0.03 < share < 0.12


def test_patterns_read_a_text_once(scenario: Scenario) -> None:
    for hazard in hazards_of(scenario):
        for pattern in (*hazard.patterns, *hazard.not_when):
            assert not re.search(r"(?<!\\)\.[*+]|\)[*+]|\{\d*,\}", pattern), (hazard.key, pattern)
            assert re.compile(pattern).search("") is None, (hazard.key, pattern)


@pytest.mark.parametrize("name", ["xingfu", "boston"])
def test_each_office_has_the_number_that_a_danger_names(name: str) -> None:
    about = office(name)
    wanted = {hazard.emergency for hazard in hazards_of(loader.load_packs(PACKS, about["packs"]))}
    assert wanted <= set(about["emergency"])


def test_worked_cases_name_the_danger_that_is_found(scenario: Scenario) -> None:
    compiled = compile_hazards(hazards_of(scenario))
    for case in scenario.entries("cases.toml"):
        found = [hit.key for hit in scan(case.says, compiled)]
        assert case.hazard in found if case.hazard else found == [], (case.says, found)
