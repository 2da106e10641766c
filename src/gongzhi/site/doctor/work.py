"""The work behind the pages: workers, what waits for them, what was given up, the ledger, back-ups."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from gongzhi.apps.ledger import public as ledger
from gongzhi.kernel import backlog, pulse
from gongzhi.site.doctor.findings import Check, Finding, broken, good, look, many, real_offices, span

WORKER: Final = "Worker"
QUEUE: Final = "Waiting jobs"
FAILED: Final = "Failed jobs"
LEDGER: Final = "Ledger"
BACKUP: Final = "Back-up"
LATE: Final = timedelta(minutes=5)
TOO_LATE: Final = timedelta(hours=1)
BACKUP_TREE: Final = "installation"
BACKUP_KIND: Final = "site.backup_made"
BACKUP_OLD: Final = timedelta(days=8)


def _lag(now: datetime) -> timedelta:
    return timedelta(seconds=backlog.lag_seconds(now))


def look_at_worker(now: datetime) -> Iterator[Finding]:
    """Has a worker signed lately?"""
    found = pulse.workers(now)
    if found.alive:
        yield good(WORKER, f"{many(found.alive, 'worker')} alive.")
        return
    seen = f" The last one was seen {span(now - found.last_seen)} ago." if found.last_seen else ""
    if _lag(now) > LATE:
        yield broken(WORKER, f"No worker is running, and jobs wait.{seen}", "Start one: gongzhi worker")
    else:
        yield look(WORKER, f"No worker is running.{seen}", "Start one: gongzhi worker")


def look_at_queue(now: datetime) -> Iterator[Finding]:
    """For how long does the oldest job wait?"""
    lag, jobs = _lag(now), backlog.jobs_by_state()
    said = f"{many(jobs['ready'], 'job')} to do; the oldest waits for {span(lag)}."
    if lag > TOO_LATE:
        yield broken(QUEUE, said, "See that a worker runs. If one does, start a second: gongzhi worker")
    elif lag > LATE:
        yield look(
            QUEUE, said, "See that a worker runs. After an import this may be as it should; look again later."
        )
    else:
        yield good(QUEUE, said if jobs["ready"] else "Nothing waits.")


def look_at_failed(now: datetime) -> Iterator[Finding]:
    """Which jobs were given up after eight attempts?"""
    failed = backlog.failed_by_handler()
    for found in failed:
        yield look(
            FAILED,
            f"{many(found.jobs, 'job')} of {found.handler} gave up. The newest: {found.error or 'no reason noted'}",
            f"Mend the cause, then: gongzhi retry --handler {found.handler}",
        )
    if not failed:
        yield good(FAILED, "None.")


def look_at_ledger(now: datetime) -> Iterator[Finding]:
    """Are new entries being numbered?"""
    waiting = ledger.waiting_entries()
    if waiting and not pulse.workers(now).alive:
        yield look(
            LEDGER,
            f"{waiting} entries have no number yet: until then nobody can prove them.",
            "Start a worker: it numbers them every minute. Or now: gongzhi ledger verify",
        )
    else:
        yield good(
            LEDGER, f"{waiting} entries wait for the next minute." if waiting else "Every entry is numbered."
        )


def look_at_backup(now: datetime) -> Iterator[Finding]:
    """When was the last back-up made?"""
    made = ledger.latest_of_kind(BACKUP_TREE, BACKUP_KIND)
    mend = "gongzhi backup; and let the machine do it every night (docs/operate)"
    if made is None:
        if real_offices():
            yield look(BACKUP, "None was made yet.", mend)
        else:
            yield good(BACKUP, "None was made; all offices are for trying out.")
    elif now - made.at > BACKUP_OLD:
        yield look(BACKUP, f"The newest is {span(now - made.at)} old.", mend)
    else:
        yield good(BACKUP, f"The newest is {span(now - made.at)} old.")


CHECKS: Final = (
    Check(WORKER, look_at_worker),
    Check(QUEUE, look_at_queue),
    Check(FAILED, look_at_failed),
    Check(LEDGER, look_at_ledger),
    Check(BACKUP, look_at_backup),
)
