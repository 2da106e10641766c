"""Tickets of a hotline's file: their own time is when the case opens, what is done here is dated when it is done."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from gongzhi.apps.actors.public import SYSTEM
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.models import Step, Suggestion
from gongzhi.apps.channels.kinds.hotline_file import public as hotline_file
from gongzhi.apps.channels.public import Report, ReportPromise
from gongzhi.kernel import worker
from gongzhi.scenarios import loader
from gongzhi.scenarios.model import text_hash
from tests.cast import MONDAY, Cast

pytestmark = pytest.mark.django_db(transaction=True)

MAPPING = """
[[mapping]]
key = "hotline"
external_key = ["no"]
text = ["text"]
received_at = ["time"]
lon = ["lon"]
lat = ["lat"]
category_hint = ["category"]
"""
FILE = """no,time,text,lon,lat,category
1,2026-06-01 09:30,学校门口的路面有个大坑，下雨天电动车摔倒两次了。,120.03,30.01,roads.potholes
2,2026-06-03 10:00,学校门口的路面有个大坑，下雨天电动车又摔倒了一次。,120.0301,30.0101,roads.potholes
"""


@pytest.fixture
def imported(cast: Cast, packs: Path, tmp_path: Path) -> list[Report]:
    (packs / "base" / "mappings").mkdir()
    (packs / "base" / "mappings" / "m.toml").write_text(MAPPING)
    for lang in ("zh-hans", "zh-hant", "en"):
        with (packs / "base" / "strings" / f"{lang}.toml").open("a") as file:
            of = "" if lang == "zh-hans" else f', of = "{text_hash("hotline")}"'
            file.write(f'\n"mapping.hotline" = {{ text = "hotline"{of} }}\n')
    loader.set_packs_root(packs)
    path = tmp_path / "t.csv"
    path.write_text(FILE)
    hotline_file.import_file(
        path=path,
        mapping="hotline",
        jurisdiction=cast.office,
        dry_run=False,
        errors_to=None,
        by=SYSTEM,
        at=MONDAY,
    )
    worker.drain()
    return list(Report.objects.order_by("external_key"))


def test_the_case_opens_and_the_promise_counts_from_the_hotlines_own_time(imported: list[Report]) -> None:
    case = cases.case_of(imported[0])
    assert case is not None
    assert case.opened_at == imported[0].received_at == datetime(2026, 6, 1, 1, 30, tzinfo=UTC)
    # Monday 1 June and five working days: Monday 8 June at close of office, long past when it came in.
    assert case.due_at == datetime(2026, 6, 8, 9, 30, tzinfo=UTC)
    assert ReportPromise.objects.get(report=imported[0]).due_at == case.due_at


def test_what_is_done_here_is_dated_when_it_is_done(imported: list[Report]) -> None:
    case = cases.case_of(imported[0])
    assert case is not None
    assert {step.at for step in Step.objects.filter(case=case)} == {MONDAY}
    assert case.last_step_at == MONDAY


def test_old_tickets_are_still_compared_with_each_other(imported: list[Report]) -> None:
    first, second = (cases.case_of(report) for report in imported)
    assert second is not None
    assert second.waits_for == "maybe_same"
    assert Suggestion.objects.get(case=second).other == first
