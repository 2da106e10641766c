"""Trains a reading model. Imports scikit-learn: only the worker and the command line may import this module."""

import hashlib
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix
from sklearn.metrics import f1_score
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.svm import LinearSVC

from gongzhi_analysis.linkage.minhash import near_duplicate_groups
from gongzhi_analysis.text.features import Grams, grams_of, weigh
from gongzhi_analysis.text.model import TextModel, calibrated

TARGET_PRECISION: Final = 0.97
FOLDS: Final = 4
SMALL: Final = 3_000  # below so many messages every feature counts, above those seen twice
C: Final = 1.0
LEAST_COUNTED: Final = 50
DOUBTS: Final = (0.0, 0.01, 0.02, 0.04, 0.07, 0.1, 0.14, 0.18, 0.23, 0.28)


class TrainingError(Exception):
    """Too little to learn from."""


def data_hash(texts: Sequence[str], labels: Sequence[str]) -> str:
    """SHA-256 over the training data in a canonical order: the same data gives the same hash."""
    digest = hashlib.sha256()
    for text, label in sorted(zip(texts, labels, strict=True)):
        digest.update(f"{label}\x1f{text}\x1e".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _known_features(grams: Sequence[Grams]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """The features worth keeping (sorted) and their inverse document frequency."""
    features, counts = np.unique(np.concatenate([np.unique(g.feature) for g in grams]), return_counts=True)
    keep = counts >= (1 if len(grams) < SMALL else 2)
    features, counts = features[keep], counts[keep]
    idf = np.log((1 + len(grams)) / (1 + counts)) + 1.0
    return features.astype(np.int64), idf.astype(np.float32)


def _matrix(grams: Sequence[Grams], features: NDArray[np.int64], idf: NDArray[np.float32]) -> csr_matrix:
    pairs = [weigh(g, features, idf) for g in grams]
    pointers = np.concatenate([[0], np.cumsum([len(rows) for rows, _ in pairs])])
    columns = np.concatenate([rows for rows, _ in pairs])
    values = np.concatenate([v for _, v in pairs])
    matrix = csr_matrix((values, columns, pointers), shape=(len(grams), len(features)))
    matrix.sum_duplicates()
    return matrix


def _fit(
    matrix: csr_matrix, codes: NDArray[np.int64], n_classes: int, weights: NDArray[np.float64] | None = None
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Weights (feature × class) and intercepts of one linear machine a class.

    A class without a message keeps zero weights and the margin of a clear no.
    """
    present = np.unique(codes)
    whole = np.zeros((matrix.shape[1], n_classes), dtype=np.float32)
    intercepts = np.full(n_classes, -1.0, dtype=np.float32)
    if len(present) < 2:
        intercepts[present] = 1.0
        return whole, intercepts
    machine = LinearSVC(C=C, random_state=0, max_iter=5_000)
    machine.fit(matrix, codes, sample_weight=weights)
    coefficients, intercept = machine.coef_, machine.intercept_
    if len(present) == 2:
        coefficients, intercept = (
            np.vstack([-coefficients, coefficients]),
            np.concatenate([-intercept, intercept]),
        )
    whole[:, present] = coefficients.T
    intercepts[present] = intercept
    return whole, intercepts


def _held_out(
    grams: Sequence[Grams],
    codes: NDArray[np.int64],
    groups: NDArray[np.int64],
    n_classes: int,
    given: NDArray[np.float64] | None,
) -> NDArray[np.float64]:
    """Margins for each message from a model that saw neither it nor a near-duplicate of it; NaN where there is none."""
    margins = np.full((len(grams), n_classes), np.nan)
    folds = min(FOLDS, int(np.bincount(codes).max()), len(np.unique(groups)))
    if folds < 2:
        return margins
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=0)
    with warnings.catch_warnings():
        # A category with fewer messages than folds is expected; it is simply absent from some of them.
        warnings.simplefilter("ignore", UserWarning)
        splits = list(splitter.split(np.zeros(len(codes)), codes, groups))
    for train, test in splits:
        features, idf = _known_features([grams[i] for i in train])
        matrix = _matrix([grams[i] for i in train], features, idf)
        weights, intercept = _fit(matrix, codes[train], n_classes, None if given is None else given[train])
        margins[test] = _matrix([grams[i] for i in test], features, idf) @ weights + intercept
    return margins


def fit_calibration(margins: NDArray[np.float64], codes: NDArray[np.int64]) -> tuple[float, float]:
    """Temperature and doubt that make `calibrated` most honest on held-out messages (least log loss).

    Where many messages could belong to a neighbouring category, a temperature alone stays too sure at the top.
    """
    best = (float("inf"), 1.0, 0.0)
    rows = np.arange(len(codes))
    for doubt in DOUBTS:

        def loss(log_t: float, doubt: float = doubt) -> float:
            probabilities = calibrated(margins, float(np.exp(log_t)), doubt)
            return float(-np.log(np.maximum(probabilities[rows, codes], 1e-12)).mean())

        found = minimize_scalar(loss, bounds=(-4.0, 2.0), method="bounded")
        best = min(best, (float(found.fun), float(np.exp(found.x)), doubt))
    return best[1], best[2]


def choose_threshold(
    best: NDArray[np.float64], right: NDArray[np.bool_], target: float = TARGET_PRECISION
) -> float:
    """The least probability from which on decisions are right in `target` of the cases on held-out messages.

    1.01 (always abstain) where that is never so.
    """
    order = np.argsort(-best, kind="stable")
    precision = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero((precision >= target) & (np.arange(1, len(order) + 1) >= min(20, len(order))))
    return float(best[order[enough[-1]]]) if len(enough) else 1.01


def expected_calibration_error(best: NDArray[np.float64], right: NDArray[np.bool_], bins: int = 15) -> float:
    """ECE: how far stated probability and share of right answers lie apart, weighted over equal-width bins."""
    which = np.minimum((best * bins).astype(int), bins - 1)
    total = 0.0
    for b in range(bins):
        inside = which == b
        if inside.any():
            total += inside.sum() * abs(best[inside].mean() - right[inside].mean())
    return float(total / max(1, len(best)))


@dataclass(frozen=True)
class _Measured:
    temperature: float
    doubt: float
    threshold: float
    metrics: dict[str, Any]


def _measure(margins: NDArray[np.float64], codes: NDArray[np.int64]) -> _Measured:
    tested = ~np.isnan(margins[:, 0])
    if tested.sum() < 20:
        return _Measured(0.3, 0.0, 1.01, {"held_out": int(tested.sum())})
    margins, codes = margins[tested], codes[tested]
    temperature, doubt = fit_calibration(margins, codes)
    probabilities = calibrated(margins, temperature, doubt)
    guess, best = probabilities.argmax(axis=1), probabilities.max(axis=1)
    right = guess == codes
    threshold = choose_threshold(best, right)
    decided = best >= threshold
    top3 = (np.argsort(-probabilities, axis=1)[:, :3] == codes[:, None]).any(axis=1)
    metrics = {
        "held_out": len(codes),
        "accuracy": round(float(right.mean()), 4),
        "macro_f1": round(float(f1_score(codes, guess, average="macro")), 4),
        "top3": round(float(top3.mean()), 4),
        "ece": round(expected_calibration_error(best, right), 4),
        "coverage": round(float(decided.mean()), 4),
        "precision_decided": round(float(right[decided].mean()), 4) if decided.any() else None,
    }
    return _Measured(temperature, doubt, threshold, metrics)


@dataclass(frozen=True)
class Trained:
    """A model, and what models that had not seen a message said of it (None where none was asked)."""

    model: TextModel
    held_out: tuple[str | None, ...]


def train_and_compare(
    texts: Sequence[str],
    labels: Sequence[str],
    *,
    weights: Sequence[float] | None = None,
    counted: Sequence[bool] | None = None,
    at: datetime | None = None,
) -> Trained:
    """Train on messages and their categories; figures come from folds that no near-duplicate straddles.

    `weights` say how much each message counts in learning (1 by default). Temperature, threshold and figures are
    taken from the `counted` messages only where they are at least 50: those of the place where the model will read.
    Raises TrainingError with fewer than two categories or ten messages.
    """
    classes = tuple(sorted(set(labels)))
    if len(classes) < 2 or len(texts) < 10:
        raise TrainingError("at least two categories and ten messages are needed")
    number = {name: i for i, name in enumerate(classes)}
    codes = np.array([number[label] for label in labels], dtype=np.int64)
    given = None if weights is None else np.array(weights, dtype=np.float64)
    grams = [grams_of(text) for text in texts]
    groups = np.array(near_duplicate_groups([g.text for g in grams]), dtype=np.int64)
    margins = _held_out(grams, codes, groups, len(classes), given)
    chosen = np.array(counted, dtype=bool) if counted is not None else np.ones(len(texts), dtype=bool)
    if chosen.sum() < LEAST_COUNTED:
        chosen[:] = True
    measured = _measure(margins[chosen], codes[chosen])
    features, idf = _known_features(grams)
    table, intercept = _fit(_matrix(grams, features, idf), codes, len(classes), given)
    about = {
        "data_hash": data_hash(texts, labels),
        "messages": len(texts),
        "trained_at": (at or datetime.now(UTC)).isoformat(),
        "program": version("gongzhi"),
        "metrics": measured.metrics,
        "target_precision": TARGET_PRECISION,
    }
    model = TextModel(
        classes,
        features,
        idf,
        table,
        intercept,
        measured.temperature,
        measured.threshold,
        about,
        doubt=measured.doubt,
    )
    said = tuple(None if np.isnan(row[0]) else classes[int(row.argmax())] for row in margins)
    return Trained(model, said)


def train_text_model(texts: Sequence[str], labels: Sequence[str], *, at: datetime | None = None) -> TextModel:
    """The model of `train_and_compare` over messages that all count the same."""
    return train_and_compare(texts, labels, at=at).model
