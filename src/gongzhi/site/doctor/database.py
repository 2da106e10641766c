"""The database: does it answer, is it set as it should be, are its tables those of this program?"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import Error as DatabaseTrouble
from django.db import connection

from gongzhi.kernel.silence import safe_words
from gongzhi.site.doctor.findings import Check, Finding, broken, good, look, many
from gongzhi.site.keeping import schema

DATABASE: Final = "Database"
TABLES: Final = "Tables"
APART: Final = timedelta(seconds=5)


def look_at_database(now: datetime) -> Iterator[Finding]:
    """Does it answer, and with the settings that keep data safe?"""
    try:
        yield from _sqlite() if connection.vendor == "sqlite" else _postgres(now)
    except DatabaseTrouble as error:
        connection.close()
        yield broken(DATABASE, f"It does not answer. {safe_words(error)}", _how_to_reach())


def _how_to_reach() -> str:
    if connection.vendor == "sqlite":
        return (
            "See that the data folder (GONGZHI_DATA) or the file named in DATABASE_URL is there, on a disk of "
            "this machine, and belongs to the account that runs gongzhi."
        )
    return "Start PostgreSQL. Then compare DATABASE_URL with it: host, port, database, account, password."


def _ask(question: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(question)
        row = cursor.fetchone()
    return row[0] if row else None


def _sqlite() -> Iterator[Finding]:
    version = _ask("SELECT sqlite_version()")
    mode, links = str(_ask("PRAGMA journal_mode")).lower(), bool(_ask("PRAGMA foreign_keys"))
    if mode != "wal":
        yield broken(
            DATABASE,
            f"SQLite {version} writes without the write-ahead log (journal mode {mode}): readers stop writers.",
            "Put the data folder on a local disk: network folders have no write-ahead log. Then start gongzhi anew.",
        )
    if not links:
        yield broken(
            DATABASE,
            f"SQLite {version} does not check links between rows.",
            "Install an SQLite that can do it.",
        )
    if mode == "wal" and links:
        yield good(DATABASE, f"SQLite {version} answers. Write-ahead log on, links between rows checked.")


def _postgres(now: datetime) -> Iterator[Finding]:
    version, encoding = _ask("SHOW server_version"), str(_ask("SHOW server_encoding"))
    if encoding != "UTF8":
        yield broken(
            DATABASE,
            f"PostgreSQL {version} keeps text as {encoding}: it cannot hold Chinese.",
            "Make a database with ENCODING 'UTF8' and bring a back-up into it.",
        )
    else:
        yield good(DATABASE, f"PostgreSQL {version} answers. Text is kept as UTF8.")
    apart = abs(_ask("SELECT clock_timestamp()") - now)
    if apart > APART:
        yield look(
            "Clock",
            f"The clocks of this machine and of PostgreSQL are {int(apart.total_seconds())} seconds apart.",
            "Let both machines set their clocks by the network: timedatectl set-ntp true",
        )


def look_at_tables(now: datetime) -> Iterator[Finding]:
    """Are all migrations applied, and none of a newer program?"""
    if not schema.has_tables():
        yield broken(TABLES, "There are none yet.", "gongzhi init")
        return
    missing, unknown = schema.waiting(), schema.newer_than_program()
    if missing:
        changes = f"{many(len(missing), 'change')} of the tables, the first is {missing[0]}."
        yield broken(TABLES, f"Not made yet: {changes}", "Stop site and worker, then: gongzhi upgrade")
    if unknown:
        yield broken(
            TABLES,
            f"They are of a newer program; this one does not know {unknown[0]}.",
            "Install the newer program again, or restore the back-up made before the upgrade.",
        )
    if not missing and not unknown:
        yield good(TABLES, "All tables are as this program wants them.")


CHECKS: Final = (
    Check(DATABASE, look_at_database, wants_tables=False),
    Check(TABLES, look_at_tables, wants_tables=False),
)
