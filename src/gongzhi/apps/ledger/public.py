"""All that other apps may use of the ledger."""

from gongzhi.apps.ledger.actions import Act, erase_salt, record, record_all, sequence
from gongzhi.apps.ledger.models import Checkpoint, Entry, LedgerError
from gongzhi.apps.ledger.queries import (
    RESTORED_KIND,
    RESTORED_SUBJECT,
    Verdict,
    entries_about,
    inclusion_of,
    latest_checkpoint,
    latest_of_kind,
    newest_entry,
    restorations_of,
    root_at,
    trees,
    verify,
    waiting_entries,
)

__all__ = [
    "RESTORED_KIND",
    "RESTORED_SUBJECT",
    "Act",
    "Checkpoint",
    "Entry",
    "LedgerError",
    "Verdict",
    "entries_about",
    "erase_salt",
    "inclusion_of",
    "latest_checkpoint",
    "latest_of_kind",
    "newest_entry",
    "record",
    "record_all",
    "restorations_of",
    "root_at",
    "sequence",
    "trees",
    "verify",
    "waiting_entries",
]
