"""Reads: dangers, readings, models, whether the machine may hand over. Likely duplicates: `similar`."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from gongzhi.apps.places.public import Jurisdiction
from gongzhi.apps.understanding import hazards, rules
from gongzhi.apps.understanding.categories import categories
from gongzhi.apps.understanding.hazards import HazardHit
from gongzhi.apps.understanding.models import Example, ModelVersion, Reading


def hazards_in(text: str, lang: str, jurisdiction: Jurisdiction) -> list[HazardHit]:
    """The dangers named in a text. `lang` is the page's language only: people write danger in any language."""
    return hazards.scan(text, hazards.hazards_of(tuple(jurisdiction.packs)))


def reading_of(report_ids: Iterable[int]) -> dict[int, Reading]:
    """The latest reading of each report."""
    rows = Reading.objects.filter(report_id__in=list(report_ids)).order_by("at", "pk")
    return {row.report_id: row for row in rows}


def confirmed_labels(jurisdiction: Jurisdiction) -> int:
    """How many reports of the office have a confirmed category to learn from."""
    return Example.objects.filter(jurisdiction=jurisdiction).count()


def may_route(*, reading: Reading, jurisdiction: Jurisdiction, labels: int) -> bool:
    """Whether the machine may hand the case over without a person looking first (rules.may_route).

    `labels` says how many labels of the office are confirmed (`confirmed_labels`).
    """
    return rules.may_route(
        abstained=reading.abstained,
        hazards=reading.hazards,
        sensitive=categories(jurisdiction).is_sensitive(reading.category),
        category=reading.category,
        from_channel=reading.model_version == rules.HINT_VERSION,
        labels=labels,
        auto_route=jurisdiction.auto_route,
    )


def model_versions(jurisdiction: Jurisdiction) -> QuerySet[ModelVersion]:
    """The office's own models and the base models, newest first."""
    rows = ModelVersion.objects.filter(Q(jurisdiction=jurisdiction) | Q(jurisdiction=None))
    return rows.order_by("-created_at", "-pk")
