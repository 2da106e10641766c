"""Starts the web server and the worker, and stops both together."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from django.conf import settings
from django.core.management import call_command
from granian import Granian
from granian.constants import Interfaces

SEARCH_PORTS = 50
START_SECONDS = 30.0
# The server's own lines look like all others: the root logger writes them.
SERVER_LOG = {
    "version": 1,
    "disable_existing_loggers": False,
    "loggers": {"_granian": {"propagate": True}},
}


def serve(*, host: str, port: int, workers: int) -> None:
    """Serve the site until told to stop. Static files are collected first where that has not happened."""
    if not (Path(settings.STATIC_ROOT) / "staticfiles.json").exists():
        call_command("collectstatic", interactive=False, verbosity=0)
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


def free_port(wanted: int) -> int:
    """The first free port from `wanted` on, on the loopback address."""
    for port in range(wanted, wanted + SEARCH_PORTS):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError(f"no free port between {wanted} and {wanted + SEARCH_PORTS}")


def _answers(port: int, children: list[subprocess.Popen[bytes]]) -> bool:
    """Wait until the site answers; False when a child has ended instead."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and all(child.poll() is None for child in children):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.1)
    return False


def run_all(*, port: int, announce: Callable[[str], None]) -> None:
    """Run site and worker until Ctrl-C or SIGTERM, or until one of them ends; then stop both."""
    chosen = free_port(port)
    call_command("collectstatic", interactive=False, verbosity=0)
    command = [sys.executable, "-m", "gongzhi.site.cli"]
    children = [
        subprocess.Popen([*command, "worker"], start_new_session=True),
        subprocess.Popen([*command, "serve", "--port", str(chosen)], start_new_session=True),
    ]

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    # Said outright: a process started in the background inherits an ignored Ctrl-C.
    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    try:
        if _answers(chosen, children):
            announce(f"http://localhost:{chosen}/")
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
    except KeyboardInterrupt:
        pass
    finally:
        for child in children:
            child.send_signal(signal.SIGTERM)
        for child in children:
            try:
                child.wait(timeout=20)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
