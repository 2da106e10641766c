"""A small pack with mappings of its own, so that these tests do not hang on the shipped packs."""

import csv
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from gongzhi.apps.actors.public import SYSTEM
from gongzhi.apps.channels.kinds.hotline_file import public as hotline_file
from gongzhi.apps.channels.public import ImportRun
from gongzhi.apps.places import public as places
from gongzhi.scenarios import loader
from gongzhi.scenarios.model import text_hash
from tests.cast import MONDAY, Cast, make_cast

MAPPINGS = """
[[mapping]]
key = "hotline"
external_key = ["工单编号", "Ticket No"]
text = ["诉求内容", "description"]
received_at = ["来电时间", "received at"]
title = ["标题"]
place_words = ["地址"]
lon = ["经度", "lon"]
lat = ["纬度", "lat"]
request_type = ["诉求类型"]
category_hint = ["分类"]
contact_name = ["姓名"]
contact_phone = ["电话"]
time_formats = ["%d/%m/%Y %H:%M"]
unknown_points = [[120.02, 30.01]]

[mapping.request_types]
"投诉" = "complaint"
"咨询" = "inquiry"

[[mapping]]
key = "letters"
external_key = ["no"]
text = ["subject", "body"]
received_at = ["date"]
join_text = true
"""
CATEGORIES = {"roads": "道路", "roads.potholes": "坑洼路面", "roads.manhole": "井盖", "other": "其他"}


def _strings(words: dict[str, str], lang: str) -> str:
    of = {key: "" if lang == "zh-hans" else f', of = "{text_hash(text)}"' for key, text in words.items()}
    return "\n".join(f'"{key}" = {{ text = "{text}"{of[key]} }}' for key, text in words.items())


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """What people are told, in the language these tests are written in."""
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def packs(tmp_path: Path) -> Iterator[Path]:
    """The packs of this test."""
    root = tmp_path / "packs"
    for name in ("base", "community"):
        (root / name / "strings").mkdir(parents=True)
        (root / name / "pack.toml").write_text(f'key = "{name}"\nversion = "1"\n')
    base = root / "base"
    (base / "mappings").mkdir()
    (base / "mappings" / "all.toml").write_text(MAPPINGS, encoding="utf-8")
    words = {"mapping.hotline": "热线工单", "mapping.letters": "来信"}
    entries = []
    for key, name in CATEGORIES.items():
        parent = f'parent = "{key.split(".")[0]}"\n' if "." in key else ""
        entries.append(f'[[category]]\nkey = "{key}"\n{parent}')
        words |= {f"category.{key}": name, f"category.{key}.help": name}
    (base / "categories.toml").write_text("\n".join(entries), encoding="utf-8")
    for lang in ("zh-hans", "zh-hant", "en"):
        (base / "strings" / f"{lang}.toml").write_text(_strings(words, lang), encoding="utf-8")
    known = list(loader._root)
    loader.set_packs_root(root)
    places.forget_kept()
    yield root
    loader._root[:] = known
    loader.scenario_for.cache_clear()
    places.forget_kept()


@pytest.fixture
def cast(db: None) -> Cast:
    """The cast's office, units and people."""
    return make_cast()


HEADINGS = (
    "工单编号",
    "来电时间",
    "诉求内容",
    "标题",
    "地址",
    "经度",
    "纬度",
    "诉求类型",
    "分类",
    "姓名",
    "电话",
)
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a table: rows of cells below the headings, as CSV in the encoding named."""

    def write_file(
        rows: Sequence[Sequence[Any]],
        *,
        headings: Sequence[str] = HEADINGS,
        name: str = "tickets.csv",
        encoding: str = "utf-8",
    ) -> Path:
        path = tmp_path / name
        with path.open("w", encoding=encoding, newline="") as file:
            csv.writer(file).writerows([headings, *rows])
        return path

    return write_file


@pytest.fixture
def bring_in(cast: Cast, tmp_path: Path) -> Any:
    """Imports a file into the cast's office; refused rows go to refused.csv."""

    def run(
        path: Path, *, dry_run: bool = False, mapping: str = "hotline", at: datetime = MONDAY
    ) -> ImportRun:
        return hotline_file.import_file(
            path=path,
            mapping=mapping,
            jurisdiction=cast.office,
            dry_run=dry_run,
            errors_to=tmp_path / "refused.csv",
            by=SYSTEM,
            at=at,
        )

    return run


def ticket(key: str, time: str = "2026-11-10 09:30", text: str = "路面有个大坑", **more: str) -> list[str]:
    """One row below the usual headings; `more` by field."""
    fields = ("title", "place", "lon", "lat", "kind", "category", "name", "phone")
    return [key, time, text, *(more.get(name, "") for name in fields)]


def refused(tmp_path: Path) -> list[dict[str, str]]:
    """The lines of the file of refused rows."""
    with (tmp_path / "refused.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def counts(run: ImportRun) -> tuple[int, int, int, int]:
    return run.rows, run.added, run.known, run.refused
