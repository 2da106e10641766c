"""Pages of cases by keyset. Which cases comes first, from an index alone and without joins; then what is shown of them.

Joined and sorted in one statement, a page of 20 out of 100,000 cases would carry every row through the sort.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from gongzhi.apps.cases.models import Case
from gongzhi.apps.places.public import Around, Jurisdiction, box_around

Cursor = tuple[datetime, int]
CHUNK = 200  # cases looked at at a time where the distance decides


@dataclass(frozen=True)
class Choice:
    """A column that may have any of these values; none narrows nothing."""

    column: str = ""
    values: tuple[str | int, ...] = ()


def newest_page(
    rows: QuerySet[Case],
    *,
    jurisdiction: Jurisdiction,
    after: Cursor | None,
    limit: int,
    choice: Choice | None = None,
    around: Around | None = None,
) -> tuple[list[Case], Cursor | None]:
    """One page by (opened_at, id) downwards, without counting or offset, and the cursor of the next page if any.

    `choice` is the condition with several values that leaves fewest cases: see `_newest_of_each`.
    """
    if around is not None:
        if choice is not None and choice.values:
            rows = rows.filter(**{f"{choice.column}__in": choice.values})
        ids = _newest_around(rows, around, after, limit + 1)
    else:
        ids = _newest(_before(rows, after), choice or Choice(), limit + 1)
    found = load(ids, jurisdiction)
    if len(found) <= limit:
        return found, None
    return found[:limit], (found[limit - 1].opened_at, found[limit - 1].pk)


def _before(rows: QuerySet[Case], cursor: Cursor | None) -> QuerySet[Case]:
    if cursor is None:
        return rows
    opened_at, pk = cursor
    return rows.filter(opened_at__lte=opened_at).exclude(opened_at=opened_at, pk__gte=pk)


def _newest_around(rows: QuerySet[Case], around: Around, after: Cursor | None, limit: int) -> list[int]:
    """The newest within the circle: the box by index, then the exact distance, a chunk at a time."""
    box = box_around(around.lon, around.lat, around.metres + around.apart)
    rows = rows.filter(lat__range=(box.min_lat, box.max_lat), lon__range=(box.min_lon, box.max_lon))
    found: list[int] = []
    while len(found) < limit:
        chunk = list(
            _before(rows, after)
            .order_by("-opened_at", "-pk")
            .values_list("pk", "opened_at", "lon", "lat")[:CHUNK]
        )
        found += [pk for pk, _opened, lon, lat in chunk if around.holds(lon or 0.0, lat or 0.0)]
        if len(chunk) < CHUNK:
            break
        after = (chunk[-1][1], chunk[-1][0])
    return found[:limit]


def load(ids: Sequence[int], jurisdiction: Jurisdiction) -> list[Case]:
    """These cases of the office in this order, with area (its outline is left in the table) and unit."""
    rows = Case.objects.select_related("area", "lead_unit").defer("area__geometry").in_bulk(ids)
    for case in rows.values():
        case.jurisdiction = jurisdiction
    return [rows[pk] for pk in ids if pk in rows]


def _newest(rows: QuerySet[Case], choice: Choice, limit: int) -> list[int]:
    if len(choice.values) > 1 and connection.vendor == "sqlite":
        try:
            return _newest_of_each(rows, choice, limit)
        except EmptyResultSet:
            return []
    if choice.values:
        rows = rows.filter(**{f"{choice.column}__in": choice.values})
    return list(rows.order_by("-opened_at", "-pk").values_list("pk", flat=True)[:limit])


def _newest_of_each(rows: QuerySet[Case], choice: Choice, limit: int) -> list[int]:
    """The newest of those that have the first value, of those that have the second, and so on; the newest of all these.

    SQLite keeps no statistics: told `IN (…)` it walks all cases or sorts all that fit. Asked value by value it walks
    an index that ends in (opened_at, id) and stops at the limit.
    """
    (sql, first), (_, second) = (_asked(rows, choice.column, value, limit) for value in choice.values[:2])
    places = {i for i, (a, b) in enumerate(zip(first, second, strict=True)) if a != b}
    parts = " UNION ALL ".join([f"SELECT * FROM ({sql})"] * len(choice.values))
    given = [value if i in places else kept for value in choice.values for i, kept in enumerate(first)]
    with connection.cursor() as cursor:
        cursor.execute(f"{parts} ORDER BY 2 DESC, 1 DESC LIMIT {limit}", given)
        return [row[0] for row in cursor.fetchall()]


def _asked(rows: QuerySet[Case], column: str, value: str | int, limit: int) -> tuple[str, tuple[Any, ...]]:
    """The statement and its values for the cases that have one value."""
    one = rows.filter(**{column: value}).order_by("-opened_at", "-pk").values_list("pk", "opened_at")[:limit]
    sql, values = one.query.sql_with_params()
    return sql, tuple(values)
