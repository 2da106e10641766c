"""The office's tree of categories, as its packs say it, with labels in each language."""

from collections.abc import Iterator
from functools import lru_cache

from gongzhi.apps.places.public import Jurisdiction
from gongzhi.apps.understanding.pack import CategoryEntry
from gongzhi.apps.understanding.rules import UNCLEAR
from gongzhi.scenarios.loader import scenario_for
from gongzhi.scenarios.model import Scenario


class CategoryTree:
    """All categories of an office in the order of its packs."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._entries: dict[str, CategoryEntry] = {e.key: e for e in scenario.entries("categories.toml")}
        parents = {e.parent for e in self._entries.values() if e.parent}
        self._leaves = tuple(key for key in self._entries if key not in parents)
        self.predicted = frozenset(k for k, e in self._entries.items() if e.predicted and k != UNCLEAR)

    def __contains__(self, key: object) -> bool:
        return key in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def keys(self) -> tuple[str, ...]:
        """All keys, parents before their children where the packs say so."""
        return tuple(self._entries)

    def leaves(self) -> tuple[str, ...]:
        """The keys that have no children: what a report is about."""
        return self._leaves

    def entry(self, key: str) -> CategoryEntry | None:
        """What the packs say of a category; None for an unknown one."""
        return self._entries.get(key)

    def parent(self, key: str) -> str | None:
        """The key above, or None."""
        found = self._entries.get(key)
        return found.parent if found else None

    def label(self, key: str, lang: str) -> str:
        """The category in words; the key itself where the packs do not know it."""
        return self._scenario.words(f"category.{key}", lang) if key in self._entries else key

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
