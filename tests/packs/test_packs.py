"""The packs that ship: whole, in three languages, the demonstrations' tree; calendars, tables of tickets."""

import json
import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest

from gongzhi.apps.channels.kinds.hotline_file.columns import OPTIONAL, REQUIRED, find_columns, folded
from gongzhi.apps.channels.kinds.hotline_file.moments import read_moment
from gongzhi.apps.channels.pack import TicketMapping
from gongzhi.apps.channels.rules import REQUEST_TYPES
from gongzhi.apps.places import queries as places
from gongzhi.apps.places.models import Jurisdiction
from gongzhi.apps.understanding.categories import CategoryTree
from gongzhi.kernel.calendar import WorkCalendar, workday_after
from gongzhi.scenarios import loader
from gongzhi.scenarios.model import LANGUAGES, Scenario

ROOT: Final = Path(__file__).parents[2]
PACKS, DEMO = ROOT / "packs", ROOT / "demo"
# Each simplified character beside the traditional one: the first never stands in a traditional text.
PAIRS: Final = (
    "个個 这這 们們 来來 没沒 楼樓 区區 园園 广廣 场場 钱錢 说說 时時 会會 学學 对對 电電 车車 师師 发發 点點 还還 么麼 费費 "
    "灯燈 帮幫 处處 长長 门門 开開 关關 号號 铁鐵 员員 动動 业業 东東 丽麗 书書 买買 云雲 产產 亲親 务務 劳勞 医醫 单單 "
    "卫衛 厂廠 压壓 县縣 双雙 听聽 响響 围圍 国國 坏壞 块塊 报報 护護 担擔 换換 损損 无無 旧舊 显顯 机機 权權 条條 样樣 桥橋 "
    "欢歡 气氣 污汙 汉漢 沟溝 浊濁 灭滅 热熱 环環 现現 盖蓋 离離 种種 签簽 纠糾 线線 组組 细細 终終 绿綠 网網 职職 联聯 节節 "
    "范範 虫蟲 观觀 规規 触觸 认認 议議 设設 证證 评評 诉訴 话話 该該 语語 请請 读讀 课課 调調 质質 贴貼 贫貧 购購 资資 转轉 "
    "轮輪 软軟 载載 边邊 达達 过過 运運 进進 远遠 连連 适適 选選 递遞 遗遺 邻鄰 释釋 里裡 钥鑰 闭閉 间間 闻聞 队隊 阳陽 阶階 "
    "随隨 隐隱 难難 霉黴 静靜 须須 领領 频頻 题題 颜顏 风風 饭飯 养養 马馬 驶駛 验驗 鱼魚 鸡雞 龄齡 烟煙 烧燒 义義 务務 属屬"
)
SHARED: Final = frozenset("污里霉")  # traditional texts use these too
# What says too much about people for a public list: each with its reason in categories.toml.
SENSITIVE: Final = {
    "welfare.elderly", "welfare.allowance", "welfare.children", "labour.wages", "labour.injury",
    "community.dispute", "governance.service_attitude",
}  # fmt: skip


def _toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    """Base and community together, as the sub-district has them."""
    return loader.load_packs(PACKS, ["base", "community"])


@pytest.fixture(scope="module")
def base() -> Scenario:
    """The base alone, as Boston has it."""
    return loader.load_packs(PACKS, ["base"])


@pytest.fixture(autouse=True)
def _shipped_packs() -> Iterator[None]:
    known = list(loader._root)
    loader.set_packs_root(PACKS)
    places._calendar.cache_clear()
    yield
    loader._root[:] = known
    loader.scenario_for.cache_clear()


def mapping_of(scenario: Scenario, key: str) -> TicketMapping:
    found: TicketMapping = next(m for m in scenario.entries("mappings/*.toml") if m.key == key)
    return found


def office(name: str) -> dict[str, Any]:
    return _toml(DEMO / name / "jurisdiction.toml")


def calendar(name: str) -> WorkCalendar:
    about = office(name)
    return places.calendar_of(
        Jurisdiction(code=name, calendar=about["calendar"], zone=about["zone"], packs=about["packs"])
    )


def test_community_stands_on_base(scenario: Scenario, base: Scenario) -> None:
    assert [head.key for head in scenario.packs] == ["base", "community"]
    assert loader.load_packs(PACKS, ["community"]).digest == scenario.digest
    assert set(base.strings("en")) < set(scenario.strings("en"))


def test_the_tree_is_the_one_the_demonstrations_use(scenario: Scenario, base: Scenario) -> None:
    tree = CategoryTree(base)
    lines = (DEMO / "xingfu" / "messages.jsonl").read_text(encoding="utf-8").splitlines()
    assert set(tree.leaves()) == {json.loads(line)["category"] for line in lines}
    boston = set(_toml(DEMO / "boston" / "categories.toml")["types"].values())
    lists = [_toml(DEMO / name / "power_list.toml")["item"] for name in ("xingfu", "boston")]
    assert boston | {item["category"] for items in lists for item in items} <= set(tree)
    assert CategoryTree(scenario).keys() == tree.keys(), "the community pack adds no category"
    assert len(tree.leaves()) == 63 and len(tree.keys()) == 79


def test_a_key_says_its_parent_and_parents_come_first(base: Scenario) -> None:
    tree, seen = CategoryTree(base), set()
    for key in tree:
        assert tree.parent(key) == (key.rpartition(".")[0] or None)
        assert tree.parent(key) in seen | {None}
        seen.add(key)


def test_only_people_say_that_a_matter_is_unclear(base: Scenario) -> None:
    tree = CategoryTree(base)
    assert set(tree) - tree.predicted == {"other.unclear"}


def test_sensitive_categories_are_those_agreed_upon(base: Scenario) -> None:
    tree = CategoryTree(base)
    assert {key for key in tree if tree.is_sensitive(key)} == SENSITIVE


def test_radius_is_never_zero_and_fits_what_is_meant(base: Scenario) -> None:
    tree = CategoryTree(base)
    assert all(50 <= tree.radius_m(key) <= 2_000 for key in tree.leaves())
    assert tree.radius_m("housing.elevator") < tree.radius_m("environment.noise_living")
    assert tree.radius_m("environment.noise_living") < tree.radius_m("utilities.power")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_category_has_a_name_of_its_own_and_a_sentence(base: Scenario, lang: str) -> None:
    tree = CategoryTree(base)
    # The import reads a category by its name as well as by its key, so names must differ after folding too.
    names = Counter(folded(tree.label(key, lang)) for key in tree)
    assert [name for name, times in names.items() if times > 1] == []
    for key in tree:
        assert 2 <= len(tree.label(key, lang)) <= (45 if lang == "en" else 14), key
        assert tree.help(key, lang)[-1] in "。." and len(tree.help(key, lang)) >= 8, key


def test_traditional_words_hold_no_simplified_character_and_the_other_way_round(scenario: Scenario) -> None:
    pairs = [pair for pair in PAIRS.split() if pair[0] not in SHARED]
    simplified, traditional = ({pair[side] for pair in pairs} for side in (0, 1))
    for key, words in scenario.strings("zh-hant").items():
        assert not simplified & set(words), (key, simplified & set(words))
    for key, words in scenario.strings("zh-hans").items():
        assert not traditional & set(words), (key, traditional & set(words))
    for key, words in scenario.strings("en").items():
        assert words.isascii(), key


def test_traditional_words_are_not_only_converted(base: Scenario) -> None:
    said = "".join(base.strings("zh-hant").values())
    for mainland in ("信息", "質量", "短信", "打印", "寬帶", "視頻", "網絡", "公交", "出租車"):
        assert mainland not in said


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-10-01", False),
        ("2026-10-10", True),
        ("2026-02-14", True),
        ("2026-02-17", False),
        ("2026-03-07", False),
    ],
)
def test_chinese_holidays_and_make_up_days(day: str, works: bool) -> None:
    assert calendar("xingfu").is_workday(date.fromisoformat(day)) is works


@pytest.mark.parametrize(
    "day",
    [
        "2011-07-04", "2011-03-17", "2011-06-17", "2011-10-10", "2011-11-24", "2011-12-26", "2012-06-18", "2015-07-03",
        "2017-11-10", "2020-07-03", "2021-06-18", "2022-06-20", "2010-12-31", "2026-11-26", "2027-12-31",
    ],
)  # fmt: skip
def test_days_on_which_boston_is_closed(day: str) -> None:
    assert not calendar("boston").is_workday(date.fromisoformat(day))


@pytest.mark.parametrize(
    "day", ["2011-07-05", "2019-06-19", "2012-03-16", "2017-06-16", "2023-11-13", "2011-11-25"]
)
def test_days_on_which_boston_is_open(day: str) -> None:
    assert calendar("boston").is_workday(date.fromisoformat(day))


def test_boston_days_are_in_order_and_every_year_has_them() -> None:
    listed = next(c for c in _toml(PACKS / "base" / "calendars.toml")["calendar"] if c["key"] == "us-boston")
    days: list[date] = listed["holidays"]
    assert days == sorted(set(days))
    assert listed["years_known"] == list(range(2010, 2028)) == sorted({day.year for day in days})
    for year in listed["years_known"]:
        of_year = {(day.month, day.day) for day in days if day.year == year}
        assert {(1, 1), (3, 17), (6, 17), (7, 4), (11, 11), (12, 25)} <= of_year
        assert ((6, 19) in of_year) is (year >= 2021)
        mondays = [day for day in days if day.year == year and day.weekday() == 0]
        assert {1, 2, 4, 5, 9, 10} <= {day.month for day in mondays}


def test_deadlines_skip_the_holidays() -> None:
    assert workday_after(date(2011, 7, 1), 2, calendar("boston")) == date(2011, 7, 6)
    assert workday_after(date(2026, 9, 30), 1, calendar("xingfu")) == date(2026, 10, 8)
    assert calendar("boston").year_known(2011) and calendar("xingfu").year_known(2026)


HEADINGS: Final = {
    "hotline_12345": "工单编号 工单类型 标题 主要内容 来电时间 来电人 来电人电话/账号 小区点位 经度 纬度 共治分类",
    "boston_311": "case_enquiry_id open_dt case_title type location latitude longitude category",
    "letters": "留言编号 留言主题 留言时间 留言详情 地点 经度 纬度 类型 分类 姓名 电话",
    "register_simple": "序号 日期 反映人 电话 地点 内容 事由 类型 分类",
    "grid_patrol": "事件编号 上报时间 事件名称 事件描述 事发位置 经度 纬度 共治分类",
}
NOT_THERE: Final = {
    "boston_311": {"request_type", "contact_name", "contact_phone"},
    "register_simple": {"lon", "lat"},
    "grid_patrol": {"request_type", "contact_name", "contact_phone"},
}


@pytest.mark.parametrize("key", HEADINGS)
def test_usual_headings_are_understood(scenario: Scenario, key: str) -> None:
    columns, _rest = find_columns([(1, HEADINGS[key].split())], mapping_of(scenario, key))
    empty = {field for field in (*REQUIRED, *OPTIONAL) if not columns.places[field]}
    assert empty == NOT_THERE.get(key, set())


def test_plain_english_letters_are_understood(base: Scenario) -> None:
    find_columns([(1, ["id", "title", "time", "text"])], mapping_of(base, "letters"))


def test_every_table_is_tried_above(scenario: Scenario) -> None:
    assert {mapping.key for mapping in scenario.entries("mappings/*.toml")} == set(HEADINGS)


def test_kinds_of_request_are_those_the_platform_knows(scenario: Scenario) -> None:
    for mapping in scenario.entries("mappings/*.toml"):
        assert set(mapping.request_types.values()) <= set(REQUEST_TYPES), mapping.key
    assert set(mapping_of(scenario, "hotline_12345").request_types.values()) == set(REQUEST_TYPES)


@pytest.mark.parametrize(
    ("key", "cell", "hour"),
    [
        ("hotline_12345", "2024年3月5日 14:30", 14),
        ("hotline_12345", "2024/3/5 14:30", 14),
        ("hotline_12345", "2024-03-05 14:30:00", 14),
        ("hotline_12345", "2024年3月5日14时30分", 14),
        ("letters", "2024/3/5 14:30:00", 14),
        ("letters", "5 March 2024", 0),
        ("register_simple", "24.3.5", 0),
        ("register_simple", "2024年3月5日", 0),
        ("grid_patrol", "2024-3-5 14:30", 14),
        ("boston_311", "03/05/2024 02:30:00 PM", 14),
        ("boston_311", "03/05/2024 12:31:00 AM", 0),
        ("boston_311", "2024-03-05 14:30:00", 14),
    ],
)
def test_times_are_read_as_they_are_written(scenario: Scenario, key: str, cell: str, hour: int) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    formats = mapping_of(scenario, key).time_formats
    moment = read_moment(cell, formats=formats, zone=zone, at=datetime(2026, 3, 1, tzinfo=UTC)).astimezone(
        zone
    )
    assert (moment.date(), moment.hour) == (date(2024, 3, 5), hour)


def test_boston_table_fits_the_requests(base: Scenario) -> None:
    mapping = mapping_of(base, "boston_311")
    points = _toml(DEMO / "boston" / "dataset.toml")["unknown_point"]
    assert mapping.unknown_points == [(point["lon"], point["lat"]) for point in points]
    schema = pq.read_schema(DEMO / "boston" / "requests_2011H2.parquet")
    columns, _rest = find_columns([(1, schema.names)], mapping)
    for field in ("external_key", "text", "title", "received_at", "place_words", "lon", "lat"):
        assert columns.places[field], field
