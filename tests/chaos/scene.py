"""An installation as it really runs: database, web processes, workers; each can be killed and comes back at once."""

import http.client
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 90.0
BASE = "/xingfu/"
TROUBLE = (urllib.error.URLError, ConnectionError, TimeoutError, http.client.HTTPException)


@dataclass
class Program:
    """A process that a supervisor starts again whenever it ends."""

    words: list[str]
    env: dict[str, str]
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            self.words, env=self.env, cwd=ROOT, start_new_session=True, stderr=subprocess.DEVNULL
        )

    def keep_up(self) -> None:
        if self.process is None or self.process.poll() is not None:
            self.start()

    def kill(self) -> None:
        """Kill -9 with all its children; it comes back at once."""
        self.end(signal.SIGKILL)
        self.start()

    def kill_child(self) -> None:
        """Kill -9 one of its children, if it has any."""
        assert self.process is not None
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        children = path.read_text().split() if path.exists() else []
        if children:
            os.kill(int(children[0]), signal.SIGKILL)

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, number)
            self.process.wait(timeout=PATIENCE)


@dataclass
class Scene:
    """All programs of one installation, and who makes trouble."""

    web: Program
    workers: list[Program]
    port: int
    cluster: Any = None  # a postgres.Cluster; None on SQLite
    seed: int = 1
    killed: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)

    def start(self) -> None:
        for program in (self.web, *self.workers):
            program.start()

    def stop(self) -> None:
        for program in (self.web, *self.workers):
            program.end()

    def supervise(self) -> None:
        with self._lock:
            for program in (self.web, *self.workers):
                program.keep_up()

    def strike(self) -> None:
        """Kill something, by the dice."""
        with self._lock:
            victims: dict[str, Callable[[], None]] = {
                "web": self.web.kill,
                "web process": self.web.kill_child,
                "worker": self._dice.choice(self.workers).kill,
            }
            if self.cluster is not None:
                victims["database"] = self._kill_database
            # Everybody is hit at least once; then the dice decide.
            fresh = [name for name in victims if name not in self.killed]
            name = fresh[0] if fresh else self._dice.choice(sorted(victims))
            victims[name]()
            self.killed.append(name)

    def _kill_database(self) -> None:
        self.cluster.kill()
        self.cluster.start()


class Visitor:
    """A browser without a screen: cookies, forms, and the patience to try again."""

    def __init__(self, scene: Scene, address: str) -> None:
        self.scene = scene
        self.headers = {"X-Forwarded-For": address, "X-Forwarded-Proto": "http", "Accept-Language": "zh-CN"}
        self.jar = CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))

    def _once(self, path: str, data: dict[str, str] | None) -> tuple[int, str, str]:
        body = urllib.parse.urlencode(data).encode() if data is not None else None
        request = urllib.request.Request(
            f"http://localhost:{self.scene.port}{path}", data=body, headers=self.headers
        )
        try:
            with self.opener.open(request, timeout=20) as answer:
                return answer.status, answer.url, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.url or "", error.read().decode(errors="replace")

    def get(self, path: str) -> str:
        """The page, however long the site needs to come back."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                status, _, page = self._once(path, None)
                if status == 200:
                    return page
            except TROUBLE:
                pass
            assert time.monotonic() < end, f"{path} did not come back"
            self.scene.supervise()

    def try_post(self, path: str, data: dict[str, str]) -> tuple[int, str, str] | None:
        """Send a form once; None where nobody knows whether it arrived."""
        token = next((c.value for c in self.jar if c.name == "csrftoken"), "") or ""
        try:
            status, url, page = self._once(path, {**data, "csrfmiddlewaretoken": token})
        except TROUBLE:
            self.scene.supervise()
            return None
        return (status, url, page) if status < 500 else None


def hidden(page: str, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    return found.group(1) if found else ""


def say(visitor: Visitor, text: str) -> None:
    """File a report, and send the same form again until the receipt is there."""
    token = hidden(visitor.get(f"{BASE}say/"), "form_token")
    end = time.monotonic() + PATIENCE
    while True:
        done = visitor.try_post(f"{BASE}say/", {"form_token": token, "text": text, "place_words": "幸福里"})
        if done is not None and done[1].endswith("/say/done/"):
            return
        assert time.monotonic() < end, f"the report was not taken: {done and done[0]}"


def sign_in(visitor: Visitor, username: str, password: str) -> None:
    """Sign in through the form, and again until the desk shows the way to the own account."""
    end = time.monotonic() + PATIENCE
    while 'href="/account/"' not in visitor.get(f"{BASE}desk/"):
        visitor.try_post("/sign-in/", {"username": username, "password": password})
        assert time.monotonic() < end, "nobody could sign in"


def answer(visitor: Visitor, number: str, text: str) -> None:
    """Answer a case from the desk, once: after an unknown outcome the page tells whether it is there."""
    path = f"{BASE}desk/cases/{number}/"
    end = time.monotonic() + PATIENCE
    while text not in (page := visitor.get(path)):
        visitor.try_post(f"{path}answer/", {"text": text, "seen_version": hidden(page, "seen_version")})
        assert time.monotonic() < end, "the answer was not taken"


def case_numbers(visitor: Visitor) -> list[str]:
    """The numbers on the newest page of the list of cases, oldest first."""
    return sorted(set(re.findall(r"XF-\d{6}", visitor.get(f"{BASE}desk/cases/"))))


def program_words(*words: str) -> list[str]:
    """The product's own command line."""
    return [sys.executable, "-m", "gongzhi.site.cli", *words]
