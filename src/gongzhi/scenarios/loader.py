"""Reads packs from their folders into one scenario. A pack with any fault is refused with all its faults named."""

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

from gongzhi.scenarios import checker
from gongzhi.scenarios.model import LANGUAGES, PACK_NAME, Entry, Fault, PackError, PackHead, Scenario
from gongzhi.scenarios.reading import RawPack, read_pack

_root: list[Path] = []
DEFAULT_ROOT: Final = Path(__file__).resolve().parents[3] / "packs"


def set_packs_root(root: Path) -> None:
    """Say where the packs lie; the settings do it once when the process starts."""
    _root[:] = [root]
    scenario_for.cache_clear()


@lru_cache(maxsize=32)
def scenario_for(names: tuple[str, ...]) -> Scenario:
    """The scenario of these packs from the installation's folder, kept for the life of the process."""
    return load_packs(_root[0] if _root else DEFAULT_ROOT, names)


def load_packs(root: Path, names: Sequence[str]) -> Scenario:
    """Load packs and those they need. Raises PackError naming every fault of every pack."""
    raw, faults = _collect(root, names)
    faults += checker.check(raw)
    if faults:
        raise PackError(faults)
    return _join(raw)


def _collect(root: Path, names: Sequence[str]) -> tuple[list[RawPack], list[Fault]]:
    found: dict[str, RawPack] = {}
    faults: list[Fault] = []

    def add(name: str, line: tuple[str, ...]) -> None:
        if name in found:
            return
        if name in line:
            reason = f"leads back to itself: {' needs '.join((*line[line.index(name) :], name))}"
            faults.append(Fault("circle", line[-1], "pack.toml", "needs", reason))
            return
        if not PACK_NAME.fullmatch(name) or not (root / name / "pack.toml").is_file():
            faults.append(_missing(name, line))
            return
        pack = read_pack(root / name)
        faults.extend(pack.faults)
        for needed in pack.head.needs if pack.head else ():
            add(needed, (*line, name))
        found[name] = pack

    for name in names:
        add(name, ())
    return list(found.values()), faults


def _missing(name: str, line: Sequence[str]) -> Fault:
    if line:
        return Fault("missing_pack", line[-1], "pack.toml", "needs", f"the pack “{name}” is not there")
    return Fault("missing_pack", name, "pack.toml", "", "the office wants this pack, and it is not there")


def _join(raw: Sequence[RawPack]) -> Scenario:
    sections: dict[str, list[tuple[str, Entry]]] = {}
    texts: dict[str, dict[str, str]] = {lang: {} for lang in LANGUAGES}
    heads: list[PackHead] = []
    digest = hashlib.sha256()
    for pack in raw:
        if pack.head is not None:
            heads.append(pack.head)
        digest.update(pack.digest.encode())
        for file, entries in pack.entries.items():
            sections.setdefault(file, []).extend((pack.name, entry.value) for entry in entries)
        for lang, strings in pack.strings.items():
            texts.setdefault(lang, {}).update({key: string.text for key, string in strings.items()})
    frozen = {file: tuple(entries) for file, entries in sections.items()}
    return Scenario(tuple(heads), frozen, texts, digest.hexdigest())
