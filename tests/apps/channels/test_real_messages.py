"""Thousands of real messages go through import and worker: none is lost, none comes twice, none makes it stop.

The messages are no part of the product and are never shown: this test says counts only.
"""

from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import xlsxwriter
from django.db.models import Count

from gongzhi.apps.actors.public import SYSTEM
from gongzhi.apps.cases.models import Case, Membership, Step
from gongzhi.apps.cases.public import State
from gongzhi.apps.channels.kinds.hotline_file import public as hotline_file
from gongzhi.apps.channels.public import Report, ReportPromise
from gongzhi.apps.dispatch.models import Task
from gongzhi.apps.ledger import public as ledger
from gongzhi.apps.places import public as places
from gongzhi.apps.places.public import Jurisdiction
from gongzhi.apps.understanding import reader, training
from gongzhi.apps.understanding.models import Reading
from gongzhi.kernel import clock, worker
from gongzhi.kernel.models import OutboxJob
from gongzhi.scenarios import loader
from gongzhi.site import installing
from tests.conftest import ROOT

pytestmark = pytest.mark.django_db(transaction=True)
HEADINGS = ("留言编号", "留言主题", "留言时间", "留言详情")


@pytest.fixture
def office(settings: Any, tmp_path: Path) -> Jurisdiction:
    """The demonstration's district with its packs and a base model that was trained from them."""
    settings.MODELS_ROOT = tmp_path / "models"
    loader.set_packs_root(ROOT / "packs")
    reader.forget_models()
    places.forget_kept()
    made = installing.load_territory(
        folder=ROOT / "demo" / "xingfu", by=SYSTEM.ref, at=clock.now(), people=False
    )
    training.retrain(jurisdiction=None, at=clock.now(), force=True)
    reader.forget_models()
    return made


def workbook(messages: Path, path: Path) -> int:
    """Write the messages as a hotline would; returns how many there are."""
    columns = pq.read_table(messages, columns=["msg_id", "title", "time", "text"]).to_pydict()
    with xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADINGS)
        for number, row in enumerate(zip(*columns.values(), strict=True), 1):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, str(cell))
    return len(columns["msg_id"])


def test_none_is_lost_none_comes_twice_and_none_makes_it_stop(
    office: Jurisdiction, shared_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "letters.xlsx"
    total = workbook(shared_data / "teddy2020_c" / "hot_4326.parquet", path)

    def bring(*, dry_run: bool = False) -> tuple[int, int, int, int]:
        run = hotline_file.import_file(
            path=path,
            mapping="letters",
            jurisdiction=office,
            dry_run=dry_run,
            errors_to=None,
            by=SYSTEM,
            at=clock.now(),
        )
        return run.rows, run.added, run.known, run.refused

    assert bring(dry_run=True) == (total, total, 0, 0)
    assert bring() == (total, total, 0, 0)
    worker.drain()
    assert bring() == (total, 0, total, 0)
    worker.drain()

    assert Counter(OutboxJob.objects.values_list("state", flat=True)).keys() == {"done"}
    assert not OutboxJob.objects.exclude(attempts=1).exists(), "none failed and was tried again"
    assert Report.objects.count() == Report.objects.values("external_key").distinct().count() == total
    assert Case.objects.count() == Membership.objects.filter(until=None).count() == total
    assert Reading.objects.count() == Reading.objects.values("report").distinct().count() == total
    once = Step.objects.filter(kind="opened").values("case").annotate(n=Count("pk")).filter(n=1)
    assert once.count() == total

    # Each case is in somebody's hands: with a unit and a date, or at the desk with a reason.
    handed = Case.objects.filter(state=State.DISPATCHED)
    waits = Counter(Case.objects.filter(state=State.NEW).values_list("waits_for", flat=True))
    assert handed.count() + sum(waits.values()) == total
    assert "" not in waits
    assert not handed.filter(due_at=None).exists()
    assert Task.objects.filter(role="lead").count() == handed.count() == ReportPromise.objects.count()

    ledger.sequence(clock.now())
    assert ledger.verify(office.code).ok
    abstained = Reading.objects.filter(abstained=True).count()
    with capsys.disabled():
        print(
            f"\n{total} messages: {abstained / total:.0%} abstained, {handed.count() / total:.0%} routed, {waits}"
        )
