"""What an office still lacks: categories nobody answers for, units nobody signs in for, areas without outline."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gongzhi.apps.actors import public as actors
from gongzhi.apps.dispatch.public import PowerItem, power_items
from gongzhi.apps.places.public import Jurisdiction, areas, calendar_of
from gongzhi.apps.understanding import public as understanding
from gongzhi.site.pages.admin import undecided

HANDLING_ROLES = ("worker", "handler", "coordinator")
CHOSEN_BY_PEOPLE = "other.unclear"  # for what fits nothing; nobody can answer for it in advance


@dataclass(frozen=True)
class Gap:
    """One thing that is missing: what it means, and the name of the page where it is mended."""

    words: str
    page: str


@dataclass(frozen=True)
class Coverage:
    """The categories that the power list leaves out on a day: everywhere, or in some areas only."""

    nowhere: tuple[str, ...]
    in_parts: tuple[str, ...]


def local_day(jurisdiction: Jurisdiction, at: datetime) -> date:
    """The day in the office's zone."""
    return at.astimezone(ZoneInfo(jurisdiction.zone)).date()


def holds_on(item: PowerItem, day: date) -> bool:
    """Whether the line is valid on the day."""
    return (item.valid_from is None or item.valid_from <= day) and (
        item.valid_to is None or day <= item.valid_to
    )


def _answers_for(item: PowerItem, category: str) -> bool:
    return category == item.category or category.startswith(f"{item.category}.")


def coverage(jurisdiction: Jurisdiction, items: Sequence[PowerItem], day: date) -> Coverage:
    """Which categories have no line that holds on the day; a line for the whole territory counts as everywhere."""
    roots = {a.pk for a in areas(jurisdiction) if a.parent_id is None}
    valid = [item for item in items if holds_on(item, day)]
    nowhere: list[str] = []
    in_parts: list[str] = []
    for category in understanding.categories(jurisdiction).leaves():
        lines = [item for item in valid if _answers_for(item, category)]
        if category == CHOSEN_BY_PEOPLE or any(i.area_id is None or i.area_id in roots for i in lines):
            continue
        (in_parts if lines else nowhere).append(category)
    return Coverage(tuple(nowhere), tuple(in_parts))


def gaps(jurisdiction: Jurisdiction, at: datetime) -> list[Gap]:
    """All that is missing, what hinders most first. A handful of queries whatever the size of the office."""
    items = list(power_items(jurisdiction))
    return [
        *_rule_gaps(jurisdiction, items, local_day(jurisdiction, at)),
        *_people_gaps(jurisdiction, items, at),
        *_place_gaps(jurisdiction, at),
        *_change_gaps(jurisdiction, items, at),
        *_reading_gaps(jurisdiction),
    ]


def _rule_gaps(jurisdiction: Jurisdiction, items: Sequence[PowerItem], day: date) -> list[Gap]:
    left_out = coverage(jurisdiction, items, day)
    found = []
    if n := len(left_out.nowhere):
        words = ngettext(
            "%(n)d category has no line in the power list. Its reports wait at the desk.",
            "%(n)d categories have no line in the power list. Their reports wait at the desk.",
            n,
        )
        found.append(Gap(words % {"n": n}, "setup_power"))
    if n := len(left_out.in_parts):
        words = ngettext(
            "%(n)d category has a line for some areas only.",
            "%(n)d categories have a line for some areas only.",
            n,
        )
        found.append(Gap(words % {"n": n}, "setup_power"))
    if n := sum(not item.verified for item in items if holds_on(item, day)):
        words = ngettext(
            "%(n)d line of the power list names a legal basis that nobody has checked.",
            "%(n)d lines of the power list name a legal basis that nobody has checked.",
            n,
        )
        found.append(Gap(words % {"n": n}, "setup_power"))
    return found


def unstaffed(jurisdiction: Jurisdiction, items: Sequence[PowerItem], at: datetime) -> list[actors.Unit]:
    """The units that lead a line and for which nobody can sign in to handle it."""
    rows = actors.grants(jurisdiction, at).filter(role__in=HANDLING_ROLES)
    staffed = set(rows.order_by().values_list("unit_id", flat=True))
    leading = {item.lead_unit_id: item.lead_unit for item in items}
    return [unit for pk, unit in sorted(leading.items()) if pk not in staffed]


def _people_gaps(jurisdiction: Jurisdiction, items: Sequence[PowerItem], at: datetime) -> list[Gap]:
    found = []
    if n := len(unstaffed(jurisdiction, items, at)):
        words = ngettext(
            "%(n)d unit leads matters, but nobody can sign in for it.",
            "%(n)d units lead matters, but nobody can sign in for them.",
            n,
        )
        found.append(Gap(words % {"n": n}, "setup_people"))
    if actors.convening_unit(jurisdiction) is None:
        words = _("No unit convenes the others. Name one, for matters that need several units.")
        found.append(Gap(words, "setup_units"))
    return found


def _place_gaps(jurisdiction: Jurisdiction, at: datetime) -> list[Gap]:
    found = []
    if n := sum(not area.geometry for area in areas(jurisdiction)):
        words = ngettext(
            "%(n)d area has no outline. Places in it are not recognised.",
            "%(n)d areas have no outline. Places in them are not recognised.",
            n,
        )
        found.append(Gap(words % {"n": n}, "setup_areas"))
    year = local_day(jurisdiction, at).year
    if not calendar_of(jurisdiction).year_known(year):
        words = _("The public holidays of %(year)s are not known. Monday to Friday count as working days.")
        found.append(Gap(words % {"year": year}, "setup_packs"))
    return found


def _change_gaps(jurisdiction: Jurisdiction, items: Sequence[PowerItem], at: datetime) -> list[Gap]:
    day = local_day(jurisdiction, at)
    said = undecided.gap_words(
        len(undecided.undecided_lines(jurisdiction, items, day)),
        len(undecided.units_in_ended_areas(jurisdiction, day)),
        len(undecided.roles_in_ended_areas(jurisdiction, at)),
    )
    return [Gap(words, page) for words, page in said]


def _reading_gaps(jurisdiction: Jurisdiction) -> list[Gap]:
    found = []
    if not understanding.model_versions(jurisdiction).filter(active=True).exists():
        words = _("No reading model is in use. People choose every category until one is trained.")
        found.append(Gap(words, "setup_packs"))
    labels = understanding.confirmed_labels(jurisdiction) if jurisdiction.auto_route else 0
    if jurisdiction.auto_route and labels < understanding.LABELS_TO_ROUTE:
        words = _(
            "%(n)d of %(needed)d categories are confirmed by people. "
            "Until then the program hands nothing over by itself."
        )
        values = {"n": labels, "needed": understanding.LABELS_TO_ROUTE}
        found.append(Gap(words % values, "setup_packs"))
    return found
