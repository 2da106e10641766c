"""Two scenarios with the same luck: what differs, and between which bounds, over replications."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, stdev

from scipy.special import stdtrit

from gongzhi_analysis.process.queueing import UnitFigures

MEASURES = ("wait_mean", "wait_median", "wait_p90", "late_share", "load")


@dataclass(frozen=True)
class Interval:
    """A mean over replications and the bounds that hold it in 95 of 100 such trials (Student's t)."""

    mean: float
    low: float
    high: float

    @property
    def decided(self) -> bool:
        """Whether the bounds leave out nought: the sign of the mean is not luck."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Difference:
    """What a measure of a unit is in the first and the second scenario, and the second less the first."""

    unit: str
    measure: str
    first: float
    second: float
    change: Interval


def interval(values: Sequence[float]) -> Interval:
    """The mean and its 95 % bounds; ValueError for fewer than two values, as nothing bounds a single one."""
    if len(values) < 2:
        raise ValueError("an interval needs two replications or more")
    mean = fmean(values)
    half = float(stdtrit(len(values) - 1, 0.975)) * stdev(values) / sqrt(len(values))
    return Interval(mean, mean - half, mean + half)


def compare(
    first: Sequence[Sequence[UnitFigures]], second: Sequence[Sequence[UnitFigures]]
) -> list[Difference]:
    """The differences by unit, replication paired with replication: both must have run with the same seeds.

    A unit that has matters in only one scenario counts as nought in the other.
    """
    units = sorted({figures.unit for run in (*first, *second) for figures in run})
    return [_difference(unit, measure, first, second) for unit in units for measure in MEASURES]


def _difference(
    unit: str, measure: str, first: Sequence[Sequence[UnitFigures]], second: Sequence[Sequence[UnitFigures]]
) -> Difference:
    before, after = ([_value(run, unit, measure) for run in runs] for runs in (first, second))
    changes = [b - a for a, b in zip(before, after, strict=True)]
    return Difference(unit, measure, fmean(before), fmean(after), interval(changes))


def _value(figures: Sequence[UnitFigures], unit: str, measure: str) -> float:
    return next((float(getattr(f, measure)) for f in figures if f.unit == unit), 0.0)
