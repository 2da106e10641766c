"""The command line `gongzhi`: set up, import, serve, work, train, verify, demonstrate."""

import sys
from pathlib import Path

# isort: off
from gongzhi.site import boot as _boot  # sets Django up before any model is imported
# isort: on

import click
from django.core.management import call_command
from django.utils import translation

from gongzhi.apps.actors.public import SYSTEM
from gongzhi.apps.channels.kinds.hotline_file import public as hotline_file
from gongzhi.apps.ledger import public as ledger
from gongzhi.apps.places.public import Jurisdiction, jurisdiction_by_code, jurisdictions
from gongzhi.apps.understanding import training
from gongzhi.journeys import schedules as _schedules  # registers what the worker does at set times
from gongzhi.kernel import clock, worker
from gongzhi.kernel.errors import GongzhiError
from gongzhi.site import demo, installing, serving
from gongzhi.site.doctor.command import doctor, retry
from gongzhi.site.keeping.commands import COMMANDS as KEEPING
from gongzhi.site.mail import sending as _sending  # the same for mail
from gongzhi.site.mail.commands import COMMANDS as MAIL
from gongzhi.site.simulating.command import simulate

_REGISTERED = (_boot, _schedules, _sending)


class Refusing(click.Group):
    """Shows a refusal as words and a hint, never as a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; a GongzhiError ends with exit code 1."""
        try:
            return super().invoke(ctx)
        except GongzhiError as error:
            with translation.override("en"):  # as all that the command line says
                click.echo(f"{error}\n{error.what_to_do()}", err=True)
            ctx.exit(1)


@click.group(cls=Refusing, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="gongzhi")
def main() -> None:
    """gongzhi (共治): hears residents, gets their matters handled, and proves what was done.

    Settings come from the environment: DATABASE_URL (default: SQLite in the data folder), GONGZHI_DATA
    (default: ./var), GONGZHI_HOSTS, GONGZHI_SECRET_KEY. See docs/operate.
    """


@main.command()
@click.option(
    "--territory",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with jurisdiction.toml, areas.geojson, units.toml, power_list.toml (as demo/xingfu).",
)
@click.option("--admin", default="admin", show_default=True, help="User name of the first administrator.")
def init(territory: Path | None, admin: str) -> None:
    """Set up a new installation: tables, packs, the base reading model, an office, its first administrator.

    Running it again brings everything up to date and changes no data. Demo accounts are removed.
    """
    installing.prepare()
    removed = installing.remove_demo_accounts()
    if removed:
        click.echo(f"{removed} demo accounts were closed.")
    if territory is None:
        click.echo("Ready. Name a folder with --territory to add an office.")
        return
    jurisdiction = installing.load_territory(folder=territory, by=SYSTEM.ref, at=clock.now(), people=False)
    code = installing.first_admin(jurisdiction=jurisdiction, username=admin, at=clock.now())
    click.echo(f"Office “{jurisdiction.code}” is ready.")
    if code:
        _say_link(admin, code)


def _say_link(username: str, code: str) -> None:
    click.echo(
        f"Open this link within 24 hours and set a passkey or a password for “{username}”. It works once:"
    )
    click.echo(f"    {installing.link_address(code)}")
    click.echo(f"Or open the page of the sign-in, “I have a one-time link”, and type: {code}")


@main.command("admin-link")
@click.argument("username")
def admin_link(username: str) -> None:
    """Give an account a one-time link: the way back in when passkey, password and codes are lost.

    When the link is used, every former way into the account ends, and the person is signed out everywhere. The
    ledger keeps that it was given. Staff get such links from their administrator, on the page “People”.
    """
    _say_link(username, installing.link_for(username=username, at=clock.now()))


@main.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--office", required=True, help="Code of the office, as in its web address.")
@click.option(
    "--mapping", required=True, help="Name of the column mapping in the packs, such as hotline_12345."
)
@click.option("--apply", "apply_it", is_flag=True, help="Really bring the rows in. Without it: a dry run.")
@click.option("--errors", type=click.Path(path_type=Path), help="Where refused rows are written (CSV).")
def import_file(file: Path, office: str, mapping: str, apply_it: bool, errors: Path | None) -> None:
    """Bring in a file of hotline tickets (CSV or XLSX).

    The first run is a dry run: it says what would come in and what is refused, row by row. Rows that were
    brought in before are known by their number and not added again, so an interrupted import is simply rerun.
    """
    jurisdiction = _office(office)
    outcome = hotline_file.import_file(
        path=file,
        mapping=mapping,
        jurisdiction=jurisdiction,
        dry_run=not apply_it,
        errors_to=errors,
        by=SYSTEM,
        at=clock.now(),
        progress=lambda done: click.echo(f"\r{done} rows", nl=False, err=True),
    )
    click.echo(
        f"\n{outcome.rows} rows: {outcome.added} {'added' if apply_it else 'would be added'}, "
        f"{outcome.known} known already, {outcome.refused} refused."
    )
    if outcome.refused and errors:
        click.echo(f"The refused rows and why: {errors}")
    if not apply_it:
        click.echo("This was a dry run. Add --apply to bring the rows in.")


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, help="Port to listen on.")
@click.option("--workers", default=2, show_default=True, help="Web processes.")
def serve(host: str, port: int, workers: int) -> None:
    """Serve the site. Static files are included; put a TLS proxy in front for the open network."""
    # A process of its own: its web processes must not carry what the commands above have loaded.
    serving.serve(host=host, port=port, workers=workers)


@main.command("worker")
@click.option("--once", is_flag=True, help="Do all that is waiting, then stop.")
def work(once: bool) -> None:
    """Do what waits in the outbox: read reports, hand cases over, tell reporters, number the ledger, train at night."""
    if once:
        click.echo(f"{worker.drain()} jobs done.")
        return
    worker.Worker().run()


@main.command()
@click.option("--office", help="Code of one office; default: the base model from the packs.")
@click.option("--force", is_flag=True, help="Use the new model even where it does not do better.")
def train(office: str | None, force: bool) -> None:
    """Train a reading model from the packs' examples and the office's confirmed labels."""
    jurisdiction = _office(office) if office else None
    version = training.retrain(jurisdiction=jurisdiction, at=clock.now(), force=force)
    click.echo(
        f"{version.version}: {version.metrics}"
        if version
        else "The model in use stays: nothing better was found."
    )


for _command in (*KEEPING, *MAIL, doctor, retry, simulate):
    main.add_command(_command)


@main.group("ledger")
def ledger_group() -> None:
    """The ledger: what was done, provably unchanged."""


@ledger_group.command("verify")
@click.option("--office", help="Code of one office; default: all.")
def verify_ledger(office: str | None) -> None:
    """Check every entry of the ledger; name the first that was changed, removed or reordered. Exit code 1 if any."""
    ledger.sequence(clock.now())
    codes = [office] if office else ledger.trees()
    bad = False
    for code in codes:
        verdict = ledger.verify(code)
        bad = bad or not verdict.ok
        where = "" if verdict.ok else f" First bad entry: {verdict.first_bad_seq}. {verdict.reason}"
        click.echo(f"{code}: {verdict.entries} entries, {'unchanged' if verdict.ok else 'NOT SOUND'}.{where}")
        for entry in ledger.restorations_of(code):
            head = f"restored from checkpoint {entry.fields['size']}.{_lost(entry)}"
            click.echo(f"    {entry.at:%Y-%m-%d %H:%M} UTC: {head}")
    sys.exit(1 if bad else 0)


def _lost(entry: ledger.Entry) -> str:
    """Which entries of the log before a restore are lost, in words."""
    first, size = entry.fields["lost_from"], entry.fields["lost_size"]
    return "" if size is None else f" Entries {first} to {size - 1} of the log before are lost."


@main.command("demo")
@click.option("--full", is_flag=True, help="Run all 58,251 Boston reports through, not the newest 5,000.")
@click.option("--reset", is_flag=True, help="Begin anew: the demo's data is deleted first.")
@click.option("--no-serve", is_flag=True, help="Only make the data.")
@click.option("--port", default=8000, show_default=True, help="Port; the next free one is taken.")
def run_demo(full: bool, reset: bool, no_serve: bool, port: int) -> None:
    """Make two offices with real and invented reports, start site and worker, print address and sign-ins."""
    if reset:
        demo.reset()
    demo.prepare(full=full)
    if not no_serve:
        serving.run_all(port=port, announce=demo.announce)


@main.command("manage", context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments: tuple[str, ...]) -> None:
    """Run one of Django's own commands, such as `gongzhi manage migrate`."""
    call_command(*arguments)


def _office(code: str) -> Jurisdiction:
    found = jurisdiction_by_code(code)
    if found is None:
        known = ", ".join(j.code for j in jurisdictions()) or "none yet"
        raise click.UsageError(f"There is no office “{code}”. Known: {known}.")
    return found


if __name__ == "__main__":
    main()
