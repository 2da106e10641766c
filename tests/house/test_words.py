"""What a person is told goes through translation; what the code holds names no machine and no unfinished work."""

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path

from tests.house.plan import MADE, ROOT, complain, python_files, short, tree_of

HAN = re.compile(r"[\u3400-\u9fff]")
# Modules that read or play what people write in Chinese, and the names of languages.
CHINESE = ("src/gongzhi/apps/channels/kinds/", "src/gongzhi/site/demo/", "src/gongzhi/site/settings.py")
SHORT_NAMES = {"简", "繁"}
SHOWN = {"label", "help_text", "hint", "verbose_name", "empty_label"}
TELLING = {
    "success",
    "error",
    "info",
    "warning",
    "add_error",
}  # messages.success(request, …), form.add_error(field, …)
# Operators read these on the command line, in English as all of it.
COMMAND_LINE = ("src/gongzhi/site/cli.py", "src/gongzhi/site/demo/")
WRITTEN = {".py", ".md", ".toml", ".html", ".css", ".js", ".sh", ".yml", ".yaml"}
KEPT_OUT = {".git", ".venv", "var", "node_modules", ".hypothesis"}


def _strings(path: Path) -> Iterator[ast.Constant]:
    """The strings of a file that are no docstrings."""
    said: set[int] = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            said.add(id(node.value))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node


def _product() -> list[Path]:
    return [p for p in python_files("src/gongzhi") if not short(p).startswith(CHINESE)]


def test_chinese_stands_in_catalogues_and_packs() -> None:
    found = [
        f"{short(path)}:{node.lineno}: {node.value!r}"
        for path in _product()
        for node in _strings(path)
        if HAN.search(str(node.value)) and node.value not in SHORT_NAMES
    ]
    complain(
        found,
        "Write the sentence in plain English inside gettext; Chinese goes into the catalogue or a pack.",
    )


def _is_sentence(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value.strip()


def _bare_sentences(call: ast.Call) -> Iterator[ast.expr]:
    """Sentences that a person will read and that do not pass through gettext."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    for keyword in call.keywords:
        if keyword.arg in SHOWN and _is_sentence(keyword.value):
            yield keyword.value
    if name in TELLING and isinstance(call.func, ast.Attribute):
        owner = getattr(call.func.value, "id", "")
        if owner == "messages" or name == "add_error":
            yield from (arg for arg in call.args[1:2] if _is_sentence(arg))


def test_what_a_person_reads_can_be_translated() -> None:
    found = []
    for path in python_files("src/gongzhi/site", "src/gongzhi/apps"):
        if short(path).startswith(COMMAND_LINE):
            continue
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Call):
                found += [f"{short(path)}:{s.lineno}: {ast.unparse(s)}" for s in _bare_sentences(node)]
    complain(found, "Wrap the sentence in gettext (gettext_lazy outside of functions).")


def test_refusals_are_translated() -> None:
    """Errors that people read, raised with a sentence of their own instead of the class's."""
    kinds = {
        node.name
        for path in python_files("src/gongzhi")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ClassDef)
        and any(getattr(b, "id", "") == "GongzhiError" for b in node.bases)
        # One that makes its own message takes values, no sentences.
        and not any(isinstance(n, ast.FunctionDef) and n.name == "__init__" for n in node.body)
    }
    found = []
    for path in python_files("src/gongzhi"):
        if short(path).startswith(COMMAND_LINE):
            continue
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
                if getattr(node.exc.func, "id", "") in kinds and _is_sentence(
                    next(iter(node.exc.args), None)
                ):
                    found.append(f"{short(path)}:{node.lineno}: {ast.unparse(node.exc)[:80]}")
    complain(found, "Wrap the sentence in gettext, and give a hint that says what to do now.")


def _files() -> Iterator[Path]:
    for folder, below, names in os.walk(ROOT):
        below[:] = sorted(n for n in below if n not in KEPT_OUT | MADE and not n.endswith("_cache"))
        yield from (Path(folder) / name for name in sorted(names))


def _texts() -> Iterator[tuple[Path, int, str]]:
    """Every line of every file that people write."""
    for path in _files():
        if path.suffix in WRITTEN or path.name in {"Makefile", ".importlinter", ".gitignore"}:
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
            yield from ((path, number, line) for number, line in enumerate(lines, 1))


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    machine = re.compile(r"""(^|[\s"'=(`:,])/(work|home|root|tmp|Users|mnt)/\w""")
    found = [f"{short(p)}:{n}: {line.strip()[:80]}" for p, n, line in _texts() if machine.search(line)]
    complain(found, "Write the path from the root of the repository, or take it from a setting.")


def test_nothing_is_left_for_later() -> None:
    later = re.compile(
        r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b|pytest\.mark\.xfail|\bpytest\.xfail"
    )
    found = [f"{short(p)}:{n}: {line.strip()[:80]}" for p, n, line in _texts() if later.search(line)]
    complain(found, "Do it now, or write an issue: a note in the code is read by nobody.")


def test_no_test_waits_by_the_clock() -> None:
    found = []
    for path in python_files("tests"):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"time.sleep", "sleep"}:
                found.append(f"{short(path)}:{node.lineno}")
    complain(found, "Wait for the thing itself, or move the clock (time_machine, clock.now).")
