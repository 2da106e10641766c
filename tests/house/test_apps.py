"""The anatomy of an app: what it says of itself, its one door, its place on the floor plan."""

import ast
from pathlib import Path

import pytest
from django.apps import apps

from tests.house.plan import APPS, app_levels, app_names, complain, short, tree_of
from tools.contracts import OneDoor

SAID = ("comes in", "goes out", "keeps", "never", "中文")
DOOR_NAMES = 60


def test_every_app_says_what_comes_in_and_what_it_never_does() -> None:
    found = []
    for name in app_names():
        said = ast.get_docstring(tree_of(APPS / name / "__init__.py")) or ""
        found += [f"{name}/__init__.py does not say “{word}”" for word in SAID if word not in said]
    complain(found, "The docstring has five lines: comes in · goes out · keeps · never · 中文.")


def test_every_app_has_a_short_door_that_lists_what_others_may_use() -> None:
    found = []
    for name in app_names():
        door = APPS / name / "public.py"
        if not door.exists():
            found.append(f"{short(door)} is missing")
            continue
        found += [f"{short(door)} {fault}" for fault in _faults_of_door(door)]
    complain(
        found, "public.py imports names from the app's own modules and lists them all in __all__, no more."
    )


def _faults_of_door(door: Path) -> list[str]:
    imported: set[str] = set()
    listed: set[str] = set()
    faults = []
    for node in tree_of(door).body:
        match node:
            case ast.ImportFrom():
                imported |= {alias.asname or alias.name for alias in node.names}
            case ast.Assign(targets=[ast.Name(id="__all__")]):
                listed = set(ast.literal_eval(node.value))
            case ast.Expr(value=ast.Constant()):
                pass
            case _:
                faults.append(f"line {node.lineno}: holds code")
    if len(listed) >= DOOR_NAMES:
        faults.append(f"has {len(listed)} names; fewer than {DOOR_NAMES} are allowed")
    faults += [f"does not list {name}" for name in sorted(imported - listed)]
    faults += [f"lists {name}, which it does not import" for name in sorted(listed - imported)]
    return faults


def test_every_app_stands_on_the_floor_plan() -> None:
    levels = app_levels()
    found = [f"{name} stands nowhere in .importlinter" for name in app_names() if name not in levels]
    complain(found, "Write the app into the corridor of .importlinter, below all that use it.")


def test_every_app_with_tables_is_installed_under_its_own_label() -> None:
    installed = {c.name: c.label for c in apps.get_app_configs() if c.name.startswith("gongzhi.apps.")}
    found = []
    for name in app_names():
        if (APPS / name / "models.py").exists() or (APPS / name / "models").is_dir():
            label = installed.get(f"gongzhi.apps.{name}")
            if label != f"gz_{name}":
                found.append(f"{name} has the label {label}")
    complain(
        found, "Add the app to INSTALLED_APPS; its label is gz_ and its name, so that no other app has it."
    )


@pytest.mark.parametrize(
    ("module", "target", "passes"),
    [
        ("gongzhi.apps.cases.actions", "gongzhi.apps.channels.public", True),
        ("gongzhi.apps.cases.actions", "gongzhi.apps.channels.events", True),
        ("gongzhi.apps.cases.actions", "gongzhi.apps.cases.models", True),
        ("gongzhi.site.pages.admin", "gongzhi.apps.channels.kinds.web.public", True),
        ("gongzhi.site.cli", "gongzhi.apps.understanding.training", True),
        ("gongzhi.site.pages.admin", "gongzhi.apps.understanding.training", False),
        ("gongzhi.apps.cases.actions", "gongzhi.apps.channels.models", False),
        ("gongzhi.apps.cases.actions", "gongzhi.apps.channels", False),
        ("gongzhi.site.installing", "gongzhi.apps.understanding.models", False),
        ("gongzhi.apps.cases2", "gongzhi.apps.cases.models", False),
    ],
)
def test_the_contract_lets_others_in_by_the_door_only(module: str, target: str, passes: bool) -> None:
    options = {"apps": "gongzhi.apps", "trainers": ["gongzhi.site.cli"]}
    contract = OneDoor(name="door", session_options={}, contract_options=options)
    assert contract._passes_a_wall(module, target) is not passes
