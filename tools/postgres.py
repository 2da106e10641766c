"""A throw-away PostgreSQL for the tests: found (or installed, as root), started on a free port, stopped by its id."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

INSTALL = "apt-get update && apt-get install -y --no-install-recommends postgresql"
VERSIONS = range(13, 18)
PATIENCE = 60.0


def find_binaries() -> Path | None:
    """The folder of initdb and postgres, the newest of the versions 13 to 17."""
    folders = list(Path("/usr/lib/postgresql").glob("*/bin"))
    if shutil.which("pg_config"):
        said = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=True)
        folders.append(Path(said.stdout.strip()))
    for name in ("initdb",):
        if found := shutil.which(name):
            folders.append(Path(found).resolve().parent)
    usable = {_version(f): f for f in folders if (f / "initdb").exists() and (f / "postgres").exists()}
    fitting = sorted(v for v in usable if v in VERSIONS)
    return usable[fitting[-1]] if fitting else None


def _version(folder: Path) -> int:
    said = subprocess.run(
        [folder / "postgres", "--version"], capture_output=True, text=True, check=True
    ).stdout
    found = re.search(r"(\d+)", said)
    return int(found.group(1)) if found else 0


def binaries() -> Path:
    """The binaries, installed first when they are missing and we are root."""
    found = find_binaries()
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        install(INSTALL)
        found = find_binaries()
    if found is None:
        sys.exit(
            f"PostgreSQL 13 to 17 is needed for these tests. On Debian or Ubuntu:\n    sudo sh -c '{INSTALL}'"
        )
    return found


def install(command: str) -> None:
    """Run an apt-get command without questions."""
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    print(f"installing: {command}", flush=True)
    subprocess.run(
        ["bash", "-c", command], env=env, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )


def _as_ordinary_user(folder: Path) -> list[str]:
    """The words before a command that run it as somebody without privileges: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return []
    known = Path("/etc/passwd").read_text()
    user = "postgres" if re.search("^postgres:", known, re.MULTILINE) else "nobody"
    shutil.chown(folder, user)
    if shutil.which("runuser"):
        return ["runuser", "-u", user, "--"]
    return ["setpriv", f"--reuid={user}", "--clear-groups", "--"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Cluster:
    """A throw-away server: made once, started, killed and started again as often as wanted, removed at the end.

    Not `durable`: written as fast as a test likes it. `durable`: every commit is safe, as in real life.
    """

    def __init__(self, *, durable: bool) -> None:
        self.programs = binaries()
        self.folder = Path(tempfile.mkdtemp(prefix="gongzhi-pg-"))
        self._before = _as_ordinary_user(self.folder)
        self.data, self.port = self.folder / "data", _free_port()
        self._options = {"listen_addresses": "127.0.0.1", "unix_socket_directories": str(self.folder)}
        if not durable:
            self._options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        self._server: subprocess.Popen[bytes] | None = None
        init: list[str | Path] = [self.programs / "initdb", "-D", self.data, "-U", "gongzhi"]
        init += ["--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"]
        subprocess.run([*self._before, *init], check=True, stdout=subprocess.DEVNULL, cwd=self.folder)

    @property
    def url(self) -> str:
        """Its DATABASE_URL."""
        return f"postgres://gongzhi@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start it and wait until it answers."""
        words = [word for name, value in self._options.items() for word in ("-c", f"{name}={value}")]
        program: list[str | Path] = [
            self.programs / "postgres",
            "-D",
            self.data,
            "-p",
            str(self.port),
            *words,
        ]
        with (self.folder / "log").open("ab") as log:
            self._server = subprocess.Popen(
                [*self._before, *program], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder
            )
        _wait(self.programs, self.port, self.folder / "log")

    def kill(self) -> None:
        """End the server and all its processes at once, as a power cut does."""
        postmaster = int((self.data / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        for pid in (postmaster, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if self._server is not None:
            self._server.wait(timeout=20)
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def remove(self) -> None:
        """Stop it and delete its files."""
        if self._server is not None:
            _stop(self.data, self._server)
        shutil.rmtree(self.folder, ignore_errors=True)


@contextmanager
def running() -> Iterator[str]:
    """A fresh server on the loopback; gives its DATABASE_URL and stops it at the end."""
    cluster = Cluster(durable=False)
    try:
        cluster.start()
        yield cluster.url
    finally:
        cluster.remove()


def _wait(programs: Path, port: int, log: Path) -> None:
    end = time.monotonic() + PATIENCE
    question: list[str | Path] = [
        programs / "pg_isready",
        "-q",
        "-h",
        "127.0.0.1",
        "-p",
        str(port),
        "-U",
        "gongzhi",
    ]
    while subprocess.run(question, check=False).returncode != 0:
        if time.monotonic() > end:
            sys.exit(f"PostgreSQL did not start:\n{log.read_text()}")
        time.sleep(0.2)


def _stop(data: Path, server: subprocess.Popen[bytes]) -> None:
    """Stop the server by the id it wrote itself: the process we started may be runuser."""
    kept = data / "postmaster.pid"
    if kept.exists():
        os.kill(int(kept.read_text().split()[0]), 2)  # SIGINT: fast shutdown
    try:
        server.wait(timeout=20)
    except subprocess.TimeoutExpired:
        server.kill()
