"""Writes: the life of a case. One transaction each, the step and the ledger entry inside."""

from gongzhi.apps.cases.actions import forgetting
from gongzhi.apps.cases.actions.handling import (
    add_note,
    answer_case,
    ask_desk,
    close_case,
    hold_case,
    rate_case,
    release_case,
    set_category,
)
from gongzhi.apps.cases.actions.history import PastAnswer, take_past_answers
from gongzhi.apps.cases.actions.joining import decline_same, join_cases, split_case, undo_merge
from gongzhi.apps.cases.actions.moving import CaseError, MoveError, StaleCaseError, move_case
from gongzhi.apps.cases.actions.opening import (
    Alike,
    HandingOut,
    Opening,
    open_case,
    open_cases,
    suggest_same,
)

__all__ = [
    "Alike",
    "CaseError",
    "HandingOut",
    "MoveError",
    "Opening",
    "PastAnswer",
    "StaleCaseError",
    "add_note",
    "answer_case",
    "ask_desk",
    "close_case",
    "decline_same",
    "forgetting",
    "hold_case",
    "join_cases",
    "move_case",
    "open_case",
    "open_cases",
    "rate_case",
    "release_case",
    "set_category",
    "split_case",
    "suggest_same",
    "take_past_answers",
    "undo_merge",
]
