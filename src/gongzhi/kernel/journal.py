"""Files that only grow: one JSON object a line, on the disk before the call returns."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Line = dict[str, Any]


def append(path: Path, lines: Sequence[Mapping[str, Any]]) -> None:
    """Add lines and wait until the disk has them. The file is readable by its owner only."""
    if not lines:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    is_new = not path.exists()
    said = "".join(f"{_spelled(line)}\n" for line in lines)
    if _is_torn(path):
        said = f"\n{said}"
    number = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(number, "wb") as file:
        file.write(said.encode())
        file.flush()
        os.fsync(file.fileno())
    if is_new:
        sync_folder(path.parent)


def read(path: Path) -> list[Line]:
    """All lines, the oldest first; [] where there is no file.

    A line that was cut off by a crash is left out: what it told of was never said to be done.
    """
    if not path.exists():
        return []
    found = []
    for raw in path.read_text(encoding="utf-8", errors="replace").split("\n"):
        try:
            line = json.loads(raw)
        except ValueError:
            continue
        if isinstance(line, dict):
            found.append(line)
    return found


def sync_folder(folder: Path) -> None:
    """Wait until the disk knows the names in the folder: a new or renamed file survives a power cut."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _spelled(line: Mapping[str, Any]) -> str:
    return json.dumps(line, ensure_ascii=False, sort_keys=True)


def _is_torn(path: Path) -> bool:
    """Whether the last line lacks its end."""
    if not path.exists() or path.stat().st_size == 0:
        return False
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) != b"\n"


def merge(path: Path, others: Sequence[Path]) -> int:
    """Take over the lines that other copies of the file have and this one lacks, all in order of their `at`.

    Returns how many were new. The file is replaced in one step.
    """
    own = read(path)
    known = {_spelled(line) for line in own}
    fresh = {_spelled(line): line for other in others for line in read(other)}
    added = [line for spelled, line in fresh.items() if spelled not in known]
    if not added:
        return 0
    part = path.with_name(f".{path.name}.part")
    part.unlink(missing_ok=True)
    append(part, sorted([*own, *added], key=lambda line: str(line.get("at", ""))))
    part.replace(path)
    sync_folder(path.parent)
    return len(added)
