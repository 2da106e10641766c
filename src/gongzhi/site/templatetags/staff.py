"""Template filters that only pages for staff need: what stands behind a step of a case."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from django import template
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from gongzhi.apps.channels.public import Told
from gongzhi.apps.places.public import Jurisdiction
from gongzhi.apps.understanding.public import categories
from gongzhi.kernel.config import words
from gongzhi.site.labels import day_words
from gongzhi.site.mail import told_words

register = template.Library()


def _categorised(detail: dict[str, Any], jurisdiction: Jurisdiction) -> str:
    tree, lang = categories(jurisdiction), get_language() or "zh-hans"
    before, after = (tree.label(detail[key], lang) if detail.get(key) else "" for key in ("before", "after"))
    return f"{before} → {after}" if before and before != after else after


def _number(key: str) -> Callable[[dict[str, Any], Jurisdiction], str]:
    return lambda detail, _jurisdiction: str(detail.get(key) or "")


def _joined(detail: dict[str, Any], _jurisdiction: Jurisdiction) -> str:
    return ", ".join(str(number) for number in detail.get("cases", ()))


def _rated(detail: dict[str, Any], _jurisdiction: Jurisdiction) -> str:
    said = {
        "contacted": {True: _("was contacted"), False: _("was not contacted")},
        "solved": {True: _("solved"), False: _("not solved")},
    }
    words = [said[key].get(bool(detail[key])) for key in said if detail.get(key) is not None]
    if detail.get("satisfaction"):
        words.append(_("Satisfaction: %(n)s of 5.") % {"n": detail["satisfaction"]})
    return " · ".join(word for word in words if word)


def _placed(detail: dict[str, Any], _jurisdiction: Jurisdiction) -> str:
    lang = get_language() or "zh-hans"
    before, after = (words(detail.get(key) or {}, lang) for key in ("before", "after"))
    return f"{before} → {after}" if before else after


def _recounted(detail: dict[str, Any], jurisdiction: Jurisdiction) -> str:
    before, after = (
        day_words(datetime.fromisoformat(detail[key]), jurisdiction.zone) for key in ("before", "after")
    )
    return f"{before} → {after}" if before != after else after


DETAILS: Final[dict[str, Callable[[dict[str, Any], Jurisdiction], str]]] = {
    "categorised": _categorised,
    "merged": _number("into"),
    "split": _number("case"),
    "not_same": _number("other"),
    "opened": _number("split_from"),
    "joined": _joined,
    "rated": _rated,
    "placed": _placed,
    "recounted": _recounted,
    "calendar": _recounted,
    "paused": _recounted,
    "resumed": _recounted,
    "extended": _recounted,
}


@register.filter
def detail_words(step: Any, jurisdiction: Jurisdiction) -> str:
    """What stands behind a step, for staff: which category, which other case, what the reporter said. Often empty."""
    say = DETAILS.get(step.kind)
    return say(step.detail, jurisdiction) if say is not None and step.detail else ""


@register.filter
def of_report(told: Any, report: Any) -> list[Told]:
    """What one reporter was told, out of what all reporters of the case were told."""
    found: list[Told] = (told or {}).get(report.pk, [])
    return found


@register.filter
def lost_mail(told: list[Told]) -> bool:
    """Whether an e-mail about something did not arrive, and the reporter does not know it otherwise."""
    return any(one.lost for one in told)


@register.filter
def told_what(told: Told) -> str:
    """Of what a reporter was told."""
    return told_words.what_words(told)


@register.filter
def told_page(told: Told) -> str:
    """Whether the reporter has read it on the page."""
    return told_words.page_words(told)


@register.filter
def told_mail(told: Told) -> str:
    """What became of the e-mail about it."""
    return told_words.mail_words(told)
