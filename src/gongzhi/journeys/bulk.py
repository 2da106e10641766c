"""What a coordinator decided for many cases at once is done, or undone, by the worker."""

import uuid

from gongzhi.apps.dispatch.bulk import public as bulk
from gongzhi.apps.dispatch.bulk.public import BulkOrdered, BulkUndoOrdered
from gongzhi.kernel.events import on


@on(BulkOrdered, in_transaction=False)
def carry_out_run(event: BulkOrdered, *, event_id: uuid.UUID) -> None:
    """Case by case, each in a transaction of its own; run again it goes on where it stopped."""
    bulk.carry_out(run_id=event.run_id, at=event.at)


@on(BulkUndoOrdered, in_transaction=False)
def undo_run(event: BulkUndoOrdered, *, event_id: uuid.UUID) -> None:
    """As `carry_out_run`, the other way round."""
    bulk.undo(run_id=event.run_id, at=event.at)
