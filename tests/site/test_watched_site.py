"""The site as it really runs, two web processes and a worker: its log, its numbers, its readiness."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest

from gongzhi.site.serving import free_port
from tests.site.installations import ROOT, Installation, empty_installation

KEY = "a-key-for-the-tests-0123456789"
WORDS, NAME, PHONE, BROWSER = "三号楼的标记老人摔倒了", "Marcia Marked", "13900001234", "MarkedBrowser/7"
MARKS = (WORDS, NAME, PHONE, BROWSER, "标记", "Marked")
MAKE = """
from django.core.management import call_command
call_command("migrate", interactive=False, verbosity=0)
from tests.cast import make_cast
make_cast()
found = True
"""
COUNT = """
from gongzhi.kernel import clock, pulse
from gongzhi.kernel.models import OutboxJob
found = [pulse.workers(clock.now()).alive, OutboxJob.objects.exclude(request="").count()]
"""
pytestmark = pytest.mark.django_db


@dataclass
class Site:
    """A site that runs, and the file that all it writes goes to."""

    there: Installation
    process: "subprocess.Popen[bytes]"
    port: int
    log: Path

    def ask(self, path: str, form: dict[str, str] | None = None, **headers: str) -> tuple[int, str, str]:
        """Ask on a connection of its own. Returns status, text, and the cookie that was set."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        body = urlencode(form) if form else None
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
        all_headers = {"User-Agent": BROWSER, **kind, **headers}
        connection.request("POST" if form else "GET", path, body=body, headers=all_headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        cookie = "; ".join(value.split(";")[0] for value in answer.headers.get_all("Set-Cookie") or [])
        connection.close()
        return answer.status, text, cookie

    def count(self, labels: str) -> float:
        """What /metrics says of requests of a kind; 0 where it says nothing."""
        status, text, _cookie = self.ask("/metrics", Authorization=f"Bearer {KEY}")
        assert status == 200
        found = re.search(
            rf"^gongzhi_request_seconds_count{{{re.escape(labels)}}} (\d+)$", text, re.MULTILINE
        )
        return float(found[1]) if found else 0

    def wait_for(self, line: str, process: "subprocess.Popen[bytes]") -> None:
        """Until /metrics says it, while the process that is to bring it about runs."""
        while line not in self.ask("/metrics", Authorization=f"Bearer {KEY}")[1].splitlines():
            assert process.poll() is None, self.log.read_text(encoding="utf-8")

    def lines(self) -> list[dict[str, object]]:
        """All lines of the log, each of which must be JSON."""
        return [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines()]


def _start(there: Installation, log: Path, *words: str) -> "subprocess.Popen[bytes]":
    env = there._env() | {
        "GONGZHI_LOG_FORMAT": "json", "GONGZHI_METRICS_KEY": KEY, "GONGZHI_DATA": str(there.data),
    }  # fmt: skip
    command = [sys.executable, "-m", "gongzhi.site.cli", *words]
    with log.open("ab") as file:
        return subprocess.Popen(
            command, env=env, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=file, stderr=file
        )


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=60)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Two web processes with an office, on the engine of this test run."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), str(ROOT / "src")]))
    with empty_installation(tmp_path / "data") as there:
        there.ask(MAKE)
        port, log = free_port(18300), tmp_path / "log"
        process = _start(there, log, "serve", "--port", str(port), "--workers", "2")
        try:
            running = Site(there, process, port, log)
            _wait_for(running)
            yield running
        finally:
            if process.poll() is None:
                _stop(process)


def _wait_for(site: Site) -> None:
    """Until it answers; asking is all the waiting there is."""
    while True:
        assert site.process.poll() is None, site.log.read_text(encoding="utf-8")
        try:
            site.ask("/healthz")
            return
        except ConnectionError:
            os.sched_yield()


def _file(site: Site) -> None:
    """A resident files the marked report."""
    _status, page, cookie = site.ask("/river/say/?" + urlencode({"q": WORDS}))
    values = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    form = {**values, "text": WORDS, "contact_name": NAME, "contact_phone": PHONE}
    status, _text, _cookie = site.ask("/river/say/", form, Cookie=cookie)
    assert status == 302


def test_numbers_add_up_over_all_processes_and_no_line_of_the_log_has_a_word_of_anybody(site: Site) -> None:
    for _ in range(40):
        assert site.ask("/")[0] == 200
    _file(site)
    assert site.ask(f"/{PHONE}/" + urlencode({"": NAME}))[0] == 404
    assert site.ask("/metrics")[0] == 401
    for _ in range(6):  # whichever process answers, it tells of both
        assert site.count('view="start",method="GET",status="200"') == 40
        assert site.count('view="say",method="POST",status="302"') == 1
    shelves = list((site.there.data / "metrics").glob("[0-9]*.counts"))
    assert len(shelves) == 2
    status, answer, _cookie = site.ask("/readyz")
    assert (status, json.loads(answer)["failing"]) == (503, ["model"])

    work = _start(site.there, site.log, "worker")
    try:
        site.wait_for("gongzhi_workers 1", work)
        site.wait_for('gongzhi_outbox_jobs{state="ready"} 0', work)
    finally:
        _stop(work)
    assert work.returncode == 0
    alive, with_number = site.there.ask(COUNT)
    assert (alive, with_number > 0) == (0, True)
    _stop(site.process)
    lines = site.lines()
    assert sum(line.get("view") == "start" for line in lines) == 40
    assert {"_granian", "gongzhi.requests"} <= {str(line["logger"]) for line in lines}
    text = site.log.read_text(encoding="utf-8")
    assert [mark for mark in MARKS if mark in text] == []
