"""How well messages are read: grouped cross-validation and speed on a table of labelled messages. Prints counts only.

Run: python bench/reading.py TABLE --label label --text tokens [--text title --text text] [--folds 5]
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import StratifiedGroupKFold

from gongzhi_analysis.linkage.minhash import near_duplicate_groups
from gongzhi_analysis.tables import column_of, read_table, texts_of
from gongzhi_analysis.text.train import expected_calibration_error, train_text_model

DEMO = Path(__file__).resolve().parents[1] / "demo" / "xingfu" / "messages.jsonl"


def measure(texts: list[str], labels: list[str], groups: list[str], folds: int) -> dict[str, object]:
    """Train and read in turn; no near-duplicate stands on both sides."""
    codes = np.array(labels)
    scores, accuracies, eces, coverages, precisions, speed, training = [], [], [], [], [], [], []
    for train, test in StratifiedGroupKFold(folds, shuffle=True, random_state=1).split(texts, codes, groups):
        begun = time.process_time()
        model = train_text_model([texts[i] for i in train], [labels[i] for i in train])
        training.append(time.process_time() - begun)
        begun = time.process_time()
        verdicts = [model.read(texts[i], explain=False) for i in test]
        speed.append((time.process_time() - begun) / len(test) * 1000)
        said = np.array([v.label for v in verdicts])
        best = np.array([v.probability for v in verdicts])
        decided = ~np.array([v.abstain for v in verdicts])
        right = said == codes[test]
        scores.append(f1_score(codes[test], said, average="macro"))
        accuracies.append(accuracy_score(codes[test], said))
        eces.append(expected_calibration_error(best, right))
        coverages.append(decided.mean())
        precisions.append(right[decided].mean() if decided.any() else np.nan)
    names = ("macro_f1", "accuracy", "ece", "coverage", "precision_decided", "ms_a_message", "train_cpu_s")
    columns = (scores, accuracies, eces, coverages, precisions, speed, training)
    found = {name: round(float(np.nanmean(values)), 4) for name, values in zip(names, columns, strict=True)}
    return {"messages": len(texts), "folds": folds, **found, "macro_f1_sd": round(float(np.std(scores)), 4)}


def main() -> None:
    """Measure one table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", type=Path, nargs="?", default=DEMO, help="default: the demo's messages")
    parser.add_argument(
        "--text", action="append", help="column; several are joined by a space; default: text"
    )
    parser.add_argument("--label", default="category")
    parser.add_argument("--group", help="column with near-duplicate groups; default: found here")
    parser.add_argument("--folds", type=int, default=5)
    given = parser.parse_args()
    given.text = given.text or ["text"]
    columns = read_table(given.table)
    parts = [texts_of(columns, name) for name in given.text]
    rows = [" ".join(filter(None, row)) for row in zip(*parts, strict=True)]
    labels = texts_of(columns, given.label)
    keep = [i for i, text in enumerate(rows) if text.strip() and labels[i].strip()]
    texts, labels = [rows[i] for i in keep], [labels[i] for i in keep]
    known = column_of(columns, given.group) if given.group else near_duplicate_groups(texts)
    groups = [str(known[i]) for i in keep] if given.group else [str(g) for g in known]
    print(json.dumps(measure(texts, labels, groups, given.folds)))


if __name__ == "__main__":
    main()
