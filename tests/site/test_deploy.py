"""The units, the container file and the proxy's file name only commands, settings and files that exist."""

import configparser
import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.house.plan import ROOT, complain, python_files, short
from tests.house.test_documents import faults_of

DEPLOY = ROOT / "deploy"
UNITS = sorted(DEPLOY.glob("systemd/*"))
SETTING = re.compile(r"\b(?:GONGZHI_[A-Z_]+|DATABASE_URL)\b")
PAGES = [
    ROOT / "docs" / "operate" / f"{name}.md"
    for name in ("backup", "keys", "upgrade", "services", "lan", "erasing")
]


def unit(path: Path) -> configparser.ConfigParser:
    """A unit file; names of settings keep their capitals."""
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(path, encoding="utf-8")
    return parser


def everything() -> list[Path]:
    """All files that a machine is set up with, and the pages that explain them."""
    return [*UNITS, DEPLOY / "Containerfile", DEPLOY / "Caddyfile", *PAGES]


@pytest.mark.parametrize("path", [p for p in UNITS if p.suffix == ".service"], ids=lambda p: p.name)
def test_a_service_starts_a_command_that_exists_as_a_user_of_its_own(path: Path) -> None:
    service = unit(path)["Service"]
    assert faults_of(f"ExecStart={service['ExecStart']}") == []
    assert service["ExecStart"].startswith(f"{service['WorkingDirectory']}/.venv/bin/gongzhi ")
    assert (service["User"], service["EnvironmentFile"]) == ("gongzhi", "/etc/gongzhi.env")
    assert "/var/lib/gongzhi" in service["ReadWritePaths"].split()
    assert service["UMask"] == "0077"


def test_the_back_up_may_write_where_it_is_told_to() -> None:
    service = unit(DEPLOY / "systemd" / "gongzhi-backup.service")["Service"]
    words = shlex.split(service["ExecStart"])
    assert words[words.index("--to") + 1] in service["ReadWritePaths"].split()


def test_every_timer_has_its_service() -> None:
    for path in UNITS:
        if path.suffix == ".timer":
            assert path.with_suffix(".service").exists()


def test_systemd_takes_the_units() -> None:
    verify = shutil.which("systemd-analyze")
    if verify is None:
        pytest.skip("systemd-analyze is not on this machine")
    said = subprocess.run([verify, "verify", *UNITS], capture_output=True, text=True, check=False)
    ours = [line for line in said.stderr.splitlines() if re.search(r"gongzhi-\w+\.\w+:\d+:", line)]
    assert ours == []


def test_the_container_runs_commands_that_exist() -> None:
    said = (DEPLOY / "Containerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = dict(re.findall(r"^(\w+) (.+)$", said, re.MULTILINE))
    assert faults_of(shlex.join(json.loads(lines["CMD"]))) == []
    for line in re.findall(r"^RUN (.+)$", said, re.MULTILINE):
        assert faults_of(line) == []


def test_every_setting_named_is_one_that_the_program_reads() -> None:
    read = {
        name for path in python_files("src") for name in SETTING.findall(path.read_text(encoding="utf-8"))
    }
    found = []
    for path in everything():
        named = set(SETTING.findall(path.read_text(encoding="utf-8")))
        found += [f"{short(path)}: {name}" for name in sorted(named - read)]
    complain(found, "Name a setting of docs/operate/settings.md.")


def test_proxy_services_and_pages_agree_on_the_port() -> None:
    web = unit(DEPLOY / "systemd" / "gongzhi-web.service")["Service"]["ExecStart"]
    assert "--port 8000" in web
    assert "reverse_proxy 127.0.0.1:8000" in (DEPLOY / "Caddyfile").read_text(encoding="utf-8")


def test_every_unit_that_a_page_names_is_there() -> None:
    there = {path.name for path in UNITS}
    for page in PAGES:
        named = set(re.findall(r"\bgongzhi-\w+\.(?:service|timer)\b", page.read_text(encoding="utf-8")))
        assert named <= there, page.name
