"""The office's categories as the choice fields of staff show them."""

from dataclasses import dataclass

from gongzhi.apps.places.public import Jurisdiction
from gongzhi.apps.understanding import public as understanding


@dataclass(frozen=True)
class CategoryGroup:
    """A first-level category and what a case below it can be about: (key, words)."""

    key: str
    name: str
    children: tuple[tuple[str, str], ...]


def category_groups(
    jurisdiction: Jurisdiction, lang: str, *, with_retired: bool = False
) -> list[CategoryGroup]:
    """All categories of the office by their first level, in the order of its packs; retired ones to search for."""
    tree = understanding.categories(jurisdiction)
    groups: dict[str, list[tuple[str, str]]] = {}
    for key in (*tree.leaves(), *(tree.retired() if with_retired else ())):
        groups.setdefault(key.split(".")[0], []).append((key, tree.label(key, lang)))
    return [CategoryGroup(key, tree.label(key, lang), tuple(found)) for key, found in groups.items()]
