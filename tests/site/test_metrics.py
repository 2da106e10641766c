"""What Prometheus reads: who may, that the numbers are right, that many processes add up, that it costs little."""

import re
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gongzhi.apps.ledger import public as ledger
from gongzhi.kernel import clock, pulse
from gongzhi.kernel.models import OutboxJob, OutboxState
from gongzhi.site.watching import counters, figures
from gongzhi.site.watching.counters import BOUNDS, OTHER, SLOTS, Counters
from tests.cast import Cast, make_office, say
from tests.house.conftest import House, cast, house

__all__ = ["cast", "house"]
KEY = "a-key-for-the-tests-0123456789"
BEARER = {"authorization": f"Bearer {KEY}"}


@pytest.fixture(autouse=True)
def fresh(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.DATA_ROOT = tmp_path
    figures.forget_figures()
    yield
    figures.forget_figures()


@pytest.fixture
def key(settings: Any) -> str:
    settings.METRICS_KEY = KEY
    return KEY


def _samples(text: str) -> dict[str, float]:
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def _read(client: Client | None = None) -> dict[str, float]:
    answer = (client or Client()).get("/metrics", headers=BEARER)
    assert answer.status_code == 200
    return _samples(answer.content.decode())


@pytest.mark.django_db
def test_without_a_key_in_the_settings_there_is_no_such_page(tmp_path: Path) -> None:
    assert Client().get("/metrics", headers=BEARER).status_code == 404
    assert Client().get("/metrics", headers={"authorization": "Bearer "}).status_code == 404
    assert not (tmp_path / "metrics").exists(), "without a key nothing is counted"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "said", ["", "Bearer", "Bearer wrong", f"Basic {KEY}", KEY, f"Bearer {KEY}x", "Bearer 钥匙"]
)
def test_who_does_not_know_the_key_reads_nothing(key: str, said: str) -> None:
    answer = Client().get("/metrics", headers={"authorization": said})
    assert (answer.status_code, answer["WWW-Authenticate"], answer.content) == (401, "Bearer", b"")


def test_a_page_is_counted_by_its_name_and_never_by_its_address(house: House, key: str) -> None:
    client = Client(raise_request_exception=False)
    for path in ("/", "/", "/river/my/", "/nowhere/at-all/13900001234/", "/static/none.css"):
        client.get(path)
    client.generic("MERKEL", "/")
    found = _read(client)

    def times(view: str, method: str, status: int) -> float:
        labels = f'{{view="{view}",method="{method}",status="{status}"}}'
        return found.get(f"gongzhi_request_seconds_count{labels}", 0)

    assert times("start", "GET", 200) == 2
    assert times("start", "other", 405) == 1
    assert times("unknown", "GET", 404) == 1
    assert times("static", "GET", 404) == 1
    text = client.get("/metrics", headers=BEARER).content.decode()
    assert "13900001234" not in text
    assert "MERKEL" not in text


def test_it_tells_of_jobs_cases_reports_and_the_ledger(house: House, key: str) -> None:
    make_office(code="hill", prefix="HL")
    now = clock.now()
    OutboxJob.objects.all().delete()
    for state, ago in (("ready", 120), ("ready", -60), ("failed", 9000), ("done", 9000)):
        due = now - timedelta(seconds=ago)
        OutboxJob.objects.create(
            event_id=uuid.uuid4(), handler="x", state=state, run_after=due, created_at=due
        )
    pulse.beat("one", now, now)
    pulse.beat("gone", now, now - timedelta(minutes=5))
    found = _read()
    assert found['gongzhi_outbox_jobs{state="ready"}'] == 2
    assert found['gongzhi_outbox_jobs{state="failed"}'] == 1
    assert found['gongzhi_outbox_jobs{state="running"}'] == 0
    assert found["gongzhi_outbox_lag_seconds"] == pytest.approx(120, abs=60)
    assert found["gongzhi_workers"] == 1
    assert found["gongzhi_ledger_waiting"] == ledger.waiting_entries() > 0
    assert found['gongzhi_cases{office="river",state="dispatched"}'] == 1
    assert found['gongzhi_cases{office="river",state="new"}'] == 0
    assert found['gongzhi_cases{office="hill",state="new"}'] == 0
    assert found['gongzhi_reports_received_total{office="river"}'] == 1
    assert found['gongzhi_reports_received_total{office="hill"}'] == 0
    say(house.cast)
    assert _read()['gongzhi_reports_received_total{office="river"}'] == 1, "at most every few seconds"
    figures.forget_figures()
    assert _read()['gongzhi_reports_received_total{office="river"}'] == 2


def test_every_family_says_what_it_is_and_every_line_is_well_formed(cast: Cast, key: str) -> None:
    client = Client()
    client.get("/")
    text = client.get("/metrics", headers=BEARER).content.decode()
    told = set(re.findall(r"^# TYPE (\w+) (?:gauge|counter|histogram)$", text, re.MULTILINE))
    assert told == set(re.findall(r"^# HELP (\w+) .+$", text, re.MULTILINE))
    for line in text.splitlines():
        if not line.startswith("#"):
            match = re.fullmatch(r'(\w+?)(_bucket|_sum|_count)?(\{(\w+="[^"]*",?)+\})? [0-9.]+', line)
            assert match, line
            assert match[1] in told, line
    assert text.endswith("\n")


def test_buckets_are_added_up_as_prometheus_wants_them(tmp_path: Path, settings: Any) -> None:
    counted = counters.counters_in(tmp_path / "metrics")
    for seconds in (0.004, 0.005, 0.3, 99.0):
        counted.observe(("start", "GET", "200"), seconds)
    found = _samples(figures._requests())
    at = 'gongzhi_request_seconds_bucket{view="start",method="GET",status="200",le="%s"}'
    assert [found[at % le] for le in ("0.005", "0.25", "0.5", "10", "+Inf")] == [2, 2, 3, 3, 4]
    labels = '{view="start",method="GET",status="200"}'
    assert found[f"gongzhi_request_seconds_count{labels}"] == 4
    assert found[f"gongzhi_request_seconds_sum{labels}"] == pytest.approx(99.309, abs=0.001)


def _total(folder: Path) -> int:
    return sum(sum(numbers[:-1]) for numbers in Counters(folder).total().values())


def test_threads_of_one_process_lose_no_count(tmp_path: Path) -> None:
    counted = Counters(tmp_path)

    def count() -> None:
        for i in range(2000):
            counted.observe((f"page{i % 7}", "GET", "200"), 0.001)

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _total(tmp_path) == 8000


OTHERS = """
import sys, os
from pathlib import Path
from gongzhi.site.watching.counters import Counters
counted = Counters(Path(sys.argv[1]))
for _ in range(int(sys.argv[2])):
    counted.observe(("start", "GET", "200"), 0.002)
print("counted", flush=True)
sys.stdin.readline()
os.kill(os.getpid(), 9)
"""


def _other(folder: Path, times: int) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-c", OTHERS, str(folder), str(times)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "counted\n"
    return process


def _kill(process: "subprocess.Popen[str]") -> None:
    process.communicate("now\n")
    assert process.returncode == -9


def test_processes_add_up_and_a_killed_one_takes_no_count_with_it(tmp_path: Path) -> None:
    first, second = _other(tmp_path, 300), _other(tmp_path, 40)
    assert _total(tmp_path) == 340
    _kill(first)
    assert _total(tmp_path) == 340
    third = _other(tmp_path, 5)
    assert _total(tmp_path) == 345
    assert sorted(p.name.split("-")[0] for p in tmp_path.glob("*.counts")) == sorted(
        [str(second.pid), str(third.pid), "past.counts"]
    )
    _kill(second)
    _kill(third)
    _kill(_other(tmp_path, 1))
    assert _total(tmp_path) == 346
    assert Counters(tmp_path).total() == {("start", "GET", "200"): (346, *[0] * len(BOUNDS), 346 * 2000)}


def test_more_kinds_than_there_is_room_for_are_counted_together(tmp_path: Path) -> None:
    counted = Counters(tmp_path)
    for i in range(SLOTS + 50):
        counted.observe((f"页面{i}" + "x" * 200, "GET", "200"), 0.001)
        counted.observe((f"page{i}", "GET", "200"), 0.001)
    assert _total(tmp_path) == 2 * (SLOTS + 50)
    assert OTHER in Counters(tmp_path).total()


def test_reading_asks_for_no_more_with_more_cases(house: House, key: str) -> None:
    with CaptureQueriesContext(connection) as few:
        _read()
    for _ in range(5):
        say(house.cast)
    figures.forget_figures()
    with CaptureQueriesContext(connection) as many:
        _read()
    assert len(many) <= len(few)
    assert OutboxState.READY in OutboxState.values
