"""A worker process is killed, stopped and left alone in the middle of a job: nothing is lost, nothing twice."""

import importlib.util
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction

from gongzhi.apps.ledger import public as ledger
from gongzhi.kernel import clock, events, worker
from gongzhi.kernel.models import OutboxJob

SCRIPT = Path(__file__).with_name("worker_to_kill.py")
AT = datetime(2026, 9, 28, 8, 0, tzinfo=UTC)
PATIENCE = 60.0  # seconds until a test that hangs is called failed
LEASE = 600.0

spec = importlib.util.spec_from_file_location("worker_to_kill", SCRIPT)
assert spec
assert spec.loader
jobs = importlib.util.module_from_spec(spec)
sys.modules["worker_to_kill"] = jobs
spec.loader.exec_module(jobs)

pytestmark = pytest.mark.django_db(transaction=True)


class Process:
    """The worker in a process of its own."""

    def __init__(self, lease: float) -> None:
        keys = ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")
        database = {key: connection.settings_dict[key] for key in keys}
        if "memory" in str(database["NAME"]):
            pytest.fail("This test needs the test database in a file: another process cannot see memory.")
        self._process = subprocess.Popen(
            [sys.executable, str(SCRIPT), str(lease)],
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": settings.SETTINGS_MODULE,
                "KERNEL_TEST_DATABASE": json.dumps(database, default=str),
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def wait_for(self, word: str) -> None:
        """Read the process's next line, which must be `word`."""
        assert self._process.stdout
        ready, _, _ = select.select([self._process.stdout], [], [], PATIENCE)
        assert ready, f"the worker did not say {word!r}"
        assert self._process.stdout.readline().decode().strip() == word

    def let_go_on(self) -> None:
        """Let the job in hand go on."""
        assert self._process.stdin
        self._process.stdin.write(b"go on\n")
        self._process.stdin.flush()

    def send(self, number: int) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    def end(self) -> int:
        """Wait for the end of the process; its exit code."""
        return self._process.wait(PATIENCE)

    def close(self) -> None:
        """Leave nothing behind."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()


@pytest.fixture
def start() -> Iterator[Callable[..., Process]]:
    running: list[Process] = []

    def start_one(lease: float = LEASE) -> Process:
        running.append(Process(lease))
        return running[-1]

    yield start_one
    for process in running:
        process.close()


def until(condition: Callable[[], bool]) -> None:
    """Look again and again until something is so; each look asks the database."""
    give_up = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < give_up, "it never became so"


def publish(*happened: events.Event) -> None:
    with transaction.atomic():
        events.publish_all(happened)


def effects() -> list[tuple[str, str]]:
    return sorted(ledger.Entry.objects.values_list("subject", "kind"))


def states() -> list[tuple[str, int]]:
    return list(OutboxJob.objects.order_by("id").values_list("state", "attempts"))


@pytest.mark.parametrize(
    ("kind", "left_behind"), [("WallStarted", []), ("RoadStarted", [("work:1", "begun")])]
)
def test_a_killed_workers_job_runs_again_and_has_its_effect_once(
    start: Callable[..., Process], kind: str, left_behind: list[tuple[str, str]]
) -> None:
    publish(getattr(jobs, kind)("test", AT, 1))
    process = start()
    process.wait_for("running")
    process.send(signal.SIGKILL)
    assert process.end() == -signal.SIGKILL

    assert effects() == left_behind
    assert worker.run_once(now=clock.now()) == 0, "the lease still holds"
    after_the_lease = clock.now() + timedelta(seconds=LEASE + 1)
    until(lambda: worker.run_once(now=after_the_lease) == 1)

    assert effects() == [("work:1", "begun"), ("work:1", "ended")]
    assert states() == [("done", 2)]
    assert worker.drain(now=after_the_lease) == 0


def test_the_neighbours_of_a_job_that_kills_its_worker_run_once_too(start: Callable[..., Process]) -> None:
    publish(*(jobs.WallStarted("test", AT, number) for number in range(3)))
    process = start()
    process.wait_for("running")
    process.let_go_on()
    process.wait_for("running")
    process.send(signal.SIGKILL)
    process.end()

    assert effects() == [], "one transaction, one fate"
    after_the_lease = clock.now() + timedelta(seconds=LEASE + 1)
    until(lambda: worker.run_once(now=after_the_lease) == 1)
    assert worker.drain(now=after_the_lease) == 2
    assert effects() == [(f"work:{number}", kind) for number in range(3) for kind in ("begun", "ended")]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_finishes_the_job_in_hand_and_hands_back_the_rest(
    start: Callable[..., Process], number: int
) -> None:
    publish(jobs.WallStarted("test", AT, 1), jobs.WallStarted("test", AT, 2))
    process = start()
    process.wait_for("running")
    process.send(number)
    process.wait_for("heard")
    process.let_go_on()
    process.wait_for("ended")
    assert process.end() == 0
    assert effects() == [("work:1", "begun"), ("work:1", "ended")]
    assert states() == [("done", 1), ("ready", 0)]


@pytest.mark.parametrize(
    ("kind", "left_behind"), [("WallStarted", []), ("RoadStarted", [("work:1", "begun")])]
)
def test_told_twice_it_gives_the_job_back_at_once(
    start: Callable[..., Process], kind: str, left_behind: list[tuple[str, str]]
) -> None:
    publish(getattr(jobs, kind)("test", AT, 1))
    process = start()
    process.wait_for("running")
    for _ in range(2):
        process.send(signal.SIGTERM)
        process.wait_for("heard")
    process.wait_for("ended")
    assert process.end() == 0
    assert effects() == left_behind
    assert states() == [("ready", 0)]


def test_the_heart_beats_while_a_long_job_runs(start: Callable[..., Process]) -> None:
    publish(jobs.RoadStarted("test", AT, 1))
    process = start(lease=1.0)
    process.wait_for("running")

    def lease() -> datetime:
        found = OutboxJob.objects.get().lease_until
        assert found
        return found

    first = lease()
    until(lambda: lease() > first + timedelta(seconds=1))
    assert worker.run_once(now=first + timedelta(milliseconds=1)) == 0, "a living worker keeps its job"
    process.let_go_on()
    until(lambda: OutboxJob.objects.get().state == "done")
    process.send(signal.SIGTERM)
    process.wait_for("heard")
    process.wait_for("ended")
    assert states() == [("done", 1)]
