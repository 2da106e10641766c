"""Turns one row of a table of tickets into a new report, or says what is wrong with it."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from gongzhi.apps.channels.actions import NewReport, check_text
from gongzhi.apps.channels.kinds.hotline_file.columns import Columns, folded
from gongzhi.apps.channels.kinds.hotline_file.moments import read_moment
from gongzhi.apps.channels.pack import TicketMapping
from gongzhi.apps.channels.rules import MAX_LETTER, REQUEST_TYPES
from gongzhi.apps.places.public import Jurisdiction, check_coordinates
from gongzhi.kernel.errors import GongzhiError

_T = TypeVar("_T")
MAX_KEY: Final = 80
# 2.02403E+18, 2024030512345678.0: a spreadsheet took a long number for a quantity and kept 15 figures of it.
_CUT_NUMBER: Final = re.compile(r"\d(\.\d+)?e\+?\d+|\d{15,}\.0", re.IGNORECASE)
_SAME_POINT: Final = 1e-6  # degrees, a tenth of a metre


class CellError(GongzhiError):
    """A cell that a report cannot be made of."""


@dataclass(frozen=True)
class Remark:
    """Something about one column of a row: what it is, and what to do."""

    column: str
    what: str
    to_do: str


@dataclass
class ReadRow:
    """What became of a row: a new report where nothing is wrong; faults refuse it, remarks do not."""

    number: int
    cells: Sequence[str]
    new: NewReport | None = None
    faults: list[Remark] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)


class RowReader:
    """Reads the rows of one file by one mapping for one office. Remembers the numbers and unknown words it has seen."""

    def __init__(
        self,
        *,
        columns: Columns,
        mapping: TicketMapping,
        jurisdiction: Jurisdiction,
        categories: Mapping[str, str],
        at: datetime,
    ) -> None:
        """`categories` leads from each key and label of the office's categories (folded) to the key."""
        self._columns, self._mapping, self._office, self._at = columns, mapping, jurisdiction, at
        self._zone = ZoneInfo(jurisdiction.zone)
        self._words = {
            "category_hint": categories,
            "request_type": {key: key for key in REQUEST_TYPES}
            | {folded(said): key for said, key in mapping.request_types.items()},
        }
        self._first_row: dict[str, int] = {}
        self._remarked: set[tuple[str, str]] = set()

    def read(self, number: int, cells: Sequence[str]) -> ReadRow:
        """The report that a row holds, or all that is wrong with the row. Never raises for what is in it."""
        row = ReadRow(number, cells)
        key = self._try(row, "external_key", self._key)
        received_at = self._try(row, "received_at", self._received_at)
        text = self._try(row, "text", self._text)
        point = self._try(row, "lon", self._point)
        if row.faults or key is None or text is None:
            return row
        if key in self._first_row:
            row.faults.append(self._twice(key))
            return row
        self._first_row[key] = number
        lon, lat = point or (None, None)
        row.new = NewReport(
            external_key=key,
            received_at=received_at,
            text=text,
            title=self._cell(row, "title"),
            place_words=self._cell(row, "place_words"),
            lon=lon,
            lat=lat,
            request_type=self._known_word(row, "request_type"),
            category_hint=self._known_word(row, "category_hint"),
            contact_name=self._cell(row, "contact_name"),
            contact_phone=self._cell(row, "contact_phone"),
        )
        return row

    def _cell(self, row: ReadRow, field_name: str) -> str:
        return self._columns.cell(row.cells, field_name)

    def _try(self, row: ReadRow, field_name: str, read: Callable[[ReadRow], _T]) -> _T | None:
        try:
            return read(row)
        except GongzhiError as error:
            heading = self._columns.heading_of(field_name)
            row.faults.append(Remark(heading, str(error), error.what_to_do()))
            return None

    def _key(self, row: ReadRow) -> str:
        key = unicodedata.normalize("NFKC", self._cell(row, "external_key")).strip().removeprefix("'")
        if not key:
            raise CellError(
                _("The row has no number."), hint=_("Without it nobody can tell whether it is here already.")
            )
        if _CUT_NUMBER.fullmatch(key):
            raise CellError(
                _("The number was shortened by a spreadsheet program."),
                hint=_("Export the file again with this column as text."),
            )
        if len(key) > MAX_KEY or not key.isprintable():
            raise CellError(
                _("This is not a number of a ticket."), hint=_("Look whether the columns are shifted.")
            )
        return key

    def _twice(self, key: str) -> Remark:
        return Remark(
            self._columns.heading_of("external_key"),
            _("The number stands in row %(row)d already.") % {"row": self._first_row[key]},
            _("The first one counts. Give this row a number of its own if it is another ticket."),
        )

    def _received_at(self, row: ReadRow) -> datetime:
        cell = self._cell(row, "received_at")
        if not cell:
            raise CellError(_("The time is missing."), hint=_("Write when the ticket was received."))
        return read_moment(cell, formats=self._mapping.time_formats, zone=self._zone, at=self._at)

    def _text(self, row: ReadRow) -> str:
        """The words; where there is only a title, it is all that was said."""
        text = self._columns.joined(row.cells, "text") if self._mapping.join_text else self._cell(row, "text")
        text = text or self._cell(row, "title")
        if not text:
            raise CellError(_("The row has no words."), hint=_("Write what the ticket is about."))
        return check_text(text, MAX_LETTER)

    def _point(self, row: ReadRow) -> tuple[float, float] | None:
        """The point where it lies in the office's territory.

        Exchanged numbers are put right, since exchanged back the point lies in the territory and before it did not:
        to refuse would have a person do by hand what is certain. The remark lets them look. A point elsewhere is
        left out, for the words may name the place; what is no point at all refuses the row, for then the columns
        may be shifted.
        """
        cells = [self._cell(row, name) for name in ("lon", "lat")]
        if not any(cells):
            return None
        if not all(cells):
            self._remark(row, "lon" if cells[1] else "lat", _("Half of the point is missing."), _no_place())
            return None
        lon, lat = map(_degrees, cells)
        found = check_coordinates(self._office, lon, lat)
        if found.verdict == "impossible":
            raise CellError(
                _("This is no point on the map."), hint=_("Write degrees such as 116.325, or leave it empty.")
            )
        if self._is_unknown(lon, lat) or self._is_unknown(found.lon, found.lat):
            return None
        if found.verdict == "outside":
            self._remark(row, "lon", _("The point lies outside the office's territory."), _no_place())
            return None
        if found.verdict == "swapped":
            self._remark(
                row,
                "lon",
                _("Longitude and latitude were exchanged; they were put right."),
                _("Nothing, if the place is right."),
            )
        return found.lon, found.lat

    def _is_unknown(self, lon: float, lat: float) -> bool:
        """Whether it is a point that the hotline writes where it knows no place."""
        return any(
            abs(lon - x) < _SAME_POINT and abs(lat - y) < _SAME_POINT for x, y in self._mapping.unknown_points
        )

    def _known_word(self, row: ReadRow, field_name: str) -> str:
        """The key that the file's word stands for; "" and, once for each word, a remark where nobody knows it."""
        said = self._cell(row, field_name)
        key = self._words[field_name].get(folded(said), "") if said else ""
        if said and not key and (field_name, said) not in self._remarked:
            self._remarked.add((field_name, said))
            self._remark(
                row,
                field_name,
                _("“%(word)s” is no word that the office knows.") % {"word": said[:60]},
                _("Nothing: the report is read like any other. Every row with this word is taken so."),
            )
        return key

    def _remark(self, row: ReadRow, field_name: str, what: str, to_do: str) -> None:
        row.remarks.append(Remark(self._columns.heading_of(field_name), what, to_do))


def _no_place() -> str:
    return _("Nothing, or write the place into the words. The report came in without a point.")


def _degrees(cell: str) -> float:
    """The number in a cell; CellError where it is none."""
    plain = unicodedata.normalize("NFKC", cell).strip().rstrip("°").replace(",", ".")
    try:
        return float(plain)
    except ValueError:
        raise CellError(
            _("This is no point on the map."), hint=_("Write degrees such as 116.325, or leave it empty.")
        ) from None
