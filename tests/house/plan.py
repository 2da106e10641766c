"""What the house tests read: the source files, and the order of the apps from `.importlinter`."""

import ast
import configparser
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src"
APPS = SOURCE / "gongzhi" / "apps"
TEMPLATES = SOURCE / "gongzhi" / "site" / "templates"
FOLDERS = ("src", "tests", "tools", "bench")
MADE = {"migrations", "__pycache__", "node_modules"}


def python_files(*folders: str) -> list[Path]:
    """All Python files below these folders, but for what is generated."""
    found = (p for folder in folders for p in (ROOT / folder).rglob("*.py"))
    return sorted(p for p in found if not MADE & set(p.relative_to(ROOT).parts))


def short(path: Path) -> str:
    """The path as it is written in a message."""
    return path.relative_to(ROOT).as_posix()


def lines_of(path: Path) -> int:
    """How many lines a file has."""
    return len(path.read_text(encoding="utf-8").splitlines())


@cache
def tree_of(path: Path) -> ast.Module:
    """The parsed file."""
    return ast.parse(path.read_text(encoding="utf-8"))


Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions_of(path: Path) -> Iterator[Function]:
    """Every function and method of a file."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, Function):
            yield node


def app_names() -> list[str]:
    """The apps that exist."""
    return sorted(p.parent.name for p in APPS.glob("*/__init__.py"))


def app_levels() -> dict[str, int]:
    """The level of each app on the floor plan, 0 for the lowest; `.importlinter` alone says it."""
    plan = configparser.ConfigParser()
    plan.read(ROOT / ".importlinter", encoding="utf-8")
    lines = plan["importlinter:contract:corridor"]["layers"].split("\n")
    levels = [[name.strip(" ()") for name in line.split("|")] for line in lines if line.strip()]
    return {name: level for level, names in enumerate(reversed(levels)) for name in names}


def house_models() -> list[Any]:
    """All tables of our own."""
    from django.apps import apps

    return [m for m in apps.get_models() if m.__module__.startswith("gongzhi.")]


def app_of(model: Any) -> str:
    """The app a model belongs to; `kernel` for the outbox."""
    parts = model.__module__.split(".")
    return str(parts[2] if parts[1] == "apps" else parts[1])


def name_of(model: Any) -> str:
    """A model as it is written in a message: `cases.Case`."""
    return f"{app_of(model)}.{model.__name__}"


def complain(faults: list[str], what_to_do: str) -> None:
    """Fail with one line a fault and the sentence that says what to do."""
    assert not faults, "\n".join([*faults, "", what_to_do])
