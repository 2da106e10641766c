"""Makes the demonstration's data once, and says where to look and how to sign in."""

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

import click
from django.conf import settings
from django.core.management import call_command
from django.db import transaction

from gongzhi.apps.actors import public as actors
from gongzhi.apps.actors.public import SYSTEM, Actor
from gongzhi.apps.ledger import public as ledger
from gongzhi.apps.places import public as places
from gongzhi.apps.places.public import Jurisdiction, calendar_of, jurisdictions
from gongzhi.apps.understanding import public as understanding
from gongzhi.apps.understanding import training
from gongzhi.kernel import clock, worker
from gongzhi.kernel.errors import GongzhiError
from gongzhi.site import installing
from gongzhi.site.demo import boston
from gongzhi.site.demo.playing import Player
from gongzhi.site.demo.story import read_messages, story

FOLDER: Final = Path(settings.ROOT) / "demo"
TREE: Final = "installation"
SUBJECT: Final = "demo"
# From so many confirmed labels on the office trains a model of its own; the machine may hand over from 200 on.
LABELS_FOR_OWN_MODEL: Final = 220
SHOWN_SIGN_INS: Final = (
    ("xingfu", "xietiao", "coordinator: inbox, cases, figures"),
    ("xingfu", "huanwei", "handler of the sanitation station: today's list"),
    ("xingfu", "wangge01", "grid worker"),
    ("xingfu", "lingdao", "leader: cases and figures"),
    ("xingfu", "guanli", "administrator: set-up"),
    ("boston", "boston_coordinator", "coordinator, in English"),
    ("boston", "boston_pwd", "handler of public works"),
)


class DemoError(GongzhiError):
    """The demonstration cannot be made here."""


def _refuse_real_offices() -> None:
    real = [office.code for office in jurisdictions() if not office.demo]
    if real:
        raise DemoError(
            "This data folder holds a real office: %(office)s.",
            hint="Give the demonstration a folder of its own: GONGZHI_DATA=./var/demo gongzhi demo",
            office=real[0],
        )


def _made() -> set[str]:
    """What the demonstration's data holds already: `newest`, `full`."""
    return {str(entry.fields["requests"]) for entry in ledger.entries_about(SUBJECT).filter(tree=TREE)}


def _note(requests: str, at: datetime) -> None:
    """Write down that the data is whole: a run that was interrupted has no such entry."""
    with transaction.atomic():
        ledger.record(
            tree=TREE,
            kind="site.demo_made",
            subject=SUBJECT,
            by=SYSTEM.ref,
            at=at,
            fields={"requests": requests},
        )


def reset() -> None:
    """Delete the demonstration's data. Refused where a real office is in the same data folder."""
    call_command("migrate", interactive=False, verbosity=0)
    places.forget_kept()
    _refuse_real_offices()
    call_command("flush", interactive=False, verbosity=0)
    places.forget_kept()
    for folder in (settings.MEDIA_ROOT, settings.MODELS_ROOT):
        shutil.rmtree(folder, ignore_errors=True)


def prepare(*, full: bool) -> None:
    """Make the data unless it is there; with `full` all requests of Boston, which are added to the newest ones."""
    call_command("migrate", interactive=False, verbosity=0)
    _refuse_real_offices()
    made = _made()
    if "full" in made or (made and not full):
        click.echo("The demonstration's data is there already. `make demo-reset` begins anew.", err=True)
        return
    if not made and jurisdictions():
        click.echo("An earlier run was interrupted; beginning anew.", err=True)
        reset()
    began = time.monotonic()
    now = clock.now()
    if not made:
        _make_xingfu(now)
    _make_boston(now, full=full)
    ledger.sequence(clock.now())
    _note("full" if full else "newest", now)
    click.echo(f"Made in {time.monotonic() - began:.0f} s.", err=True)


@contextmanager
def _bar(label: str, length: int) -> Iterator[Callable[[int], None]]:
    with click.progressbar(length=length, label=f"{label:<34}", file=sys.stderr) as bar:
        yield bar.update


def _steps_of(progress: Callable[[int], None]) -> Callable[[int], None]:
    """For who reports how much is done in all: what is new since the last time."""
    known = 0

    def report(done: int) -> None:
        nonlocal known
        progress(done - known)
        known = done

    return report


def _territory(code: str, now: datetime) -> Jurisdiction:
    return installing.load_territory(folder=FOLDER / code, by=SYSTEM.ref, at=now, people=True)


def _coordinator(jurisdiction: Jurisdiction, name: str, now: datetime) -> Actor:
    user = next(
        g.user
        for g in actors.grants(jurisdiction, now)
        if g.user.username == name and g.role == "coordinator"
    )
    return actors.actor_of(user=user, jurisdiction=jurisdiction, at=now)


def _make_xingfu(now: datetime) -> None:
    office = _territory("xingfu", now)
    click.echo("Reading model: training on the packs' sentences", err=True)
    installing.ensure_base_model()
    messages = read_messages(FOLDER / "xingfu" / "messages.jsonl", now, calendar_of(office))
    happenings = story(messages, now)
    player = Player(office, _coordinator(office, "xietiao", now), now)
    with _bar("Xingfu Road: messages and lives", len(happenings)) as progress:
        trained = False
        for happening in happenings:
            player.play(happening)
            if not trained and understanding.confirmed_labels(office) >= LABELS_FOR_OWN_MODEL:
                training.retrain(jurisdiction=office, at=happening.at)
                trained = True
            progress(1)
    worker.drain()
    if player.left_out:
        click.echo(f"{len(player.left_out)} steps of the story no longer fitted and were left out.", err=True)


def _make_boston(now: datetime, *, full: bool) -> None:
    office = _territory("boston", now)
    desk = _coordinator(office, "boston_coordinator", now)
    rows = boston.read_requests(FOLDER / "boston", full=full)
    with _bar("Boston: requests come in", len(rows)) as progress:
        boston.import_requests(jurisdiction=office, rows=rows, by=desk, at=now, progress=_steps_of(progress))
    with _bar("Boston: read and handed over", len(rows)) as progress:
        boston.handle(progress)
    with _bar("Boston: answered and closed", sum(r["closed_dt"] is not None for r in rows)) as progress:
        boston.end_as_they_did(jurisdiction=office, rows=rows, by=desk, progress=progress)


def announce(address: str) -> None:
    """Print where to look and how to sign in."""
    click.echo(f"\n  gongzhi is running: {address}\n")
    click.echo(f"  Residents need no account:  {address}xingfu/   {address}boston/")
    click.echo(f"  Staff sign-in:              {address}sign-in/   password: {installing.DEMO_PASSWORD}\n")
    for office, username, what in SHOWN_SIGN_INS:
        click.echo(f"    {username:<20} {what} ({office})")
    click.echo("\n  Ctrl-C stops everything. The data stays in " + str(settings.DATA_ROOT))
