"""All that others may use of the clocks of cases."""

from gongzhi.apps.dispatch.clocks.actions import (
    ClockError,
    ask_extension,
    decide_extension,
    end_past_pauses,
    end_pause,
    recount_cases,
    recount_deadlines,
    recount_office,
    start_pause,
)
from gongzhi.apps.dispatch.clocks.models import CasePause, Extension
from gongzhi.apps.dispatch.clocks.queries import (
    GROUPINGS,
    approved_of,
    counted,
    extension_rule,
    extensions_waiting,
    may_approve,
    moves,
    open_extension,
    open_pause,
    pause_reasons,
    pause_sums,
    pauses_of,
)
from gongzhi.apps.dispatch.clocks.rules import PauseSum

__all__ = [
    "GROUPINGS",
    "CasePause",
    "ClockError",
    "Extension",
    "PauseSum",
    "approved_of",
    "ask_extension",
    "counted",
    "decide_extension",
    "end_past_pauses",
    "end_pause",
    "extension_rule",
    "extensions_waiting",
    "may_approve",
    "moves",
    "open_extension",
    "open_pause",
    "pause_reasons",
    "pause_sums",
    "pauses_of",
    "recount_cases",
    "recount_deadlines",
    "recount_office",
    "start_pause",
]
