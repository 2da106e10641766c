"""All that others may use of complaints about handling."""

from gongzhi.apps.cases.kinds.complaints.filing import CATEGORY, note_complaint, take_case
from gongzhi.apps.cases.kinds.complaints.reading import (
    barred_units,
    complaint_of,
    complaints_about,
    complaints_by_report,
)
from gongzhi.apps.cases.models import Complaint
from gongzhi.apps.cases.queries import hidden_from

__all__ = [
    "CATEGORY",
    "Complaint",
    "barred_units",
    "complaint_of",
    "complaints_about",
    "complaints_by_report",
    "hidden_from",
    "note_complaint",
    "take_case",
]
