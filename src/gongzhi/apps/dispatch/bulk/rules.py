"""Pure decisions on doing one thing to many cases. No clock, no ORM."""

from typing import Final

from gongzhi.apps.cases.public import State

RULE, UNIT, ANSWER, JOIN = "rule", "unit", "answer", "join"
KINDS: Final = (RULE, UNIT, ANSWER, JOIN)
# One page shows them all before anything happens: nobody decides on more than can be looked through.
MAX_CASES: Final = 200
# A reopened case is looked at on its own: a reporter has said that it is not solved.
_HANDED: Final = frozenset({State.NEW, State.DISPATCHED, State.ACCEPTED})
_ALLOWED: Final = {
    RULE: _HANDED,
    UNIT: _HANDED,
    ANSWER: _HANDED,
    JOIN: frozenset({State.NEW, State.DISPATCHED, State.ACCEPTED, State.ANSWERED}),
}


def fits(kind: str, state: State, *, urgent: bool) -> bool:
    """Whether a case may be among those; a dangerous one is always decided on its own."""
    return not urgent and state in _ALLOWED[kind]
