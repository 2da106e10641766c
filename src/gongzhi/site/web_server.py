"""The web server as a program of its own: `python -m gongzhi.site.web_server`, which `gongzhi serve` becomes.

Its web processes are forks of it and hold what it holds. So it imports nothing that trains or crunches tables: two web
processes with reading on need a third of the memory that they need below the whole command line.
"""

import gc
from importlib import import_module
from pathlib import Path

# isort: off
from gongzhi.site import boot as _boot  # sets Django up before anything that has models
# isort: on

import click
from django.conf import settings
from django.core.management import call_command
from django.urls import get_resolver
from granian import Granian
from granian.constants import Interfaces

_REGISTERED = (_boot,)
# The server's own lines look like all others: the root logger writes them.
SERVER_LOG = {
    "version": 1,
    "disable_existing_loggers": False,
    "loggers": {"_granian": {"propagate": True}},
}


def _load_pages() -> None:
    """Load all pages before the web processes are forked, so that these share them.

    What is there is set apart from garbage collection: else each process would write to these pages and own a copy.
    """
    import_module("gongzhi.site.wsgi")
    assert get_resolver().reverse_dict is not None  # asked for, the table of all addresses is made
    gc.collect()
    gc.freeze()


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, help="Port to listen on.")
@click.option("--workers", default=2, show_default=True, help="Web processes.")
def main(host: str, port: int, workers: int) -> None:
    """Serve the site until told to stop. Static files are collected first where that has not happened."""
    if not (Path(settings.STATIC_ROOT) / "staticfiles.json").exists():
        call_command("collectstatic", interactive=False, verbosity=0)
    _load_pages()
    # WSGI, not ASGI: Django's ASGI path costs 5 to 8 times the CPU of a request.
    Granian(
        "gongzhi.site.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=2,
        log_access=False,
        log_dictconfig=SERVER_LOG,
        respawn_failed_workers=True,
    ).serve()


if __name__ == "__main__":
    main()
