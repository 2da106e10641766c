"""The figures of the machine in the text format of Prometheus (0.0.4). They count matters and requests, no people."""

import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db.models import Count

from gongzhi.apps.cases.public import Case, State
from gongzhi.apps.channels.public import Report
from gongzhi.apps.ledger import public as ledger
from gongzhi.apps.places.public import jurisdictions
from gongzhi.kernel import backlog, clock, pulse
from gongzhi.site.watching.counters import BOUNDS, Key, Numbers, counters_in

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
# What is counted in the database is asked at most so often, however many programs ask.
KEEP_SECONDS: Final = 5.0
Labels = Mapping[str, str]
Sample = tuple[str, Labels, float]

_kept: list[tuple[float, str]] = []
_asking = threading.Lock()


def figures() -> str:
    """All figures, ready to be sent."""
    return _requests() + _from_database()


def forget_figures() -> None:
    """Count anew at the next question; for tests."""
    _kept.clear()


def _requests() -> str:
    counted = counters_in(Path(settings.DATA_ROOT) / "metrics").total()
    name = "gongzhi_request_seconds"
    return _family(
        name, "histogram", "Requests by page, method and status, over all web processes.", _durations(counted)
    )


def _durations(counted: Mapping[Key, Numbers]) -> Iterator[Sample]:
    for (view, method, status), numbers in sorted(counted.items()):
        labels = {"view": view, "method": method, "status": status}
        so_far = 0
        for bound, number in zip(BOUNDS, numbers, strict=False):
            so_far += number
            yield "_bucket", labels | {"le": _number(bound / 1000)}, so_far
        so_far += numbers[len(BOUNDS)]
        yield "_bucket", labels | {"le": "+Inf"}, so_far
        yield "_sum", labels, numbers[-1] / 1_000_000
        yield "_count", labels, so_far


def _from_database() -> str:
    with _asking:
        now = time.monotonic()
        if not _kept or now - _kept[0][0] > KEEP_SECONDS:
            _kept[:] = [(now, "".join(_database_families()))]
        return _kept[0][1]


def _database_families() -> Iterator[str]:
    now = clock.now()
    jobs = [("", {"state": state}, n) for state, n in sorted(backlog.jobs_by_state().items())]
    yield _family("gongzhi_outbox_jobs", "gauge", "Jobs that are not done, by state.", jobs)
    lag = backlog.lag_seconds(now)
    yield _family(
        "gongzhi_outbox_lag_seconds", "gauge", "Wait of the oldest job that is due.", [("", {}, lag)]
    )
    alive = pulse.workers(now).alive
    yield _family("gongzhi_workers", "gauge", "Workers seen in the last 90 seconds.", [("", {}, alive)])
    waiting = ledger.waiting_entries()
    yield _family("gongzhi_ledger_waiting", "gauge", "Entries without a number yet.", [("", {}, waiting)])
    yield _family("gongzhi_cases", "gauge", "Cases by office and state.", _cases())
    yield _family("gongzhi_reports_received_total", "counter", "Reports received, by office.", _reports())


def _cases() -> Iterator[Sample]:
    for office in jurisdictions():
        rows = Case.objects.filter(jurisdiction=office).order_by().values_list("state").annotate(Count("pk"))
        counted = {state.value: 0 for state in State} | dict(rows)
        for state, number in sorted(counted.items()):
            yield "", {"office": office.code, "state": state}, number


def _reports() -> Iterator[Sample]:
    for office in jurisdictions():
        yield "", {"office": office.code}, Report.objects.filter(jurisdiction=office).count()


def _family(name: str, kind: str, about: str, samples: Iterable[Sample]) -> str:
    lines = [f"# HELP {name} {about}", f"# TYPE {name} {kind}"]
    lines += [f"{name}{suffix}{_labels(labels)} {_number(value)}" for suffix, labels, value in samples]
    return "\n".join(lines) + "\n"


def _labels(labels: Labels) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{key}="{_escaped(value)}"' for key, value in labels.items()) + "}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _number(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")
