"""A process that does a piece of work, stops in the middle of it, and is killed there."""

import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

PATIENCE = 60.0
SCRIPT = Path(__file__).with_name("work_to_kill.py")


def _database() -> dict[str, Any]:
    keys = ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")
    database = {key: connection.settings_dict[key] for key in keys}
    if "memory" in str(database["NAME"]):
        pytest.fail("This test needs the test database in a file: another process cannot see memory.")
    return database


def run_and_kill(**wanted: Any) -> str:
    """Start the work and kill it where it stops: "killed". Where it came to its end before: its last words."""
    values = {"database": _database(), **wanted}
    with subprocess.Popen(
        [sys.executable, str(SCRIPT), json.dumps(values, default=str)],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        try:
            assert process.stdout
            ready, _, _ = select.select([process.stdout], [], [], PATIENCE)
            assert ready, "the process said nothing"
            word = process.stdout.readline().decode().strip()
            if word != "running":
                return word
            process.send_signal(signal.SIGKILL)
            assert process.wait(PATIENCE) == -signal.SIGKILL
            return "killed"
        finally:
            process.kill()
