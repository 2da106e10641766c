"""How often cases were handed back, for the page of figures."""

from datetime import datetime
from typing import Final

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from gongzhi.apps.actors.public import units
from gongzhi.apps.dispatch.returns import public as returns
from gongzhi.apps.dispatch.returns.public import Hops
from gongzhi.apps.understanding import public as understanding
from gongzhi.site.access import PageRequest

GROUPED: Final = {"category": _("Kind of matter"), "unit": _("Unit")}
Named = list[tuple[str, Hops]]


def handed_back(request: PageRequest, since: datetime, until: datetime) -> list[tuple[str, Named]]:
    """For category and unit the words of the column and the named rows; nothing where nothing was handed back."""
    j, lang = request.jurisdiction, get_language() or "zh-hans"
    tree = understanding.categories(j)
    names = {
        "category": {key: tree.label(key, lang) for key in (*tree, *tree.retired())},
        "unit": {str(unit.pk): unit.name_in(lang) for unit in units(j, active_only=False)},
    }
    tables = []
    for by, words in GROUPED.items():
        rows = returns.hops(visible_to=request.actor, jurisdiction=j, since=since, until=until, by=by)
        if rows:
            tables.append((str(words), [(names[by].get(row.group, row.group), row) for row in rows]))
    return tables
