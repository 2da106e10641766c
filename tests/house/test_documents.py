"""Documents name only what exists: commands, their options, files, headings, settings."""

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
PICTURE = re.compile(r'<img src="([^"]+)"')
ELSEWHERE = re.compile(r"^(https?:|mailto:)")
HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
# What stands before the command: a prompt, a line of a systemd unit, another user, settings, the folder of the environment.
BEFORE = re.compile(
    r"^(\$ |ExecStart=|sudo (-u \w+ )?)?([A-Z_]+=\S+ )*(exec )?((/[\w.-]+)*/\.venv/bin/|\.venv/bin/)?"
)
CHAINED = re.compile(r"\s*(?:&&|\|\||;|\|)\s*")
PROGRAMS: dict[str, click.Command] = {"gongzhi": cli.main, "gongzhi-analysis": analysis_cli.main}
PATH = re.compile(r"^(src|tests|tools|bench|docs|packs|demo)/[\w./-]+$")
# Places of the machine on which a document was written; those of the reader's machine are in /opt, /etc and /var.
OF_A_MACHINE = re.compile(r"(?<![\w.])/(?:work|tmp|root|home|Users|mnt|workspace)/|[A-Z]:\\")


def documents() -> list[Path]:
    """Every document of the repository."""
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
    return [fault for part in CHAINED.split(line.strip()) for fault in _faults_of_part(part)]


def _faults_of_part(part: str) -> list[str]:
    try:
        program, *words = shlex.split(BEFORE.sub("", part.strip()), comments=True) or [""]
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


def anchors_of(text: str) -> set[str]:
    """The anchors that a reader of Markdown makes of the headings: small letters, hyphens for spaces, no marks."""
    plain = (re.sub(r"[^\w\s-]", "", heading.strip().lower()) for _, heading in HEADING.findall(text))
    return {re.sub(r"\s", "-", heading) for heading in plain}


def _fault_of_link(path: Path, target: str) -> str:
    if ELSEWHERE.match(target):
        return ""
    file, _, anchor = target.partition("#")
    to = path.parent / file if file else path
    if not to.exists():
        return "leads nowhere"
    if anchor and to.suffix == ".md" and anchor not in anchors_of(to.read_text(encoding="utf-8")):
        return "has no such heading"
    return ""


def test_every_command_of_the_documents_exists() -> None:
    found = []
    for path in documents():
        for line in _said(path.read_text(encoding="utf-8")):
            found += [f"{short(path)}: {fault}" for fault in faults_of(line)]
    complain(found, "Name a command that exists (make help, gongzhi --help), or add it.")


def test_every_link_of_the_documents_leads_to_a_file_and_a_heading_in_it() -> None:
    found = []
    for path in documents():
        for target in LINK.findall(path.read_text(encoding="utf-8")):
            if fault := _fault_of_link(path, target):
                found.append(f"{short(path)}: {target} {fault}")
    complain(found, "Mend the link: paths count from the document's own folder.")


def test_every_picture_of_the_documents_exists_and_none_is_left_over() -> None:
    shown = {
        (path.parent / target).resolve()
        for path in documents()
        for target in PICTURE.findall(path.read_text(encoding="utf-8"))
    }
    kept = {p.resolve() for p in (ROOT / "docs" / "pictures").glob("*.png")}
    if not kept:
        pytest.skip("no picture has been made yet: make pictures")
    found = [f"{short(p)} is missing" for p in sorted(shown - kept)]
    found += [f"{short(p)} is shown nowhere" for p in sorted(kept - shown)]
    complain(found, "Make the pictures of the documents with the browser tests, or take the name out.")


def test_every_file_that_a_document_names_exists() -> None:
    found = []
    for path in documents():
        for word in _said(path.read_text(encoding="utf-8")):
            if PATH.match(word) and not (ROOT / word).exists() and not list(ROOT.glob(f"{word}*")):
                found.append(f"{short(path)}: {word}")
    complain(found, "Name a file that exists, from the root of the repository.")


def test_no_document_names_a_place_of_the_machine_on_which_it_was_written() -> None:
    found = []
    for path in documents():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if OF_A_MACHINE.search(line):
                found.append(f"{short(path)}:{number}: {line.strip()[:80]}")
    complain(found, "Name a place that every reader has.")


def test_the_table_of_settings_names_each_setting_and_no_other() -> None:
    source = (ROOT / "src/gongzhi/site/settings.py").read_text(encoding="utf-8")
    read = set(re.findall(r'"(GONGZHI_[A-Z_]+|DATABASE_URL)"', source))
    page = (ROOT / "docs/operate/settings.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))
    docstring = source.split('"""')[1]
    assert told == read
    assert set(re.findall(r"GONGZHI_[A-Z_]+|DATABASE_URL", docstring)) == read


@pytest.mark.parametrize(
    ("line", "faults"),
    [
        ("make demo", []),
        ("make tea", ["make tea"]),
        ("$ GONGZHI_DATA=./var/x .venv/bin/gongzhi ledger verify --office xingfu  # checks", []),
        ("gongzhi brew", ["gongzhi brew"]),
        ("gongzhi serve --sugar 2", ["gongzhi serve --sugar"]),
        ("ExecStart=/opt/gongzhi/.venv/bin/gongzhi brew", ["gongzhi brew"]),
        ("sudo -u gongzhi gongzhi brew", ["gongzhi brew"]),
        ("cd x && make tea; gongzhi init", ["make tea"]),
        ("gongzhi-analysis text-train --input a.csv", []),
        ("gongzhi-analysis group --salt 1", ["gongzhi-analysis group --salt"]),
        ("make", []),
        ("the name `gongzhi` alone", []),
    ],
)
def test_the_rule_reads_commands(line: str, faults: list[str]) -> None:
    assert faults_of(line) == faults


def test_the_rule_reads_headings() -> None:
    assert anchors_of("# A\n## Why this day?\n## 热线文件\n## `x`, y") == {
        "a",
        "why-this-day",
        "热线文件",
        "x-y",
    }
