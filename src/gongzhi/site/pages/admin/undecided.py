"""What names things that are no longer there: lines, units and roles of ended areas, lines of retired categories."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from gongzhi.apps.actors import public as actors
from gongzhi.apps.actors.public import Grant, Unit
from gongzhi.apps.dispatch.public import PowerItem
from gongzhi.apps.places.public import Area, Jurisdiction, areas_after, has_ended, local_day
from gongzhi.apps.understanding.public import CategoryTree, categories


@dataclass(frozen=True)
class UndecidedLine:
    """A line of the power list that leads nowhere any more: why, and the areas for which it can be copied."""

    item: PowerItem
    why: str
    copy_to: Sequence[Area] = ()


def undecided_lines(jurisdiction: Jurisdiction, items: Sequence[PowerItem], day: date) -> list[UndecidedLine]:
    """The lines without an end whose area has ended, whose category is retired or whose unit is closed."""
    tree = categories(jurisdiction)
    following: dict[int, list[Area]] = {}
    found = []
    for item in items:
        if item.valid_to is not None:
            continue
        if item.area is not None and has_ended(item.area, day):
            after = following.setdefault(item.area.pk, areas_after(item.area))
            found.append(UndecidedLine(item, _("Its area has ended."), after))
        elif not tree.is_current(item.category):
            found.append(UndecidedLine(item, _retired(tree, item.category)))
        elif not item.lead_unit.active:
            found.append(UndecidedLine(item, _("Its unit is closed.")))
    return found


def _retired(tree: CategoryTree, category: str) -> str:
    instead = tree.current(category)
    if instead is None:
        return _("Its category is no longer in use.")
    name = tree.label(instead, get_language() or "zh-hans")
    return _("Its category is no longer in use; instead there is “%(category)s”.") % {"category": name}


def units_in_ended_areas(jurisdiction: Jurisdiction, day: date) -> list[Unit]:
    """The units at work that are said to work in an area that has ended."""
    rows = actors.units(jurisdiction).filter(areas__valid_to__lt=day).distinct()
    return list(rows)


def roles_in_ended_areas(jurisdiction: Jurisdiction, at: datetime) -> list[Grant]:
    """The roles that hold for an area that has ended: they no longer reach what happens on its ground."""
    return list(actors.grants(jurisdiction, at).filter(area__valid_to__lt=local_day(jurisdiction, at)))


def gap_words(lines: int, units: int, roles: int) -> list[tuple[str, str]]:
    """What is undecided, each in a sentence with the name of the page where it is decided."""
    said = [
        (lines, "setup_power", ngettext(
            "%(n)d line of the power list names an area, a category or a unit that is no longer there.",
            "%(n)d lines of the power list name an area, a category or a unit that is no longer there.",
            lines,
        )),
        (units, "setup_units", ngettext(
            "%(n)d unit works in an area that has ended.",
            "%(n)d units work in an area that has ended.",
            units,
        )),
        (roles, "setup_people", ngettext(
            "%(n)d role holds for an area that has ended. Give it for the new areas.",
            "%(n)d roles hold for an area that has ended. Give them for the new areas.",
            roles,
        )),
    ]  # fmt: skip
    return [(words % {"n": n}, page) for n, page, words in said if n]


def retired_rows(jurisdiction: Jurisdiction, lang: str) -> list[tuple[str, str]]:
    """Each category that is no longer in use, with what is chosen instead ("" for nothing), in words."""
    tree = categories(jurisdiction)
    return [
        (tree.label(key, lang), tree.label(instead, lang) if (instead := tree.current(key)) else "")
        for key in tree.retired()
    ]
