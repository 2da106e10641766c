"""Which column of a table holds what, by the headings that a mapping names."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Final

from django.utils.translation import gettext as _

from gongzhi.apps.channels.kinds.hotline_file.tables import Row, TableError
from gongzhi.apps.channels.pack import TicketMapping
from gongzhi.kernel.cells import plain_cell

REQUIRED: Final = ("external_key", "text", "received_at")
OPTIONAL: Final = (
    "title",
    "place_words",
    "lon",
    "lat",
    "request_type",
    "category_hint",
    "contact_name",
    "contact_phone",
)
# A title and a note may stand above the headings.
LOOKED_AT: Final = 10
SHOWN: Final = 40
# What people and programs write into a cell that holds nothing.
NOTHING: Final = frozenset({"", "-", "--", "/", "无", "無", "null", "none", "nan", "n/a", "\\n", "nil"})


def folded(heading: str) -> str:
    """A heading as it is compared: case, spaces, full-width forms and marks such as * and _ do not matter."""
    plain = unicodedata.normalize("NFKC", heading).casefold()
    return "".join(c for c in plain if c.isalnum()) or plain.strip()


@dataclass(frozen=True)
class Columns:
    """The headings of a table, and for each field the places of its columns (none where the file has none)."""

    headings: tuple[str, ...]
    places: dict[str, tuple[int, ...]]

    def cell(self, cells: Sequence[str], field: str) -> str:
        """The cell of a field, trimmed; "" where there is no such column or nothing in it."""
        return next((self._at(cells, place) for place in self.places[field]), "")

    def joined(self, cells: Sequence[str], field: str) -> str:
        """All cells of a field that hold something, each on lines of its own, none twice."""
        found = (self._at(cells, place) for place in self.places[field])
        return "\n".join(dict.fromkeys(cell for cell in found if cell))

    def heading_of(self, field: str) -> str:
        """What the file calls the field's first column."""
        return self.headings[self.places[field][0]] if self.places[field] else ""

    @staticmethod
    def _at(cells: Sequence[str], place: int) -> str:
        cell = plain_cell(cells[place].strip()) if place < len(cells) else ""
        return "" if cell.casefold() in NOTHING else cell


def find_columns(rows: Iterable[Row], mapping: TicketMapping) -> tuple[Columns, Iterator[Row]]:
    """The columns, and the rows below the headings. The headings are the first row that has all that is needed.

    Raises TableError where the file is empty, or no row has a column for each required field; it names what the
    file has and what was looked for.
    """
    rest = iter(rows)
    first = list(islice(rest, LOOKED_AT))
    if not first:
        raise TableError(_("The file is empty."), hint=_("The first row must hold the names of the columns."))
    for index, (_number, cells) in enumerate(first):
        columns = _columns(cells, mapping)
        if all(columns.places[field] for field in REQUIRED):
            _refuse_twice(columns)
            return columns, chain(first[index + 1 :], rest)
    raise _missing(first[0][1], mapping)


def _columns(cells: Sequence[str], mapping: TicketMapping) -> Columns:
    headings = tuple(cell.strip().lstrip("\ufeff") for cell in cells)
    places: dict[str, list[int]] = {}
    for place, heading in enumerate(headings):
        if heading:
            places.setdefault(folded(heading), []).append(place)
    found: dict[str, tuple[int, ...]] = {}
    for field in (*REQUIRED, *OPTIONAL):
        named = [places[key] for key in dict.fromkeys(map(folded, getattr(mapping, field))) if key in places]
        several = field == "text" and mapping.join_text
        found[field] = tuple(chain.from_iterable(named if several else named[:1]))
    return Columns(headings, found)


def _refuse_twice(columns: Columns) -> None:
    """A column that is read may stand there once: nobody could say which of two counts."""
    for places in columns.places.values():
        keys = [folded(columns.headings[place]) for place in places]
        for place, key in zip(places, keys, strict=True):
            if keys.count(key) > 1:
                raise TableError(
                    _("The column “%(name)s” is there twice.") % {"name": columns.headings[place]},
                    hint=_("Rename one of the two."),
                )


def _missing(seen: Sequence[str], mapping: TicketMapping) -> TableError:
    there = _columns(seen, mapping)
    lacking = [field for field in REQUIRED if not there.places[field]]
    expected = "; ".join(f"“{'” / “'.join(getattr(mapping, field))}”" for field in lacking)
    headings = ", ".join(f"“{h[:30]}”" for h in there.headings[:SHOWN] if h)
    return TableError(
        _("A column is missing. The file has: %(seen)s.") % {"seen": headings},
        hint=_("Looked for: %(expected)s. Rename the column, or choose another mapping.")
        % {"expected": expected},
    )
