"""What a web process loads: reading is numpy; what trains or crunches tables stays with the worker."""

import os
import subprocess
import sys
from pathlib import Path

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
