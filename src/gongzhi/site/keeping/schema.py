"""Whether a database fits the program: which migrations it has, which the program has."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from gongzhi.apps.ledger import public as ledger


def unknown_to_program(migrations: Iterable[tuple[str, str]]) -> list[str]:
    """Which of these migrations the program does not have: a newer program made them. As `app.name`."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    known = set(loader.disk_migrations)
    for migration in loader.disk_migrations.values():
        known |= set(migration.replaces)
    ours = {app for app, _name in known}
    return sorted(f"{app}.{name}" for app, name in set(migrations) - known if app in ours)


def newer_than_program() -> list[str]:
    """Which migrations of the present database the program does not have."""
    return unknown_to_program(MigrationRecorder(connection).applied_migrations())


def has_tables() -> bool:
    """Whether an installation is there at all."""
    return MigrationRecorder(connection).has_table()


def waiting() -> list[str]:
    """Which migrations of the program the present database lacks, in their order. As `app.name`."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]


def ledger_fits() -> bool:
    """Whether the ledger can be read and written as the program knows it: an older one waits for the upgrade."""
    return not any(name.startswith("gz_ledger.") for name in waiting())


def unsound(trees: Iterable[Mapping[str, Any]]) -> list[str]:
    """Which trees do not verify, or no longer have the root that they are said to have had at that size."""
    found = []
    for said in trees:
        tree, size, root = str(said["tree"]), int(said["size"]), str(said["root"])
        if not ledger.verify(tree).ok or ledger.root_at(tree, size) != root:
            found.append(tree)
    return found


def migrate() -> None:
    """Bring the tables up to date."""
    call_command("migrate", interactive=False, verbosity=0)
