"""How many requests of each kind there were and how long they took, counted over all web processes and restarts.

Each process counts in a memory-mapped file of its own, so counting costs a few additions and no lock between
processes, and a killed process leaves its numbers behind. The one who asks adds the files up. A process holds a
lock on its file as long as it lives; files that nobody holds are folded into `past` by the next one that starts.
"""

import fcntl
import mmap
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Final

# Upper bounds in milliseconds; what takes longer counts in the last bucket only.
BOUNDS: Final = (5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000)
SLOTS: Final = 1024
_KEY_WORDS: Final = 14
_NUMBERS: Final = (
    len(BOUNDS) + 2
)  # a bucket for each bound, one for all that is slower, the sum of microseconds
_WORDS: Final = _KEY_WORDS + _NUMBERS
_SIZE: Final = SLOTS * _WORDS * 8
_PAST: Final = "past"

Key = tuple[str, str, str]  # view, method, status
Numbers = tuple[int, ...]
OTHER: Final[Key] = ("other", "other", "0")


def _write_key(key: Key) -> bytes:
    return "\t".join(key).encode()[: _KEY_WORDS * 8].ljust(_KEY_WORDS * 8, b"\0")


def _read_key(raw: bytes) -> Key:
    view, method, status = (raw.rstrip(b"\0").decode(errors="replace").split("\t") + ["", ""])[:3]
    return view, method, status


class Shelf:
    """The counters of one process: slots of 64-bit words in a mapped file. Safe between threads."""

    def __init__(self, file: Path) -> None:
        self._file = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        os.ftruncate(self._file, _SIZE)
        self._map = mmap.mmap(self._file, _SIZE)
        self._words = memoryview(self._map).cast("Q")
        self._slots: dict[Key, int] = {}
        self._lock = threading.Lock()
        for key, slot, _numbers in _slots_of(self._map):
            self._slots[key] = slot

    def hold(self) -> bool:
        """Lock the file for as long as this process lives; False where another process holds it."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def observe(self, key: Key, seconds: float) -> None:
        """Count one request."""
        milliseconds = seconds * 1000
        bucket = next((i for i, bound in enumerate(BOUNDS) if milliseconds <= bound), len(BOUNDS))
        with self._lock:
            at = self._at(key)
            self._words[at + bucket] += 1
            self._words[at + _NUMBERS - 1] += int(seconds * 1_000_000)

    def add(self, key: Key, numbers: Numbers) -> None:
        """Add what another process had counted."""
        with self._lock:
            at = self._at(key)
            for i, number in enumerate(numbers):
                self._words[at + i] += number

    def _at(self, key: Key) -> int:
        slot = self._slots.get(key)
        if slot is None:
            if len(self._slots) >= SLOTS - 1:
                key = OTHER
            slot = self._slots.setdefault(key, len(self._slots))
            begin = slot * _WORDS * 8
            self._map[begin : begin + _KEY_WORDS * 8] = _write_key(key)
        return slot * _WORDS + _KEY_WORDS

    def close(self) -> None:
        """Let the file go."""
        self._words.release()
        self._map.close()
        os.close(self._file)


def _slots_of(data: mmap.mmap | bytes) -> Iterator[tuple[Key, int, Numbers]]:
    words = memoryview(data).cast("Q")
    try:
        for slot in range(SLOTS):
            begin = slot * _WORDS
            raw = bytes(words[begin : begin + _KEY_WORDS])
            if not raw[0]:
                return
            yield _read_key(raw), slot, tuple(words[begin + _KEY_WORDS : begin + _WORDS])
    finally:
        words.release()


class Counters:
    """The counters of all web processes that share a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._mine: tuple[int, Shelf] | None = None
        self._opening = threading.Lock()

    def observe(self, key: Key, seconds: float) -> None:
        """Count one request in this process's file."""
        mine = self._mine
        if mine is None or mine[0] != os.getpid():
            mine = self._open()
        mine[1].observe(key, seconds)

    def total(self) -> Mapping[Key, Numbers]:
        """All that was counted: for each kind a number for each bucket (not added up), and the microseconds."""
        found: dict[Key, Numbers] = {}
        if not self.folder.exists():
            return found
        with self._locked(fcntl.LOCK_SH):
            for path in sorted(self.folder.glob("*.counts")):
                for key, _slot, numbers in _slots_of(path.read_bytes().ljust(_SIZE, b"\0")):
                    known = found.get(key, (0,) * _NUMBERS)
                    found[key] = tuple(a + b for a, b in zip(known, numbers, strict=True))
        return found

    def _open(self) -> tuple[int, Shelf]:
        with self._opening:
            pid = os.getpid()
            if self._mine is None or self._mine[0] != pid:
                self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                with self._locked(fcntl.LOCK_EX):
                    self._fold()
                    self._mine = (pid, self._fresh(pid))
            return self._mine

    def _fresh(self, pid: int) -> Shelf:
        number = 0
        while True:  # the same process id may come from another container on the same folder
            shelf = Shelf(self.folder / f"{pid}-{number}.counts")
            if shelf.hold():
                return shelf
            shelf.close()
            number += 1

    def _fold(self) -> None:
        """Add the files of processes that have ended to `past`, and take them away."""
        past = self.folder / f"{_PAST}.counts"
        left = [path for path in self.folder.glob("*.counts") if path != past and _is_left(path)]
        if not left:
            return
        shelf = Shelf(past)
        for path in left:
            for key, _slot, numbers in _slots_of(path.read_bytes().ljust(_SIZE, b"\0")):
                shelf.add(key, numbers)
            path.unlink()
        shelf.close()

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, how)
            yield
        finally:
            os.close(lock)


def _is_left(path: Path) -> bool:
    """Whether no living process holds the file."""
    with suppress(BlockingIOError):
        file = os.open(path, os.O_RDWR)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        finally:
            os.close(file)
    return False


@cache
def counters_in(folder: Path) -> Counters:
    """The counters that lie in this folder; one object a process."""
    return Counters(folder)
