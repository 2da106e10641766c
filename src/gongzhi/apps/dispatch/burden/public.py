"""All that others may use of what is asked of the neighbourhoods."""

from gongzhi.apps.dispatch.burden.actions import (
    AskError,
    OverBudgetError,
    agree_budget,
    monday_of,
    note_minutes,
    save_form,
    send_ask,
)
from gongzhi.apps.dispatch.burden.models import Ask, AskForm
from gongzhi.apps.dispatch.burden.queries import (
    AskedBefore,
    Burden,
    asked_before,
    asked_of,
    budgets,
    burden,
    minutes_of,
    tasks_by_group,
    weeks_of,
)
from gongzhi.apps.dispatch.burden.rules import ASKED_BEFORE_DAYS, BANDS, FEWEST, Week

__all__ = [
    "ASKED_BEFORE_DAYS",
    "BANDS",
    "FEWEST",
    "Ask",
    "AskError",
    "AskForm",
    "AskedBefore",
    "Burden",
    "OverBudgetError",
    "Week",
    "agree_budget",
    "asked_before",
    "asked_of",
    "budgets",
    "burden",
    "minutes_of",
    "monday_of",
    "note_minutes",
    "save_form",
    "send_ask",
    "tasks_by_group",
    "weeks_of",
]
