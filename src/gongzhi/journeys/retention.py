"""What is kept no longer than its label says goes at night; the ledger gets a proof of what was destroyed."""

import hashlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib.sessions.models import Session
from django.db import transaction

from gongzhi.apps.actors import public as actors
from gongzhi.apps.actors.public import SYSTEM, ResidentKey
from gongzhi.apps.cases import public as cases
from gongzhi.apps.channels import public as channels
from gongzhi.apps.channels.public import Contact, ContactView, ImportRun, Report
from gongzhi.apps.ledger import public as ledger
from gongzhi.apps.understanding import public as understanding
from gongzhi.journeys import erasure
from gongzhi.kernel import outbox
from gongzhi.kernel.models import OutboxJob, OutboxState
from gongzhi.kernel.retention import Kept
from gongzhi.kernel.schedule import daily

BATCH: Final = 500
TREE: Final = "installation"
PROOF: Final = "site.destroyed"


@dataclass(frozen=True)
class Due:
    """One thing whose time is over: the tree that its proof goes to, its id, the row."""

    tree: str
    key: str
    row: Any


@dataclass(frozen=True)
class Rule:
    """How a label is followed: what is due of what happened before a moment, and how it is destroyed."""

    label: str
    kept: Kept
    find: Callable[[datetime, int], list[Due]]
    destroy: Callable[[Sequence[Any], datetime], None]


def _of_reports(reports: Sequence[Report]) -> list[Due]:
    return [Due(report.jurisdiction.code, f"report:{report.pk}", report) for report in reports]


def _contacts(before: datetime, limit: int) -> list[Due]:
    return _of_reports(channels.reports_with_contact(cases.forgetting.reports_ended_before(before), limit))


def _erase_contacts(reports: Sequence[Report], at: datetime) -> None:
    for report in reports:
        channels.erase_contact(report=report, by=SYSTEM, at=at, why=f"kept: {Contact.RETENTION}")


def _words(before: datetime, limit: int) -> list[Due]:
    return _of_reports(channels.reports_with_words(cases.forgetting.reports_ended_before(before), limit))


def _erase_words(reports: Sequence[Report], at: datetime) -> None:
    for report in reports:
        erasure.erase_words(report=report, by=SYSTEM, at=at, why=f"kept: {Report.RETENTION}")


def _looks(before: datetime, limit: int) -> list[Due]:
    found = channels.emptied_contacts(before, limit)
    return [Due(c.report.jurisdiction.code, f"contact:{c.pk}", c) for c in found]


def _imports(before: datetime, limit: int) -> list[Due]:
    found = channels.imports_before(before, limit)
    return [Due(run.jurisdiction.code, f"import:{run.pk}", run) for run in found]


def _jobs(before: datetime, limit: int) -> list[Due]:
    old = OutboxJob.objects.filter(state=OutboxState.DONE, created_at__lt=before).order_by("pk")
    return [Due(TREE, f"job:{pk}", pk) for pk in old.values_list("pk", flat=True)[:limit]]


def _delete_jobs(ids: Sequence[int], at: datetime) -> None:
    OutboxJob.objects.filter(pk__in=ids).delete()


def _counters(before: datetime, limit: int) -> list[Due]:
    return [Due(TREE, key, key) for key in actors.rate_counters(limit)]


def _sessions(before: datetime, limit: int) -> list[Due]:
    ended = Session.objects.filter(expire_date__lt=before).order_by("pk").values_list("pk", flat=True)
    return [Due(TREE, key, key) for key in ended[:limit]]


def _delete_sessions(keys: Sequence[str], at: datetime) -> None:
    Session.objects.filter(pk__in=keys).delete()


def _secrets(before: datetime, limit: int) -> list[Due]:
    return [Due(TREE, f"secret:{pk}", pk) for pk in actors.secrets_once.over(before, limit)]


def _noted_sessions(before: datetime, limit: int) -> list[Due]:
    return [Due(TREE, f"session:{pk}", pk) for pk in actors.sessions.over(before, limit)]


def _resident_keys(before: datetime, limit: int) -> list[Due]:
    found = actors.passkeys.resident_keys_unused(before, limit)
    return [Due(key.jurisdiction.code, f"key:{key.pk}", key.pk) for key in found]


def _bands(before: datetime, limit: int) -> list[Due]:
    return [Due(TREE, f"band:{pk}", pk) for pk in understanding.bands_before(before, limit)]


RULES: Final = (
    Rule("channels.Contact", Contact.RETENTION, _contacts, _erase_contacts),
    Rule("channels.Report", Report.RETENTION, _words, _erase_words),
    Rule(
        "channels.ContactView",
        ContactView.RETENTION,
        _looks,
        lambda rows, at: channels.delete_contacts(rows),
    ),
    Rule("channels.ImportRun", ImportRun.RETENTION, _imports, lambda rows, at: channels.delete_imports(rows)),
    Rule(
        "understanding.Band",
        Kept("60 days", days=understanding.WINDOW_DAYS, after="received"),
        _bands,
        lambda rows, at: understanding.delete_bands(rows),
    ),
    Rule(
        "kernel.OutboxJob",
        Kept("done: 30 days", days=outbox.KEEP_DONE.days, after="done"),
        _jobs,
        _delete_jobs,
    ),
    # Nobody knows which window a counter counts in; all begin anew once a night, so none is older than a day.
    Rule(
        "actors.RateCounter",
        Kept("one day", days=1, after="counted"),
        _counters,
        lambda rows, at: actors.delete_rate_counters(rows),
    ),
    Rule(
        "actors.OneTimeSecret",
        actors.secrets_once.RETENTION,
        _secrets,
        lambda rows, at: actors.secrets_once.delete(rows),
    ),
    Rule(
        "actors.OpenSession",
        actors.sessions.RETENTION,
        _noted_sessions,
        lambda rows, at: actors.sessions.delete(rows),
    ),
    Rule(
        "actors.ResidentKey",
        ResidentKey.RETENTION,
        _resident_keys,
        lambda rows, at: actors.passkeys.delete_resident_keys(rows),
    ),
    Rule("sessions.Session", Kept("until it ends", days=0, after="ended"), _sessions, _delete_sessions),
)


def due_now(*, at: datetime) -> dict[str, int]:
    """How much is due by label; nothing is touched."""
    return {rule.label: len(rule.find(rule.kept.until(at), sys.maxsize)) for rule in RULES}


def destroy_due(*, at: datetime) -> dict[str, int]:
    """Destroy what is due, in small transactions with their proof. Returns how much by label."""
    gone = {rule.label: _follow(rule, at) for rule in RULES}
    channels.remove_lost_photos(at=at)
    return gone


def _follow(rule: Rule, at: datetime) -> int:
    total, before = 0, rule.kept.until(at)
    last: list[str] = []
    while True:
        with transaction.atomic():
            due = rule.find(before, BATCH)
            keys = [one.key for one in due]
            if not due:
                return total
            if keys == last:
                raise RuntimeError(f"{rule.label}: what was destroyed is still there")
            rule.destroy([one.row for one in due], at)
            _prove(rule, due, before, at)
        total, last = total + len(due), keys


def _prove(rule: Rule, due: Sequence[Due], before: datetime, at: datetime) -> None:
    """Write down how much was destroyed and a hash over the ids: who knows the ids can check, nobody can read them."""
    for tree in sorted({one.tree for one in due}):
        keys = sorted(one.key for one in due if one.tree == tree)
        ledger.record(
            tree=tree,
            kind=PROOF,
            subject=f"retention:{rule.label}",
            by=SYSTEM.ref,
            at=at,
            fields={
                "label": rule.label,
                "kept": str(rule.kept),
                "before": before.isoformat(),
                "count": len(keys),
                "ids_sha256": hashlib.sha256("\n".join(keys).encode()).hexdigest(),
            },
        )


@daily(at="03:10")
def destroy_at_night(*, at: datetime) -> None:
    """Follow the labels once a night."""
    destroy_due(at=at)
