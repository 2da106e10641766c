"""The office's tree of categories, as its packs say it, with labels in each language."""

from collections.abc import Iterator
from functools import lru_cache

from django.utils.translation import gettext

from gongzhi.apps.places.public import Jurisdiction
from gongzhi.apps.understanding.pack import CategoryEntry
from gongzhi.apps.understanding.rules import UNCLEAR
from gongzhi.scenarios.loader import scenario_for
from gongzhi.scenarios.model import SOURCE_LANGUAGE, Scenario


class CategoryTree:
    """All categories of an office in the order of its packs."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._entries: dict[str, CategoryEntry] = {e.key: e for e in scenario.entries("categories.toml")}
        current = {key: e for key, e in self._entries.items() if not e.retired}
        parents = {e.parent for e in current.values() if e.parent}
        self._leaves = tuple(key for key in current if key not in parents)
        self.predicted = frozenset(k for k, e in current.items() if e.predicted and k != UNCLEAR)
        self._current = frozenset(current)

    def __contains__(self, key: object) -> bool:
        return key in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def keys(self) -> tuple[str, ...]:
        """All keys, parents before their children where the packs say so."""
        return tuple(self._entries)

    def leaves(self) -> tuple[str, ...]:
        """The keys that have no children: what a report can be about. Retired ones are not among them."""
        return self._leaves

    def is_current(self, key: str) -> bool:
        """Whether the category may be chosen: the packs know it and have not retired it."""
        return key in self._current

    def current(self, key: str) -> str | None:
        """The category itself, or what is chosen instead of a retired one; None where nothing is."""
        found = self._entries.get(key)
        while found is not None and found.retired:
            found = self._entries.get(found.successor or "")
        return found.key if found is not None else None

    def retired(self) -> tuple[str, ...]:
        """The categories that old cases may still have: retired ones, and those of which the packs keep the words."""
        words = self._scenario.strings(SOURCE_LANGUAGE)
        said = (key.removeprefix("category.") for key in words if key.startswith("category."))
        gone = [k for k in said if k not in self._entries and not k.endswith(".help")]
        return (*(key for key, e in self._entries.items() if e.retired), *gone)

    def entry(self, key: str) -> CategoryEntry | None:
        """What the packs say of a category; None for an unknown one."""
        return self._entries.get(key)

    def parent(self, key: str) -> str | None:
        """The key above, or None."""
        found = self._entries.get(key)
        return found.parent if found else None

    def label(self, key: str, lang: str) -> str:
        """The category in words, also one that was retired; where the packs have no words left, so it says."""
        name = f"category.{key}"
        words = self._scenario.words(name, lang)
        return words if words != name else gettext("a category no longer in use")

    def help(self, key: str, lang: str) -> str:
        """What belongs to the category, in a sentence."""
        return self._scenario.words(f"category.{key}.help", lang) if key in self._entries else ""

    def grouped(self, lang: str) -> list[tuple[str, list[tuple[str, str]]]]:
        """(parent's words, [(key, words) of its leaves]) for a choice field."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for key in self._leaves:
            groups.setdefault(self.label(self.parent(key) or key, lang), []).append(
                (key, self.label(key, lang))
            )
        return list(groups.items())

    def radius_m(self, key: str) -> int:
        """How far apart two reports of one matter may lie, in metres."""
        found = self._entries.get(key)
        return found.duplicate_radius_m if found else 300

    def is_sensitive(self, key: str) -> bool:
        """Whether a person must look before anything happens."""
        found = self._entries.get(key)
        return bool(found and found.sensitive)


@lru_cache(maxsize=32)
def _tree(packs: tuple[str, ...], digest: str) -> CategoryTree:
    return CategoryTree(scenario_for(packs))


def categories(jurisdiction: Jurisdiction) -> CategoryTree:
    """The office's categories."""
    packs = tuple(jurisdiction.packs)
    return _tree(packs, scenario_for(packs).digest)
