"""All that others may use of handing back."""

from gongzhi.apps.dispatch.returns.actions import (
    ReturnError,
    ask_return,
    decide_return,
    name_arbiter,
    take_back_asking,
)
from gongzhi.apps.dispatch.returns.models import Arbiter, HandBack
from gongzhi.apps.dispatch.returns.queries import (
    arbiter_of,
    askings_of,
    hops,
    lines_to_name,
    may_decide,
    open_asking,
    reasons,
    rule_of,
    waiting,
)
from gongzhi.apps.dispatch.returns.rules import CLAIMS, FEWEST, Hops

__all__ = [
    "CLAIMS",
    "FEWEST",
    "Arbiter",
    "HandBack",
    "Hops",
    "ReturnError",
    "arbiter_of",
    "ask_return",
    "askings_of",
    "decide_return",
    "hops",
    "lines_to_name",
    "may_decide",
    "name_arbiter",
    "open_asking",
    "reasons",
    "rule_of",
    "take_back_asking",
    "waiting",
]
