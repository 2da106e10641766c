"""What people decide is learned from: a correction becomes an example, the model is trained anew at night."""

from datetime import datetime

from gongzhi.apps.actors.public import Actor
from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.public import Case
from gongzhi.apps.places.public import jurisdictions
from gongzhi.apps.understanding import public as understanding
from gongzhi.apps.understanding import training
from gongzhi.kernel.schedule import daily


def correct_category(
    *, case: Case, category: str, by: Actor, at: datetime, reason: str = "", seen_version: int | None = None
) -> Case:
    """A person decides what a case is about: the case takes it, each of its reports becomes an example."""
    changed = cases.set_category(case=case, category=category, by=by, at=at, reason=reason, seen_version=seen_version)
    for report in cases.reports_of(case, visible_to=by):
        understanding.decide_category(report=report, category=category, by=by, at=at, reason=reason)
    return changed


@daily(at="02:30")
def train_at_night(*, at: datetime) -> None:
    """Train each office's model on its confirmed labels; it replaces the old one only where it is not worse."""
    for jurisdiction in jurisdictions():
        training.retrain(jurisdiction=jurisdiction, at=at)
