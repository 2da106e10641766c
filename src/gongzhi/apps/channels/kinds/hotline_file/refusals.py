"""The file of rows that were refused or remarked on: where, what, what to do, and the row as it came."""

import csv
import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from django.utils.translation import gettext as _

from gongzhi.apps.channels.kinds.hotline_file.rows import ReadRow, Remark
from gongzhi.kernel.cells import safe_cell


class RefusalFile:
    """Writes the file as the rows come, one line a row; without any there is no file. CSV in UTF-8 with mark.

    The row's own cells stand under their own headings, so that a corrected file can be brought in as it is.
    """

    def __init__(self, path: Path | None, headings: Sequence[str]) -> None:
        self._path, self._headings = path, headings
        self._file: IO[str] | None = None
        self._writer: Any = None

    @property
    def written(self) -> str:
        """The path of the file, "" where nothing had to be written."""
        return str(self._path.resolve()) if self._path is not None and self._file is not None else ""

    def __enter__(self) -> "RefusalFile":
        if self._path is not None:
            self._path.unlink(missing_ok=True)  # what an earlier run had to say is no longer so
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, row: ReadRow) -> None:
        """Write a row that has faults or remarks; others are passed over."""
        found = row.faults or row.remarks
        if self._path is None or not found:
            return
        if self._file is None:
            self._open(self._path)
        outcome = _("refused") if row.faults else _("brought in, with a remark")
        told = [_joined(found, "column"), _joined(found, "what"), _joined(found, "to_do")]
        self._writer.writerow([str(row.number), outcome, *told, *map(safe_cell, row.cells)])

    def _open(self, path: Path) -> None:
        # Rows hold what people said, and their telephone numbers: only the owner reads them.
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self._file = os.fdopen(number, "w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file)
        told = [_("row"), _("outcome"), _("column"), _("what is wrong"), _("what to do")]
        self._writer.writerow([*told, *map(safe_cell, self._headings)])


def _joined(remarks: Sequence[Remark], name: str) -> str:
    return safe_cell("\n".join(dict.fromkeys(getattr(r, name) for r in remarks)))
