"""Likely duplicates: what shares a band or lies near is compared for real, for one report or for a batch of them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice
from typing import Any, Final

from django.db import connection

from gongzhi.apps.channels.public import Report
from gongzhi.apps.understanding import indexing, rules
from gongzhi.apps.understanding.categories import categories
from gongzhi.apps.understanding.models import Band, Reading
from gongzhi.apps.understanding.queries import reading_of
from gongzhi_analysis.linkage.minhash import jaccard
from gongzhi_analysis.linkage.pairs import PairScore, Said, are_far, pair_score

NEWEST_A_BAND: Final = 25
COMPARED: Final = 60
SAME_WORDS: Final = 0.9
PLACES_OF_A_FORM: Final = 3
MOST_UNITED: Final = 400  # SQLite takes 500 parts of a union at most


@dataclass(frozen=True)
class SimilarReport:
    """A report that is perhaps about the same matter: how probably (0–1) and why ([{key, value}])."""

    report_id: int
    score: float
    reasons: list[dict[str, Any]]


@dataclass(frozen=True)
class Wanted:
    """A report to find others for: its category as decided or read, and the moment to look back from."""

    report: Report
    category: str
    at: datetime

    @property
    def since(self) -> datetime:
        """How far back is looked."""
        return self.at - timedelta(days=rules.WINDOW_DAYS)


def keep_keys(pairs: Iterable[tuple[Report, int]]) -> None:
    """Keep reports under their numbers: seventeen rows a report, so they are written without making objects."""
    quote = connection.ops.quote_name
    adapt = lru_cache(connection.ops.adapt_datetimefield_value)
    rows = [(report.jurisdiction_id, key, report.pk, adapt(report.received_at)) for report, key in pairs]
    if rows:
        columns = ", ".join(map(quote, ("jurisdiction_id", "band", "report_id", "at")))
        with connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {quote(Band._meta.db_table)} ({columns}) VALUES (%s, %s, %s, %s)", rows
            )


Key = tuple[int, int]  # jurisdiction, band


def _newest(keys: Iterable[Key], since: datetime) -> dict[Key, list[int]]:
    """The newest few reports of each band.

    Written by hand: a limit inside each branch of a union is what keeps a crowded band (boilerplate) cheap.
    """
    quote = connection.ops.quote_name
    one = (
        f"SELECT * FROM (SELECT jurisdiction_id, band, report_id FROM {quote(Band._meta.db_table)}"
        f" WHERE jurisdiction_id = %s AND band = %s AND {quote('at')} >= %s"
        f" ORDER BY {quote('at')} DESC LIMIT {NEWEST_A_BAND}) AS b"
    )
    moment = connection.ops.adapt_datetimefield_value(since)
    found: dict[Key, list[int]] = {}
    waiting = iter(keys)
    while part := list(islice(waiting, MOST_UNITED)):
        values = [value for key in part for value in (*key, moment)]
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join([one] * len(part)), values)
            for jurisdiction_id, band, report_id in cursor.fetchall():
                found.setdefault((jurisdiction_id, band), []).append(report_id)
    return found


@dataclass(frozen=True)
class _Candidates:
    """The reports worth comparing with one, and whether its words are those of a form that many reports share."""

    ids: list[int]
    form_words: bool


def _candidates(wanted: Sequence[Wanted]) -> list[_Candidates]:
    """For each report those that share most with it. Of its own batch only the ones before it: they were first."""
    words = [[(w.report.jurisdiction_id, k) for k in indexing.text_keys(w.report)] for w in wanted]
    cells = [
        [(w.report.jurisdiction_id, k) for k in indexing.near_keys(w.report, w.category)] for w in wanted
    ]
    every = dict.fromkeys(key for line in (*words, *cells) for key in line)
    newest = _newest(every, min(w.since for w in wanted))
    place = {w.report.pk: i for i, w in enumerate(wanted)}
    found = []
    for i, (by_words, by_cell) in enumerate(zip(words, cells, strict=True)):
        crowded = sum(len(newest.get(key, ())) >= NEWEST_A_BAND for key in by_words)
        form_words = crowded * 2 > len(by_words)
        keys = by_cell if form_words else [*by_words, *by_cell]
        shared = Counter(pk for key in keys for pk in newest.get(key, ()) if place.get(pk, -1) < i)
        found.append(_Candidates([pk for pk, _ in shared.most_common(COMPARED)], form_words))
    return found


def _as_said(report: Report, reading: Reading | None, category: str = "") -> Said:
    links = reading.places if reading else []
    return Said(
        indexing.shingles_of(indexing.words_of(report)[: indexing.MOST_CHARS]),
        report.received_at.timestamp() / 3600,
        lon=report.lon,
        lat=report.lat,
        places=frozenset(
            str(p.get("place_id") or p["text"]) for p in links if p["score"] >= rules.SURE_PLACE
        ),
        category=category or (reading.category if reading else ""),
    )


def similar_to_each(wanted: Sequence[Wanted]) -> list[list[SimilarReport]]:
    """For each report the five most alike of its office in the 60 days before, with the reasons; best first.

    The number of statements does not grow with the number of reports (but for very large batches).
    """
    if not wanted:
        return []
    candidates = _candidates(wanted)
    ids = {pk for one in candidates for pk in one.ids}
    if not ids:
        return [[] for _ in wanted]
    readings = reading_of(ids | {w.report.pk for w in wanted})
    others = Report.objects.in_bulk(ids)
    ready = {pk: _as_said(other, readings.get(pk)) for pk, other in others.items()}
    found = []
    for w, one in zip(wanted, candidates, strict=True):
        mine = _as_said(w.report, readings.get(w.report.pk), w.category)
        since = w.since.timestamp() / 3600
        near = [pk for pk in one.ids if pk in ready and ready[pk].hours >= since]
        found.append(_best(mine, {pk: ready[pk] for pk in near}, w, one.form_words))
    return found


def _best(mine: Said, others: dict[int, Said], wanted: Wanted, form_words: bool) -> list[SimilarReport]:
    radius = float(categories(wanted.report.jurisdiction).radius_m(wanted.category))
    said_alike = form_words or _are_form_words(mine, others.values(), radius)
    scored = [
        (pk, pair_score(mine, other, radius_m=radius, form_words=said_alike)) for pk, other in others.items()
    ]
    kept = sorted((p for p in scored if p[1].score >= rules.SUGGEST_SCORE), key=lambda p: (-p[1].score, p[0]))
    return [SimilarReport(pk, pair.score, _reasons(pair)) for pk, pair in kept[: rules.MAX_SIMILAR]]


def _are_form_words(mine: Said, others: Iterable[Said], radius: float) -> bool:
    """Whether the very same words were said of several other places: then they are a clerk's or a form's."""
    elsewhere = (other for other in others if are_far(mine, other, radius))
    return (
        sum(jaccard(mine.shingles, other.shingles) >= SAME_WORDS for other in elsewhere) >= PLACES_OF_A_FORM
    )


def _reasons(pair: PairScore) -> list[dict[str, Any]]:
    return [{"key": r.key, "value": r.value} for r in pair.reasons]


def similar_reports(*, report: Report, category: str, at: datetime) -> list[SimilarReport]:
    """As `similar_to_each`, for one report."""
    return similar_to_each([Wanted(report, category, at)])[0]
