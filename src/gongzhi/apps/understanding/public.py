"""All that other apps may use of understanding. Training is apart (`training`): web workers never import it."""

from gongzhi.apps.understanding.actions import (
    UnderstandingError,
    activate_model,
    decide_category,
    drop_old_bands,
    read_report,
)
from gongzhi.apps.understanding.categories import CategoryTree, categories
from gongzhi.apps.understanding.hazards import HazardHit
from gongzhi.apps.understanding.models import CategoryDecision, ModelVersion, Reading
from gongzhi.apps.understanding.queries import (
    SimilarReport,
    confirmed_labels,
    hazards_in,
    may_route,
    model_versions,
    reading_of,
    similar_reports,
)
from gongzhi.apps.understanding.rules import LABELS_TO_ROUTE

__all__ = [
    "LABELS_TO_ROUTE",
    "CategoryDecision",
    "CategoryTree",
    "HazardHit",
    "ModelVersion",
    "Reading",
    "SimilarReport",
    "UnderstandingError",
    "activate_model",
    "categories",
    "confirmed_labels",
    "decide_category",
    "drop_old_bands",
    "hazards_in",
    "may_route",
    "model_versions",
    "read_report",
    "reading_of",
    "similar_reports",
]
