"""How long a file and a function may be, and how a module may not be called."""

from tests.house.plan import FOLDERS, complain, functions_of, lines_of, python_files, short

FILE, MOST_FILES, FUNCTION = 400, 300, 50
SHARE = 0.95
BANNED = {
    "utils",
    "util",
    "helpers",
    "common",
    "base",
    "core",
    "misc",
    "manager",
    "managers",
    "service",
    "services",
}
# `services` is the app of public services; inside an app the word stays banned.
ALLOWED = {"src/gongzhi/apps/services/__init__.py"}


def test_no_file_is_longer_than_400_lines() -> None:
    found = [f"{short(p)} has {lines_of(p)} lines" for p in python_files(*FOLDERS) if lines_of(p) > FILE]
    complain(found, f"Split the file by what it is about: {FILE} lines is the most that one reads in one go.")


def test_nearly_all_files_of_the_product_have_at_most_300_lines() -> None:
    files = python_files("src")
    long = [p for p in files if lines_of(p) > MOST_FILES]
    too_many = len(long) > (1 - SHARE) * len(files)
    named = [f"{short(p)} has {lines_of(p)} lines" for p in long] if too_many else []
    complain(named, f"Only one file in twenty may be longer than {MOST_FILES} lines. Split some of these.")


def test_no_function_is_longer_than_50_lines() -> None:
    found = []
    for path in python_files("src", "tools", "bench"):
        for node in functions_of(path):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION:
                found.append(f"{short(path)}:{node.lineno} {node.name} has {length} lines")
    complain(found, f"Take a part out and give it a name: a function has at most {FUNCTION} lines.")


def test_no_module_has_a_name_that_says_nothing() -> None:
    found = []
    for path in python_files(*FOLDERS):
        name = path.parent.name if path.name == "__init__.py" else path.stem
        if name in BANNED and short(path) not in ALLOWED:
            found.append(f"{short(path)}: “{name}” says nothing")
    complain(found, "Name the module after what it is about, with a word of the glossary.")
