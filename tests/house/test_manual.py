"""Documents in two languages say the same; what follows from data is up to date; words are those on the screen."""

import re
from pathlib import Path

import pytest

from gongzhi.site.demo.preparing import SHOWN_SIGN_INS
from tests.house.plan import ROOT, complain, python_files, short
from tools import catalogues, manual_pages

MANUAL = ROOT / "docs" / "manual"
READMES = ("README.md", "README.zh-CN.md")
CHAPTERS = sorted(p.name for p in (MANUAL / "en").glob("*.md"))
MADE = {"categories.md", "roles.md"}
CODE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
WORD = re.compile(r"`([^`\n]+)`")
LEAST_TERMS = 60
# What people say, and names that no screen shows: everything else in quotation marks stands on the screen.
SPOKEN = {
    "en": {"quotation marks", "not solved", "solved", "Solved"},
    "zh-CN": {"引号", "否", "是"},
}


def _headings(text: str) -> list[int]:
    """The levels of the headings, in order."""
    return [len(marks) for marks in re.findall(r"^(#+) ", CODE.sub("", text), re.MULTILINE)]


def _tables(text: str) -> list[int]:
    """How many rows each table has, in order."""
    return [block.count("\n") for block in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)]


def _twins() -> list[tuple[Path, Path]]:
    pairs = [(ROOT / READMES[0], ROOT / READMES[1])]
    return pairs + [(MANUAL / "en" / name, MANUAL / "zh-CN" / name) for name in CHAPTERS]


@pytest.mark.parametrize(("one", "other"), _twins(), ids=short)
def test_twins_have_the_same_sections_tables_and_code(one: Path, other: Path) -> None:
    english, chinese = one.read_text(encoding="utf-8"), other.read_text(encoding="utf-8")
    assert _headings(english) == _headings(chinese)
    assert _tables(english) == _tables(chinese)
    assert CODE.findall(english.split("## The house")[0]) == CODE.findall(chinese.split("## 房屋")[0])


def test_the_manual_has_the_same_chapters_in_both_languages() -> None:
    assert sorted(p.name for p in (MANUAL / "zh-CN").glob("*.md")) == CHAPTERS


@pytest.mark.parametrize("name", READMES)
def test_a_readme_names_the_sign_ins_that_the_demonstration_prints(name: str) -> None:
    rows = re.findall(r"^\| `(\w+)` \|[^|]*\| `(\w+)` \|$", (ROOT / name).read_text(), re.MULTILINE)
    assert rows == [(username, office) for office, username, _what in SHOWN_SIGN_INS]


def test_the_pages_that_follow_from_data_are_up_to_date() -> None:
    old = [
        short(path)
        for path, text in manual_pages.pages().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    complain(old, "Run: make docs")


def test_each_word_of_the_glossary_occurs_in_the_code() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \|(.*)\|$", (ROOT / "GLOSSARY.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    source = "\n".join(p.read_text(encoding="utf-8") for p in python_files("src"))
    known = set(re.findall(r"[A-Za-z_]\w*", source))
    names = [name for name, _ in rows]
    found = [f"{name} is nowhere in src" for name in names if name not in known]
    found += [f"{name} stands there twice" for name in set(names) if names.count(name) > 1]
    found += [f"{name}: a cell is empty" for name, cells in rows if not all(map(str.strip, cells.split("|")))]
    complain(found, "Keep the glossary to the words of the code.")
    assert len(names) >= LEAST_TERMS


@pytest.mark.parametrize(("folder", "language"), [("en", "en"), ("zh-CN", "zh_Hans")])
def test_what_the_manual_quotes_stands_on_the_screen(folder: str, language: str) -> None:
    messages = [m for m in catalogues.read(language) if m.id]
    shown = {part for m in messages for part in (m.string if isinstance(m.string, tuple) else (m.string,))}
    found = []
    for path in sorted((MANUAL / folder).glob("*.md")):
        text = path.read_text(encoding="utf-8") if path.name not in MADE else ""
        # A quotation within a quotation belongs to the outer one.
        for quoted in re.findall(r"“((?:[^“”]|“[^”]*”)+)”", re.sub(r"\s+", " ", text)):
            if quoted not in SPOKEN[folder] and not _is_shown(quoted, shown):
                found.append(f"{short(path)}: “{quoted}”")
    complain(found, "Quote the words of the page as the catalogue has them.")


def _is_shown(quoted: str, shown: set[str]) -> bool:
    if re.search("…+", quoted):  # a name or a number stands there
        pattern = ".*".join(map(re.escape, re.split(r"\s*…+\s*", quoted)))
        return any(re.fullmatch(pattern, text) for text in shown)
    return quoted in shown
