"""All that others may use of runs over many cases."""

from gongzhi.apps.dispatch.bulk.actions import (
    BulkError,
    carry_out,
    check_order,
    order_run,
    order_undo,
    undo,
)
from gongzhi.apps.dispatch.bulk.events import BulkOrdered, BulkUndoOrdered
from gongzhi.apps.dispatch.bulk.models import BulkItem, BulkRun
from gongzhi.apps.dispatch.bulk.queries import Progress, items_of, progress_of, run_by_key, runs
from gongzhi.apps.dispatch.bulk.rules import ANSWER, JOIN, KINDS, MAX_CASES, RULE, UNIT, fits

__all__ = [
    "ANSWER",
    "JOIN",
    "KINDS",
    "MAX_CASES",
    "RULE",
    "UNIT",
    "BulkError",
    "BulkItem",
    "BulkOrdered",
    "BulkRun",
    "BulkUndoOrdered",
    "Progress",
    "carry_out",
    "check_order",
    "fits",
    "items_of",
    "order_run",
    "order_undo",
    "progress_of",
    "run_by_key",
    "runs",
    "undo",
]
