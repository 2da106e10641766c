"""What a pack is made of: its head, the sections that apps have registered, its words."""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ConfigDict

from gongzhi.kernel.errors import GongzhiError

LANGUAGES: Final = ("zh-hans", "zh-hant", "en")
SOURCE_LANGUAGE: Final = "zh-hans"
PACK_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")  # a folder's name, never a path


class PackHead(BaseModel):
    """`pack.toml`: who the pack is and what it stands on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str
    version: str
    needs: list[str] = []
    languages: list[str] = list(LANGUAGES)
    licence: str = ""


class Entry(BaseModel):
    """The base of all section entries: unknown keys are refused, entries never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True)
class Link:
    """That a field of an entry names an entry of a section: `parent` names a `category`."""

    field: str
    section: str
    is_tree: bool = False  # following it from entry to entry must come to an end


@dataclass(frozen=True)
class Section:
    """One kind of file in a pack: which model its entries have, which words and links they need.

    `file` is a name such as `categories.toml`, or a folder pattern such as `mappings/*.toml`. TOML files hold
    a list of tables called `entry`; `.jsonl` files one object a line.
    """

    file: str
    entry: str
    model: type[Entry]
    links: tuple[Link, ...] = ()
    words: Callable[[Any], Iterable[str]] = lambda _entry: ()
    unique: str | None = "key"


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a pack: where it stands and what is wrong."""

    kind: str
    pack: str
    file: str
    entry: str
    reason: str

    def __str__(self) -> str:
        where = f"{self.pack}/{self.file}" + (f" [{self.entry}]" if self.entry else "")
        return f"{where}: {self.reason} ({self.kind})"


class PackError(GongzhiError):
    """Packs that cannot be used; `faults` names every one, and so do its words, a line each."""

    hint = _("Mend the line it names.")

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


@dataclass(frozen=True)
class Scenario:
    """Several packs as one: entries by file, words by language."""

    packs: tuple[PackHead, ...]
    sections: Mapping[str, tuple[tuple[str, Entry], ...]]
    texts: Mapping[str, Mapping[str, str]] = field(repr=False)
    digest: str = ""

    def entries(self, file: str) -> list[Any]:
        """The entries of a section from all packs, in the order of the packs."""
        return [entry for _, entry in self.sections.get(file, ())]

    def strings(self, lang: str) -> Mapping[str, str]:
        """All words in one language."""
        return self.texts.get(lang, {})

    def words(self, key: str, lang: str) -> str:
        """The words for a key; in the source language where `lang` has none, the key itself where none has."""
        return self.texts.get(lang, {}).get(key) or self.texts.get(SOURCE_LANGUAGE, {}).get(key) or key


_sections: dict[str, Section] = {}


def register_section(section: Section) -> Section:
    """Let packs have this kind of file. TypeError where another app has registered the same."""
    known = _sections.get(section.file)
    if known is not None and known.model is not section.model:
        raise TypeError(f"{section.file} is read by two apps")
    _sections[section.file] = section
    return section


def registered_sections() -> tuple[Section, ...]:
    """All kinds of file that apps read, by name."""
    return tuple(_sections[name] for name in sorted(_sections))


def text_hash(text: str) -> str:
    """The short hash by which a translation says of which source text it is: 8 hex digits."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]
