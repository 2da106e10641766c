"""What is told of runs over many cases."""

from dataclasses import dataclass
from typing import ClassVar

from gongzhi.kernel.events import Event


@dataclass(frozen=True)
class BulkOrdered(Event):
    """A person has decided the same for many cases."""

    name: ClassVar[str] = "dispatch.bulk_ordered"
    run_id: int


@dataclass(frozen=True)
class BulkUndoOrdered(Event):
    """A person wants a run undone as a whole."""

    name: ClassVar[str] = "dispatch.bulk_undo_ordered"
    run_id: int
