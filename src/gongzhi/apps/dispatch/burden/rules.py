"""Pure decisions: how long a form takes by what people said, what was asked before, what fits into a week."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

# What a person may say when done, in minutes: bands, so that an answer tells nothing of the person.
BANDS: Final = (5, 10, 20, 30, 45, 60, 90, 120, 240)
# Fewer answers than this give no figure: it would be one person's.
FEWEST: Final = 5
# How far back an ask counts as asked before.
ASKED_BEFORE_DAYS: Final = 90
# From this share of known fields on, a form is said to have been asked before.
WORTH_SAYING: Final = 0.3
_NOISE: Final = re.compile(r"[\W_]+")


def band_of(minutes: int) -> int:
    """The band that a number of minutes falls into, the last for all that is longer."""
    return next((band for band in BANDS if minutes <= band), BANDS[-1])


def median_band(counts: Mapping[int, int]) -> int | None:
    """The band in which the middle answer lies; None while there are fewer than five answers."""
    total = sum(counts.values())
    if total < FEWEST:
        return None
    passed = 0
    for band in sorted(counts):
        passed += counts[band]
        if 2 * passed >= total:
            return band
    return None


def field_key(label: str) -> str:
    """What a field is compared by: its words without case, spaces and signs."""
    return _NOISE.sub("", label.casefold())


@dataclass(frozen=True)
class Overlap:
    """Fields that another sender's form asked before."""

    form_id: int
    shared: tuple[str, ...]
    share: float


def overlaps(fields: Sequence[str], others: Mapping[int, Sequence[str]]) -> list[Overlap]:
    """Which other forms (id -> fields) asked a good part of these fields, the largest part first."""
    wanted = {field_key(label): label for label in fields if field_key(label)}
    found = []
    for form_id, labels in others.items():
        known = {field_key(label) for label in labels}
        shared = tuple(label for key, label in wanted.items() if key in known)
        share = len(shared) / len(wanted) if wanted else 0.0
        if share >= WORTH_SAYING:
            found.append(Overlap(form_id, shared, share))
    return sorted(found, key=lambda o: (-o.share, o.form_id))


@dataclass(frozen=True)
class Week:
    """A group's week in minutes: what was asked already, what the ask would add, what was agreed; None: nothing."""

    used: int
    added: int
    budget: int | None

    @property
    def over(self) -> bool:
        """Whether the week would hold more than was agreed."""
        return self.budget is not None and self.used + self.added > self.budget
