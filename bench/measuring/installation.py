"""An installation in a folder of its own, on either database, with its site and worker as processes to measure."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from measuring.machine import ROOT
from measuring.processes import cpu_seconds, tree

sys.path.append(str(ROOT / "tools"))
from postgres import Cluster

ENGINES = ("sqlite", "postgresql")
BENCH = ROOT / "bench"


class Installation:
    """A data folder and a database. `database_pid` is PostgreSQL's first process, None where the file is SQLite's."""

    def __init__(self, folder: Path, url: str, database_pid: int | None) -> None:
        self.folder, self.url, self.database_pid = folder, url, database_pid
        kept = {k: v for k, v in os.environ.items() if not k.startswith("GONGZHI_") and k != "DATABASE_URL"}
        self.env = kept | {
            "GONGZHI_DATA": str(folder),
            "DJANGO_SETTINGS_MODULE": "gongzhi.site.settings",
            "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(BENCH)]),
        }
        if url:
            self.env["DATABASE_URL"] = url

    def run(self, program: str, *words: str) -> Any:
        """Run a program of ours in this installation; what its last line says as JSON."""
        ran = subprocess.run(
            [sys.executable, str(BENCH / program), *words], env=self.env, check=True, stdout=subprocess.PIPE
        )
        return json.loads(ran.stdout.decode().strip().splitlines()[-1])

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Start a command of `gongzhi` as an installation would."""
        command = [sys.executable, "-m", "gongzhi.site.cli", *words]
        return subprocess.Popen(command, env=self.env, stdin=subprocess.DEVNULL, start_new_session=True)

    def database_cpu(self) -> float:
        """Seconds of CPU that the database's own processes have used; SQLite has none of its own."""
        return cpu_seconds([self.database_pid]) if self.database_pid is not None else 0.0


@contextmanager
def installation(engine: str) -> Iterator[Installation]:
    """A fresh installation without data; everything of it is deleted at the end."""
    with tempfile.TemporaryDirectory(prefix="gongzhi-bench-") as folder:
        if engine == "sqlite":
            yield Installation(Path(folder), "", None)
            return
        cluster = Cluster(durable=True)
        try:
            cluster.start()
            pid = int((cluster.data / "postmaster.pid").read_text().split()[0])
            yield Installation(Path(folder), cluster.url, pid)
        finally:
            cluster.remove()


class Site:
    """A running site."""

    def __init__(self, port: int, process: subprocess.Popen[bytes]) -> None:
        self.port, self.pid = port, process.pid

    def cpu(self) -> float:
        """Seconds of CPU of all web processes."""
        return cpu_seconds([self.pid])

    def workers(self) -> list[int]:
        """The web workers: the youngest generation of processes."""
        below = [pid for pid in tree(self.pid) if pid != self.pid]
        return [pid for pid in below if len(tree(pid)) == 1 and "resource_tracker" not in _command(pid)]


def _command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")


@contextmanager
def ended(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """Stop the process at the end, by its own id and its own session only."""
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextmanager
def site(home: Installation, *, web_workers: int = 2) -> Iterator[Site]:
    """The site as `gongzhi serve` starts it, once it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    words: Sequence[str] = ("serve", "--port", str(port), "--workers", str(web_workers))
    with ended(home.start(*words)) as process:
        end = time.monotonic() + 90
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > end:
                sys.exit("The site did not start.")
            time.sleep(0.1)
        yield Site(port, process)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
