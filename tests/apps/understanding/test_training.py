"""Models: trained from packs and confirmed labels, put into use, put back; the web side never trains."""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gongzhi.apps.actors.public import SYSTEM
from gongzhi.apps.understanding import public as understanding
from gongzhi.apps.understanding import reader, training
from gongzhi.apps.understanding.models import Example, ModelVersion
from gongzhi.apps.understanding.public import UnderstandingError
from tests.cast import MONDAY, Cast, say

HOUR = timedelta(hours=1)


SPOTS = [
    "供电所宿舍",
    "粮站巷",
    "老戏台",
    "农机厂",
    "渡口",
    "纺织三厂",
    "水塔边",
    "邮电局后院",
    "铁匠铺",
    "豆腐坊",
]
ENDS = ["上周摔了人", "麻烦来瞧瞧", "反映过三回没动静", "邻里都在抱怨", "老人不敢出门", "啥时候能弄好"]


def confirm(cast: Cast, amount: int) -> None:
    """Confirmed labels in words of this office: here people call a pothole a 踩水陷阱."""
    for number in range(amount):
        words, category = [("有踩水陷阱", "roads.potholes"), ("黑咕隆咚照不见", "roads.streetlight")][
            number % 2
        ]
        text = f"{SPOTS[number % 10]}{words}，{ENDS[number // 10 % 6]}。"
        report, _ = say(cast, text)
        understanding.decide_category(report=report, category=category, by=SYSTEM, at=MONDAY)


def test_the_base_model_comes_from_the_packs_and_says_what_it_learned_from(base_model: ModelVersion) -> None:
    assert base_model.active
    assert base_model.jurisdiction is None
    assert len(base_model.data_hash) == 64
    # 96 sentences and the words for four categories; the figures are about the sentences.
    assert (base_model.metrics["held_out"], base_model.metrics["messages"]) == (96, 100)
    assert base_model.metrics["macro_f1"] > 0.9


def test_training_again_on_the_same_data_changes_nothing(base_model: ModelVersion) -> None:
    assert training.retrain(jurisdiction=None, at=MONDAY + HOUR) is None
    assert ModelVersion.objects.count() == 1


def test_an_office_learns_its_own_words(cast: Cast, base_model: ModelVersion) -> None:
    confirm(cast, 60)
    version = training.retrain(jurisdiction=cast.office, at=MONDAY + HOUR)
    assert version is not None
    assert version.jurisdiction == cast.office
    assert version.metrics["own_messages"] == 60
    reader.forget_models()
    report, _ = say(cast, "我们院门口也有踩水陷阱")
    reading = understanding.read_report(report=report, at=MONDAY + HOUR)
    assert reading.top3[0]["category"] == "roads.potholes"
    assert reading.model_version == version.version


def test_too_few_labels_train_no_model_of_ones_own(cast: Cast, base_model: ModelVersion) -> None:
    confirm(cast, 10)
    assert training.retrain(jurisdiction=cast.office, at=MONDAY + HOUR) is None


def test_a_challenger_that_reads_unseen_labels_worse_does_not_replace_the_champion(
    cast: Cast, base_model: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    confirm(cast, 60)
    monkeypatch.setattr(training, "_said_by", lambda model, lesson, wanted: lesson.truth())
    real = training._train

    def bad(*given: Any) -> Any:
        candidate = real(*given)
        return training._Candidate(candidate.version, dict.fromkeys(candidate.held_out, "sanitation.garbage"))

    monkeypatch.setattr(training, "_train", bad)
    assert training.retrain(jurisdiction=cast.office, at=MONDAY + HOUR) is None
    assert not ModelVersion.objects.filter(jurisdiction=cast.office, active=True).exists()
    assert training.retrain(jurisdiction=cast.office, at=MONDAY + 2 * HOUR, force=True) is not None


def test_an_office_can_go_back_to_an_older_model_and_to_the_base_model(
    cast: Cast, base_model: ModelVersion
) -> None:
    confirm(cast, 60)
    first = training.retrain(jurisdiction=cast.office, at=MONDAY + HOUR)
    second = training.retrain(jurisdiction=cast.office, at=MONDAY + 2 * HOUR, force=True)
    assert first is not None
    assert second is not None
    admin = cast.actor(cast.admin)
    understanding.activate_model(version=first, by=admin, at=MONDAY)
    reader.forget_models()
    assert reader.model_for(cast.office.pk)[0] == first.version  # type: ignore[index]
    assert list(understanding.model_versions(cast.office))[0] == second
    understanding.activate_model(version=base_model, by=admin, at=MONDAY)
    reader.forget_models()
    assert reader.model_for(cast.office.pk)[0] == base_model.version  # type: ignore[index]


def test_one_office_cannot_change_the_base_model_of_all(cast: Cast, base_model: ModelVersion) -> None:
    other = training.train_model(jurisdiction=None, at=MONDAY + HOUR)
    with pytest.raises(UnderstandingError):
        understanding.activate_model(version=other, by=cast.actor(cast.admin), at=MONDAY)
    assert ModelVersion.objects.get(active=True) == base_model


def test_a_running_process_notices_a_new_model_within_seconds(
    cast: Cast, base_model: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr("gongzhi.apps.understanding.reader.time.monotonic", lambda: now[0])
    reader.forget_models()
    assert reader.model_for(cast.office.pk)[0] == base_model.version  # type: ignore[index]
    newer = training.train_model(jurisdiction=None, at=MONDAY + HOUR)
    ModelVersion.objects.update(active=False)
    ModelVersion.objects.filter(pk=newer.pk).update(active=True)
    assert reader.model_for(cast.office.pk)[0] == base_model.version  # type: ignore[index]
    now[0] += reader.CHECK_SECONDS + 0.1
    assert reader.model_for(cast.office.pk)[0] == newer.version  # type: ignore[index]


def test_a_model_holds_no_sentence_and_no_pickle(base_model: ModelVersion) -> None:
    folder = reader.models_root() / base_model.folder
    assert {path.suffix for path in folder.iterdir()} == {".npy", ".json"}
    assert "小区门口" not in (folder / "model.json").read_text(encoding="utf-8")
    assert json.loads((folder / "model.json").read_text())["about"]["data_hash"] == base_model.data_hash


def test_examples_go_with_an_erased_report(cast: Cast) -> None:
    confirm(cast, 2)
    Example.objects.first().report.delete()  # type: ignore[union-attr]
    assert Example.objects.count() == 1


def test_reading_imports_nothing_that_trains() -> None:
    code = (
        "import django; django.setup()\n"
        "import sys, gongzhi.apps.understanding.public\n"
        "print([m for m in ('sklearn', 'scipy', 'pandas', 'pyarrow', 'duckdb') if m in sys.modules])"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root, check=True)
    assert done.stdout.strip() == "[]"
