"""Tables by file extension: CSV, TSV, XLSX, Parquet, JSON lines. One row in, one row out, same order."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
from python_calamine import CalamineError, load_workbook
from xlsxwriter import Workbook

FORMATS: Final = (".csv", ".tsv", ".xlsx", ".parquet", ".jsonl")
Columns = dict[str, list[Any]]


class TableFault(Exception):
    """A file that cannot be read or written as a table; the message says what to do."""


def _format(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise TableFault(f"{path.name}: the ending must be one of {', '.join(FORMATS)}")
    return suffix


def _text(path: Path) -> str:
    raw = path.read_bytes()
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if raw.startswith(mark):
            return raw.decode(encoding)
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise TableFault(f"{path.name}: the characters cannot be read; save it as UTF-8")


def _from_rows(name: str, rows: list[list[Any]]) -> Columns:
    if not rows:
        raise TableFault(f"{name}: the file is empty; the first row must name the columns")
    headings = [str(h if h is not None else "") for h in rows[0]]
    width = len(headings)
    body = [row + [None] * (width - len(row)) for row in rows[1:]]
    return {heading: [row[i] for row in body] for i, heading in enumerate(headings)}


def read_table(path: Path) -> Columns:
    """Read a table into columns. TableFault where that cannot be done."""
    suffix = _format(path)
    try:
        if suffix == ".parquet":
            return dict(pq.read_table(path).to_pydict())
        if suffix == ".xlsx":
            return _from_rows(
                path.name, [list(r) for r in load_workbook(str(path)).get_sheet_by_index(0).iter_rows()]
            )
        text = _text(path)
        if suffix == ".jsonl":
            return _from_records(path.name, text)
        csv.field_size_limit(10_000_000)
        delimiter = "\t" if suffix == ".tsv" else ","
        return _from_rows(path.name, list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)))
    except (OSError, pa.ArrowException, CalamineError, csv.Error, UnicodeDecodeError) as error:
        raise TableFault(f"{path.name} cannot be read: {error}") from error


def _from_records(name: str, text: str) -> Columns:
    records: list[Mapping[str, Any]] = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                record = json.loads(line)
            except json.JSONDecodeError as error:
                raise TableFault(f"{name}, line {number}: {error}") from error
            if not isinstance(record, dict):
                raise TableFault(f"{name}, line {number}: must be an object")
            records.append(record)
    headings = list(dict.fromkeys(key for record in records for key in record))
    return {heading: [record.get(heading) for record in records] for heading in headings}


def column_of(columns: Columns, name: str) -> list[Any]:
    """One column. TableFault names the columns there are where it is missing."""
    if name not in columns:
        raise TableFault(f"there is no column “{name}”; the columns are: {', '.join(columns)}")
    return columns[name]


def texts_of(columns: Columns, name: str) -> list[str]:
    """One column as texts; empty cells are empty texts."""
    return ["" if value is None else str(value) for value in column_of(columns, name)]


def write_table(path: Path, columns: Columns) -> None:
    """Write columns as a table. The file appears whole or not at all. ValueError for columns of unequal length."""
    suffix = _format(path)
    if len({len(values) for values in columns.values()}) > 1:
        raise ValueError("the columns have not the same length")
    part = path.with_name(f".{path.name}.part{suffix}")
    try:
        _write(part, suffix, columns)
        part.replace(path)
    except OSError as error:
        raise TableFault(f"{path.name} cannot be written: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)


def _write(path: Path, suffix: str, columns: Columns) -> None:
    headings = list(columns)
    rows = zip(*columns.values(), strict=True)
    if suffix == ".parquet":
        pq.write_table(pa.table(columns), path)
    elif suffix == ".xlsx":
        _write_xlsx(path, headings, rows)
    elif suffix == ".jsonl":
        with path.open("w", encoding="utf-8") as out:
            for row in rows:
                record = dict(zip(headings, row, strict=True))
                out.write(json.dumps(record, ensure_ascii=False, default=str) + "\n")
    else:
        with path.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out, delimiter="\t" if suffix == ".tsv" else ",")
            writer.writerow(headings)
            writer.writerows(rows)


def _write_xlsx(path: Path, headings: Sequence[str], rows: Any) -> None:
    # Strings are written as strings: nothing in a message becomes a formula or a link.
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(str(path), options) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, headings)
        for number, row in enumerate(rows, 1):
            for i, value in enumerate(row):
                sheet.write(
                    number, i, value if value is None or isinstance(value, int | float | bool) else str(value)
                )
