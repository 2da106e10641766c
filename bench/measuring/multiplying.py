"""Makes many cases out of few: each row of a report or a case is copied in the database, some time earlier.

The first rows went through the real pipeline, so the copies have real proportions: reports, steps, tasks, answers,
notices, ledger entries. Times move so that the newest request came in just now; ends that lie after it stay as they
are. What is kept for a time only (the duplicate index) is copied for that time only.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import Max, Min

from gongzhi.apps.channels.public import Report
from gongzhi.kernel import clock

SHIFT = 10_000_000  # between the numbers of a row and of its copy
COPIED = {
    "gz_channels": ("Report", "TrackingCode", "Contact", "Notice", "ReportPromise"),
    "gz_understanding": ("Reading", "CategoryDecision", "Example", "Band"),
    "gz_cases": ("Case", "Step", "Membership", "Holding", "Answer", "Rating", "Suggestion"),
    "gz_dispatch": ("Task", "TaskStep"),
    "gz_ledger": ("Entry",),
}
BAND_DAYS = 60


def multiply(times: int) -> int:
    """Make `times` as many cases out of those there are; returns how many reports there are then."""
    tables = [apps.get_model(app, name) for app, names in COPIED.items() for name in names]
    span = Report.objects.aggregate(first=Min("received_at"), last=Max("received_at"))
    forward = clock.now() - span["last"]
    long = span["last"] - span["first"] + timedelta(hours=1)
    _without_checks(on=True)
    with transaction.atomic(), connection.cursor() as cursor:
        for table in tables:
            for statement in _moved(table, forward):
                cursor.execute(statement)
        for copy in range(1, times):
            for table in tables:
                if table.__name__ != "Band" or long * copy < timedelta(days=BAND_DAYS):
                    cursor.execute(_copied(table, copy, long * copy, tables))
    _without_checks(on=False)
    _settle(tables)
    return Report.objects.count()


def _moved(table: type[models.Model], by: timedelta) -> Iterator[str]:
    """Every moment of a table, later by so much."""
    quote = connection.ops.quote_name
    moments = [f for f in table._meta.concrete_fields if isinstance(f, models.DateTimeField)]
    if moments:
        values = ", ".join(f"{quote(str(f.column))} = {_later(quote(str(f.column)), by)}" for f in moments)
        yield f"UPDATE {quote(table._meta.db_table)} SET {values}"


def _later(column: str, by: timedelta) -> str:
    seconds = int(by.total_seconds())
    if connection.vendor == "sqlite":
        return f"strftime('%Y-%m-%d %H:%M:%S', {column}, '{seconds:+d} seconds')"
    return f"{column} + interval '{seconds} seconds'"


def _copied(table: type[models.Model], copy: int, earlier: timedelta, tables: list[Any]) -> str:
    quote = connection.ops.quote_name
    fields = table._meta.concrete_fields
    columns = ", ".join(quote(str(f.column)) for f in fields)
    values = ", ".join(_value(table, f, copy, earlier, tables) for f in fields)
    name = quote(table._meta.db_table)
    return f"INSERT INTO {name} ({columns}) SELECT {values} FROM {name} WHERE id < {SHIFT}"


def _value(table: type[models.Model], field: Any, copy: int, earlier: timedelta, tables: list[Any]) -> str:
    """What a column of the copy holds: its own number, the copy's partner, an earlier moment, else the same."""
    column = connection.ops.quote_name(field.column)
    if field.primary_key or (field.is_relation and field.related_model in tables):
        return f"{column} + {copy * SHIFT}"
    if isinstance(field, models.DateTimeField):
        return _later(column, -earlier)
    if table.__name__ == "Entry" and field.name == "seq":
        return f"{column} + {copy * SHIFT}"
    if isinstance(field, models.BinaryField) and field.unique:
        return (
            "randomblob(32)"
            if connection.vendor == "sqlite"
            else f"sha256((report_id + {copy * SHIFT})::text::bytea)"
        )
    if field.name in {"external_key", "form_key"}:
        return f"{column} || '-{copy}'"
    return column


def _without_checks(*, on: bool) -> None:
    """The partner of a copy may come after it: references are right in the end, and are not looked at meanwhile."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"PRAGMA foreign_keys = {'OFF' if on else 'ON'}")
        else:
            cursor.execute(f"SET session_replication_role = {'replica' if on else 'origin'}")


def _settle(tables: list[Any]) -> None:
    """What PostgreSQL needs or does by itself after a while: numbers go on behind the last, tables are looked at."""
    if connection.vendor == "sqlite":
        return
    numbers = {t: t.objects.aggregate(last=Max("pk"))["last"] or 0 for t in tables}
    with connection.cursor() as cursor:
        for table, last in numbers.items():
            name = table._meta.db_table
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('\"{name}\"', 'id'), {last + 1})")
        cursor.execute("VACUUM ANALYZE")
