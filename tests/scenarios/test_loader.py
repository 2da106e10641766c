"""Packs are loaded whole or refused with every fault named: pack, file, entry, reason."""

import os
from pathlib import Path

import pytest

from gongzhi.scenarios import model, reading
from gongzhi.scenarios.checker import FAULT_KINDS
from gongzhi.scenarios.loader import load_packs, scenario_for, set_packs_root
from gongzhi.scenarios.model import (
    LANGUAGES,
    Entry,
    Fault,
    Link,
    PackError,
    Section,
    register_section,
    text_hash,
)

Files = dict[str, str | bytes]


class Kind(Entry):
    """A node of the tests' tree of kinds."""

    key: str
    parent: str | None = None
    radius_m: int = 100


class Saying(Entry):
    """A sentence of a kind."""

    text: str
    kind: str


class Mapping(Entry):
    """One of several files of a folder."""

    key: str


def _words(**texts: str) -> Files:
    """String files in all languages; each translation names the source text that it was made from."""
    files: Files = {}
    for lang in LANGUAGES:
        lines = []
        for name, text in texts.items():
            key = name.replace("_", ".")
            of = "" if lang == model.SOURCE_LANGUAGE else f', of = "{text_hash(text)}"'
            shown = text if lang == model.SOURCE_LANGUAGE else f"{text} ({lang})"
            lines.append(f'"{key}" = {{ text = "{shown}"{of} }}\n')
        files[f"strings/{lang}.toml"] = "".join(lines)
    return files


BASE: Files = {
    "pack.toml": 'key = "base"\nversion = "1"\n',
    "kinds.toml": '[[kind]]\nkey = "roads"\n\n[[kind]]\nkey = "roads.holes"\nparent = "roads"\nradius_m = 50\n',
    "sayings.jsonl": '{"text": "路上有个坑", "kind": "roads.holes"}\n',
    **_words(kind_roads="道路", kind_roads_holes="坑洞"),
}
TOWN: Files = {
    "pack.toml": 'key = "town"\nversion = "1"\nneeds = ["base"]\n',
    "kinds.toml": '[[kind]]\nkey = "noise"\n',
    "mappings/hotline.toml": '[[mapping]]\nkey = "hotline"\n',
    **_words(kind_noise="噪声"),
}


@pytest.fixture(autouse=True)
def sections(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loader knows three kinds of file, those of these tests."""
    monkeypatch.setattr(model, "_sections", {})
    tree = Link("parent", "kind", is_tree=True)
    register_section(
        Section("kinds.toml", "kind", Kind, links=(tree,), words=lambda entry: (f"kind.{entry.key}",))
    )
    register_section(Section("sayings.jsonl", "saying", Saying, links=(Link("kind", "kind"),), unique="text"))
    register_section(Section("mappings/*.toml", "mapping", Mapping))


def write(root: Path, name: str, files: Files) -> Path:
    """Write a pack's folder below `root`."""
    for file, content in files.items():
        path = root / name / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return root / name


def faults_of(root: Path, *names: str) -> list[Fault]:
    """What the loader finds wrong with these packs; none where they load."""
    try:
        load_packs(root, names)
    except PackError as error:
        return list(error.faults)
    return []


def only_fault(root: Path, files: Files) -> Fault:
    """The one fault of a base pack in which these files are different."""
    write(root, "base", BASE | files)
    found = faults_of(root, "base")
    assert len(found) == 1, "\n".join(map(str, found))
    return found[0]


# -- packs that are well --------------------------------------------------------------------------------


def test_a_good_pack_loads_with_its_entries_and_words(tmp_path: Path) -> None:
    write(tmp_path, "base", BASE)
    scenario = load_packs(tmp_path, ["base"])
    assert [(e.key, e.parent, e.radius_m) for e in scenario.entries("kinds.toml")] == [
        ("roads", None, 100),
        ("roads.holes", "roads", 50),
    ]
    assert scenario.words("kind.roads", "en") == "道路 (en)"
    assert [head.key for head in scenario.packs] == ["base"]


def test_a_pack_stands_after_those_it_needs(tmp_path: Path) -> None:
    write(tmp_path, "base", BASE)
    write(tmp_path, "town", TOWN)
    alone, both = load_packs(tmp_path, ["town"]), load_packs(tmp_path, ["town", "base"])
    assert [head.key for head in alone.packs] == [head.key for head in both.packs] == ["base", "town"]
    assert [e.key for e in alone.entries("kinds.toml")] == ["roads", "roads.holes", "noise"]
    assert alone.digest == both.digest


def test_files_of_a_folder_are_one_section(tmp_path: Path) -> None:
    more: Files = {"mappings/letters.toml": '[[mapping]]\nkey = "letters"\n'}
    write(tmp_path, "base", BASE)
    write(tmp_path, "town", TOWN | more)
    found = load_packs(tmp_path, ["town"]).entries("mappings/*.toml")
    assert [e.key for e in found] == ["hotline", "letters"]


def test_words_fall_back_to_the_source_language_then_to_the_key(tmp_path: Path) -> None:
    write(tmp_path, "base", BASE)
    scenario = load_packs(tmp_path, ["base"])
    assert scenario.words("kind.roads", "fr") == "道路"
    assert scenario.words("kind.unknown", "en") == "kind.unknown"
    assert scenario.strings("fr") == {}
    assert scenario.entries("nothing.toml") == []


def test_the_digest_changes_with_content_and_with_names_only(tmp_path: Path) -> None:
    folder = write(tmp_path, "base", BASE)
    first = load_packs(tmp_path, ["base"]).digest
    assert load_packs(tmp_path, ["base"]).digest == first
    (folder / "notes.md").write_text("a note")
    second = load_packs(tmp_path, ["base"]).digest
    (folder / "notes.md").rename(folder / "remarks.md")
    third = load_packs(tmp_path, ["base"]).digest
    assert len({first, second, third}) == 3


def test_an_editor_may_put_a_mark_before_the_text(tmp_path: Path) -> None:
    write(tmp_path, "base", BASE | {"kinds.toml": b"\xef\xbb\xbf" + str(BASE["kinds.toml"]).encode()})
    assert faults_of(tmp_path, "base") == []


def test_the_scenario_is_kept_until_the_folder_of_packs_changes(tmp_path: Path) -> None:
    write(tmp_path / "one", "base", BASE)
    write(tmp_path / "two", "base", BASE | {"notes.md": "different"})
    before = list(_known_root())
    try:
        set_packs_root(tmp_path / "one")
        first = scenario_for(("base",))
        assert scenario_for(("base",)) is first
        set_packs_root(tmp_path / "two")
        assert scenario_for(("base",)).digest != first.digest
    finally:
        _known_root()[:] = before
        scenario_for.cache_clear()


def _known_root() -> list[Path]:
    from gongzhi.scenarios import loader

    return loader._root


# -- the ten kinds of fault -----------------------------------------------------------------------------

_NO_KINDS: Files = {
    "kinds.toml": "",
    "sayings.jsonl": "",
    "strings/zh-hant.toml": f'"greeting" = {{ text = "你好", of = "{text_hash("你好")}" }}',
}
BAD: dict[str, tuple[Files, str, str, str]] = {
    # kind: what is different in the pack, then file, entry and words of the reason
    "bad_toml": ({"sayings.jsonl": "{broken"}, "sayings.jsonl", "line 1", "is not JSON"),
    "unknown_key": (
        {"sayings.jsonl": '{"text": "一", "kind": "roads", "colour": "red"}'},
        "sayings.jsonl",
        "line 1",
        "unknown key “colour”",
    ),
    "bad_value": (
        {"kinds.toml": str(BASE["kinds.toml"]).replace("50", '"wide"'), "sayings.jsonl": ""},
        "kinds.toml",
        "roads.holes",
        "“radius_m”",
    ),
    "duplicate_key": (
        {"kinds.toml": str(BASE["kinds.toml"]) + '[[kind]]\nkey = "roads"\n'},
        "kinds.toml",
        "roads",
        "stands in base/kinds.toml already",
    ),
    "dead_link": (
        {"sayings.jsonl": '{"text": "一", "kind": "rodes"}'},
        "sayings.jsonl",
        "line 1",
        "kind = “rodes” names no kind",
    ),
    "missing_string": (
        {"strings/en.toml": "", "strings/zh-hans.toml": '"greeting" = "你好"', **_NO_KINDS},
        "strings/en.toml",
        "greeting",
        "is missing",
    ),
    "stale_translation": (
        {"strings/en.toml": str(BASE["strings/en.toml"]).replace(text_hash("道路"), "00000000")},
        "strings/en.toml",
        "kind.roads",
        f'write of = "{text_hash("道路")}"',
    ),
    "missing_pack": (
        {"pack.toml": str(BASE["pack.toml"]) + 'needs = ["town"]\n'},
        "pack.toml",
        "needs",
        "“town” is not there",
    ),
    "code_in_pack": ({"setup.py": "print()"}, "setup.py", "", "not data"),
    "circle": (
        {"pack.toml": str(BASE["pack.toml"]) + 'needs = ["base"]\n'},
        "pack.toml",
        "needs",
        "leads back to itself: base needs base",
    ),
}


def test_every_kind_of_fault_has_its_test() -> None:
    assert set(BAD) == set(FAULT_KINDS)


@pytest.mark.parametrize("kind", sorted(BAD))
def test_a_fault_is_named_with_pack_file_entry_and_reason(kind: str, tmp_path: Path) -> None:
    files, file, entry, reason = BAD[kind]
    fault = only_fault(tmp_path, files)
    assert (fault.kind, fault.pack, fault.file, fault.entry) == (kind, "base", file, entry)
    assert reason in fault.reason
    assert str(fault).startswith(f"base/{file}")


def test_toml_that_cannot_be_read_is_named_with_its_line(tmp_path: Path) -> None:
    write(tmp_path, "base", BASE | {"kinds.toml": "[[kind]\n"})
    found = [f for f in faults_of(tmp_path, "base") if f.kind == "bad_toml"]
    assert [(f.pack, f.file) for f in found] == [("base", "kinds.toml")]
    assert "line 1" in found[0].reason


def test_a_circle_in_a_tree_names_each_entry_on_it(tmp_path: Path) -> None:
    ring = (
        '[[kind]]\nkey = "roads"\nparent = "roads.holes"\n\n[[kind]]\nkey = "roads.holes"\nparent = "roads"\n'
    )
    write(tmp_path, "base", BASE | {"kinds.toml": ring})
    found = faults_of(tmp_path, "base")
    assert [(f.kind, f.entry) for f in found] == [("circle", "roads"), ("circle", "roads.holes")]


def test_packs_that_need_each_other_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "base", BASE | {"pack.toml": 'key = "base"\nversion = "1"\nneeds = ["town"]\n'})
    write(tmp_path, "town", TOWN)
    assert [(f.kind, f.pack) for f in faults_of(tmp_path, "base")] == [("circle", "town")]


def test_a_string_that_an_entry_needs_is_missed_in_each_language(tmp_path: Path) -> None:
    write(tmp_path, "base", BASE | {"kinds.toml": str(BASE["kinds.toml"]) + '[[kind]]\nkey = "light"\n'})
    found = faults_of(tmp_path, "base")
    assert {(f.kind, f.file, f.entry) for f in found} == {
        ("missing_string", f"strings/{lang}.toml", "kind.light") for lang in LANGUAGES
    }


def test_a_translation_without_its_source_is_refused(tmp_path: Path) -> None:
    more = str(BASE["strings/en.toml"]) + '"kind.light" = { text = "light", of = "00000000" }\n'
    fault = only_fault(tmp_path, {"strings/en.toml": more})
    assert (fault.kind, fault.file, fault.entry) == ("unknown_key", "strings/en.toml", "kind.light")


# -- all at once, and what nobody expects ---------------------------------------------------------------


def test_all_faults_of_all_packs_are_named_at_once(tmp_path: Path) -> None:
    write(tmp_path, "base", BASE | {"sayings.jsonl": '{"text": "一", "kind": "rodes"}', "run.sh": "true"})
    write(tmp_path, "town", TOWN | {"kinds.toml": '[[kind]]\nkey = "noise"\nloud = true\n'})
    with pytest.raises(PackError) as caught:
        load_packs(tmp_path, ["town", "village"])
    found = {(f.kind, f.pack, f.file) for f in caught.value.faults}
    assert found == {
        ("code_in_pack", "base", "run.sh"),
        ("dead_link", "base", "sayings.jsonl"),
        ("unknown_key", "town", "kinds.toml"),
        ("missing_pack", "village", "pack.toml"),
    }
    assert len(str(caught.value).splitlines()) == len(found)


@pytest.mark.parametrize("name", ["../base", "base/../base", "/base", "BASE", ""])
def test_a_pack_is_named_by_its_folder_never_by_a_path(name: str, tmp_path: Path) -> None:
    write(tmp_path, "base", BASE)
    assert [f.kind for f in faults_of(tmp_path / "packs", name)] == ["missing_pack"]
    assert [f.kind for f in faults_of(tmp_path, name)] == ["missing_pack"]


@pytest.mark.parametrize(
    ("files", "kind", "file"),
    [
        ({"pack.toml": 'key = "other"\nversion = "1"\n'}, "bad_value", "pack.toml"),
        ({"pack.toml": 'key = "base"\nversion = "1"\ncolour = "red"\n'}, "unknown_key", "pack.toml"),
        ({"kind.toml": ""}, "unknown_key", "kind.toml"),
        ({"strings/fr.toml": ""}, "unknown_key", "strings/fr.toml"),
        ({"more/strings/en.toml": ""}, "unknown_key", "more/strings/en.toml"),
        ({"sayings.jsonl": b"\xff\xfe"}, "bad_toml", "sayings.jsonl"),
        ({"sayings.jsonl": "[" * 100_000}, "bad_toml", "sayings.jsonl"),
        ({"mappings/a.toml": "a = " + "[" * 5_000}, "bad_toml", "mappings/a.toml"),
        ({"mappings/a.toml": "mapping = 3"}, "bad_value", "mappings/a.toml"),
        ({"mappings/a.toml": '[mapping]\nkey = "a"'}, "bad_value", "mappings/a.toml"),
        ({"mappings/a.toml": "mapping = [3]"}, "bad_value", "mappings/a.toml"),
        ({"mappings/a.toml": "[[maping]]"}, "unknown_key", "mappings/a.toml"),
    ],
)
def test_an_odd_file_is_a_fault_and_never_a_crash(files: Files, kind: str, file: str, tmp_path: Path) -> None:
    fault = only_fault(tmp_path, files)
    assert (fault.kind, fault.file) == (kind, file)


def test_an_empty_head_says_what_it_lacks(tmp_path: Path) -> None:
    write(tmp_path, "base", BASE | {"pack.toml": ""})
    found = faults_of(tmp_path, "base")
    assert {f.kind for f in found} == {"bad_value"}
    assert [f.reason.split(":")[0] for f in found] == ["“key”", "“version”"]


def test_a_link_out_of_the_pack_is_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.toml"
    secret.write_text('[[mapping]]\nkey = "secret"\n')
    folder = write(tmp_path, "base", BASE)
    (folder / "mappings").mkdir()
    (folder / "mappings" / "a.toml").symlink_to(secret)
    found = faults_of(tmp_path, "base")
    assert [(f.kind, f.file) for f in found] == [("code_in_pack", "mappings/a.toml")]


def test_a_folder_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    write(tmp_path, "outside", {"a.toml": '[[mapping]]\nkey = "a"\n'})
    folder = write(tmp_path, "base", BASE)
    (folder / "mappings").symlink_to(tmp_path / "outside")
    assert [(f.kind, f.file) for f in faults_of(tmp_path, "base")] == [("code_in_pack", "mappings")]


def test_a_pipe_in_a_pack_does_not_make_the_loader_wait(tmp_path: Path) -> None:
    folder = write(tmp_path, "base", BASE)
    (folder / "mappings").mkdir()
    os.mkfifo(folder / "mappings" / "a.toml")
    assert [(f.kind, f.file) for f in faults_of(tmp_path, "base")] == [("code_in_pack", "mappings/a.toml")]


def test_a_huge_file_is_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_FILE", 1_000)
    fault = only_fault(tmp_path, {"notes.md": "x" * 1_001})
    assert (fault.kind, fault.file) == ("bad_value", "notes.md")
    assert "larger than" in fault.reason


def test_a_program_among_the_data_is_refused_by_its_mode(tmp_path: Path) -> None:
    folder = write(tmp_path, "base", BASE)
    (folder / "kinds.toml").chmod(0o755)
    assert [(f.kind, f.file) for f in faults_of(tmp_path, "base")] == [("code_in_pack", "kinds.toml")]


def test_two_apps_cannot_read_the_same_file() -> None:
    with pytest.raises(TypeError, match="kinds.toml is read by two apps"):
        register_section(Section("kinds.toml", "kind", Saying))
