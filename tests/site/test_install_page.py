"""The operator's pages by copy and paste: their commands are run in order, on a machine that stands in for a fresh one.

Real are the clone, every `gongzhi` command, the services as processes, the back-up, the restore and the upgrade. Stand-ins
take the place of what would change this machine: sudo, useradd, apt-get, chown, systemctl (it starts what the units say).
`make install` takes the environment of these tests in place of a download; `make demo` and `make test` show the download.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from gongzhi.site.serving import free_port

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "docs" / "operate"
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
PLACES = ("/opt/", "/var/lib/", "/var/backups/", "/etc/", "/usr/local/bin/")
QUIET = "#!/bin/sh\nexit 0\n"
STAND_INS = {
    "apt-get": QUIET,
    "useradd": QUIET,
    "chown": QUIET,
    "sudo": '#!/bin/sh\nwhile [ "$1" = -u ]; do shift 2; done\nexec "$@"\n',
    "install": '#!/bin/sh\nfor last; do :; done\nmkdir -p "$last" && chmod 700 "$last"\n',
    "make": f'#!/bin/sh\nln -sfn "{sys.prefix}" .venv && exec .venv/bin/python tools/catalogues.py compile\n',
}
# Starts and stops what the units name, with their settings; remembers the processes by number.
SYSTEMCTL = """
import os, re, signal, subprocess, sys, time
from pathlib import Path
root, port = Path(os.environ["MACHINE"]), os.environ["PORT"]
verb, names = sys.argv[1], [word for word in sys.argv[2:] if not word.startswith("-")]
for name in names:
    kept = root / f"{name}.pid"
    if verb in ("stop", "restart") and kept.exists():
        pid = int(kept.read_text())
        os.kill(pid, signal.SIGTERM)
        while Path(f"/proc/{pid}").exists() and "State:\\tZ" not in Path(f"/proc/{pid}/status").read_text():
            time.sleep(0.05)
        kept.unlink()
    if verb in ("start", "enable", "restart"):
        unit = (root / "etc/systemd/system" / f"{name}.service").read_text()
        command = re.search(r"^ExecStart=(.*)$", unit, re.M)[1].replace("/opt/", f"{root}/opt/").replace("8000", port)
        lines = (root / "etc/gongzhi.env").read_text().splitlines()
        log = (root / f"{name}.log").open("ab")
        process = subprocess.Popen(
            command.split(), env={**os.environ, **dict(line.split("=", 1) for line in lines)}, cwd=root / "opt/gongzhi",
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
        )
        kept.write_text(str(process.pid))
"""
# Asks until the service that was just started answers.
CURL = """
import sys, time, urllib.error, urllib.request
for _ in range(600):
    try:
        print(urllib.request.urlopen(sys.argv[1], timeout=10).read().decode())
        break
    except urllib.error.HTTPError as error:
        said = error.read().decode()
    except OSError as error:
        said = str(error)
    time.sleep(0.1)
else:
    sys.exit(said)
"""


class Machine:
    """A folder that stands in for a machine's `/`, with the stand-ins first on the path."""

    def __init__(self, folder: Path) -> None:
        self.root, self.port = folder, free_port(18300)
        for place in (*PLACES, "/etc/systemd/system/", "/bin/"):
            (folder / place.strip("/")).mkdir(parents=True, exist_ok=True)
        for name, text in STAND_INS.items():
            self._program(name, text)
        for name, text in {"systemctl": SYSTEMCTL, "curl": CURL}.items():
            self._program(name, f"#!{sys.executable}\n{text}")
        own = {
            k: v for k, v in os.environ.items() if not k.startswith(("GONGZHI_", "DJANGO_", "DATABASE_URL"))
        }
        self.env: Mapping[str, str] = own | {
            "PATH": os.pathsep.join([str(folder / "bin"), str(folder / "usr/local/bin"), os.environ["PATH"]]),
            "PYTHONPATH": str(folder / "opt/gongzhi/src"),
            "REPOSITORY": str(ROOT),
            "MACHINE": str(folder),
            "PORT": str(self.port),
        }

    def _program(self, name: str, text: str) -> None:
        path = self.root / "bin" / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)

    def pasted(self, block: str) -> str:
        """Run a block as somebody who pastes it into a shell; what it said."""
        for place in PLACES:
            block = re.sub(rf"(?<![\w/]){re.escape(place)}", f"{self.root}{place}", block)
        ran = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", block.replace(":8000", f":{self.port}")],
            env=self.env, cwd=self.root, capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        assert ran.returncode == 0, f"{block}\n{ran.stdout}\n{ran.stderr}"
        return ran.stdout

    def newest_backup(self) -> str:
        """The name of the back-up made last."""
        return max((self.root / "var/backups/gongzhi").glob("gongzhi-*.tar.gz")).name

    def stop(self) -> None:
        """End the services that still run."""
        subprocess.run(["systemctl", "stop", "gongzhi-web", "gongzhi-worker"], env=self.env, check=False)


def blocks(page: str, *headings: str) -> list[str]:
    """The blocks of commands of a page, or those below some of its headings."""
    text = (PAGES / page).read_text(encoding="utf-8")
    if headings:
        parts = re.split(r"^## ", text, flags=re.MULTILINE)
        text = "\n".join(part for part in parts if part.partition("\n")[0] in headings)
    return BLOCK.findall(text)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """A machine on which nothing is installed."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: there is nothing to clone")
    if os.environ.get("DATABASE_URL"):
        pytest.skip("the page is for a database in a file; docs/operate/postgresql.md changes one setting")
    made = Machine(tmp_path)
    yield made
    made.stop()


def test_a_second_machine_is_set_up_backed_up_restored_and_upgraded_by_copy_and_paste(
    machine: Machine,
) -> None:
    said = "\n".join(machine.pasted(block) for block in blocks("install.md"))
    assert "Office “our-office” is ready." in said
    assert re.search(r"https://gongzhi\.example\.org/link/#\S{20,}", said)
    assert '"ready"' in said
    assert machine.newest_backup() in said

    for block in blocks("backup.md", "Restore"):
        machine.pasted(re.sub(r"gongzhi-\d+T\d+Z\.tar\.gz", machine.newest_backup(), block))
    assert "unchanged" in machine.pasted("gongzhi ledger verify")

    upgraded = machine.pasted(blocks("upgrade.md")[0])
    assert machine.newest_backup() in upgraded
    assert '"ready"' in machine.pasted("curl http://127.0.0.1:8000/readyz")
    assert "our-office" in machine.pasted("gongzhi ledger verify")
