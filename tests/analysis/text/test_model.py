"""Training, doubt, explanation, the file of a model."""

import dataclasses
import json
import subprocess
import sys
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongzhi_analysis.reference import text as slow
from gongzhi_analysis.text.model import (
    Guess,
    ModelError,
    TextModel,
    calibrated,
    load_model,
    parent_guesses,
    softmax,
)
from gongzhi_analysis.text.train import (
    TrainingError,
    choose_threshold,
    data_hash,
    expected_calibration_error,
    fit_calibration,
    train_and_compare,
    train_text_model,
)

SAID = {
    "roads.light": [
        "路灯不亮了",
        "路灯坏了一排",
        "晚上没有路灯很黑",
        "灯杆上的灯一直闪",
        "the street light is broken",
    ],
    "roads.hole": [
        "路面有个大坑",
        "马路坑洼不平",
        "路面塌陷了一块",
        "坑把车颠翻了",
        "a deep pothole on the road",
    ],
    "waste": [
        "垃圾堆没人清",
        "垃圾桶满了发臭",
        "垃圾堆在门口",
        "清运车好几天没来",
        "garbage has not been collected",
    ],
}
PLACES = ["小区门口", "学校旁边", "菜市场那里", "公园东门", "医院对面", "楼下", "桥头", "站台"]


def lesson() -> tuple[list[str], list[str]]:
    rows = [
        (f"{place}{said}。", label)
        for label, said_here in SAID.items()
        for said, place in product(said_here, PLACES)
    ]
    return [t for t, _ in rows], [label for _, label in rows]


@pytest.fixture(scope="module")
def model() -> TextModel:
    return train_text_model(*lesson())


def test_a_message_is_read_with_its_probability_its_three_best_and_its_words(model: TextModel) -> None:
    verdict = model.read("幼儿园门口的路灯坏了")
    assert verdict.label == "roads.light"
    assert not verdict.abstain
    assert verdict.probability == verdict.top[0].probability
    assert [g.label for g in verdict.top][0] == verdict.label
    assert sum(g.probability for g in verdict.top) == pytest.approx(1.0)
    assert any("灯" in w.word for w in verdict.words)
    assert all(w.word in "幼儿园门口的路灯坏了" for w in verdict.words)


def test_english_is_explained_by_whole_words(model: TextModel) -> None:
    words = [w.word for w in model.read("Another pothole in Mill Lane").words]
    assert "pothole" in words


def test_doubt_is_said_and_the_label_filled_all_the_same(model: TextModel) -> None:
    verdict = model.read("彎彎繞繞")
    assert verdict.abstain
    assert verdict.label in model.classes
    assert model.read("").abstain
    torn = dataclasses.replace(model, threshold=0.9).read("路")
    assert torn.abstain
    assert torn.label in model.classes


def test_training_is_the_same_every_time() -> None:
    first, second = train_text_model(*lesson()), train_text_model(*lesson())
    assert np.array_equal(first.weights, second.weights)
    assert (first.temperature, first.threshold) == (second.temperature, second.threshold)


def test_a_saved_model_reads_the_same_and_is_mapped_not_loaded(model: TextModel, tmp_path: Path) -> None:
    model.save(tmp_path / "m")
    again = load_model(tmp_path / "m")
    assert isinstance(again.weights, np.memmap)
    assert again.read("公园里的路灯坏了") == model.read("公园里的路灯坏了")
    assert {p.suffix for p in (tmp_path / "m").iterdir()} == {".npy", ".json"}
    about = json.loads((tmp_path / "m" / "model.json").read_text(encoding="utf-8"))["about"]
    assert set(about) >= {"data_hash", "messages", "trained_at", "program", "metrics"}


@pytest.mark.parametrize("damage", ["missing", "json", "format", "array"])
def test_a_damaged_model_is_refused_in_words(model: TextModel, tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "m"
    model.save(folder)
    head = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    if damage == "missing":
        (folder / "weights.npy").unlink()
    elif damage == "json":
        (folder / "model.json").write_text("{")
    elif damage == "format":
        (folder / "model.json").write_text(json.dumps(head | {"format": 99}))
    else:
        (folder / "idf.npy").write_bytes(b"no array")
    with pytest.raises(ModelError):
        load_model(folder)


def test_a_pickle_in_place_of_an_array_is_refused(model: TextModel, tmp_path: Path) -> None:
    model.save(tmp_path / "m")
    np.save(tmp_path / "m" / "weights.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(ModelError):
        load_model(tmp_path / "m")


def test_reading_imports_numpy_alone(model: TextModel, tmp_path: Path) -> None:
    model.save(tmp_path / "m")
    code = (
        "import sys; from pathlib import Path; from gongzhi_analysis.text.model import load_model\n"
        f"load_model(Path({str(tmp_path / 'm')!r})).read('路灯坏了')\n"
        "bad = ('sklearn', 'scipy', 'pandas', 'pyarrow', 'django', 'gongzhi')\n"
        "print([m for m in bad if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_small_and_one_sided_lessons_are_refused_or_abstain() -> None:
    with pytest.raises(TrainingError):
        train_text_model(["路灯坏了"] * 20, ["one"] * 20)
    with pytest.raises(TrainingError):
        train_text_model(["路灯坏了", "垃圾"], ["a", "b"])
    few = train_text_model(
        [f"路灯{i}" for i in "甲乙丙丁戊"] + [f"垃圾{i}" for i in "甲乙丙丁戊"], ["a"] * 5 + ["b"] * 5
    )
    assert few.read("路灯").abstain
    assert few.read("路灯").label == "a"


def test_a_category_with_one_message_does_not_stop_the_others_from_being_measured() -> None:
    texts, labels = lesson()
    trained = train_and_compare([*texts, "井盖丢了一个"], [*labels, "rare"])
    assert trained.model.about["metrics"]["held_out"] == len(texts) + 1
    assert trained.model.read("公园里的路灯坏了").label == "roads.light"
    assert trained.model.read("井盖丢了一个").label == "rare"


def test_no_near_duplicate_stands_on_both_sides_of_a_fold() -> None:
    # Each message comes five times over with a label drawn at random: only leaking could guess it.
    rng = np.random.default_rng(1)
    letters = [chr(0x4E00 + i) for i in range(3_000)]
    base = ["".join(rng.choice(letters, 40)) for _ in range(60)]
    labels = [str(rng.integers(3)) for _ in base]
    texts = [f"{text}{'。' * n}" for text in base for n in range(5)]
    trained = train_and_compare(texts, [label for label in labels for _ in range(5)])
    assert trained.model.about["metrics"]["accuracy"] < 0.6


def test_weights_say_whose_words_count() -> None:
    texts = [f"{p}的陷阱" for p in PLACES] * 2 + [f"{p}垃圾堆" for p in PLACES]
    labels = ["hole"] * 8 + ["light"] * 8 + ["waste"] * 8
    heavy = train_and_compare(texts, labels, weights=[1.0] * 8 + [0.05] * 8 + [1.0] * 8).model
    assert heavy.read("路边的陷阱").label == "hole"


def test_the_data_hash_knows_the_data_not_its_order() -> None:
    texts, labels = lesson()
    assert data_hash(texts, labels) == data_hash(texts[::-1], labels[::-1])
    assert data_hash(texts, labels) != data_hash(texts, labels[::-1])


def test_a_parent_is_as_probable_as_its_children_together() -> None:
    guesses = parent_guesses([Guess("a.x", 0.4), Guess("b.y", 0.3), Guess("a.z", 0.3)])
    assert [(g.label, round(g.probability, 6)) for g in guesses] == [("a", 0.7), ("b", 0.3)]


@given(st.lists(st.floats(-30, 30), min_size=2, max_size=6), st.floats(0.05, 5))
def test_probabilities_equal_the_slow_twin(scores: list[float], temperature: float) -> None:
    assert np.allclose(softmax(np.array(scores) / temperature), slow.softmax(scores, temperature))


@given(
    st.lists(
        st.tuples(st.integers(0, 1000), st.booleans()), min_size=1, max_size=60, unique_by=lambda p: p[0]
    )
)
def test_the_threshold_equals_the_slow_twin(pairs: list[tuple[int, bool]]) -> None:
    best, right = [p / 1000 for p, _ in pairs], [ok for _, ok in pairs]
    found = choose_threshold(np.array(best), np.array(right), 0.8)
    assert found == slow.threshold(best, right, 0.8, min(20, len(best)))


def test_the_calibration_makes_overconfident_margins_honest() -> None:
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 3, 3_000)
    said = np.where(rng.random(3_000) < 0.7, codes, rng.integers(0, 3, 3_000))
    margins = np.eye(3)[said] * 12.0
    before = softmax(margins)
    after = calibrated(margins, *fit_calibration(margins, codes))
    right = said == codes
    assert expected_calibration_error(before.max(axis=1), right) > 0.15
    assert expected_calibration_error(after.max(axis=1), right) < 0.02


def test_where_some_messages_cannot_be_told_no_guess_is_nearly_sure() -> None:
    rng = np.random.default_rng(1)
    codes = rng.integers(0, 20, 6_000)
    # Most are told well, one in five looks surely like something else.
    said = np.where(rng.random(6_000) < 0.8, codes, rng.integers(0, 20, 6_000))
    margins = rng.normal(0, 0.2, (6_000, 20)) + np.eye(20)[said] * rng.uniform(1, 6, (6_000, 1))
    temperature, doubt = fit_calibration(margins, codes)
    probabilities = calibrated(margins, temperature, doubt)
    assert doubt >= 0.1
    assert probabilities.max() < 0.9
    assert np.allclose(probabilities.sum(axis=1), 1.0)
