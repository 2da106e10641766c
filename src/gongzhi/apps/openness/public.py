"""All that the site may use of openness."""

from gongzhi.apps.openness.queries import GROUPINGS, figures
from gongzhi.apps.openness.rules import MIN_FOR_MEDIAN, FigureRow

__all__ = ["GROUPINGS", "MIN_FOR_MEDIAN", "FigureRow", "figures"]
