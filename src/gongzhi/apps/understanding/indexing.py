"""The duplicate index: which numbers a report is found under. Bands of its words, and the map cell of its category."""

import zlib
from functools import lru_cache
from math import cos, floor, radians

import numpy as np
from numpy.typing import NDArray

from gongzhi.apps.channels.public import Report
from gongzhi_analysis.linkage.minhash import bands_of, shingles

CELL_M = 300.0
METRES_A_DEGREE = 111_195.0
# Words that many share ("Request for Pothole Repair") say nothing about which matter is meant.
LEAST_SHINGLES = 5
MOST_CHARS = 4_000


def words_of(report: Report) -> str:
    """What is read of a report: its title first, then its text."""
    return (
        f"{report.title}\n{report.text}" if report.title and report.title not in report.text else report.text
    )


def _cell(lon: float, lat: float) -> tuple[int, int]:
    y = floor(lat * METRES_A_DEGREE / CELL_M)
    middle = (y + 0.5) * CELL_M / METRES_A_DEGREE
    return floor(lon * METRES_A_DEGREE * cos(radians(middle)) / CELL_M), y


def _cell_key(category: str, x: int, y: int) -> int:
    name = f"{category}:{x}:{y}".encode()
    return (zlib.crc32(name) << 31) | (zlib.adler32(name) & 0x7FFFFFFF)


@lru_cache(maxsize=8_192)
def shingles_of(words: str) -> NDArray[np.uint64]:
    """The shingles of a text; those just read are needed again when reports are compared."""
    return shingles(words)


@lru_cache(maxsize=2_048)
def _bands_of(words: str) -> tuple[int, ...]:
    hashed = shingles_of(words)
    return tuple(bands_of(hashed)) if len(hashed) >= LEAST_SHINGLES else ()


def text_keys(report: Report) -> list[int]:
    """The numbers under which its words are kept; none for a text too short to say anything."""
    return list(_bands_of(words_of(report)[:MOST_CHARS]))


def own_keys(report: Report, category: str) -> list[int]:
    """The numbers under which a report is kept."""
    keys = text_keys(report)
    if report.lon is not None and report.lat is not None:
        keys.append(_cell_key(category, *_cell(report.lon, report.lat)))
    return list(dict.fromkeys(keys))


def near_keys(report: Report, category: str) -> list[int]:
    """The numbers of the map cells in which reports near it are kept: its own and those around."""
    keys: list[int] = []
    if report.lon is not None and report.lat is not None:
        step = CELL_M / METRES_A_DEGREE
        for dy in (-1, 0, 1):
            # Cells of another row are shifted against ours: each row is asked for its own column.
            x, y = _cell(report.lon, report.lat + dy * step)
            keys += [_cell_key(category, x + dx, y) for dx in (-1, 0, 1)]
    return list(dict.fromkeys(keys))
