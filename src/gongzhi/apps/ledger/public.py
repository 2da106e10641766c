"""All that other apps may use of the ledger."""

from gongzhi.apps.ledger.actions import Act, erase_salt, record, record_all, sequence
from gongzhi.apps.ledger.models import Checkpoint, Entry, LedgerError
from gongzhi.apps.ledger.queries import Verdict, entries_about, inclusion_of, latest_checkpoint, trees, verify

__all__ = [
    "Act",
    "Checkpoint",
    "Entry",
    "LedgerError",
    "Verdict",
    "entries_about",
    "erase_salt",
    "inclusion_of",
    "latest_checkpoint",
    "record",
    "record_all",
    "sequence",
    "trees",
    "verify",
]
