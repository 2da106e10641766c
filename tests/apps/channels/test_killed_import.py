"""The process is killed in the middle of an import: whole batches are in, the rest comes in when it is run again."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from gongzhi.apps.actors.public import SYSTEM
from gongzhi.apps.cases.models import Case, Membership
from gongzhi.apps.channels.kinds.hotline_file import public as hotline_file
from gongzhi.apps.channels.models import TrackingCode
from gongzhi.apps.channels.public import Contact, ImportRun, Report, ReportReceived
from gongzhi.apps.ledger import public as ledger
from gongzhi.kernel import events, worker
from gongzhi.kernel.models import OutboxJob
from tests.apps.channels.conftest import Write
from tests.cast import MONDAY, make_cast
from tests.doomed import run_and_kill

pytestmark = pytest.mark.django_db(transaction=True)
ROWS, BATCH = 30, 10
# A batch changes: reports, codes, contacts, ledger, outbox, the run's counts. Before the first: the run itself.
A_BATCH = 6


@pytest.fixture
def path(write: Write) -> Path:
    return write(
        [
            [f"A{i}", "2026-11-10 09:30", f"第{i}盏路灯坏了", "", "", 120.03, 30.01, "", "", "王", ""]
            for i in range(ROWS)
        ]
    )


def whole(number: int) -> None:
    """So many reports are there, each with all that belongs to it, once."""
    reports = set(Report.objects.values_list("pk", flat=True))
    assert len(reports) == number
    for model in (TrackingCode, Contact):
        assert set(model.objects.values_list("report_id", flat=True)) == reports  # type: ignore[attr-defined]
        assert model.objects.count() == number  # type: ignore[attr-defined]
    told = sorted(OutboxJob.objects.values_list("payload__report_id", flat=True))
    assert told == sorted(list(reports) * len(events.subscribers_of(ReportReceived)))
    received = ledger.Entry.objects.filter(kind="channels.report_received")
    assert sorted(received.values_list("subject", flat=True)) == sorted(f"report:{pk}" for pk in reports)


@pytest.mark.parametrize(
    ("stop_before", "batches_in"),
    [(2, 0), (1 + A_BATCH, 0), (1 + A_BATCH + 4, 1), (1 + 2 * A_BATCH + 3, 2), (2 + 3 * A_BATCH, 3)],
)
def test_a_killed_import_leaves_whole_batches_and_running_it_again_adds_the_rest(
    path: Path, packs: Path, stop_before: int, batches_in: int
) -> None:
    cast = make_cast()
    before = ledger.Entry.objects.count()
    word = run_and_kill(
        work="import", stop_before=stop_before, batch=BATCH, path=path, packs=packs, at=MONDAY.isoformat()
    )
    assert word == "killed"
    whole(batches_in * BATCH)
    run = ImportRun.objects.get()
    assert (run.rows, run.added, run.finished_at) == (batches_in * BATCH, batches_in * BATCH, None)

    again = hotline_file.import_file(
        path=path,
        mapping="hotline",
        jurisdiction=cast.office,
        dry_run=False,
        errors_to=None,
        by=SYSTEM,
        at=MONDAY,
    )
    assert (again.added, again.known, again.refused) == (ROWS - batches_in * BATCH, batches_in * BATCH, 0)
    whole(ROWS)
    assert ledger.Entry.objects.count() == before + ROWS
    assert set(Report.objects.values_list("received_at", flat=True)) == {
        datetime(2026, 11, 10, 1, 30, tzinfo=UTC)
    }


def test_after_a_killed_import_each_ticket_has_one_case(path: Path, packs: Path) -> None:
    cast = make_cast()
    stop = 1 + A_BATCH + 4
    assert (
        run_and_kill(
            work="import", stop_before=stop, batch=BATCH, path=path, packs=packs, at=MONDAY.isoformat()
        )
        == "killed"
    )
    worker.drain()
    assert Case.objects.count() == BATCH
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
    assert Case.objects.count() == Membership.objects.count() == ROWS
    ledger.sequence(MONDAY)
    assert ledger.verify(cast.office.code).ok
