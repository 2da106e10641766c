"""Turns a message into hashed n-grams: characters, words, and the characters of its beginning once more.

One recipe for Chinese and English (methods.md a): sublinear TF-IDF of character 1–3-grams, of word 1–2-grams and of
the character n-grams of the first 40 characters, which carry the title. Hashing keeps no vocabulary, so no name of a
person can be read out of a model file.
"""

import re
import unicodedata
import zlib
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

SPACE_BITS: Final = 22
SPACE: Final = 1 << SPACE_BITS
HEAD_CHARS: Final = 40
MAX_CHARS: Final = 4_000
BLOCK_WEIGHTS: Final = (1.0, 0.8, 0.7)  # characters, words, head
_WORD: Final = re.compile(r"[A-Za-z][A-Za-z']*|[0-9]+|[^\W\dA-Za-z_]{1,8}")
_SPACES: Final = re.compile(r"\s+")
_DIGITS: Final = re.compile(r"\d")
_K1: Final = np.uint64(0x9E3779B97F4A7C15)
_K2: Final = np.uint64(0xC2B2AE3D27D4EB4F)
_K3: Final = np.uint64(0x165667B19E3779F9)


@dataclass(frozen=True)
class Grams:
    """The n-grams of one message: hashed feature, block, and which characters (start, length) each covers."""

    text: str
    feature: NDArray[np.int64]
    block: NDArray[np.int8]
    start: NDArray[np.int32]
    length: NDArray[np.int32]


def normalise(text: str) -> str:
    """Full-width to half-width, lower case, one space for any white space, each digit to 0."""
    plain = unicodedata.normalize("NFKC", text[:MAX_CHARS]).lower()
    return _DIGITS.sub("0", _SPACES.sub(" ", plain)).strip()


def _mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """A 64-bit finaliser: every bit of the input moves every bit of the output."""
    values = (values ^ (values >> np.uint64(33))) * _K2
    values = (values ^ (values >> np.uint64(29))) * _K3
    return values ^ (values >> np.uint64(32))


def char_hashes(text: str, n: int, seed: int = 0) -> NDArray[np.uint64]:
    """The 64-bit hashes of all character n-grams of a text, in order. Empty where the text is shorter than n."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    count = len(codes) - n + 1
    if count <= 0:
        return np.zeros(0, dtype=np.uint64)
    with np.errstate(over="ignore"):
        value = np.full(count, np.uint64(seed * 1_000_003 + n), dtype=np.uint64)
        for offset in range(n):
            value = _mix(value * _K1 + codes[offset : offset + count] + np.uint64(1))
    return value


def _fold(hashes: NDArray[np.uint64]) -> NDArray[np.int64]:
    return (hashes & np.uint64(SPACE - 1)).astype(np.int64)


def _char_block(text: str, seed: int) -> tuple[list[NDArray[np.int64]], list[int], list[int]]:
    features: list[NDArray[np.int64]] = []
    starts: list[int] = []
    lengths: list[int] = []
    for n in (1, 2, 3):
        hashed = _fold(char_hashes(text, n, seed))
        features.append(hashed)
        starts.extend(range(len(hashed)))
        lengths.extend([n] * len(hashed))
    return features, starts, lengths


def _word_block(text: str) -> tuple[NDArray[np.int64], list[int], list[int]]:
    found = [(m.start(), m.end()) for m in _WORD.finditer(text)]
    spans = found + [(a[0], b[1]) for a, b in pairwise(found)]
    keys = [text[a:b] for a, b in found] + [
        f"{text[a[0] : a[1]]}\x1f{text[b[0] : b[1]]}" for a, b in pairwise(found)
    ]
    hashed = np.array([zlib.crc32(key.encode()) for key in keys], dtype=np.uint64)
    with np.errstate(over="ignore"):
        folded = _fold(_mix(hashed * _K1 + np.uint64(7)))
    return folded, [a for a, _ in spans], [b - a for a, b in spans]


def grams_of(text: str) -> Grams:
    """All n-grams of a message with the characters they cover."""
    plain = normalise(text)
    char_features, char_starts, char_lengths = _char_block(plain, 1)
    word_features, word_starts, word_lengths = _word_block(plain)
    head_features, head_starts, head_lengths = _char_block(plain[:HEAD_CHARS], 2)
    feature = np.concatenate([*char_features, word_features, *head_features])
    block = np.repeat(
        np.array([0, 1, 2], dtype=np.int8), [len(char_starts), len(word_starts), len(head_starts)]
    )
    start = np.array(char_starts + word_starts + head_starts, dtype=np.int32)
    length = np.array(char_lengths + word_lengths + head_lengths, dtype=np.int32)
    return Grams(plain, feature, block, start, length)


def weigh(
    grams: Grams, known: NDArray[np.int64], idf: NDArray[np.float32]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The TF-IDF vector of a message over the known features (sorted): row numbers and values, unit norm.

    Each block is brought to unit norm before it is weighted, so that long texts do not drown their beginning.
    """
    rows_all: list[NDArray[np.int64]] = []
    values_all: list[NDArray[np.float32]] = []
    for number, weight in enumerate(BLOCK_WEIGHTS):
        features, counts = np.unique(grams.feature[grams.block == number], return_counts=True)
        rows = np.searchsorted(known, features)
        rows[rows == len(known)] = 0
        hit = known[rows] == features if len(known) else np.zeros(len(rows), dtype=bool)
        rows, counts = rows[hit], counts[hit]
        values = (1.0 + np.log(counts)).astype(np.float32) * idf[rows]
        norm = float(np.linalg.norm(values))
        if norm > 0:
            rows_all.append(rows)
            values_all.append(values * np.float32(weight / norm))
    if not rows_all:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
    rows, values = np.concatenate(rows_all), np.concatenate(values_all)
    return rows, (values / np.linalg.norm(values)).astype(np.float32)
