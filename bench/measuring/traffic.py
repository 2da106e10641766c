"""Eight clients that ask a site again and again for a few seconds: wrk where it is installed, else threads of ours."""

import argparse
import http.client
import json
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CLIENTS = 8
HERE = Path(__file__).resolve().parent


@dataclass
class Requests:
    """Requests of one kind in a file (see replay.lua), the status each should get, and how many were sent already.

    `once`: each line may be sent only once, as each form has a token of its own.
    """

    name: str
    path: Path
    wanted: str = "200"
    once: bool = False
    sent: int = 0


def client() -> str:
    """Which program asks: a measured time holds for its client."""
    return "wrk, 1 thread" if shutil.which("wrk") else "8 threads of Python"


def play(port: int, requests: Requests, seconds: float) -> dict[str, Any]:
    """Ask for so many seconds: answered, seconds, p50_ms, p95_ms, p99_ms. SystemExit where one is not as wanted."""
    words = [str(requests.path), str(requests.sent), requests.wanted]
    if shutil.which("wrk"):
        asked = ["wrk", "-t1", f"-c{CLIENTS}", f"-d{seconds:g}s", "-s", str(HERE / "replay.lua")]
        command = [*asked, f"http://127.0.0.1:{port}", "--", *words]
    else:
        command = [sys.executable, __file__, str(port), f"{seconds:g}", *words]
    ran = subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds + 60)
    found: dict[str, Any] = json.loads(ran.stdout.strip().splitlines()[-1])
    if found["refused"] or found["broken"] or not found["answered"]:
        sys.exit(f"{requests.name}: not every answer was {requests.wanted}: {found}")
    requests.sent = found["sent"]
    if requests.once and requests.sent > sum(1 for _ in requests.path.open(encoding="utf-8")):
        sys.exit(f"{requests.name}: there were too few requests in the file")
    return found


class _Crowd:
    """The clients where there is no wrk."""

    def __init__(self, port: int, lines: list[str], at: int, wanted: int, until: float) -> None:
        self._port, self._lines, self._wanted, self._until = port, lines, wanted, until
        self.at, self.times, self.refused, self.last = at, [0.0][:0], 0, ""
        self._lock = threading.Lock()

    def visit(self) -> None:
        """One client."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=60)
        while time.monotonic() < self._until:
            with self._lock:
                self.at += 1
                at = self.at
            method, path, cookie, body = self._lines[(at - 1) % len(self._lines)].split("\t", 3)
            headers = {"Cookie": cookie, "X-Forwarded-For": f"10.{at >> 16 & 255}.{at >> 8 & 255}.{at & 255}"}
            if method == "POST":
                headers["Content-Type"] = "application/x-www-form-urlencoded"
            began = time.perf_counter()
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status == self._wanted:
                self.times.append(time.perf_counter() - began)
            else:
                self.refused, self.last = self.refused + 1, str(answer.status)


def main() -> None:
    """As wrk with replay.lua: the same words, the same answer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("seconds", type=float)
    parser.add_argument("path", type=Path)
    parser.add_argument("at", type=int)
    parser.add_argument("wanted", type=int)
    given = parser.parse_args()
    lines = given.path.read_text(encoding="utf-8").splitlines()
    began = time.monotonic()
    crowd = _Crowd(given.port, lines, given.at, given.wanted, began + given.seconds)
    threads = [threading.Thread(target=crowd.visit) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    times = sorted(crowd.times) or [0.0]
    found = {
        "answered": len(crowd.times),
        "refused": crowd.refused,
        "last_refused": crowd.last,
        "broken": 0,
        "sent": crowd.at,
        "seconds": round(time.monotonic() - began, 4),
    }
    for percent in (50, 95, 99):
        found[f"p{percent}_ms"] = round(times[min(len(times) - 1, len(times) * percent // 100)] * 1000, 3)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
