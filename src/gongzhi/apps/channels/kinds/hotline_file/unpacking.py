"""Unpacks a workbook: a program of its own, bounded in memory and time, for a file may be made to break who opens it.

Run with the path of the file. Writes one JSON list of texts a row; ends with an exit code other than 0, or is ended by
the system, where the file cannot be read. One cell far out makes any reader ask for the whole sheet up to it.
"""

import json
import resource
import sys
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from python_calamine import SheetTypeEnum, SheetVisibleEnum, load_workbook

MEMORY: Final = 2 * 1024**3  # bytes; 100,000 tickets of 30 columns take about a tenth
SECONDS: Final = 120  # of work; a million rows take about ten


def cell_text(value: Any) -> str:
    """A cell as the text a person sees: whole numbers without `.0`, dates in ISO form."""
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date | time | timedelta):
        return str(value)
    return "" if value is None else str(value)


def unpack(path: str) -> None:
    """Write the rows of the first sheet that can be seen."""
    workbook = load_workbook(path)
    visible = [
        i
        for i, sheet in enumerate(workbook.sheets_metadata)
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
    ]
    for row in workbook.get_sheet_by_index(visible[0] if visible else 0).iter_rows():
        sys.stdout.write(json.dumps([cell_text(value) for value in row]) + "\n")


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    unpack(sys.argv[1])
