"""What people decide is learned from: a correction becomes an example."""

from datetime import datetime

from gongzhi.apps.actors.public import Actor
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.public import Case
from gongzhi.apps.understanding import public as understanding


def correct_category(
    *, case: Case, category: str, by: Actor, at: datetime, reason: str = "", seen_version: int | None = None
) -> Case:
    """A person decides what a case is about: the case takes it, each of its reports becomes an example."""
    changed = cases.set_category(
        case=case, category=category, by=by, at=at, reason=reason, seen_version=seen_version
    )
    for report in cases.reports_of(case, visible_to=by):
        understanding.decide_category(report=report, category=category, by=by, at=at, reason=reason)
    return changed
