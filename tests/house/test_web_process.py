"""What a web process loads: reading is numpy; what trains or crunches tables stays with the worker."""

import os
import socket
import subprocess
import sys
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest

from tests.house.plan import ROOT, complain

HEAVY = (
    "sklearn",
    "scipy",
    "pandas",
    "duckdb",
    "ibis",
    "pyspark",
    "rjieba",
    "joblib",
    "pyarrow",
    "matplotlib",
)
# Opens pages as granian would: the WSGI application, an office, a page of each kind, then every other view.
PROGRAM = f"""
import gongzhi.site.wsgi
import sys
from django.core.management import call_command
from django.test import Client
from django.urls import get_resolver

call_command("migrate", interactive=False, verbosity=0)
from tests.cast import make_cast
make_cast()
client = Client()
for path in ("/", "/river/", "/river/say/", "/river/near/", "/sign-in/"):
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
answer = client.post("/river/say/danger/", {{"text": "楼道里有煤气味"}})
assert answer.status_code == 200, answer.status_code
assert len(get_resolver().reverse_dict) > 20
print(*sorted(set({HEAVY!r}) & set(sys.modules)))
"""


def test_a_web_process_loads_nothing_that_trains(tmp_path: Path) -> None:
    env = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"} | {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "GONGZHI_TEST_FOLDER": str(tmp_path),
        "GONGZHI_HOSTS": "testserver",
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")]),
    }
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=env, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    complain(
        ran.stdout.split(),
        "A page imports it, perhaps by a detour (python -X importtime -m gongzhi.site.wsgi shows which). "
        "Move what needs it into `training` or behind the worker.",
    )


def _processes_below(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in children]


def _answer(port: int, server: "subprocess.Popen[bytes]") -> None:
    """Ask the site for a page until it gives one, or until the server has ended."""
    while server.poll() is None:
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30) as answer:
            assert answer.status == 200
            return
    raise AssertionError("the server has ended")


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs the list of loaded files in /proc")
def test_the_web_processes_of_gongzhi_serve_hold_no_library_that_trains(tmp_path: Path) -> None:
    env = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}} | {
        "GONGZHI_DATA": str(tmp_path),
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")]),
    }
    command = [sys.executable, "-m", "gongzhi.site.cli"]
    subprocess.run([*command, "manage", "migrate", "--verbosity", "0"], env=env, cwd=ROOT, check=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen([*command, "serve", "--port", str(port)], env=env, cwd=ROOT)
    try:
        _answer(port, server)
        processes = _processes_below(server.pid)
        assert len(processes) == 2
        for process in [server.pid, *processes]:
            loaded = Path(f"/proc/{process}/maps").read_text()
            complain(
                [name for name in HEAVY if f"/site-packages/{name}/" in loaded],
                "The web server imports it. It must start from gongzhi.site.web_server, which knows no training.",
            )
    finally:
        server.terminate()
        server.wait(timeout=20)
