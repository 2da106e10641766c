"""Pure decisions: which line of the power list holds, what a task may become, in which order work is done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

TASK_MOVES: Final[Mapping[str, frozenset[str]]] = {
    "offered": frozenset({"accepted", "returned", "done", "withdrawn"}),
    "accepted": frozenset({"done", "returned", "withdrawn"}),
    "returned": frozenset(),
    # The answer was withdrawn.
    "done": frozenset({"accepted"}),
    # Taking a case out of a merge gives its units their tasks back.
    "withdrawn": frozenset({"offered", "accepted"}),
}
OPEN_TASKS: Final = ("offered", "accepted")


@dataclass(frozen=True)
class Line:
    """One line of the power list as the matching sees it."""

    item_id: int
    category: str
    area_id: int | None
    rank: int
    valid_from: date | None
    valid_to: date | None

    def holds_on(self, day: date) -> bool:
        """Whether the line is valid on the day."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )


def category_distance(rule: str, wanted: str) -> int | None:
    """0 where the rule names the very category, 1, 2 … where it names one above it, None where it names another."""
    if rule == wanted:
        return 0
    return wanted.count(".") - rule.count(".") if wanted.startswith(f"{rule}.") else None


def match_line(lines: Sequence[Line], category: str, area_line: Sequence[int], day: date) -> Line | None:
    """The line that holds: nearest category first, then the smallest area, then rank, then the oldest.

    `area_line` goes from the case's area up to the root. A line without an area holds everywhere.
    """
    best: tuple[tuple[int, int, int, int], Line] | None = None
    for line in lines:
        distance = category_distance(line.category, category)
        if distance is None or not line.holds_on(day):
            continue
        if line.area_id is not None and line.area_id not in area_line:
            continue
        depth = area_line.index(line.area_id) if line.area_id is not None else len(area_line)
        key = (distance, depth, line.rank, line.item_id)
        if best is None or key < best[0]:
            best = (key, line)
    return best[1] if best else None


def nearest_lines(lines: Sequence[Line], category: str, limit: int = 3) -> list[Line]:
    """Lines of the same branch of the tree, to show where no line holds: same category elsewhere, then its siblings."""
    root = category.split(".")[0]
    near = [line for line in lines if line.category.split(".")[0] == root]
    return sorted(near, key=lambda line: (line.category != category, line.rank, line.item_id))[:limit]


def work_order(
    urgent: bool, due_at: datetime | None, opened_at: datetime, at: datetime
) -> tuple[int, int, float, float]:
    """The published order of the work list: safety, what is late, the nearest deadline, who waits longest."""
    late = due_at is not None and due_at < at
    due = due_at.timestamp() if due_at is not None else float("inf")
    return (0 if urgent else 1, 0 if late else 1, due, opened_at.timestamp())


def may_become(state: str, to: str) -> bool:
    """Whether a task in `state` may become `to`."""
    return to in TASK_MOVES[state]
