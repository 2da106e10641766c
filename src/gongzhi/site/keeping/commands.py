"""The commands that keep and move an installation: backup, restore, upgrade, keys, erase, retention."""

import sys
from pathlib import Path
from typing import Final

import click
from django.conf import settings

from gongzhi.apps.actors.public import SYSTEM
from gongzhi.apps.channels import public as channels
from gongzhi.apps.channels.public import Report
from gongzhi.apps.ledger import public as ledger
from gongzhi.apps.places.public import jurisdiction_by_code, jurisdictions
from gongzhi.journeys import erasure
from gongzhi.journeys import retention as labels
from gongzhi.kernel import clock
from gongzhi.kernel import keys as key_files
from gongzhi.site.keeping import backing_up, restoring, upgrading
from gongzhi.site.keeping.upgrading import Upgraded

RESTART: Final = (
    "Restart site and worker now, so that they run the new program:\n"
    "    sudo systemctl restart gongzhi-web gongzhi-worker"
)
FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.option("--to", type=FOLDER, help="Folder for the back-up. Default: backups in the data folder.")
@click.option("--keep", type=click.IntRange(min=1), help="Remove all but so many newest back-ups there.")
@click.option("--without-key", is_flag=True, help="Leave the keys out, for a back-up that others may see.")
def backup(to: Path | None, keep: int | None, without_key: bool) -> None:
    """Back up database, photos, models, keys and journals into one file, while site and worker run."""
    made = backing_up.back_up(to=to, keep=keep, with_keys=not without_key, at=clock.now())
    facts = made.manifest.facts
    rows = sum(facts["tables"].values())
    click.echo(f"Back-up made and read again: {made.path}")
    click.echo(f"{made.path.stat().st_size:,} bytes, {len(made.manifest.members)} files, {rows:,} rows.")
    for path in made.removed:
        click.echo(f"Removed to make room: {path.name}")
    if without_key:
        click.echo(
            "The keys are not in it. Without them nobody's tracking code opens a report after a restore, and "
            "everybody has to sign in again. Keep the files secret_key and code_key in a safe place.",
            err=True,
        )
    else:
        click.echo("It holds personal data and the keys. Keep it where only you can read it.", err=True)
    if to is None:
        click.echo("It lies on the same disk as the data. Copy it to another machine.", err=True)
    if not made.noted:
        click.echo("The ledger waits for gongzhi upgrade; the back-up is not written down in it.", err=True)


@click.command()
@click.argument("archive", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--old-data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    multiple=True,
    help="A former data folder: what was erased there stays erased, what is lost of its ledger is named.",
)
def restore(archive: Path, old_data: tuple[Path, ...]) -> None:
    """Restore a back-up into an empty data folder and an empty database. Stop site and worker first."""
    done = restoring.restore(path=archive, old_data=old_data, at=clock.now())
    facts = done.manifest.facts
    click.echo(f"Restored the back-up of {facts['made_at']} (gongzhi {facts['version']}).")
    for r in done.returns:
        lost = ""
        if r.lost_from is not None and r.lost_size is not None:
            lost = f" Entries {r.lost_from} to {r.lost_size - 1} of the log before are lost."
        click.echo(f"Ledger {r.tree}: goes on from checkpoint {r.size}.{lost}")
    if done.replayed.again:
        click.echo(f"{done.replayed.again} reports that were erased since the back-up were erased again.")
    for warning in done.warnings:
        click.echo(warning, err=True)
    for tree in done.unsound:
        click.echo(f"{tree}: the ledger is NOT SOUND. See: gongzhi ledger verify", err=True)
    click.echo("Start site and worker.")
    sys.exit(1 if done.unsound else 0)


@click.command()
@click.option("--to", type=FOLDER, help="Folder for the back-up. Default: backups in the data folder.")
@click.option("--keep", type=click.IntRange(min=1), help="Remove all but so many newest back-ups there.")
@click.option("--no-backup", is_flag=True, help="Make no back-up first. Needs --because.")
@click.option("--because", default="", help="Why no back-up is made; it is written into the ledger.")
def upgrade(to: Path | None, keep: int | None, no_backup: bool, because: str) -> None:
    """Bring the installation up to this program: back up, check, migrate, verify the ledger."""
    if no_backup and not because.strip():
        raise click.UsageError("--no-backup needs a reason: --because “a snapshot of the machine was made”.")
    if because and not no_backup:
        raise click.UsageError("--because goes with --no-backup only.")
    done = upgrading.upgrade(to=to, keep=keep, without_backup=because.strip(), at=clock.now(), say=click.echo)
    _tell_upgraded(done)
    sys.exit(1 if done.unsound else 0)


def _tell_upgraded(done: Upgraded) -> None:
    click.echo(
        f"{len(done.migrations)} changes to the tables." if done.migrations else "The tables were up to date."
    )
    if done.unsound:
        click.echo(
            f"The ledger is NOT SOUND: {', '.join(done.unsound)}. See: gongzhi ledger verify", err=True
        )
        if done.backup:
            click.echo(f"The state before the upgrade is in {done.backup}.", err=True)
        return
    click.echo("The ledger is unchanged.")
    click.echo(RESTART)


@click.command()
@click.option("--office", required=True, help="Code of the office, as in its web address.")
@click.option(
    "--report-number", type=int, help="Number of the report, as in its ledger entries (report:123)."
)
@click.option("--code", help="The reporter's tracking code.")
@click.option("--why", required=True, help="By whose wish or which rule; kept as a commitment in the ledger.")
@click.option("--yes", is_flag=True, help="Do not ask again.")
def erase(office: str, report_number: int | None, code: str | None, why: str, yes: bool) -> None:
    """Erase what a person said, for good: words, place, contact, photos. The case and its steps stay.

    It stays erased when an older back-up is restored.
    """
    if (report_number is None) == (code is None):
        raise click.UsageError("Name the report by --report-number or by --code.")
    report = _report(office, report_number, code)
    if report is None:
        raise click.UsageError("There is no such report in this office.")
    if not yes:
        click.confirm(f"Erase report {report.pk} of {office} for good? Nobody can bring it back", abort=True)
    at = clock.now()
    done = erasure.erase_report(report=report, by=SYSTEM, at=at, why=why)
    click.echo("The report is erased." if done else "The report was erased before.")
    if done:
        click.echo(
            "Older back-ups still hold it until they are removed; a restore erases it again.", err=True
        )


def _report(office: str, number: int | None, code: str | None) -> Report | None:
    jurisdiction = jurisdiction_by_code(office)
    if jurisdiction is None:
        known = ", ".join(j.code for j in jurisdictions()) or "none yet"
        raise click.UsageError(f"There is no office “{office}”. Known: {known}.")
    if number is not None:
        return channels.report_by_id(jurisdiction, number)
    return channels.report_by_code(jurisdiction, code or "")


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say how much is due; nothing is destroyed.")
def retention(dry_run: bool) -> None:
    """Destroy what has been kept as long as its label says. The worker does it every night at 3:10."""
    at = clock.now()
    counts = labels.due_now(at=at) if dry_run else labels.destroy_due(at=at)
    for rule in labels.RULES:
        click.echo(f"{counts[rule.label]:>8} {rule.label} ({rule.kept})")
    click.echo("Nothing was destroyed." if dry_run else "The ledger has the proof.")
    if not dry_run:
        ledger.sequence(at)


@click.group()
def keys() -> None:
    """The keys: what signs sessions and forms (secret_key), what tracking codes are hashed with (code_key)."""


@keys.command("show")
def show_keys() -> None:
    """Show the names (fingerprints) of the keys in use; never a key itself."""
    where = "GONGZHI_SECRET_KEY" if key_files.comes_from_environment() else str(_key_file(key_files.SECRET))
    click.echo(f"secret_key  {key_files.fingerprint(settings.SECRET_KEY)}  in use, from {where}")
    for key in settings.SECRET_KEY_FALLBACKS:
        click.echo(f"            {key_files.fingerprint(key)}  former: still reads sessions and forms")
    now, *former = settings.CODE_KEYS
    click.echo(f"code_key    {key_files.fingerprint(now)}  in use, from {_key_file(key_files.CODES)}")
    for key in former:
        click.echo(f"            {key_files.fingerprint(key)}  former: still opens tracking codes")


@keys.command("check")
def check_keys() -> None:
    """Check that the key files are there, whole, and readable by their owner only. Exit code 1 if not."""
    faults = key_files.faults_of(Path(settings.DATA_ROOT))
    for fault in faults:
        click.echo(f"{fault.fault} {fault.mend}", err=True)
    if not faults:
        click.echo("The keys are well.")
    sys.exit(1 if faults else 0)


@keys.command("rotate")
@click.option("--codes", is_flag=True, help="Change the key of tracking codes, not the secret key.")
@click.option(
    "--leaked", is_flag=True, help="Keep no former secret key: all sign in again, code apps are set up anew."
)
def rotate_keys(codes: bool, leaked: bool) -> None:
    """Put a new key into use. Sessions and tracking codes go on working with the former one."""
    if codes and leaked:
        raise click.UsageError(
            "The former key of tracking codes always stays: without it no code given out opens."
        )
    if not codes and key_files.comes_from_environment():
        raise click.UsageError(
            "The secret key comes from GONGZHI_SECRET_KEY. Change it there, and write the former one into the file "
            "secret_key.old in the data folder, so that people stay signed in."
        )
    if codes:
        key_files.rotate(_key_file(key_files.CODES), key_files.new_code_key(), keep_old=True)
    else:
        key_files.rotate(_key_file(key_files.SECRET), key_files.new_secret(), keep_old=not leaked)
    click.echo("A new key is in use. Restart site and worker, then make a back-up: older ones lack it.")
    click.echo("    sudo systemctl restart gongzhi-web gongzhi-worker")


def _key_file(name: str) -> Path:
    return Path(settings.DATA_ROOT) / name


COMMANDS: Final = (backup, restore, upgrade, erase, retention, keys)
