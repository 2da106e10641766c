"""A small world of packs and a trained base model, so that these tests do not hang on the shipped packs."""

import json
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from gongzhi.apps.places import public as places
from gongzhi.apps.understanding import reader, training
from gongzhi.apps.understanding.models import ModelVersion
from gongzhi.scenarios import loader
from gongzhi.scenarios.model import text_hash
from tests.cast import MONDAY, Cast, make_cast

CATEGORIES = {
    "roads": ("道路", ""),
    "roads.potholes": ("坑洼路面", "roads"),
    "roads.streetlight": ("路灯", "roads"),
    "sanitation": ("环境卫生", ""),
    "sanitation.garbage": ("垃圾", "sanitation"),
    "welfare": ("民生", ""),
    "welfare.children": ("儿童保护", "welfare"),
    "other": ("其他", ""),
    "other.unclear": ("说不清", "other"),
}
SAID = {
    "roads.potholes": ["路面有个大坑", "马路坑洼不平", "柏油路面塌陷了一块", "路上的坑把电动车颠翻了"],
    "roads.streetlight": ["路灯不亮了", "路灯坏了一排", "晚上没有路灯很黑", "灯杆上的路灯一直闪"],
    "sanitation.garbage": ["垃圾堆没人清", "垃圾桶满了发臭", "生活垃圾堆在门口", "垃圾清运车好几天没来"],
    "welfare.children": ["孩子天天被打骂", "邻居家小孩没人管", "孩子放学没人照看", "小孩被关在家里哭"],
}
PLACES = ["小区门口", "学校旁边", "菜市场那里", "公园东门", "医院对面", "楼下"]
HAZARDS = """
[[hazard]]
key = "fire"
emergency = "fire"
patterns = ["着火", "起火", "冒(?:黑)?烟", "on fire"]
not_when = ["演习", "万一", "如果", "怕", "预防"]

[[hazard]]
key = "gas"
emergency = "fire"
patterns = ["(?:煤气|燃气|瓦斯).{0,4}(?:泄漏|泄露|味)"]
level = "urgent"
"""


def _strings(words: dict[str, str], lang: str) -> str:
    lines = []
    for key, text in words.items():
        of = "" if lang == "zh-hans" else f', of = "{text_hash(text)}"'
        lines.append(f'"{key}" = {{ text = "{text}"{of} }}')
    return "\n".join(lines)


def write_packs(root: Path) -> None:
    """Two packs: a base with everything, a community pack with nothing of its own."""
    base, community = root / "base", root / "community"
    for folder in (base, community):
        (folder / "strings").mkdir(parents=True)
    (base / "pack.toml").write_text('key = "base"\nversion = "1"\n')
    (community / "pack.toml").write_text('key = "community"\nversion = "1"\nneeds = ["base"]\n')
    entries, words = [], {}
    for key, (name, parent) in CATEGORIES.items():
        more = f'parent = "{parent}"\n' if parent else ""
        more += "sensitive = true\n" if key == "welfare.children" else ""
        entries.append(f'[[category]]\nkey = "{key}"\n{more}')
        words |= {f"category.{key}": name, f"category.{key}.help": name}
    for hazard in ("fire", "gas"):
        words |= {f"hazard.{hazard}": "请拨打119", f"hazard.{hazard}.label": hazard}
    (base / "categories.toml").write_text("\n".join(entries), encoding="utf-8")
    calendar = '[[calendar]]\nkey = "cn"\nsource = "chinesecalendar"\n'
    (base / "calendars.toml").write_text(calendar, encoding="utf-8")
    (base / "hazards.toml").write_text(HAZARDS, encoding="utf-8")
    for lang in ("zh-hans", "zh-hant", "en"):
        (base / "strings" / f"{lang}.toml").write_text(_strings(words, lang), encoding="utf-8")
        (community / "strings" / f"{lang}.toml").write_text("")
    lines = [
        json.dumps({"text": f"{place}{said}。", "category": category, "lang": "zh-hans"}, ensure_ascii=False)
        for category, sentences in SAID.items()
        for said, place in product(sentences, PLACES)
    ]
    (base / "examples.jsonl").write_text("\n".join(lines), encoding="utf-8")


@pytest.fixture(autouse=True)
def packs(tmp_path: Path, settings: Any) -> Iterator[Path]:
    """The packs of this test and an empty folder for models."""
    known = list(loader._root)
    write_packs(tmp_path / "packs")
    settings.PACKS_ROOT = tmp_path / "packs"
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.MD5PasswordHasher"
    ]  # the cast signs up each time
    settings.MODELS_ROOT = tmp_path / "models"
    loader.set_packs_root(tmp_path / "packs")
    reader.forget_models()
    places.forget_kept()
    yield tmp_path / "packs"
    loader._root[:] = known
    loader.scenario_for.cache_clear()
    reader.forget_models()
    places.forget_kept()


@pytest.fixture
def cast(db: None) -> Cast:
    """The cast's office, units and people."""
    return make_cast()


@pytest.fixture
def base_model(cast: Cast) -> ModelVersion:
    """A trained base model in use."""
    version = training.retrain(jurisdiction=None, at=MONDAY, force=True)
    assert version is not None
    reader.forget_models()
    return version
