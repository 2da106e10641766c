"""Boston's real requests come in by the file channel, go through the pipeline, and get the ends they really had."""

import csv
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq

from gongzhi.apps.actors.public import Actor
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.public import PastAnswer, State
from gongzhi.apps.channels.kinds.hotline_file import public as hotline_file
from gongzhi.apps.channels.public import reports_by_key
from gongzhi.apps.dispatch import public as dispatch
from gongzhi.apps.places.public import Jurisdiction
from gongzhi.kernel import worker

MAPPING: Final = "boston_311"
BATCH: Final = 500
Row = dict[str, Any]
# The city's standard outcome, said as a sentence.
ANSWER: Final = "The city closed this request with the outcome “{reason}”."


def read_requests(folder: Path, *, full: bool) -> list[Row]:
    """The requests, oldest first: all of them, or the newest as many as dataset.toml says."""
    about = tomllib.loads((folder / "dataset.toml").read_text(encoding="utf-8"))["file"]
    types = tomllib.loads((folder / "categories.toml").read_text(encoding="utf-8"))["types"]
    rows: list[Row] = pq.read_table(folder / about["name"]).to_pylist()
    chosen = rows if full else rows[-about["newest"] :]
    return [row | {"category": types[row["type"]]} for row in chosen]


def import_requests(
    *, jurisdiction: Jurisdiction, rows: list[Row], by: Actor, at: datetime, progress: Callable[[int], None]
) -> None:
    """Bring the requests in as a file of tickets, as any office would."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "requests.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        hotline_file.import_file(
            path=path,
            mapping=MAPPING,
            jurisdiction=jurisdiction,
            dry_run=False,
            errors_to=None,
            by=by,
            at=at,
            progress=progress,
            as_history=True,
        )


def handle(progress: Callable[[int], None]) -> None:
    """Let the pipeline read, open and hand over all that waits."""
    while done := worker.run_once():
        progress(done)


def end_as_they_did(
    *, jurisdiction: Jurisdiction, rows: list[Row], by: Actor, progress: Callable[[int], None]
) -> None:
    """Answer and close the cases that the city closed, at the moment and with the outcome it wrote down."""
    zone = ZoneInfo(jurisdiction.zone)
    closed = [row for row in rows if row["closed_dt"] is not None]
    for part in _parts(closed):
        when = {str(row["case_enquiry_id"]): row for row in part}
        reports = reports_by_key(jurisdiction, "hotline_file", when)
        by_report = cases.cases_of(report.pk for report in reports.values())
        answers = []
        for key, report in reports.items():
            case = by_report.get(report.pk)
            ended = when[key]["closed_dt"].replace(tzinfo=zone).astimezone(UTC)
            # What the power list did not cover still waits at the desk; the visitor may decide it.
            if case is not None and case.phase == State.DISPATCHED and ended >= case.opened_at:
                answers.append(
                    PastAnswer(case, ANSWER.format(reason=when[key]["closure_reason"] or "Closed"), ended)
                )
        dispatch.take_past_answers(answers=answers, by=by)
        progress(len(part))


def _parts(rows: list[Row]) -> Iterator[list[Row]]:
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]
