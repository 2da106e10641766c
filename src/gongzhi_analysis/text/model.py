"""A trained reading model: loads without pickle, memory-mapped, and reads with numpy alone."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gongzhi_analysis.text.features import Grams, grams_of, weigh

FORMAT: Final = 1
TOP_WORDS: Final = 5


class ModelError(Exception):
    """A folder that holds no model this program can read."""


@dataclass(frozen=True)
class Guess:
    """A category and how probable it is (calibrated, 0–1)."""

    label: str
    probability: float


@dataclass(frozen=True)
class Word:
    """A piece of the message that led to the category, and how much (share of all that spoke for it)."""

    word: str
    weight: float


@dataclass(frozen=True)
class Verdict:
    """What a model says of one message. `label` is filled even where it abstains."""

    label: str
    probability: float
    top: tuple[Guess, ...]
    words: tuple[Word, ...]
    abstain: bool


@dataclass(frozen=True)
class TextModel:
    """Features, weights and calibration. `weights` has a row a feature and a column a class."""

    classes: tuple[str, ...]
    features: NDArray[np.int64]
    idf: NDArray[np.float32]
    weights: NDArray[np.float32]
    intercept: NDArray[np.float32]
    temperature: float
    threshold: float
    about: dict[str, Any] = field(default_factory=dict)
    # The share of messages whose category nobody can tell from the words; no guess is surer than what is left.
    doubt: float = 0.0

    def margins(self, grams: Grams) -> NDArray[np.float64]:
        """The raw scores of a message, a value a class."""
        rows, values = weigh(grams, self.features, self.idf)
        if not len(rows):
            return np.asarray(self.intercept, dtype=np.float64)
        scores: NDArray[np.float64] = (
            values.astype(np.float64) @ self.weights[rows].astype(np.float64) + self.intercept
        )
        return scores

    def probabilities(self, grams: Grams) -> NDArray[np.float64]:
        """Calibrated probabilities, a value a class; they sum to 1."""
        return calibrated(self.margins(grams), self.temperature, self.doubt)

    def read(self, text: str, *, explain: bool = True) -> Verdict:
        """Read one message. Where not one piece of it is known, it abstains whatever the calibration says."""
        grams = grams_of(text)
        probabilities = self.probabilities(grams)
        order = np.argsort(-probabilities, kind="stable")[:3]
        top = tuple(Guess(self.classes[i], float(probabilities[i])) for i in order)
        words = self.words_for(grams, int(order[0])) if explain else ()
        unsure = top[0].probability < self.threshold or not self.knows(grams)
        return Verdict(top[0].label, top[0].probability, top, words, unsure)

    def knows(self, grams: Grams) -> bool:
        """Whether the model has ever seen a piece of the message."""
        return bool(self._known(grams)[1].any())

    def _known(self, grams: Grams) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """The row of each piece, and whether the model really has it."""
        if not len(self.features):
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.bool_)
        rows = np.searchsorted(self.features, grams.feature)
        rows[rows == len(self.features)] = 0
        return rows, np.asarray(self.features[rows] == grams.feature)

    def words_for(self, grams: Grams, column: int) -> tuple[Word, ...]:
        """The pieces of the message that spoke most for a class against the mean of the others."""
        if not grams.text:
            return ()
        rows, known = self._known(grams)
        rows = rows[known]
        weights = self.weights[rows].astype(np.float64)
        gain = (
            (weights[:, column] - weights.mean(axis=1)) * self.idf[rows] / np.maximum(1, grams.length[known])
        )
        along = np.zeros(len(grams.text) + 1)
        for start, length, value in zip(grams.start[known], grams.length[known], gain, strict=True):
            along[start : start + length] += value
        return _spans(grams.text, along[: len(grams.text)])

    def save(self, folder: Path) -> None:
        """Write the model as .npy files and model.json; the folder is made."""
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / "features.npy", self.features, allow_pickle=False)
        np.save(folder / "idf.npy", self.idf.astype(np.float32), allow_pickle=False)
        np.save(
            folder / "weights.npy", np.ascontiguousarray(self.weights, dtype=np.float32), allow_pickle=False
        )
        head = {
            "format": FORMAT,
            "classes": list(self.classes),
            "intercept": [float(v) for v in self.intercept],
            "temperature": self.temperature,
            "doubt": self.doubt,
            "threshold": self.threshold,
            "about": self.about,
        }
        (folder / "model.json").write_text(json.dumps(head, ensure_ascii=False, indent=1), encoding="utf-8")


def load_model(folder: Path) -> TextModel:
    """Open a model; its arrays are mapped, not read. ModelError where the folder holds none that can be read."""
    try:
        head = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        if head["format"] != FORMAT:
            raise ModelError(f"{folder} has format {head['format']}; this program reads format {FORMAT}")
        arrays = [
            np.load(folder / f"{n}.npy", mmap_mode="r", allow_pickle=False)
            for n in ("features", "idf", "weights")
        ]
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"{folder} holds no readable model: {error}") from error
    return TextModel(
        classes=tuple(head["classes"]),
        features=arrays[0],
        idf=arrays[1],
        weights=arrays[2],
        intercept=np.array(head["intercept"], dtype=np.float32),
        temperature=float(head["temperature"]),
        threshold=float(head["threshold"]),
        about=head["about"],
        doubt=float(head.get("doubt", 0.0)),
    )


def softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scores as probabilities along the last axis."""
    shifted = np.exp(scores - scores.max(axis=-1, keepdims=True))
    result: NDArray[np.float64] = shifted / shifted.sum(axis=-1, keepdims=True)
    return result


def calibrated(margins: NDArray[np.float64], temperature: float, doubt: float) -> NDArray[np.float64]:
    """Margins as honest probabilities: softmax at a temperature, mixed with `doubt` parts of "it could be any"."""
    mixed: NDArray[np.float64] = (1 - doubt) * softmax(margins / temperature) + doubt / margins.shape[-1]
    return mixed


def parent_guesses(guesses: Sequence[Guess]) -> list[Guess]:
    """The first level of `a.b` labels: a parent is as probable as its children together, most probable first."""
    total: dict[str, float] = {}
    for guess in guesses:
        parent = guess.label.split(".")[0]
        total[parent] = total.get(parent, 0.0) + guess.probability
    return sorted((Guess(k, v) for k, v in total.items()), key=lambda g: (-g.probability, g.label))


def _spans(text: str, along: NDArray[np.float64]) -> tuple[Word, ...]:
    """Runs of characters that spoke for the class more than half as much as the strongest, as readable pieces."""
    if not len(along) or along.max() <= 0:
        return ()
    strong = along > along.max() * 0.45
    pieces: dict[str, float] = {}
    i = 0
    while i < len(text):
        if not strong[i] or not text[i].isalnum():
            i += 1
            continue
        j = i
        while j < len(text) and strong[j] and text[j].isalnum():
            j += 1
        a, b = _whole_word(text, i, j)
        piece = text[a:b][:12]
        pieces[piece] = max(pieces.get(piece, 0.0), float(along[i:j].sum()))
        i = max(j, b)
    best = sorted(pieces.items(), key=lambda kv: (-kv[1], kv[0]))[:TOP_WORDS]
    whole = sum(v for _, v in best)
    return tuple(
        Word(piece, round(value / whole, 3)) for piece, value in best if len(piece) > 1 or not piece.isascii()
    )


def _whole_word(text: str, a: int, b: int) -> tuple[int, int]:
    """A Latin piece grows to the whole word."""
    if text[a].isascii():
        while a > 0 and text[a - 1].isascii() and text[a - 1].isalnum():
            a -= 1
        while b < len(text) and text[b].isascii() and text[b].isalnum():
            b += 1
    return a, b
