"""Reads the files of one pack as they are: parsed, typed, each fault noted with its file and entry."""

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, ValidationError

from gongzhi.scenarios.model import LANGUAGES, Entry, Fault, PackHead, Section, registered_sections

DATA_SUFFIXES: Final = {".toml", ".jsonl", ".geojson", ".csv", ".md", ".txt"}
READ_SUFFIXES: Final = (".toml", ".jsonl")
MAX_FILE: Final = 10 * 1024 * 1024


class PackString(BaseModel):
    """One string: its words and, in a translation, the hash of the source text it was made from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str
    of: str = ""


@dataclass(frozen=True)
class Placed:
    """An entry and where it stands."""

    file: str
    name: str
    value: Entry


@dataclass
class RawPack:
    """One pack as read: entries by section, strings by language, faults so far."""

    name: str
    head: PackHead | None = None
    entries: dict[str, list[Placed]] = field(default_factory=dict)
    strings: dict[str, dict[str, PackString]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    digest: str = ""

    def fault(self, kind: str, file: str, entry: str, reason: str) -> None:
        """Note something wrong."""
        self.faults.append(Fault(kind, self.name, file, entry, reason))


def read_pack(folder: Path) -> RawPack:
    """Read a pack's folder. Never raises for what is in the files: faults are noted."""
    pack = RawPack(folder.name)
    files = _read_files(pack, folder)
    _read_head(pack, files)
    unread = {name for name in files if name.endswith(READ_SUFFIXES)} - {"pack.toml"}
    for section in registered_sections():
        for path in sorted(folder.glob(section.file)):
            name = path.relative_to(folder).as_posix()
            if name in files:
                _read_section(pack, name, files[name], section)
                unread.discard(name)
    for lang in LANGUAGES:
        name = f"strings/{lang}.toml"
        if name in files:
            pack.strings[lang] = _read_strings(pack, name, files[name])
            unread.discard(name)
    for name in sorted(unread):
        pack.fault("unknown_key", name, "", "nothing reads a file of this name; is it misspelt?")
    return pack


def _read_files(pack: RawPack, folder: Path) -> dict[str, bytes]:
    """The content of each file by its name in the pack, read once; what is no plain file of data is noted."""
    found: dict[str, bytes] = {}
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_dir() and not path.is_symlink():
            continue
        if path.is_symlink() or not path.is_file():
            pack.fault(
                "code_in_pack", name, "", "a pack holds its own plain files; this is a link or a device"
            )
            continue
        if path.suffix not in DATA_SUFFIXES or path.stat().st_mode & 0o111:
            pack.fault("code_in_pack", name, "", "a pack holds data only; this file is not data")
        if path.stat().st_size > MAX_FILE:
            pack.fault("bad_value", name, "", "the file is larger than 10 MB")
            continue
        found[name] = path.read_bytes()
        digest.update(f"{name}\0{len(found[name])}\0".encode())
        digest.update(found[name])
    pack.digest = digest.hexdigest()
    return found


def _text(pack: RawPack, name: str, content: bytes) -> str | None:
    try:
        return content.decode("utf-8-sig")  # some editors put a mark before the text
    except UnicodeDecodeError as error:
        pack.fault("bad_toml", name, "", f"is not UTF-8: {error.reason} at byte {error.start}")
        return None


def _parse(pack: RawPack, name: str, content: bytes) -> dict[str, Any] | None:
    text = _text(pack, name, content)
    if text is None:
        return None
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        pack.fault("bad_toml", name, "", f"cannot be read: {error}")
        return None


def _read_head(pack: RawPack, files: Mapping[str, bytes]) -> None:
    data = _parse(pack, "pack.toml", files["pack.toml"]) if "pack.toml" in files else None
    if data is None:
        return
    try:
        pack.head = PackHead.model_validate(data)
    except ValidationError as error:
        _note(pack, "pack.toml", "", error)
        return
    if pack.head.key != pack.name:
        pack.fault("bad_value", "pack.toml", "key", f"the key “{pack.head.key}” is not the folder's name")


def _note(pack: RawPack, file: str, entry: str, error: ValidationError) -> None:
    for problem in error.errors():
        where = ".".join(str(part) for part in problem["loc"])
        kind = "unknown_key" if problem["type"] == "extra_forbidden" else "bad_value"
        reason = f"unknown key “{where}”" if kind == "unknown_key" else f"“{where}”: {problem['msg']}"
        pack.fault(kind, file, entry, reason)


def _lines(pack: RawPack, name: str, content: bytes) -> Iterator[tuple[str, Any]]:
    for number, line in enumerate((_text(pack, name, content) or "").splitlines(), 1):
        if line.strip():
            try:
                yield f"line {number}", json.loads(line)
            except (json.JSONDecodeError, RecursionError) as error:
                pack.fault("bad_toml", name, f"line {number}", f"is not JSON: {error}")


def _tables(pack: RawPack, name: str, content: bytes, section: Section) -> Iterator[tuple[str, Any]]:
    data = _parse(pack, name, content) or {}
    for key in sorted(data.keys() - {section.entry}):
        pack.fault("unknown_key", name, key, f"unknown table “{key}”; entries are called [[{section.entry}]]")
    rows = data.get(section.entry, [])
    if not isinstance(rows, list):
        pack.fault(
            "bad_value", name, section.entry, f"is no list; write [[{section.entry}]] above each entry"
        )
        return
    for number, value in enumerate(rows, 1):
        label = value.get(section.unique or "", "") if isinstance(value, dict) else ""
        yield str(label or f"entry {number}"), value


def _read_section(pack: RawPack, file: str, content: bytes, section: Section) -> None:
    found = pack.entries.setdefault(section.file, [])
    rows = _lines(pack, file, content) if file.endswith(".jsonl") else _tables(pack, file, content, section)
    for name, value in rows:
        try:
            found.append(Placed(file, name, section.model.model_validate(value)))
        except ValidationError as error:
            _note(pack, file, name, error)


def _read_strings(pack: RawPack, file: str, content: bytes) -> dict[str, PackString]:
    strings: dict[str, PackString] = {}
    for key, value in (_parse(pack, file, content) or {}).items():
        try:
            plain = {"text": value} if isinstance(value, str) else value
            strings[key] = PackString.model_validate(plain)
        except ValidationError as error:
            _note(pack, file, key, error)
    return strings
