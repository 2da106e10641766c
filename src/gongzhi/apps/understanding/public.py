"""All that other apps may use of understanding. Training is apart (`training`): web workers never import it."""

from gongzhi.apps.understanding.actions import (
    UnderstandingError,
    activate_model,
    decide_category,
    drop_old_bands,
    read_report,
    read_reports,
)
from gongzhi.apps.understanding.categories import CategoryTree, categories
from gongzhi.apps.understanding.forgetting import bands_before, delete_bands, forget_reports
from gongzhi.apps.understanding.hazards import HazardHit
from gongzhi.apps.understanding.models import CategoryDecision, ModelVersion, Reading
from gongzhi.apps.understanding.queries import (
    confirmed_labels,
    hazards_in,
    may_route,
    model_versions,
    reading_of,
)
from gongzhi.apps.understanding.reader import ModelState, model_state
from gongzhi.apps.understanding.rules import HINT_VERSION, LABELS_TO_ROUTE, NO_MODEL, WINDOW_DAYS
from gongzhi.apps.understanding.similar import SimilarReport, Wanted, similar_reports, similar_to_each

__all__ = [
    "HINT_VERSION",
    "LABELS_TO_ROUTE",
    "NO_MODEL",
    "CategoryDecision",
    "CategoryTree",
    "HazardHit",
    "ModelState",
    "ModelVersion",
    "Reading",
    "SimilarReport",
    "UnderstandingError",
    "Wanted",
    "WINDOW_DAYS",
    "activate_model",
    "bands_before",
    "categories",
    "confirmed_labels",
    "decide_category",
    "delete_bands",
    "drop_old_bands",
    "forget_reports",
    "hazards_in",
    "may_route",
    "model_state",
    "model_versions",
    "read_report",
    "read_reports",
    "reading_of",
    "similar_reports",
    "similar_to_each",
]
