"""A person's words are erased everywhere, and stay erased when an older back-up is restored.

Each erasure is written to a journal beside the database: ids and days, no personal data. A restore brings back
rows that were erased since the back-up; the journal names them, and they are erased again.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import transaction

from gongzhi.apps.actors.public import SYSTEM, Actor
from gongzhi.apps.cases import public as cases
from gongzhi.apps.channels import public as channels
from gongzhi.apps.channels.public import Report
from gongzhi.apps.ledger import public as ledger
from gongzhi.apps.places.public import jurisdiction_by_code
from gongzhi.apps.understanding import public as understanding
from gongzhi.kernel import journal
from gongzhi.kernel.journal import Line

JOURNAL: Final = "erasures.jsonl"
KIND: Final = "report"
AGAIN: Final = "erased before; done again after a restore"


@dataclass(frozen=True)
class Replayed:
    """What replaying the journal did: erased again, found erased, not in this database."""

    again: int
    already: int
    absent: int


def journal_file() -> Path:
    """Where the erasures are written down."""
    return Path(settings.DATA_ROOT) / JOURNAL


@transaction.atomic
def erase_words(*, report: Report, by: Actor, at: datetime, why: str, erasure: str = "") -> bool:
    """Erase what was said in a report from all apps. False where that was done before. Not put into the journal."""
    if not channels.erase_report(report=report, by=by, at=at, why=why, erasure=erasure):
        return False
    channels.keeping.stop_keeping(report)
    cases.forgetting.forget_reporter(report=report, by=by, at=at)
    understanding.forget_reports(report_ids=[report.pk], by=by, at=at)
    return True


@transaction.atomic
def erase_report(*, report: Report, by: Actor, at: datetime, why: str) -> bool:
    """Erase a report because its reporter, or the law, asks for it. False where that was done before.

    The journal has it on the disk before the database does: after a crash in between, a restore erases it.
    """
    erasure = str(uuid.uuid4())
    mark = mark_of(report)
    if not erase_words(report=report, by=by, at=at, why=why, erasure=erasure):
        return False
    line = {"kind": KIND, "erasure": erasure, "office": report.jurisdiction.code, "report": report.pk}
    journal.append(journal_file(), [line | {"mark": mark, "at": at.isoformat()}])
    return True


def mark_of(report: Report) -> str:
    """What tells this very report from another that gets its number after a restore: the hash of its ledger entry.

    The hash is salted; "" for a report without an entry.
    """
    entries = ledger.entries_about(f"report:{report.pk}").filter(kind="channels.report_received")
    first = entries.filter(tree=report.jurisdiction.code).first()
    return bytes(first.leaf_hash).hex() if first else ""


def replay(*, at: datetime) -> Replayed:
    """Erase again what the journal says was erased. Doing it twice changes nothing."""
    again = already = absent = 0
    for line in journal.read(journal_file()):
        report = _named_by(line) if line.get("kind") == KIND else None
        if report is None:
            absent += 1
        elif erase_words(report=report, by=SYSTEM, at=at, why=AGAIN, erasure=str(line["erasure"])):
            again += 1
        else:
            already += 1
    return Replayed(again, already, absent)


def _named_by(line: Line) -> Report | None:
    """The report that a line of the journal means, if this database has it."""
    office = jurisdiction_by_code(str(line["office"]))
    report = channels.report_by_id(office, int(line["report"])) if office else None
    return report if report is not None and mark_of(report) == line["mark"] else None
