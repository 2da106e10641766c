"""All that other apps may use of the ledger."""

from gongzhi.apps.ledger.actions import erase_salt, record, sequence
from gongzhi.apps.ledger.models import Checkpoint, Entry, LedgerError
from gongzhi.apps.ledger.queries import Verdict, entries_about, inclusion_of, latest_checkpoint, trees, verify

__all__ = [
    "Checkpoint",
    "Entry",
    "LedgerError",
    "Verdict",
    "entries_about",
    "erase_salt",
    "inclusion_of",
    "latest_checkpoint",
    "record",
    "sequence",
    "trees",
    "verify",
]
