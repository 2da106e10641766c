"""The ledger's entries are numbered and chained a few seconds after they were written."""

from datetime import datetime

from gongzhi.apps.ledger import public as ledger
from gongzhi.kernel.schedule import every


@every(minutes=1)
def number_entries(*, at: datetime) -> None:
    """Number what was recorded since the last time, and set a checkpoint."""
    ledger.sequence(at)
