"""Writes: read a report, a person's decision on its category, which model reads."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from gongzhi.apps.actors.public import Actor
from gongzhi.apps.channels.public import Report
from gongzhi.apps.ledger import public as ledger
from gongzhi.apps.places.public import gazetteer
from gongzhi.apps.understanding import hazards, indexing, placing, reader, rules, similar
from gongzhi.apps.understanding.categories import CategoryTree, categories
from gongzhi.apps.understanding.models import Band, CategoryDecision, Example, ModelVersion, Reading
from gongzhi.kernel.errors import GongzhiError
from gongzhi_analysis.text.features import grams_of
from gongzhi_analysis.text.language import language_of

BASE_TREE = "installation"


class UnderstandingError(GongzhiError):
    """A decision on a category or a model that cannot be taken."""


def _guess(report: Report, tree: CategoryTree) -> dict[str, Any]:
    """The category part of a reading: the channel's own category, else the model's, else nobody's."""
    hint = tree.current(report.category_hint)
    if hint is not None:
        top = [{"category": hint, "probability": 1.0}]
        fields = {"model_version": rules.HINT_VERSION, "category": hint, "probability": 1.0}
        return fields | {"top3": top, "words": [], "abstained": hint == rules.UNCLEAR}
    found = reader.model_for(report.jurisdiction_id)
    if found is None:
        return {
            "model_version": rules.NO_MODEL,
            "category": rules.UNCLEAR,
            "probability": 0.0,
            "abstained": True,
        }
    version, model = found
    grams = grams_of(indexing.words_of(report))
    probabilities = [float(p) for p in model.probabilities(grams)]
    # A model may have learned categories that were retired since: what it says of them it says of their successors.
    classes = [tree.current(name) or name for name in model.classes]
    # A parent may be said although no model has it as a class of its own.
    choice = rules.choose(classes, probabilities, tree.predicted, model.threshold)
    words = model.words_for(grams, _leading(classes, probabilities, choice)) if choice.top else ()
    return {
        "model_version": version,
        "category": choice.category,
        "probability": round(choice.probability, 4),
        "top3": [{"category": c, "probability": round(p, 4)} for c, p in choice.top],
        "words": [{"word": w.word, "weight": w.weight} for w in words],
        "abstained": choice.abstained or not model.knows(grams),
    }


def _leading(classes: Sequence[str], probabilities: Sequence[float], choice: rules.Choice) -> int:
    """The class of the model that speaks loudest for the best category."""
    best = choice.top[0][0]
    return max((n for n, name in enumerate(classes) if name == best), key=lambda n: probabilities[n])


def _read(report: Report, at: datetime) -> Reading:
    jurisdiction = report.jurisdiction
    words = indexing.words_of(report)
    dangers = hazards.scan(words, hazards.hazards_of(tuple(jurisdiction.packs)))
    finder = placing.gazetteer_for(jurisdiction.pk, gazetteer(jurisdiction))
    # What the person wrote into the place field is read first.
    links = finder.links(f"{report.place_words}\n{words}" if report.place_words else words)
    return Reading(
        report=report,
        hazards=[hit.key for hit in dangers],
        places=[link.as_json() for link in links],
        language=language_of(words) or report.language or jurisdiction.default_language,
        at=at,
        **_guess(report, categories(jurisdiction)),
    )


@transaction.atomic
def read_reports(*, reports: Sequence[tuple[Report, datetime]]) -> list[Reading]:
    """Read reports at their moments: category with probability and words, dangers, places, language.

    A later reading of the same report is a new row; its place in the duplicate index stays.
    """
    readings = Reading.objects.bulk_create([_read(report, at) for report, at in reports])
    ids = [report.pk for report, _ in reports]
    indexed = set(Band.objects.filter(report_id__in=ids).values_list("report_id", flat=True))
    similar.keep_keys(
        (report, key)
        for (report, _), reading in zip(reports, readings, strict=True)
        if report.pk not in indexed
        for key in indexing.own_keys(report, reading.category)
    )
    return readings


def read_report(*, report: Report, at: datetime) -> Reading:
    """As `read_reports`, for one."""
    return read_reports(reports=[(report, at)])[0]


@transaction.atomic
def decide_category(
    *, report: Report, category: str, by: Actor, at: datetime, reason: str = "", source: str = "person"
) -> CategoryDecision:
    """A person says what a report is about. It becomes an example to learn from, unless it fits no category."""
    tree = categories(report.jurisdiction)
    if category in tree and not tree.is_current(category):
        raise UnderstandingError(
            _("The category “%(category)s” is no longer in use."),
            hint=_("Choose one of the list."),
            category=tree.label(category, get_language() or report.jurisdiction.default_language),
        )
    if category not in tree:
        raise UnderstandingError(
            _("There is no category “%(category)s”."), hint=_("Choose one of the list."), category=category
        )
    decision = CategoryDecision.objects.create(
        report=report, category=category, by_ref=by.ref, at=at, reason=reason[:200]
    )
    if category in tree.predicted:
        values = {
            "jurisdiction": report.jurisdiction,
            "category": category,
            "source": source,
            "confirmed_at": at,
        }
        Example.objects.update_or_create(report=report, defaults=values)
    else:
        Example.objects.filter(report=report).delete()
    ledger.record(
        tree=report.jurisdiction.code,
        kind="understanding.category_decided",
        subject=f"report:{report.pk}",
        by=by.ref,
        at=at,
        fields={"category": category},
        texts={"reason": reason} if reason else {},
    )
    return decision


@transaction.atomic
def activate_model(*, version: ModelVersion, by: Actor, at: datetime) -> ModelVersion:
    """Put a model into use, or an older one back. It reads in all processes within seconds.

    Somebody of one office who chooses the base model in use turns their own office back to it. Other base models
    are refused to them: those would change what other offices read.
    """
    if version.jurisdiction_id is None and by.jurisdiction_id is not None:
        if not version.active:
            raise UnderstandingError(
                _("This base model is not in use; other offices would read with it too."),
                hint=_("Choose one of your own models, or the base model in use."),
            )
        ModelVersion.objects.filter(jurisdiction_id=by.jurisdiction_id, active=True).update(active=False)
    else:
        same = ModelVersion.objects.filter(jurisdiction=version.jurisdiction, active=True)
        same.exclude(pk=version.pk).update(active=False)
        version.active = True
        version.save(update_fields=["active"])
    ledger.record(
        tree=version.jurisdiction.code if version.jurisdiction else BASE_TREE,
        kind="understanding.model_activated",
        subject=f"model:{version.pk}",
        by=by.ref,
        at=at,
        fields={"version": version.version, "data_hash": version.data_hash},
    )
    transaction.on_commit(reader.forget_models)
    return version


def drop_old_bands(*, at: datetime) -> int:
    """Forget what is too old to be compared with. Returns how many rows went."""
    gone, _kinds = Band.objects.filter(at__lt=at - timedelta(days=rules.WINDOW_DAYS)).delete()
    return gone
