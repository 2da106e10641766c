"""All that other apps may use of cases."""

# isort: off
# fmt: off
from gongzhi.apps.cases.actions import (
    Alike, CaseError, HandingOut, Opening, PastAnswer, StaleCaseError, add_note, answer_case,
    ask_desk, close_case, decline_same, forgetting, hold_case, join_cases, move_case, open_case, open_cases,
    rate_case, release_case, set_category, split_case, suggest_same, take_past_answers,
    undo_merge,
)
from gongzhi.apps.cases.events import AnswerGiven, CaseEnded, CaseReopened, CasesJoined, CaseUnmerged
from gongzhi.apps.cases.models import Answer, Case, Rating, Step, Suggestion
from gongzhi.apps.cases.paging import Cursor
from gongzhi.apps.cases.queries import (
    CaseFilter, answers_of, case_by_number,
    case_of, cases_of, first_reports, inbox, last_steps, latest_rating, merged_cases,
    public_cases, ratings_of, reports_of, reports_since, search_cases,
    suggestions_of, timeline, visible_cases,
)
from gongzhi.apps.cases.rules import ENDED_STATES, OPEN_STATES, WAITS, State, is_late, may_move

__all__ = [
    "ENDED_STATES", "OPEN_STATES", "WAITS", "Alike", "Answer", "AnswerGiven", "Case", "CaseEnded",
    "CaseError", "CaseFilter", "CaseReopened", "CaseUnmerged", "CasesJoined", "Cursor", "HandingOut",
    "Opening", "PastAnswer", "Rating", "StaleCaseError", "State", "Step", "Suggestion",
    "add_note", "answer_case", "answers_of", "ask_desk", "case_by_number", "case_of", "cases_of",
    "close_case", "decline_same", "first_reports", "forgetting", "hold_case", "inbox", "is_late", "join_cases",
    "last_steps", "latest_rating", "may_move", "merged_cases", "move_case", "open_case", "open_cases",
    "public_cases", "rate_case", "ratings_of", "release_case", "reports_of", "reports_since",
    "search_cases", "set_category", "split_case", "suggest_same", "suggestions_of", "take_past_answers",
    "timeline", "undo_merge", "visible_cases",
]
