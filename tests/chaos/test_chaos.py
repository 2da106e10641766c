"""Web, workers and database are killed again and again while people file and staff answer: nothing lost, nothing twice.

A scripted hour of a busy office (reports from several phones, answers from the desk), sent as fast as it goes; the
kills come after every so many finished acts, by a seeded dice, so a run can be told again.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.chaos.scene import (
    ROOT,
    Program,
    Scene,
    Visitor,
    answer,
    case_numbers,
    program_words,
    say,
    sign_in,
)
from tools import postgres

PHONES = 4
REPORTS_EACH = int(os.environ.get("GONGZHI_CHAOS_REPORTS", "6"))
ANSWERS = 6
ACTS_BETWEEN_STRIKES = 4
SET_UP = """
from pathlib import Path
from gongzhi.site import boot, installing
from django.core.management import call_command
from gongzhi.apps.actors.public import SYSTEM
from gongzhi.kernel import clock
call_command("migrate", interactive=False, verbosity=0)
installing.load_territory(folder=Path("demo/xingfu"), by=SYSTEM.ref, at=clock.now(), people=True)
"""


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scene]:
    cluster = postgres.Cluster(durable=True) if request.param == "PostgreSQL" else None
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "gongzhi.site.settings",
        "GONGZHI_DATA": str(tmp_path),
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")]),
    }
    env.pop("DATABASE_URL", None)
    port = postgres._free_port()
    serve = Program(program_words("serve", "--port", str(port)), env)
    workers = [Program(program_words("worker"), env) for _ in range(2)]
    made = Scene(serve, workers, port, cluster)
    try:
        if cluster is not None:
            cluster.start()
            env["DATABASE_URL"] = cluster.url
        subprocess.run([sys.executable, "-c", SET_UP], env=env, cwd=ROOT, check=True)
        made.start()
        yield made
    finally:
        made.stop()
        if cluster is not None:
            cluster.remove()


def after(scene: Scene) -> dict[str, Any]:
    """What the installation holds, asked when all is quiet."""
    said = subprocess.run(
        [sys.executable, "-m", "tests.chaos.after"],
        env=scene.web.env,
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
    )
    return dict(json.loads(said.stdout))


def test_nothing_is_lost_and_nothing_happens_twice_however_often_something_is_killed(scene: Scene) -> None:
    acts = threading.Semaphore(0)

    def file(phone: int) -> list[str]:
        visitor = Visitor(scene, f"203.0.113.{phone + 1}")
        texts = [f"幸福里{phone}号楼{number}单元门口垃圾没人清" for number in range(REPORTS_EACH)]
        for text in texts:
            say(visitor, text)
            acts.release()
        return texts

    def answer_some() -> list[str]:
        visitor = Visitor(scene, "203.0.113.200")
        sign_in(visitor, "xietiao", "gongzhi-demo")
        done: dict[str, str] = {}
        while len(done) < ANSWERS:
            for number in case_numbers(visitor):
                if number not in done and len(done) < ANSWERS:
                    done[number] = f"{number}已经派人清理，明天复查。"
                    answer(visitor, number, done[number])
                    acts.release()
        return list(done.values())

    with ThreadPoolExecutor(PHONES + 1) as people:
        filing = [people.submit(file, phone) for phone in range(PHONES)]
        answering = people.submit(answer_some)
        done = 0
        while done < PHONES * REPORTS_EACH + ANSWERS:
            if not acts.acquire(timeout=1):
                scene.supervise()
                if all(f.done() for f in (*filing, answering)):
                    break
                continue
            done += 1
            if done % ACTS_BETWEEN_STRIKES == 0:
                scene.strike()
        said = sorted(text for one in filing for text in one.result())
        answered = answering.result()
    scene.stop()

    found = after(scene)
    assert found["texts"] == said
    assert found["cases"] == found["entries_per_report"] == len(said)
    assert found["memberships"] == [1] * len(said)
    assert found["answers"] == len(answered)
    assert found["told_rightly"]
    assert set(found["jobs"]) == {"done"}
    assert found["ledger"] and all(found["ledger"].values())
    wanted = {"web", "web process", "worker"} | ({"database"} if scene.cluster is not None else set())
    assert wanted <= set(scene.killed)
