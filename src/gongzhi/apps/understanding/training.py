"""Trains reading models. Imports scikit-learn: only the worker and the command line import this, never a web page."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import transaction

from gongzhi.apps.actors.public import SYSTEM
from gongzhi.apps.places.public import Jurisdiction, jurisdictions
from gongzhi.apps.understanding import indexing, reader, rules
from gongzhi.apps.understanding.actions import activate_model
from gongzhi.apps.understanding.categories import CategoryTree, categories
from gongzhi.apps.understanding.models import Example, ModelVersion
from gongzhi.scenarios.loader import scenario_for
from gongzhi.scenarios.model import LANGUAGES, Scenario
from gongzhi_analysis.text.model import ModelError, TextModel, load_model
from gongzhi_analysis.text.train import TrainingError, data_hash, train_and_compare

# How much a sentence written for the packs counts beside an office's own confirmed message (methods.md a).
PACK_WEIGHT: Final = 0.3
# So few new labels do not tell two models apart.
LEAST_COMPARED: Final = 20


@dataclass(frozen=True)
class _Lesson:
    """All that a model learns from. `reports` holds the report id of each text, None for what a pack says."""

    texts: list[str]
    labels: list[str]
    reports: list[int | None]
    sentences: int  # so many texts, the first ones, are a pack's example sentences

    def truth(self) -> dict[int, str]:
        """The confirmed category of each report."""
        return {pk: label for pk, label in zip(self.reports, self.labels, strict=True) if pk is not None}


@dataclass(frozen=True)
class _Candidate:
    version: ModelVersion
    held_out: dict[int, str]


def _packs_of_all() -> tuple[str, ...]:
    """The packs that offices use; before there is an office, all that lie in the folder."""
    used = dict.fromkeys(name for office in jurisdictions() for name in office.packs)
    if used:
        return tuple(used)
    return tuple(sorted(p.parent.name for p in Path(settings.PACKS_ROOT).glob("*/pack.toml")))


def _described(scenario: Scenario) -> list[tuple[str, str]]:
    """What the packs say of each category in each language: it teaches words that no example happens to use."""
    tree = CategoryTree(scenario)
    pairs: dict[tuple[str, str], None] = {}
    for category in tree.leaves():
        if category in tree.predicted:
            for lang in LANGUAGES:
                pairs[tree.label(category, lang), category] = None
                pairs[tree.help(category, lang), category] = None
    return list(pairs)


def _lesson(jurisdiction: Jurisdiction | None) -> _Lesson:
    packs = tuple(jurisdiction.packs) if jurisdiction else _packs_of_all()
    scenario = scenario_for(packs)
    examples = scenario.entries("examples.jsonl")
    tree = CategoryTree(scenario)
    # What was said of a retired category teaches its successor; without one it teaches nothing any more.
    said = [(e.text, now) for e in examples if (now := tree.current(e.category)) is not None]
    lesson = _Lesson([text for text, _ in said], [category for _, category in said], [], len(said))
    for text, category in _described(scenario):
        lesson.texts.append(text)
        lesson.labels.append(category)
    lesson.reports.extend([None] * len(lesson.texts))
    if jurisdiction is not None:
        rows = (
            Example.objects.filter(jurisdiction=jurisdiction).select_related("report").order_by("report_id")
        )
        for example in rows.iterator(chunk_size=1_000):
            learned = tree.current(example.category)
            if learned is not None:
                lesson.texts.append(indexing.words_of(example.report))
                lesson.labels.append(learned)
                lesson.reports.append(example.report_id)
    return lesson


def _train(jurisdiction: Jurisdiction | None, lesson: _Lesson, at: datetime) -> _Candidate:
    local = [pk is not None for pk in lesson.reports]
    trained = train_and_compare(
        lesson.texts,
        lesson.labels,
        weights=[1.0 if own else PACK_WEIGHT for own in local] if any(local) else None,
        # The figures are about messages, not about the packs' descriptions.
        counted=local if any(local) else [i < lesson.sentences for i in range(len(local))],
        at=at,
    )
    about = trained.model.about
    owner = jurisdiction.code if jurisdiction else "base"
    name = f"{owner}-{at:%Y%m%d-%H%M%S}-{about['data_hash'][:8]}"
    trained.model.save(reader.models_root() / name)
    version, _made = ModelVersion.objects.update_or_create(
        version=name,
        defaults={
            "jurisdiction": jurisdiction,
            "folder": name,
            "data_hash": about["data_hash"],
            "metrics": about["metrics"] | {"messages": len(lesson.texts), "own_messages": sum(local)},
            "created_at": at,
        },
    )
    pairs = zip(lesson.reports, trained.held_out, strict=True)
    return _Candidate(version, {pk: said for pk, said in pairs if pk is not None and said is not None})


def train_model(*, jurisdiction: Jurisdiction | None, at: datetime) -> ModelVersion:
    """Train a model (None: the base model) and keep it beside the others; it does not read yet.

    GongzhiError's cousin TrainingError where the packs bring too few sentences.
    """
    return _train(jurisdiction, _lesson(jurisdiction), at).version


def _said_by(model: TextModel, lesson: _Lesson, wanted: set[int]) -> dict[int, str]:
    pairs = zip(lesson.reports, lesson.texts, strict=True)
    return {
        pk: model.read(text, explain=False).label for pk, text in pairs if pk is not None and pk in wanted
    }


def _champion_is_kept(
    jurisdiction: Jurisdiction, champion: ModelVersion, candidate: _Candidate, lesson: _Lesson
) -> bool:
    """Whether the model in use does clearly better on confirmed messages that neither of the two has seen."""
    unseen = Example.objects.filter(jurisdiction=jurisdiction)
    if champion.jurisdiction_id is not None:
        unseen = unseen.filter(confirmed_at__gt=champion.created_at)
    wanted = set(unseen.values_list("report_id", flat=True)) & candidate.held_out.keys()
    if len(wanted) < LEAST_COMPARED:
        return False
    try:
        model = load_model(reader.models_root() / champion.folder)
    except ModelError:
        return False
    truth = {pk: label for pk, label in lesson.truth().items() if pk in wanted}
    tree = categories(jurisdiction)
    said = {pk: tree.current(label) or label for pk, label in _said_by(model, lesson, wanted).items()}
    lost, won = rules.compared(said, candidate.held_out, truth)
    return rules.is_clearly_worse(lost, won)


def retrain(*, jurisdiction: Jurisdiction | None, at: datetime, force: bool = False) -> ModelVersion | None:
    """Train, and put the new model into use where it is not worse than the one in use (or `force` says so).

    None where nothing is new, where an office has too few confirmed labels of its own, or where the model in use
    stays because it reads unseen confirmed messages better; the challenger is then kept, not in use.
    """
    lesson = _lesson(jurisdiction)
    own = sum(pk is not None for pk in lesson.reports)
    active = ModelVersion.objects.filter(jurisdiction=jurisdiction, active=True).first()
    unchanged = active is not None and active.data_hash == data_hash(lesson.texts, lesson.labels)
    too_few = jurisdiction is not None and own < rules.LABELS_TO_TRAIN
    if not force and (unchanged or too_few):
        return None
    candidate = _train(jurisdiction, lesson, at)
    champion = reader.active_version(jurisdiction.pk) if jurisdiction else None
    if (
        not force
        and jurisdiction
        and champion
        and _champion_is_kept(jurisdiction, champion, candidate, lesson)
    ):
        return None
    with transaction.atomic():
        return activate_model(version=candidate.version, by=SYSTEM, at=at)


__all__ = ["TrainingError", "retrain", "train_model"]
