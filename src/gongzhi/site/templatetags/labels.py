"""Template filters that turn codes into words: `{{ case.state|state_name }}`."""

from datetime import datetime
from typing import Any

from django import template
from django.utils.translation import get_language

from gongzhi.apps.places.public import Jurisdiction
from gongzhi.apps.understanding.public import categories
from gongzhi.kernel import clock
from gongzhi.site import labels, setup_words
from gongzhi.site.pages.resident.sentences import span_words

register = template.Library()


def _lang() -> str:
    return get_language() or "zh-hans"


@register.filter
def state_name(state: str) -> str:
    """The word for a case's state."""
    return str(labels.STATE_NAMES.get(state, state))


@register.filter
def state_tone(state: str) -> str:
    """The status hue of a state: wait, go, done or alert."""
    return labels.STATE_TONES.get(state, "wait")


@register.filter
def wait_name(reason: str) -> str:
    """Why a case waits at the desk."""
    return str(labels.WAIT_NAMES.get(reason, reason))


@register.filter
def wait_help(reason: str) -> str:
    """What to do about it."""
    return str(labels.WAIT_HELP.get(reason, ""))


@register.filter
def task_state(state: str) -> str:
    """The word for a task's state."""
    return str(labels.TASK_STATES.get(state, state))


@register.filter
def role_name(role: str) -> str:
    """Leads or helps."""
    return str(labels.ROLES.get(role, role))


@register.filter
def channel_name(channel: str) -> str:
    """How a report came in."""
    return str(labels.CHANNELS.get(channel, channel))


@register.filter
def request_type_name(request_type: str) -> str:
    """What kind of request it is."""
    return str(labels.REQUEST_TYPES.get(request_type, request_type))


@register.filter
def in_language(thing: Any) -> str:
    """The name of an area, unit, place or office in the page's language; empty for None."""
    return thing.name_in(_lang()) if thing is not None and thing != "" else ""


@register.filter
def area_with_end(area: Any) -> str:
    """The name of an area, with its last day where it has ended or will."""
    return labels.area_words(area, _lang()) if area is not None and area != "" else ""


@register.filter
def category_name(category: str, jurisdiction: Jurisdiction) -> str:
    """The word for a category in the office's packs."""
    if not category:
        return ""
    return categories(jurisdiction).label(category, _lang())


@register.filter
def sentence(step: Any) -> str:
    """What happened in a step."""
    return labels.step_sentence(step, _lang())


@register.filter
def moment(value: datetime | None, jurisdiction: Jurisdiction) -> str:
    """Day and time in the office's zone."""
    return labels.day_words(value, jurisdiction.zone, now=clock.now()) if value else ""


@register.filter
def day(value: datetime | None, jurisdiction: Jurisdiction) -> str:
    """The day in the office's zone."""
    return labels.day_words(value, jurisdiction.zone, with_time=False, now=clock.now()) if value else ""


@register.filter
def chance(probability: float) -> str:
    """How sure the program is."""
    return labels.chance_words(probability)


@register.filter
def hours(value: float | None) -> str:
    """A duration in hours as people say it; a dash where there is none."""
    return "–" if value is None else labels.duration_words(value)


@register.filter
def workdays(days: int) -> str:
    """How many working days are left."""
    return labels.workdays_words(days)


@register.filter
def reason(value: dict[str, Any]) -> str:
    """A reason why two cases are perhaps the same."""
    return labels.reason_words(value)


@register.filter
def unit_kind(kind: str) -> str:
    """The word for a kind of unit; a kind that only the office's own data knows as it is written there."""
    return str(setup_words.UNIT_KINDS.get(kind, kind.replace("_", " ")))


@register.filter
def area_kind(kind: str) -> str:
    """The word for a kind of area."""
    return str(setup_words.AREA_KINDS.get(kind, kind.replace("_", " ")))


@register.filter
def account_role(role: str) -> str:
    """The word for the role that an account holds."""
    return str({str(key): words for key, words in setup_words.ROLE_NAMES.items()}.get(role, role))


@register.filter
def span(item: Any) -> str:
    """The time that a line of the power list gives: `5 working days`."""
    return span_words(item.amount, item.time_unit)
