"""Documents name only what exists: commands, their options, files."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from gongzhi.site import cli
from gongzhi_analysis import cli as analysis_cli
from tests.house.plan import ROOT, complain, short

FENCED = re.compile(r"^```[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
# What stands before the command: a prompt, settings, the folder of the environment.
BEFORE = re.compile(r"^(\$ |sudo )?([A-Z_]+=\S+ )*(exec )?(\.venv/bin/)?")
PROGRAMS: dict[str, click.Command] = {"gongzhi": cli.main, "gongzhi-analysis": analysis_cli.main}
PATH = re.compile(r"^(src|tests|tools|bench|docs|packs|demo)/[\w./-]+$")


def _documents() -> list[Path]:
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "demo").rglob("*.md")]
    return sorted(found)


def _said(text: str) -> Iterator[str]:
    """Every line of code and every word set as code."""
    for block in FENCED.findall(text):
        yield from block.replace("\\\n", " ").splitlines()
    yield from INLINE.findall(FENCED.sub("", text))


def _targets() -> set[str]:
    return set(
        re.findall(r"^([a-z][\w-]*):(?!=)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    )


def faults_of(line: str) -> list[str]:
    """What a line of code names that does not exist."""
    line = BEFORE.sub("", line.strip())
    try:
        program, *words = shlex.split(line, comments=True) or [""]
    except ValueError:
        return []
    if program == "make":
        named = [w for w in words if not w.startswith("-") and "=" not in w]
        return [f"make {word}" for word in named if word not in _targets()]
    if program in PROGRAMS and words:
        return _faults_of_command(PROGRAMS[program], program, words)
    return []


def _faults_of_command(command: click.Command, path: str, words: list[str]) -> list[str]:
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.commands.get(words[0])
        if found is None:
            return [f"{path} {words[0]}"]
        command, path, words = found, f"{path} {words[0]}", words[1:]
    known = {name for parameter in command.params for name in parameter.opts} | {"--help", "-h", "--version"}
    if command.context_settings.get("ignore_unknown_options"):
        return []
    return [f"{path} {w}" for w in words if w.startswith("--") and w.partition("=")[0] not in known]


def test_every_command_of_the_documents_exists() -> None:
    found = []
    for path in _documents():
        for line in _said(path.read_text(encoding="utf-8")):
            found += [f"{short(path)}: {fault}" for fault in faults_of(line)]
    complain(found, "Name a command that exists (make help, gongzhi --help), or add it.")


def test_every_link_of_the_documents_leads_to_a_file() -> None:
    found = []
    for path in _documents():
        for target in LINK.findall(path.read_text(encoding="utf-8")):
            if not re.match(r"^(https?:|mailto:|#)", target):
                if not (path.parent / target.partition("#")[0]).exists():
                    found.append(f"{short(path)}: {target}")
    complain(found, "Mend the link: paths count from the document's own folder.")


def test_every_file_that_a_document_names_exists() -> None:
    found = []
    for path in _documents():
        for word in _said(path.read_text(encoding="utf-8")):
            if PATH.match(word) and not (ROOT / word).exists() and not list(ROOT.glob(f"{word}*")):
                found.append(f"{short(path)}: {word}")
    complain(found, "Name a file that exists, from the root of the repository.")


@pytest.mark.parametrize(
    ("line", "faults"),
    [
        ("make demo", []),
        ("make tea", ["make tea"]),
        ("$ GONGZHI_DATA=./var/x .venv/bin/gongzhi ledger verify --office xingfu  # checks", []),
        ("gongzhi brew", ["gongzhi brew"]),
        ("gongzhi serve --sugar 2", ["gongzhi serve --sugar"]),
        ("gongzhi-analysis text-train --input a.csv", []),
        ("make", []),
        ("the name `gongzhi` alone", []),
    ],
)
def test_the_rule_reads_commands(line: str, faults: list[str]) -> None:
    assert faults_of(line) == faults
