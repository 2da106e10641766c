"""The ledger's entries are numbered and chained a few seconds after they were written."""

from datetime import datetime

from gongzhi.apps.ledger import public as ledger
from gongzhi.journeys import heads
from gongzhi.kernel.schedule import every


@every(minutes=1)
def number_entries(*, at: datetime) -> None:
    """Number what was recorded since the last time, set a checkpoint, keep the newest heads outside the database."""
    ledger.sequence(at)
    heads.keep_heads(at=at)
