"""What the ledger does by the clock."""

from datetime import datetime

from gongzhi.apps.ledger.public import sequence
from gongzhi.kernel import schedule


@schedule.every(minutes=1)
def number_entries(*, at: datetime) -> None:
    """Number new entries and write the checkpoint."""
    sequence(at)
