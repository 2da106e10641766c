"""The life of a case as one table, and what follows from it. No clock, no ORM, no settings."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final


class State(StrEnum):
    """Where a case stands. Answered, closed and solved are three different things.

    answered: the unit has given a public answer; closed: the office has ended the handling;
    solved: a reporter has confirmed that the matter is solved.
    """

    NEW = "new"
    DISPATCHED = "dispatched"
    ACCEPTED = "accepted"
    ANSWERED = "answered"
    CLOSED = "closed"
    SOLVED = "solved"
    REOPENED = "reopened"
    MERGED = "merged"


S = State
MOVES: Final[Mapping[State, frozenset[State]]] = {
    # A matter that is not ours is answered from the desk (the six lawful exits), never silently closed.
    S.NEW: frozenset({S.DISPATCHED, S.ANSWERED, S.MERGED}),
    # Dispatched again: another unit; new: handed back to the desk with a reason.
    S.DISPATCHED: frozenset({S.DISPATCHED, S.ACCEPTED, S.ANSWERED, S.NEW, S.MERGED}),
    S.ACCEPTED: frozenset({S.DISPATCHED, S.ANSWERED, S.NEW, S.MERGED}),
    # Accepted or new again: the answer was withdrawn.
    S.ANSWERED: frozenset({S.ANSWERED, S.CLOSED, S.SOLVED, S.REOPENED, S.ACCEPTED, S.NEW, S.MERGED}),
    # An answer may be mended after the closing; that alone does not open the case again.
    S.CLOSED: frozenset({S.SOLVED, S.REOPENED, S.MERGED}),
    S.SOLVED: frozenset({S.REOPENED, S.MERGED}),
    S.REOPENED: frozenset({S.DISPATCHED, S.ACCEPTED, S.ANSWERED, S.NEW, S.MERGED}),
    # Only undoing the merge leads out, back to where the case stood.
    S.MERGED: frozenset(set(S) - {S.MERGED}),
}
OPEN_STATES: Final = frozenset({S.NEW, S.DISPATCHED, S.ACCEPTED, S.REOPENED})
ENDED_STATES: Final = frozenset({S.CLOSED, S.SOLVED})
NEEDS_ANSWER: Final = frozenset({S.ANSWERED, S.CLOSED})
# What a case waits for at the desk, in the order in which a coordinator should look at it.
WAITS: Final = (
    "safety", "complaint", "reopened", "withdrawn", "returned", "late", "maybe_same", "unsure", "no_rule",
)  # fmt: skip


def may_move(state: State, to: State) -> bool:
    """Whether a case in `state` may go to `to`. A closed case reopens only when its reporter says it is not solved."""
    return to in MOVES[state]


def is_late(state: State, due_at: datetime | None, at: datetime) -> bool:
    """Whether an open case has passed its deadline."""
    return state in OPEN_STATES and due_at is not None and due_at < at


def case_number(prefix: str, case_id: int) -> str:
    """What people call the case by: `XF-000123`."""
    return f"{prefix}-{case_id:06d}"


def case_id_of(number: str, prefix: str) -> int | None:
    """The id in a case number of this office, or None where it is none. Case and missing zeros do not matter."""
    head, _, tail = number.strip().upper().rpartition("-")
    if head not in {"", prefix.upper()} or not tail.isascii() or not tail.isdigit() or len(tail) > 15:
        return None
    return int(tail)


def state_after_rating(state: State, solved: bool | None) -> State | None:
    """Where the reporter's word takes the case: solved confirms, not solved reopens, no word changes nothing."""
    if solved is None or state not in {S.ANSWERED, S.CLOSED, S.SOLVED}:
        return None
    to = S.SOLVED if solved else S.REOPENED
    return to if to != state and may_move(state, to) else None


def state_after_retraction(state: State, *, answered_still: bool, in_charge: bool) -> State | None:
    """Where withdrawing an answer takes the case; nowhere while another answer stands or it is open already.

    Back to the unit that has it in charge, else to the desk; a case that had ended is open again.
    """
    if answered_still or state not in {S.ANSWERED, S.CLOSED, S.SOLVED}:
        return None
    if state in ENDED_STATES:
        return S.REOPENED
    return S.ACCEPTED if in_charge else S.NEW
