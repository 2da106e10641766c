"""Reads a table of text cells from CSV or XLSX, whatever encoding it has, without trusting it."""

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext as _
from python_calamine import CalamineError, load_workbook

from gongzhi.kernel.errors import GongzhiError

MAX_UNPACKED: Final = 500 * 1024 * 1024  # bytes; a million rows of tickets have about 400 MB of XML
MAX_RATIO: Final = 200  # a workbook of text shrinks about 10 to 30 times, a bomb thousands of times
MAX_CELL: Final = 100_000
# gb18030 reads nearly any bytes, so it comes last; a byte-order mark decides at once.
MARKS: Final = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


class TableError(GongzhiError):
    """A file that is not a table that can be read."""


Row = tuple[int, dict[str, str]]


def read_rows(path: Path) -> Iterator[Row]:
    """Yield (row number as a spreadsheet shows it, heading -> cell) for each row with any content.

    Raises TableError where the file is empty, not a table, malformed or a decompression bomb.
    """
    rows = _xlsx_rows(path) if path.suffix.lower() in {".xlsx", ".xlsm"} else _csv_rows(path)
    number, headings = 0, None
    for cells in rows:
        number += 1
        if headings is None:
            if any(c.strip() for c in cells):
                headings = _headings(cells)
            continue
        if any(c.strip() for c in cells):
            yield number, dict(zip(headings, cells, strict=False))
    if headings is None:
        raise TableError(_("The file is empty."), hint=_("The first row must hold the names of the columns."))


def _headings(cells: Sequence[str]) -> list[str]:
    names = [c.strip().lstrip("\ufeff") for c in cells]
    while names and not names[-1]:
        names.pop()
    twice = {n for n in names if n and names.count(n) > 1}
    if twice:
        raise TableError(
            _("The column “%(name)s” is there twice.") % {"name": min(twice)},
            hint=_("Rename one of the two."),
        )
    return [n or f"#{i}" for i, n in enumerate(names, 1)]


def decode(raw: bytes) -> str:
    """The text of a file whose encoding nobody told: UTF-8, UTF-16 with mark, else GB18030."""
    for mark, encoding in MARKS:
        if raw.startswith(mark):
            try:
                return raw.decode(encoding)
            except UnicodeDecodeError:
                break
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise TableError(
        _("The file's characters cannot be read."), hint=_("Save it as CSV in UTF-8 or GB18030, or as XLSX.")
    )


def _csv_rows(path: Path) -> Iterator[list[str]]:
    text = decode(path.read_bytes())
    if "\x00" in text:
        raise TableError(_("This is not a table of text."), hint=_("Save the table as CSV or XLSX."))
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t|", key=first.count)
    csv.field_size_limit(MAX_CELL * 4)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error as error:
        raise TableError(
            _("The table breaks off: %(why)s") % {"why": error},
            hint=_("Look for a quotation mark that is not closed."),
        ) from error


def _check_zip(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, OSError) as error:
        raise TableError(
            _("This XLSX file is damaged."), hint=_("Open it in a spreadsheet program and save it again.")
        ) from error
    unpacked = sum(i.file_size for i in infos)
    packed = max(1, path.stat().st_size)
    if unpacked > MAX_UNPACKED or (unpacked > 10 * 1024 * 1024 and unpacked / packed > MAX_RATIO):
        raise TableError(
            _("This XLSX file unpacks to far more than a table of tickets has."),
            hint=_("Save it as CSV instead."),
        )


def _xlsx_rows(path: Path) -> Iterator[list[str]]:
    _check_zip(path)
    try:
        sheet = load_workbook(str(path)).get_sheet_by_index(0)
        for row in sheet.iter_rows():
            yield [_cell(value) for value in row]
    except (CalamineError, OSError, ValueError, IndexError) as error:
        raise TableError(
            _("This XLSX file is damaged."), hint=_("Open it in a spreadsheet program and save it again.")
        ) from error


def _cell(value: Any) -> str:
    """A cell as the text a person sees: whole numbers without `.0`, dates in ISO form."""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date | time | timedelta):
        return str(value)
    return "" if value is None else str(value)
