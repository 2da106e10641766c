"""Whether the tables are those that this program wants: by names alone, no migration is loaded."""

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from django.apps import apps
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

Migration = tuple[str, str]


@cache
def wanted_migrations() -> frozenset[Migration]:
    """(app, name) of every migration that comes with the program; the same for the life of the process."""
    found = set()
    for config in apps.get_app_configs():
        if find_spec(f"{config.name}.migrations") is None:
            continue
        package = import_module(f"{config.name}.migrations")
        for folder in package.__path__:
            found |= {(config.label, path.stem) for path in Path(folder).glob("[0-9]*.py")}
    return frozenset(found)


def applied_migrations() -> frozenset[Migration]:
    """(app, name) of every migration that the database has seen. One query; none where it is empty."""
    recorder = MigrationRecorder(connection)
    return frozenset(recorder.applied_migrations())


def missing_migrations() -> list[str]:
    """The migrations that the program wants and the database has not seen, as `app.name`."""
    return sorted(".".join(m) for m in wanted_migrations() - applied_migrations())
