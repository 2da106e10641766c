"""Cells of exported tables: a text that a spreadsheet would run as a formula is made plain."""

import re
from typing import Final

# OWASP, CSV injection; the wide forms are read as formulas by East Asian spreadsheets.
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NUMBER: Final = re.compile(r"[+-]?\d+(\.\d+)?\Z", re.ASCII)


def safe_cell(text: str) -> str:
    """The text, with an apostrophe before it where a spreadsheet would take it for a formula. Numbers stay numbers."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) and not _NUMBER.match(text) else text


def plain_cell(cell: str) -> str:
    """The text that `safe_cell` was given, where such a table is read again."""
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(FORMULA_STARTS) else cell
