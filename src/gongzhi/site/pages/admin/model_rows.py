"""The reading models as the set-up page shows them: figures in words with their base, and what may be put back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from gongzhi.apps.places.public import Jurisdiction
from gongzhi.apps.understanding.public import ModelVersion

SHOWN: Final = 20
FIGURES: Final = {
    "accuracy": gettext_lazy("right at the first guess"),
    "top3": gettext_lazy("right among the first three"),
    "coverage": gettext_lazy("sure enough to decide"),
    "precision_decided": gettext_lazy("right where it was sure"),
    "macro_f1": gettext_lazy("all categories counted alike, rare ones too (macro F1)"),
    "ece": gettext_lazy("by how much “8 in 10” is off on average (calibration error)"),
}


@dataclass(frozen=True)
class ModelRow:
    """A model, what its figures say, whether it reads for this office now, whether it may be chosen here."""

    version: ModelVersion
    is_base: bool
    in_use: bool
    may_choose: bool
    lines: list[str]
    figures: list[tuple[str, str]]


def model_rows(jurisdiction: Jurisdiction, versions: Sequence[ModelVersion]) -> list[ModelRow]:
    """The models of the office and the base models, in the order given.

    An office reads with its own model where one is in use, else with the base model in use. Of the base models
    only the one in use can be chosen: another would change what other offices read.
    """
    own_in_use = any(v.active for v in versions if v.jurisdiction_id is not None)
    rows = []
    for version in versions:
        is_base = version.jurisdiction_id is None
        in_use = version.active and not (is_base and own_in_use)
        may_choose = not in_use and (version.active or not is_base)
        told = told_lines(version.metrics)
        rows.append(ModelRow(version, is_base, in_use, may_choose, told, figures(version.metrics)))
    return rows


def percent(share: Any) -> str:
    """A share from 0 to 1 as people say it: `78 %`."""
    return f"{round(float(share) * 100)} %"


def told_lines(metrics: Mapping[str, Any]) -> list[str]:
    """What a model learned from and on how many messages its figures were measured."""
    lines = [_learned(metrics)] if metrics.get("messages") else []
    if metrics.get("accuracy") is None:
        return [*lines, _("Too few messages to say how well it reads.")]
    n = int(metrics.get("held_out") or 0)
    words = ngettext(
        "Measured on %(n)d message it had not seen:", "Measured on %(n)d messages it had not seen:", n
    )
    return [*lines, words % {"n": n}]


def _learned(metrics: Mapping[str, Any]) -> str:
    own = metrics.get("own_messages") or 0
    if not own:
        return _("Learned from %(n)d sentences of the packs.") % {"n": metrics["messages"]}
    words = _("Learned from %(n)d messages, %(own)d of them confirmed by people of this office.")
    return words % {"n": metrics["messages"], "own": own}


def figures(metrics: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The figures that there are, each with the words for it."""
    return [
        (str(words), percent(metrics[key])) for key, words in FIGURES.items() if metrics.get(key) is not None
    ]
