"""Reads a table of text cells from CSV or XLSX, whatever encoding it has, without trusting it."""

import csv
import io
import json
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from django.utils.translation import gettext as _

from gongzhi.kernel.errors import GongzhiError

MAX_UNPACKED: Final = 500 * 1024 * 1024  # bytes; a million rows of tickets have about 400 MB of XML
MAX_RATIO: Final = 200  # a workbook of text shrinks about 10 to 30 times, a bomb thousands of times
SMALL: Final = 10 * 1024 * 1024  # so much is harmless, however well it was packed
MAX_CELL: Final = 400_000
CHUNK: Final = 1024 * 1024
DELIMITERS: Final = ",;\t|"
ZIP_START: Final = b"PK\x03\x04"
UNPACKING: Final = Path(__file__).with_name("unpacking.py")
XLSX_SUFFIXES: Final = frozenset({".xlsx", ".xlsm"})
# gb18030 reads nearly any bytes, so it comes last; a byte-order mark decides at once.
MARKS: Final = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


class TableError(GongzhiError):
    """A file that is not a table that can be read."""


Row = tuple[int, list[str]]


def read_rows(path: Path) -> Iterator[Row]:
    """Yield (row number as a spreadsheet shows it, cells) for each row with any content.

    Raises TableError where the file is not a table, malformed or a decompression bomb.
    """
    rows = _xlsx_rows(path) if _is_workbook(path) else _csv_rows(path)
    for number, cells in enumerate(rows, 1):
        if any(c.strip() for c in cells):
            yield number, cells


def _is_workbook(path: Path) -> bool:
    """By its content: whatever it is called, a workbook is a zip archive."""
    with path.open("rb") as file:
        return file.read(len(ZIP_START)) == ZIP_START or (
            path.suffix.lower() in XLSX_SUFFIXES and path.stat().st_size > 0
        )


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
    before = csv.field_size_limit(MAX_CELL)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    except csv.Error as error:
        raise TableError(
            _("The table breaks off: %(why)s") % {"why": error},
            hint=_("Look for a quotation mark that is not closed."),
        ) from error
    finally:
        csv.field_size_limit(before)


def _delimiter(text: str) -> str:
    """What stands between the cells of the first line that has any: a title may stand above the headings."""
    for line in text[:100_000].split("\n", 10)[:10]:
        best = max(DELIMITERS, key=line.count)
        if best in line:
            return best
    return ","


def _damaged() -> TableError:
    return TableError(
        _("This XLSX file is damaged."), hint=_("Open it in a spreadsheet program and save it again.")
    )


def _check_zip(path: Path) -> None:
    """Refuse a bomb before anything unpacks it: by what its list of contents says, and by what is really in it."""
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            unpacked, packed = sum(i.file_size for i in infos), max(1, path.stat().st_size)
            if unpacked > MAX_UNPACKED or (unpacked > SMALL and unpacked / packed > MAX_RATIO):
                raise TableError(
                    _("This XLSX file unpacks to far more than a table of tickets has."),
                    hint=_("Save it as CSV instead."),
                )
            for info in infos:  # a list that lies about a size does not fit the check sum
                with archive.open(info) as member:
                    while member.read(CHUNK):
                        pass
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError):
        raise _damaged() from None


def _xlsx_rows(path: Path) -> Iterator[list[str]]:
    _check_zip(path)
    # Script and file by their paths, no shell; -P: the folder of the script hides no module of the library.
    command = [sys.executable, "-P", str(UNPACKING), str(path.resolve())]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as unpacking:
        try:
            for line in unpacking.stdout or ():
                yield json.loads(line)
        except ValueError:
            raise _damaged() from None  # it broke off in the middle of a line
        except GeneratorExit:
            unpacking.kill()
            raise
    if unpacking.returncode != 0:
        raise _damaged()
