"""At night the reading models are trained anew. Only the worker and the command line import this: it trains."""

from datetime import datetime

from gongzhi.apps.places.public import jurisdictions
from gongzhi.apps.understanding import training
from gongzhi.kernel.schedule import daily


@daily(at="02:30")
def train_at_night(*, at: datetime) -> None:
    """Train each office's model on its confirmed labels; it replaces the old one only where it is not worse."""
    for jurisdiction in jurisdictions():
        training.retrain(jurisdiction=jurisdiction, at=at)
