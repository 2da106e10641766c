"""Starts the web server and the worker, and stops both together."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import NoReturn

from django.core.management import call_command

SEARCH_PORTS = 50
START_SECONDS = 30.0
SERVER = "gongzhi.site.web_server"


def serve(*, host: str, port: int, workers: int) -> NoReturn:
    """Become the web server, in place of this process: what is loaded here must not weigh on its web processes."""
    sys.stdout.flush()
    words = ("--host", host, "--port", str(port), "--workers", str(workers))
    os.execv(sys.executable, [sys.executable, "-m", SERVER, *words])  # noqa: S606 (our own program, no shell wanted)


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
    children = [
        subprocess.Popen([sys.executable, "-m", *words], start_new_session=True)
        for words in (("gongzhi.site.cli", "worker"), (SERVER, "--port", str(chosen)))
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
