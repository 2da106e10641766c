"""Site and worker start together, answer, and stop together, by Ctrl-C and by a plain end."""

import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
from gongzhi.site import boot, serving
from django.core.management import call_command
call_command("migrate", interactive=False, verbosity=0)
serving.run_all(port=18200, announce=lambda address: print(address, flush=True))
print("ended", flush=True)
"""


def descendants(pid: int) -> set[int]:
    """All processes below one, by the kernel's own list."""
    found: set[int] = set()
    waiting = [pid]
    while waiting:
        current = waiting.pop()
        path = Path(f"/proc/{current}/task/{current}/children")
        children = {int(word) for word in path.read_text().split()} if path.exists() else set()
        found |= children
        waiting += children
    return found


def is_alive(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status")
    return status.exists() and "\nState:\tZ" not in status.read_text()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_site_and_worker_answer_and_stop_together(number: signal.Signals, tmp_path: Path) -> None:
    env = {**os.environ, "GONGZHI_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "gongzhi.site.settings"}
    env.pop("DATABASE_URL", None)
    # Started as a shell starts a background job: with Ctrl-C ignored.
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        env=env,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    )
    assert program.stdout is not None
    try:
        address = program.stdout.readline().strip()
        assert address.startswith("http://localhost:")
        with urllib.request.urlopen(f"{address}healthz", timeout=30) as answer:
            assert answer.status == 200
        below = descendants(program.pid)
        assert len(below) >= 4  # the worker, the server and its two processes
        program.send_signal(number)
        assert program.wait(timeout=60) == 0
        assert program.stdout.read().strip() == "ended"
        assert [pid for pid in below if is_alive(pid)] == []
    finally:
        if program.poll() is None:
            program.kill()
