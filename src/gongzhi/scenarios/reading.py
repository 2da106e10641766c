"""Reads the files of one pack as they are: parsed, typed, each fault noted with its file and entry."""

import hashlib
import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, ValidationError

from gongzhi.scenarios.model import Entry, Fault, PackHead, Section, registered_sections

DATA_SUFFIXES: Final = {".toml", ".jsonl", ".geojson", ".csv", ".md", ".txt"}
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
    digest = hashlib.sha256()
    known = {"pack.toml"}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = path.relative_to(folder).as_posix()
        if path.suffix not in DATA_SUFFIXES or path.stat().st_mode & 0o111:
            pack.fault("code_in_pack", name, "", "a pack holds data only; this file is not data")
        digest.update(name.encode())
        digest.update(path.read_bytes())
    pack.digest = digest.hexdigest()
    _read_head(pack, folder)
    for section in registered_sections():
        for path in sorted(folder.glob(section.file)):
            known.add(path.relative_to(folder).as_posix())
            _read_section(pack, folder, path, section)
    _read_strings(pack, folder)
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if (
            path.is_file()
            and path.suffix in {".toml", ".jsonl"}
            and name not in known
            and "strings/" not in name
        ):
            pack.fault("unknown_key", name, "", "nothing reads a file of this name; is it misspelt?")
    return pack


def _parse(pack: RawPack, folder: Path, path: Path) -> dict[str, Any]:
    name = path.relative_to(folder).as_posix()
    try:
        if path.stat().st_size > MAX_FILE:
            pack.fault("bad_value", name, "", "the file is larger than 10 MB")
            return {}
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        pack.fault("bad_toml", name, "", f"cannot be read: {error}")
        return {}


def _read_head(pack: RawPack, folder: Path) -> None:
    data = _parse(pack, folder, folder / "pack.toml")
    if not data:
        return
    try:
        pack.head = PackHead.model_validate(data)
    except ValidationError as error:
        _note(pack, "pack.toml", "", error)
        return
    if pack.head.key != folder.name:
        pack.fault("bad_value", "pack.toml", "key", f"the key “{pack.head.key}” is not the folder's name")


def _note(pack: RawPack, file: str, entry: str, error: ValidationError) -> None:
    for problem in error.errors():
        where = ".".join(str(part) for part in problem["loc"])
        kind = "unknown_key" if problem["type"] == "extra_forbidden" else "bad_value"
        reason = f"unknown key “{where}”" if kind == "unknown_key" else f"“{where}”: {problem['msg']}"
        pack.fault(kind, file, entry, reason)


def _raw_entries(pack: RawPack, folder: Path, path: Path, section: Section) -> Iterator[tuple[str, Any]]:
    name = path.relative_to(folder).as_posix()
    if path.suffix == ".jsonl":
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if line.strip():
                try:
                    yield f"line {number}", json.loads(line)
                except json.JSONDecodeError as error:
                    pack.fault("bad_toml", name, f"line {number}", f"is not JSON: {error}")
        return
    data = _parse(pack, folder, path)
    for key in data.keys() - {section.entry}:
        pack.fault("unknown_key", name, key, f"unknown table “{key}”; entries are called [[{section.entry}]]")
    for number, value in enumerate(data.get(section.entry, []), 1):
        label = value.get(section.unique or "", "") if isinstance(value, dict) else ""
        yield str(label or f"entry {number}"), value


def _read_section(pack: RawPack, folder: Path, path: Path, section: Section) -> None:
    file = path.relative_to(folder).as_posix()
    found = pack.entries.setdefault(section.file, [])
    for name, value in _raw_entries(pack, folder, path, section):
        try:
            found.append(Placed(file, name, section.model.model_validate(value)))
        except ValidationError as error:
            _note(pack, file, name, error)


def _read_strings(pack: RawPack, folder: Path) -> None:
    for path in sorted((folder / "strings").glob("*.toml")):
        file = path.relative_to(folder).as_posix()
        strings: dict[str, PackString] = {}
        for key, value in _parse(pack, folder, path).items():
            try:
                plain = {"text": value} if isinstance(value, str) else value
                strings[key] = PackString.model_validate(plain)
            except ValidationError as error:
                _note(pack, file, key, error)
        pack.strings[path.stem] = strings
