"""What the product stands on: each package with a reason, with a licence that fits, and no hidden one."""

import ast
import re
import sys
import tomllib
from functools import cache
from importlib import metadata

from packaging.requirements import Requirement

from tests.house.plan import ROOT, complain, python_files, short, tree_of

OURS = {"gongzhi", "gongzhi_analysis"}
LINE = re.compile(r'^\s*"(?P<package>[A-Za-z][\w.\[\],-]*)[^"]*",\s*(#\s*(?P<why>.*))?$')
STRONG = re.compile(r"\bA?GPL|Affero|GNU General Public", re.IGNORECASE)
WEAK = re.compile(r"\bLGPL|Lesser General Public|GNU Lesser|linking.exception", re.IGNORECASE)
# Named in the settings or started as a program; nothing imports them.
NAMED = {"whitenoise": "middleware", "psycopg": "the database engine"}


@cache
def _project() -> dict[str, list[str]]:
    data = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = {"dependencies": data["project"]["dependencies"]}
    return groups | {name: list(lines) for name, lines in data["dependency-groups"].items()}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _runtime() -> dict[str, metadata.Distribution]:
    """Every package that is there when the product runs, by name."""
    found: dict[str, metadata.Distribution] = {}
    waiting = [Requirement(line) for line in _project()["dependencies"]]
    while waiting:
        wanted = waiting.pop()
        extras = ("", *wanted.extras)
        package = metadata.distribution(wanted.name)
        found[_plain(wanted.name)] = package
        for line in package.requires or ():
            needed = Requirement(line)
            applies = needed.marker is None or any(needed.marker.evaluate({"extra": e}) for e in extras)
            if applies and (_plain(needed.name) not in found or needed.extras):
                waiting.append(needed)
    return found


def _licence(package: metadata.Distribution) -> str:
    about = package.metadata
    said = about.get("License-Expression") or (about.get("License") or "").partition("\n")[0]
    classes = [c for c in about.get_all("Classifier") or [] if c.startswith("License ::")]
    return " / ".join(filter(None, [said, *classes]))


def test_every_dependency_says_why_it_is_there() -> None:
    explained = {}
    for line in (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines():
        if found := LINE.match(line):
            explained[found["package"]] = found["why"] or ""
    wanted = [Requirement(line) for lines in _project().values() for line in lines]
    names = [f"{r.name}[{','.join(sorted(r.extras))}]" if r.extras else r.name for r in wanted]
    found = [name for name in names if len(explained.get(name, "").split()) < 2]
    complain(
        found, "Write behind the line in pyproject.toml, in a few words, what the package is for and where."
    )


def test_no_package_of_the_product_has_a_licence_that_would_bind_it() -> None:
    found = []
    for name, package in sorted(_runtime().items()):
        licence = _licence(package)
        if not licence:
            found.append(f"{name}: no licence given")
        elif STRONG.search(WEAK.sub("", licence)) and " OR " not in licence:
            found.append(f"{name}: {licence}")
    complain(
        found, "The product is under Apache 2.0: choose a package under a permissive licence or the LGPL."
    )


def test_the_lock_holds_what_the_product_needs() -> None:
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    locked = {_plain(package["name"]): package.get("version") for package in lock["package"]}
    found = [
        f"{name} {package.version} is installed, {locked.get(name)} is locked"
        for name, package in sorted(_runtime().items())
        if locked.get(name) != package.version
    ]
    complain(found, "Lock anew (uv lock), then install what is locked.")


def _imports() -> dict[str, str]:
    """Top-level module -> the first of our files that imports it."""
    found: dict[str, str] = {}
    for path in python_files("src"):
        for node in ast.walk(tree_of(path)):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                names.append(node.module)
            for name in names:
                found.setdefault(name.partition(".")[0], short(path))
    return {name: where for name, where in found.items() if name not in {*sys.stdlib_module_names, *OURS}}


def test_only_declared_packages_are_imported() -> None:
    declared = {_plain(Requirement(line).name) for line in _project()["dependencies"]}
    owners = metadata.packages_distributions()
    found = [
        f"{where} imports {name}"
        for name, where in sorted(_imports().items())
        if not declared & {_plain(owner) for owner in owners.get(name, [])}
    ]
    complain(
        found, "Write the package into pyproject.toml with its reason; another's dependency may go any day."
    )


def test_every_declared_package_is_used() -> None:
    owners = metadata.packages_distributions()
    used = {_plain(owner) for name in _imports() for owner in owners.get(name, [])} | set(NAMED)
    # Catalogues are made by a tool that `make demo` runs.
    used |= {_plain(n) for n in ("babel",) if "babel" in (ROOT / "tools" / "catalogues.py").read_text()}
    declared = {_plain(Requirement(line).name) for line in _project()["dependencies"]}
    complain(sorted(declared - used), "Nothing imports the package: take its line out of pyproject.toml.")
