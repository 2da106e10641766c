"""What other apps may use to change cases after the fact."""

from gongzhi.apps.cases.changes.amending import in_ended_areas, inherit_holdings, set_area, set_due
from gongzhi.apps.cases.changes.retracting import retract_answer

__all__ = ["in_ended_areas", "inherit_holdings", "retract_answer", "set_area", "set_due"]
