"""What a coordinator needs to see to decide: guesses, alike cases, dangers, the words of those who handed back.

A handful of queries whatever the number of cases.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from gongzhi.apps.cases import public as cases
from gongzhi.apps.cases.public import Case, Step, Suggestion
from gongzhi.apps.places.public import Jurisdiction, gazetteer
from gongzhi.apps.understanding import public as understanding
from gongzhi.apps.understanding.public import Reading
from gongzhi.scenarios.loader import scenario_for
from gongzhi.site.access import PageRequest
from gongzhi.site.labels import chance_words, reason_words
from gongzhi.site.pages.coordinator.rows import CaseRow, case_rows

SHOWN_WORDS: Final = 5
OTHER_EXCERPT: Final = 240
LEAST_SAID: Final = 0.05  # below, “about 1 in 10” would be far too much
# Whose words say why a case is back on the desk.
BACK_STEPS: Final = {
    "returned": ("returned", "return_asked", "unit_closed"),
    "reopened": ("rated",),
    "withdrawn": ("retracted",),
}


@dataclass(frozen=True)
class Guess:
    """A category that the program thinks possible; how sure it is in words, nothing where it hardly is."""

    category: str
    name: str
    chance: str


@dataclass(frozen=True)
class Likeness:
    """Another case that is perhaps the same: its line, how probably, and why."""

    row: CaseRow
    chance: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class DeskRow:
    """A case on the desk with what can be decided from the list."""

    row: CaseRow
    dangers: tuple[str, ...] = ()
    guesses: tuple[Guess, ...] = ()
    words: tuple[str, ...] = ()
    same: Likeness | None = None
    back: Step | None = None


def guesses_of(reading: Reading | None, jurisdiction: Jurisdiction) -> tuple[Guess, ...]:
    """The best three categories of a reading, best first. None where no model has read it."""
    tree, lang = understanding.categories(jurisdiction), get_language() or "zh-hans"
    found = reading.top3 if reading is not None else []
    guesses = []
    for n, g in enumerate(found):
        if tree.is_current(g["category"]):
            chance = chance_words(g["probability"]) if n == 0 or g["probability"] >= LEAST_SAID else ""
            guesses.append(Guess(g["category"], tree.label(g["category"], lang), chance))
    return tuple(guesses)


def words_of(reading: Reading | None) -> tuple[str, ...]:
    """The words that led the program, the weightiest first."""
    found = reading.words if reading is not None else []
    return tuple(str(w["word"]).strip() for w in found[:SHOWN_WORDS] if str(w["word"]).strip())


def dangers_of(readings: Iterable[Reading], jurisdiction: Jurisdiction) -> tuple[str, ...]:
    """The dangers that were found in the words, each named once."""
    scenario, lang = scenario_for(tuple(jurisdiction.packs)), get_language() or "zh-hans"
    keys = dict.fromkeys(str(key) for reading in readings for key in reading.hazards)
    return tuple(scenario.words(f"hazard.{key}.label", lang) for key in keys)


def _named(reason: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The reason with the places' names instead of their numbers."""
    if reason.get("key") not in {"place_words", "place_conflict"}:
        return dict(reason)
    parts = str(reason.get("value", "")).split(" / ")
    return {**reason, "value": " / ".join(names.get(part, part) for part in parts)}


def reasons_in_words(reasons: Sequence[Mapping[str, Any]], jurisdiction: Jurisdiction) -> tuple[str, ...]:
    """Why two cases are perhaps the same, each reason in words; nothing is said of what does not count."""
    names: dict[str, str] = {}
    for place in gazetteer(jurisdiction):
        names.setdefault(str(place.place_id), place.text)
    told = [r for r in reasons if not (r.get("key") == "text_similarity" and not r.get("value"))]
    return tuple(reason_words(_named(reason, names)) for reason in told)


def _holding(suggestion: Suggestion) -> list[dict[str, Any]]:
    """The reasons that still hold: a person may have said since that the two are of different categories."""
    same = suggestion.case.category == suggestion.other.category
    return [reason for reason in suggestion.reasons if same or reason.get("key") != "category"]


def likenesses(request: PageRequest, suggestions: Sequence[Suggestion], now: datetime) -> dict[int, Likeness]:
    """The suggestions whose other case this person may see, by suggestion id."""
    visible = cases.visible_cases(visible_to=request.actor, jurisdiction=request.jurisdiction)
    seen = set(visible.filter(pk__in=[s.other_id for s in suggestions]).values_list("pk", flat=True))
    shown = [s for s in suggestions if s.other_id in seen]
    rows = case_rows(request, [s.other for s in shown], now, OTHER_EXCERPT)
    return {
        s.pk: Likeness(
            row=row,
            chance=chance_words(s.score),
            reasons=reasons_in_words(_holding(s), request.jurisdiction),
        )
        for s, row in zip(shown, rows, strict=True)
    }


def desk_rows(request: PageRequest, found: Sequence[Case], now: datetime) -> dict[int, DeskRow]:
    """The lines of the desk for these cases, by case id."""
    rows = case_rows(request, found, now)
    readings = understanding.reading_of([row.report_id for row in rows if row.report_id is not None])
    maybe = [case for case in found if case.waits_for == "maybe_same"]
    suggestions = {pk: found[0] for pk, found in cases.suggestions_of(maybe).items()} if maybe else {}
    alike = likenesses(request, list(suggestions.values()), now) if suggestions else {}
    back = _back_steps(found)
    lines = {}
    for row in rows:
        reading = readings.get(row.report_id) if row.report_id is not None else None
        suggestion = suggestions.get(row.case.pk)
        lines[row.case.pk] = DeskRow(
            row=row,
            dangers=dangers_of([reading] if reading else [], request.jurisdiction),
            guesses=guesses_of(reading, request.jurisdiction) if row.case.waits_for == "unsure" else (),
            words=words_of(reading),
            same=alike.get(suggestion.pk) if suggestion is not None else None,
            back=back.get(row.case.pk),
        )
    return lines


def _back_steps(found: Sequence[Case]) -> dict[int, Step]:
    steps: dict[int, Step] = {}
    for reason, kinds in BACK_STEPS.items():
        back = [case for case in found if case.waits_for == reason]
        steps |= cases.last_steps(back, kinds) if back else {}
    return steps


def back_step(steps: Sequence[Step], waits_for: str) -> Step | None:
    """The step that says why a case is back on the desk; None where it waits for something else."""
    kinds = BACK_STEPS.get(waits_for, ())
    return next((step for step in reversed(steps) if step.kind in kinds), None)


def category_reason(reading: Reading | None, decided: Step | None) -> str:
    """Who said what the case is about: a person, the channel, the program, or nobody yet."""
    if decided is not None:
        return _("A person decided it.")
    if reading is None or reading.model_version == understanding.NO_MODEL:
        return _("Nobody has read it yet: there is no reading model. Please choose.")
    if reading.model_version == understanding.HINT_VERSION:
        return _("The channel it came through gave the category.")
    if reading.abstained:
        return _("The program read the words and is not sure enough to decide.")
    return _("The program read the words and is sure enough.")
