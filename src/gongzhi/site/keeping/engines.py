"""The two databases: a snapshot while others write, whether one is empty, loading a snapshot into an empty one."""

import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

import psycopg
from django.db import connection, connections
from django.utils.translation import gettext_lazy as _

from gongzhi.apps.ledger.public import Checkpoint
from gongzhi.kernel.errors import GongzhiError

Query = Callable[[str], list[tuple[Any, ...]]]
# Where distributions put the programs of a PostgreSQL version.
POSTGRES_FOLDERS: Final = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
)
# What Django tells psycopg and no program of PostgreSQL knows.
NOT_FOR_PROGRAMS: Final = frozenset({"client_encoding", "context", "cursor_factory", "prepare_threshold"})


class EngineError(GongzhiError):
    """The database could not be copied or filled."""


@dataclass(frozen=True)
class Facts:
    """What a snapshot holds: the server's version, the migrations it has, rows by table, the ledger's heads."""

    version: str
    migrations: list[list[str]]
    tables: dict[str, int]
    trees: list[dict[str, Any]]


class Engine(Protocol):
    """A database that can be copied whole."""

    name: str
    file_name: str

    def snapshot(self, into: Path) -> Facts:
        """Write a copy of one moment into the file, while others go on writing."""

    def is_empty(self) -> bool:
        """Whether there are no tables."""

    def load(self, file: Path) -> None:
        """Fill the empty database from a snapshot; the file may be moved away."""

    def size(self) -> int:
        """How many bytes the database takes."""


def engine() -> Engine:
    """The database that the settings name."""
    return Sqlite() if connection.vendor == "sqlite" else Postgres()


def heads_by(query: Query) -> list[dict[str, Any]]:
    """The newest head of each tree of the ledger: plain SQL, since the tables may be of an older program."""
    table = Checkpoint._meta.db_table
    newest = f"SELECT MAX(size) FROM {table} d WHERE d.tree = c.tree"
    rows = query(f"SELECT tree, size, root FROM {table} c WHERE size = ({newest}) ORDER BY tree")
    return [{"tree": str(tree), "size": int(size), "root": str(root)} for tree, size, root in rows]


def heads_now() -> list[dict[str, Any]]:
    """The heads of the present database, as `heads_by`."""
    return heads_by(_ask)


def _ask(sql: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def facts_by(query: Query, version: str, tables: list[str]) -> Facts:
    """The facts of a database that can be asked."""
    return Facts(
        version=version,
        migrations=[list(row) for row in query("SELECT app, name FROM django_migrations ORDER BY id")],
        tables={name: int(query(f'SELECT COUNT(*) FROM "{name}"')[0][0]) for name in sorted(tables)},
        trees=heads_by(query) if Checkpoint._meta.db_table in tables else [],
    )


class Sqlite:
    """SQLite: one file, copied by its own back-up interface."""

    name = "sqlite"
    file_name = "gongzhi.sqlite3"

    @property
    def path(self) -> Path:
        """The database file."""
        return Path(str(connection.settings_dict["NAME"]))

    def snapshot(self, into: Path) -> Facts:
        """Copy the file in one step; readers and writers go on (WAL). EngineError where the copy is not sound."""
        if not self.path.exists():
            raise _no_database()
        into.touch(mode=0o600)
        with (
            closing(sqlite3.connect(self.path, timeout=60)) as source,
            closing(sqlite3.connect(into)) as copy,
        ):
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")

            def query(sql: str) -> list[tuple[Any, ...]]:
                return copy.execute(sql).fetchall()

            if query("PRAGMA integrity_check") != [("ok",)]:
                raise EngineError(
                    _("The database file is damaged."),
                    _("Keep a copy of it, then restore the newest back-up (gongzhi restore)."),
                )
            if not (tables := self._tables(query)):
                raise _no_database()
            return facts_by(query, sqlite3.sqlite_version, tables)

    def is_empty(self) -> bool:
        """Whether there is no file, or one without tables."""
        if not self.path.exists() or self.path.stat().st_size == 0:
            return True
        with closing(sqlite3.connect(self.path)) as there:
            return not self._tables(lambda sql: there.execute(sql).fetchall())

    def load(self, file: Path) -> None:
        """Move the copy to where the database belongs."""
        connections.close_all()
        for ending in ("-wal", "-shm"):
            Path(f"{self.path}{ending}").unlink(missing_ok=True)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(file, self.path)

    def size(self) -> int:
        """The size of the file."""
        return self.path.stat().st_size if self.path.exists() else 0

    @staticmethod
    def _tables(query: Query) -> list[str]:
        found = query("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        return [str(row[0]) for row in found]


class Postgres:
    """PostgreSQL: pg_dump in its custom format, from the very snapshot that the facts are counted in."""

    name = "postgresql"
    file_name = "gongzhi.pgdump"

    def snapshot(self, into: Path) -> Facts:
        """Dump one moment of the database. EngineError where pg_dump is missing or fails."""
        own = connection.get_new_connection(connection.get_connection_params())
        with closing(own):
            own.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            own.autocommit = False

            def query(sql: str) -> list[tuple[Any, ...]]:
                return [tuple(row) for row in own.execute(sql).fetchall()]

            if not (tables := self._tables(query)):
                raise _no_database()
            facts = facts_by(query, str(query("SHOW server_version")[0][0]), tables)
            snapshot = query("SELECT pg_export_snapshot()")[0][0]
            into.touch(mode=0o600)
            words = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
            self._run("pg_dump", own.info.server_version, [*words, f"--file={into}"])
        return facts

    def is_empty(self) -> bool:
        """Whether no table is there."""
        return not self._tables(_ask)

    def load(self, file: Path) -> None:
        """Fill the database in one transaction: all of it or nothing."""
        connection.ensure_connection()
        version = connection.connection.info.server_version
        connections.close_all()
        words = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", str(file)]
        self._run("pg_restore", version, words)

    def size(self) -> int:
        """What the server says."""
        return int(_ask("SELECT pg_database_size(current_database())")[0][0])

    @staticmethod
    def _tables(query: Query) -> list[str]:
        found = query("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        return [str(row[0]) for row in found]

    @staticmethod
    def _run(program: str, server_version: int, words: list[str]) -> None:
        where = {k: v for k, v in connection.get_connection_params().items() if k not in NOT_FOR_PROGRAMS}
        # The password goes by the environment: everybody on the machine can read a command line.
        env = {**os.environ, "PGPASSWORD": str(where.pop("password", ""))}
        address = psycopg.conninfo.make_conninfo("", **where)
        path = find_program(program, server_version // 10_000)
        command = [path, "--no-password", f"--dbname={address}", *words]
        ended = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        if ended.returncode != 0:
            said = ended.stderr.strip().splitlines()
            raise EngineError(
                _("%(program)s did not succeed: %(why)s"),
                _("See whether the database can be reached and the user may read and create tables."),
                program=program,
                why=said[0] if said else f"code {ended.returncode}",
            )


def _no_database() -> EngineError:
    return EngineError(
        _("There is no database here."),
        _("See whether GONGZHI_DATA and DATABASE_URL name the right place."),
    )


def find_program(program: str, major: int, folders: Mapping[int, Path] | None = None) -> str:
    """The path of pg_dump or pg_restore for a server of this major version: the same one, else the next newer.

    EngineError names the package that has it. `folders` maps a version to its programs; default: this machine's.
    """
    there = _installed(program) if folders is None else folders
    fitting = sorted(version for version in there if version >= major)
    if not fitting:
        raise EngineError(
            _("%(program)s for PostgreSQL %(major)s or newer is not installed."),
            _("On Debian or Ubuntu: sudo apt-get install postgresql-client-%(major)s"),
            program=program,
            major=major,
        )
    return str(there[fitting[0]])


def _installed(program: str) -> dict[int, Path]:
    found: dict[int, Path] = {}
    for pattern in POSTGRES_FOLDERS:
        for folder in Path("/").glob(pattern.lstrip("/")):
            version = re.search(r"(\d+)[^/]*/bin$", str(folder))
            if version and (folder / program).exists():
                found[int(version[1])] = folder / program
    if on_path := shutil.which(program):
        said = subprocess.run([on_path, "--version"], capture_output=True, text=True, check=False).stdout
        if version := re.search(r"(\d+)(\.\d+)?", said):
            found.setdefault(int(version[1]), Path(on_path))
    return found
