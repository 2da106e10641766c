"""Boston's open requests through import, pipeline and their real ends, as the demonstration does it."""

# isort: off
from gongzhi.site import boot as _boot  # sets Django up before any model is imported
# isort: on

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command

from gongzhi.apps.actors.public import SYSTEM, Actor, User, actor_of
from gongzhi.apps.ledger import public as ledger
from gongzhi.apps.places.public import Jurisdiction
from gongzhi.kernel import clock, worker
from gongzhi.site import installing
from gongzhi.site.demo import boston

_SET_UP = _boot
FOLDER = Path(settings.ROOT) / "demo" / "boston"
COORDINATOR = "boston_coordinator"
Row = dict[str, Any]
Stage = Callable[[], None]


def rows(newest: int | None) -> list[Row]:
    """The requests, oldest first; only the newest so many where a number is given."""
    every = boston.read_requests(FOLDER, full=True)
    return every if newest is None else every[-newest:]


def office() -> Jurisdiction:
    """Set the office up in an empty installation."""
    call_command("migrate", interactive=False, verbosity=0)
    return installing.load_territory(folder=FOLDER, by=SYSTEM.ref, at=clock.now(), people=True)


def desk(jurisdiction: Jurisdiction) -> Actor:
    """The office's coordinator."""
    user = User.objects.get(username=COORDINATOR)
    return actor_of(user=user, jurisdiction=jurisdiction, at=clock.now())


def stages(jurisdiction: Jurisdiction, wanted: Sequence[Row]) -> dict[str, Stage]:
    """What is done to the requests, one after the other; each is named as it is reported."""
    by, given = desk(jurisdiction), list(wanted)

    def come_in() -> None:
        boston.import_requests(
            jurisdiction=jurisdiction, rows=given, by=by, at=clock.now(), progress=lambda _done: None
        )

    def end() -> None:
        boston.end_as_they_did(jurisdiction=jurisdiction, rows=given, by=by, progress=lambda _done: None)

    return {
        "import": come_in,
        "handling": lambda: boston.handle(lambda _done: None),
        "ends": end,
        "notices": _settle,
    }


def _settle() -> None:
    """Tell the reporters, number the ledger."""
    worker.drain()
    ledger.sequence(clock.now())
