"""A read of several rows says for whom or of what: nothing is read across jurisdictions by forgetting a filter."""

import ast
import re
from pathlib import Path

from tests.house.plan import APPS, Function, complain, house_models, short, tree_of

SEVERAL = re.compile(r"\b(list|QuerySet|dict|tuple|Iterator|Iterable|Sequence|set|frozenset)\[")
NAMED = {"jurisdiction", "visible_to"}
# Reads of several rows that are meant to see all jurisdictions, or name their log by its code.
ALLOWED = {
    "places.jurisdictions": "lists the offices themselves",
    "ledger.trees": "lists the logs, one an office",
    "ledger.entries_about": "the subject names one thing",
    "ledger.restorations_of": "the tree names one log",
    "actors.rate_counters": "hashed keys, counted before anybody is known",
}


def _reads() -> list[tuple[str, Path, Function]]:
    found = []
    for path in sorted(APPS.glob("*/queries.py")):
        for node in tree_of(path).body:
            if isinstance(node, Function) and not node.name.startswith("_"):
                found.append((f"{path.parent.name}.{node.name}", path, node))
    return found


def _wanted_kinds() -> set[str]:
    """Our own records that name the jurisdiction they are about."""
    return {
        node.name
        for path in APPS.glob("*/*.py")
        for node in tree_of(path).body
        if isinstance(node, ast.ClassDef)
        and any(isinstance(n, ast.AnnAssign) and ast.unparse(n.target) == "jurisdiction" for n in node.body)
    }


def _is_bound(node: Function) -> bool:
    """Whether the caller says of which jurisdiction, for whom, or of which thing or things."""
    names = {m.__name__ for m in house_models()} | _wanted_kinds()
    things = re.compile(rf"\b({'|'.join(sorted(names))})\b")
    args = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    for arg in args:
        kind = ast.unparse(arg.annotation) if arg.annotation else ""
        if arg.arg in NAMED or arg.arg.endswith(("_id", "_ids")) or things.search(kind):
            return True
    return False


def test_every_read_of_several_rows_says_of_which_office_or_thing() -> None:
    found = []
    for name, path, node in _reads():
        several = SEVERAL.search(ast.unparse(node.returns)) if node.returns else None
        if several and not _is_bound(node) and name not in ALLOWED:
            found.append(f"{short(path)}:{node.lineno} {node.name}")
    complain(found, "Take jurisdiction= or visible_to=, or the thing (or its ids) that the rows belong to.")


def test_no_exception_outlives_its_reason() -> None:
    bound = {name: _is_bound(node) for name, _path, node in _reads()}
    found = [f"{name} is gone or bound now" for name in ALLOWED if bound.get(name, True)]
    complain(found, "Take the line out of ALLOWED.")


def test_a_read_that_takes_visible_to_looks_at_it() -> None:
    found = []
    for _name, path, node in _reads():
        if any(arg.arg == "visible_to" for arg in node.args.kwonlyargs):
            used = {n.id for statement in node.body for n in ast.walk(statement) if isinstance(n, ast.Name)}
            if "visible_to" not in used:
                found.append(f"{short(path)}:{node.lineno} {node.name}")
    complain(found, "Filter by the actor: whoever calls with visible_to trusts that the rows may be seen.")
