"""Reads: dangers, readings, likely duplicates, models, whether the machine may hand over."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import Q, QuerySet

from gongzhi.apps.channels.public import Report
from gongzhi.apps.places.public import Jurisdiction
from gongzhi.apps.understanding import hazards, indexing, rules
from gongzhi.apps.understanding.categories import categories
from gongzhi.apps.understanding.hazards import HazardHit
from gongzhi.apps.understanding.models import Band, Example, ModelVersion, Reading
from gongzhi_analysis.linkage.pairs import Said, pair_score, said

NEWEST_A_BAND: Final = 25
COMPARED: Final = 60


@dataclass(frozen=True)
class SimilarReport:
    """A report that is perhaps about the same matter: how probably (0–1) and why ([{key, value}])."""

    report_id: int
    score: float
    reasons: list[dict[str, Any]]


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


def may_route(*, reading: Reading, jurisdiction: Jurisdiction) -> bool:
    """Whether the machine may hand the case over without a person looking first (rules.may_route)."""
    from_channel = reading.model_version == rules.HINT_VERSION
    return rules.may_route(
        abstained=reading.abstained,
        hazards=reading.hazards,
        sensitive=categories(jurisdiction).is_sensitive(reading.category),
        category=reading.category,
        from_channel=from_channel,
        labels=0 if from_channel or not jurisdiction.auto_route else confirmed_labels(jurisdiction),
        auto_route=jurisdiction.auto_route,
    )


def model_versions(jurisdiction: Jurisdiction) -> QuerySet[ModelVersion]:
    """The office's own models and the base models, newest first."""
    rows = ModelVersion.objects.filter(Q(jurisdiction=jurisdiction) | Q(jurisdiction=None))
    return rows.order_by("-created_at", "-pk")


def _sharing(jurisdiction_id: int, keys: Sequence[int], since: datetime, but: int) -> list[int]:
    """Reports that share bands, those that share most first. The newest few of each band, in one statement.

    Written by hand: a limit inside each branch of a union is what keeps a crowded band (boilerplate) cheap.
    """
    if not keys:
        return []
    quote = connection.ops.quote_name
    one = (
        f"SELECT * FROM (SELECT report_id FROM {quote(Band._meta.db_table)} WHERE jurisdiction_id = %s"
        f" AND band = %s AND {quote('at')} >= %s ORDER BY {quote('at')} DESC LIMIT {NEWEST_A_BAND}) AS b"
    )
    moment = connection.ops.adapt_datetimefield_value(since)
    values = [value for key in keys for value in (jurisdiction_id, key, moment)]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join([one] * len(keys)), values)
        counted = Counter(row[0] for row in cursor.fetchall())
    counted.pop(but, None)
    return [pk for pk, _ in counted.most_common(COMPARED)]


def _as_said(report: Report, reading: Reading | None, category: str | None = None) -> Said:
    links = reading.places if reading else []
    places = frozenset(str(p.get("place_id") or p["text"]) for p in links if p["score"] >= rules.SURE_PLACE)
    return said(
        indexing.words_of(report),
        report.received_at.timestamp() / 3600,
        lon=report.lon,
        lat=report.lat,
        places=places,
        category=category or (reading.category if reading else ""),
    )


def similar_reports(*, report: Report, category: str, at: datetime) -> list[SimilarReport]:
    """The five most alike reports of the same office in the 60 days before, with the reasons; best first."""
    since = at - timedelta(days=rules.WINDOW_DAYS)
    keys = indexing.lookup_keys(report, category)
    found = _sharing(report.jurisdiction_id, keys, since, report.pk)
    if not found:
        return []
    readings = reading_of([report.pk, *found])
    others = Report.objects.filter(pk__in=found, jurisdiction_id=report.jurisdiction_id)
    mine = _as_said(report, readings.get(report.pk), category)
    radius = float(categories(report.jurisdiction).radius_m(category))
    scored = []
    for other in others:
        pair = pair_score(mine, _as_said(other, readings.get(other.pk)), radius_m=radius)
        if pair.score >= rules.SUGGEST_SCORE:
            reasons = [{"key": r.key, "value": r.value} for r in pair.reasons]
            scored.append(SimilarReport(other.pk, pair.score, reasons))
    return sorted(scored, key=lambda s: (-s.score, s.report_id))[: rules.MAX_SIMILAR]
