"""Upgrade: back up, check, bring the tables up to date, check again. One step that can be taken back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from gongzhi.apps.actors.public import SYSTEM
from gongzhi.apps.ledger import public as ledger
from gongzhi.kernel import keys
from gongzhi.kernel.errors import GongzhiError
from gongzhi.site.keeping import backing_up, engines, schema


class UpgradeError(GongzhiError):
    """An installation that cannot be upgraded as it is."""


@dataclass(frozen=True)
class Upgraded:
    """What an upgrade did: the back-up (None where none was wanted), migrations applied, trees that do not verify."""

    backup: Path | None
    migrations: list[str]
    unsound: list[str]


def refuse_newer() -> None:
    """UpgradeError where there is no database, or a newer program has changed it."""
    if not schema.has_tables():
        raise UpgradeError(_("There is no installation here yet."), _("Set one up: gongzhi init"))
    newer = schema.newer_than_program()
    if newer:
        raise UpgradeError(
            _("The database was changed by a newer gongzhi: it has %(newer)s, which this one does not know."),
            _("Install the newer gongzhi again, or restore the back-up from before its upgrade."),
            newer=newer[0],
        )


def upgrade(
    *,
    to: Path | None,
    keep: int | None,
    without_backup: str,
    at: datetime,
    say: Callable[[str], None],
) -> Upgraded:
    """Upgrade the installation to the program that runs this. `without_backup` is the reason not to make a back-up.

    Raises GongzhiError, and changes nothing, where the check or the back-up fails.
    """
    refuse_newer()
    for fault in keys.faults_of(Path(settings.DATA_ROOT)):
        say(f"{fault.fault} {fault.mend}")
    made = None
    if not without_backup:
        made = backing_up.back_up(to=to, keep=keep, with_keys=True, at=at)
        say(f"Back-up made and read again: {made.path}")
    trees = made.manifest.facts["trees"] if made else engines.heads_now()
    waiting = schema.waiting()
    schema.migrate()
    call_command("collectstatic", interactive=False, verbosity=0)
    if made and not made.noted:
        backing_up.note(made.path, made.manifest, at)
    _note(made.path if made else None, waiting, without_backup, at)
    ledger.sequence(at)
    return Upgraded(made.path if made else None, waiting, schema.unsound(trees))


@transaction.atomic
def _note(made: Path | None, migrations: list[str], without_backup: str, at: datetime) -> None:
    ledger.record(
        tree=backing_up.TREE,
        kind="site.upgraded",
        subject="installation",
        by=SYSTEM.ref,
        at=at,
        fields={
            "version": backing_up.program_version(),
            "migrations": len(migrations),
            "backup": made.name if made else None,
        },
        texts={"without_backup": without_backup} if without_backup else {},
    )
