"""A throw-away PostgreSQL for the tests: found (or installed, as root), started on a free port, stopped by its id."""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def running() -> Iterator[str]:
    """A fresh server on the loopback; gives its DATABASE_URL and stops it at the end."""
    programs = binaries()
    folder = Path(tempfile.mkdtemp(prefix="gongzhi-pg-"))
    before = _as_ordinary_user(folder)
    data, port = folder / "data", _free_port()
    init: list[str | Path] = [
        programs / "initdb",
        "-D",
        data,
        "-U",
        "gongzhi",
        "--auth=trust",
        "--no-sync",
        "-E",
        "UTF8",
    ]
    subprocess.run([*before, *init, "--locale=C.UTF-8"], check=True, stdout=subprocess.DEVNULL, cwd=folder)
    options = {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": str(folder),
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
    }
    words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [*before, programs / "postgres", "-D", data, "-p", str(port), *words],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,
        )
    try:
        _wait(programs, port, folder / "log")
        url = f"postgres://gongzhi@127.0.0.1:{port}/postgres"
        yield url
    finally:
        _stop(data, server)
        shutil.rmtree(folder, ignore_errors=True)


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
