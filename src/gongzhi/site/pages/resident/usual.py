"""How long things usually take: medians of the last 90 days by kind of matter, made anew every ten minutes.

Over 100,000 cases that takes seconds. So one visitor in ten minutes waits for it; all others get what was known before.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.core.cache import cache

from gongzhi.apps.actors.public import RESIDENT
from gongzhi.apps.openness.public import figures
from gongzhi.apps.places.public import Jurisdiction

DAYS: Final = 90
KEEP_SECONDS: Final = 600
OLD_SECONDS: Final = 24 * 3600  # so long an older figure is shown while a newer one is made
AT_MOST_SECONDS: Final = 60  # after that another visitor tries
SHOWN: Final = 6


@dataclass(frozen=True)
class Usual:
    """The median hours until a matter of this kind has ended, and how many matters that rests on."""

    category: str
    hours: float
    base: int


def usual_times(jurisdiction: Jurisdiction, now: datetime) -> list[Usual]:
    """Kinds of matters with a median, most frequent first."""
    key = f"usual:{jurisdiction.pk}:{jurisdiction.code}"
    known: list[Usual] = cache.get(key) or []
    if cache.get(f"{key}:fresh") or not cache.add(f"{key}:made", 1, AT_MOST_SECONDS):
        return known
    found = _read(jurisdiction, now)
    cache.set(key, found, OLD_SECONDS)
    cache.set(f"{key}:fresh", 1, KEEP_SECONDS if found else 5)
    cache.delete(f"{key}:made")
    return found


def _read(jurisdiction: Jurisdiction, now: datetime) -> list[Usual]:
    rows = figures(
        visible_to=RESIDENT,
        jurisdiction=jurisdiction,
        since=now - timedelta(days=DAYS),
        until=now,
        by="category",
        at=now,
    )
    return [
        Usual(r.group, r.hours_to_resolution, r.resolution_base)
        for r in rows
        if r.hours_to_resolution is not None and r.group
    ]


def usual_hours(jurisdiction: Jurisdiction, category: str, now: datetime) -> Usual | None:
    """The usual time of the kind that this category belongs to, if enough matters have ended."""
    kind = category.split(".")[0]
    return next((u for u in usual_times(jurisdiction, now) if u.category == kind), None)
