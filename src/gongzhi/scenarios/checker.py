"""Checks packs together: words complete and fresh, links leading somewhere, keys unique, no circles in trees."""

from collections.abc import Iterator, Sequence
from typing import Final

from gongzhi.scenarios.model import (
    LANGUAGES,
    SOURCE_LANGUAGE,
    Fault,
    Link,
    Section,
    registered_sections,
    text_hash,
)
from gongzhi.scenarios.reading import Placed, RawPack

FAULT_KINDS: Final = (
    "unknown_key", "bad_value", "bad_toml", "missing_string", "stale_translation", "duplicate_key", "dead_link",
    "circle", "code_in_pack", "missing_pack",
)  # fmt: skip


def check(packs: Sequence[RawPack]) -> list[Fault]:
    """All faults that show only when the packs are seen together."""
    faults: list[Fault] = []
    for section in registered_sections():
        placed = [(pack, entry) for pack in packs for entry in pack.entries.get(section.file, [])]
        faults += _duplicates(section, placed)
        for link in section.links:
            faults += _dead_links(packs, section, link, placed)
            if link.is_tree:
                faults += _circles(section, link, placed)
        faults += _missing_words(packs, section, placed)
    for pack in packs:
        faults += _translations(pack)
    return faults


def _duplicates(section: Section, placed: Sequence[tuple[RawPack, Placed]]) -> Iterator[Fault]:
    if section.unique is None:
        return
    seen: dict[str, str] = {}
    for pack, entry in placed:
        key = str(getattr(entry.value, section.unique))
        if key in seen:
            yield Fault("duplicate_key", pack.name, entry.file, key, f"“{key}” stands in {seen[key]} already")
        seen.setdefault(key, f"{pack.name}/{entry.file}")


def _keys(packs: Sequence[RawPack], entry_name: str) -> set[str]:
    return {
        str(getattr(entry.value, section.unique))
        for section in registered_sections()
        if section.entry == entry_name and section.unique is not None
        for pack in packs
        for entry in pack.entries.get(section.file, [])
    }


def _dead_links(
    packs: Sequence[RawPack], section: Section, link: Link, placed: Sequence[tuple[RawPack, Placed]]
) -> Iterator[Fault]:
    known = _keys(packs, link.section)
    for pack, entry in placed:
        value = getattr(entry.value, link.field)
        for target in value if isinstance(value, list | tuple) else [value]:
            if target and str(target) not in known:
                reason = f"{link.field} = “{target}” names no {link.section}"
                yield Fault("dead_link", pack.name, entry.file, entry.name, reason)


def _circles(section: Section, link: Link, placed: Sequence[tuple[RawPack, Placed]]) -> Iterator[Fault]:
    if section.unique is None:
        return
    above = {str(getattr(e.value, section.unique)): getattr(e.value, link.field) for _, e in placed}
    for pack, entry in placed:
        key = str(getattr(entry.value, section.unique))
        line, current = {key}, above.get(key)
        while current and current not in line:
            line.add(str(current))
            current = above.get(str(current))
        if current == key:
            yield Fault("circle", pack.name, entry.file, key, f"{link.field} leads back to itself")


def _missing_words(
    packs: Sequence[RawPack], section: Section, placed: Sequence[tuple[RawPack, Placed]]
) -> Iterator[Fault]:
    for lang in LANGUAGES:
        known = {key for pack in packs for key in pack.strings.get(lang, {})}
        for pack, entry in placed:
            for key in section.words(entry.value):
                if key not in known:
                    reason = f"the string “{key}” is missing"
                    yield Fault("missing_string", pack.name, f"strings/{lang}.toml", key, reason)


def _translations(pack: RawPack) -> Iterator[Fault]:
    source = pack.strings.get(SOURCE_LANGUAGE, {})
    for lang in LANGUAGES:
        file = f"strings/{lang}.toml"
        strings = pack.strings.get(lang, {})
        for key in sorted(source.keys() - strings.keys()):
            yield Fault("missing_string", pack.name, file, key, f"the string “{key}” is missing")
        for key in sorted(strings.keys() - source.keys()):
            yield Fault("unknown_key", pack.name, file, key, f"{SOURCE_LANGUAGE} has no string “{key}”")
        if lang == SOURCE_LANGUAGE:
            continue
        for key in sorted(source.keys() & strings.keys()):
            fresh = text_hash(source[key].text)
            if strings[key].of != fresh:
                reason = f'the source text has changed; check the translation, then write of = "{fresh}"'
                yield Fault("stale_translation", pack.name, file, key, reason)
