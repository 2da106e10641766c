"""Template tags of the design system: icons, language codes, keyset links, errors of a form as one list."""

from collections.abc import Iterator
from typing import Any, Final

from django import forms, template
from django.conf import settings
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from gongzhi.apps.places.public import Jurisdiction

register = template.Library()

HTML_LANGS: Final = {"zh-hans": "zh-Hans", "zh-hant": "zh-Hant", "en": "en"}
# Every status tone has a shape as well as a hue, so that it is told apart without colour.
TONE_ICONS: Final = {"wait": "wait", "go": "go", "done": "check", "alert": "alert"}
EMERGENCY_NAMES: Final = {
    "police": pgettext_lazy("emergency number", "police"),
    "fire": _("fire"),
    "medical": _("ambulance"),
    "traffic": _("traffic accident"),
    "all": _("emergency"),
}
SHORT_LANGS: Final = {"zh-hans": "简", "zh-hant": "繁", "en": "EN"}


@register.simple_tag
def icon(name: str, title: str = "") -> SafeString:
    """A symbol of the sprite. Without a title it is decoration and screen readers pass over it."""
    if title:
        return format_html(
            '<svg class="icon" role="img" viewBox="0 0 24 24"><title>{}</title><use href="#i-{}"></use></svg>',
            title,
            name,
        )
    return format_html(
        '<svg class="icon" aria-hidden="true" viewBox="0 0 24 24"><use href="#i-{}"></use></svg>', name
    )


@register.filter
def html_lang(lang: str | None) -> str:
    """The language as HTML and screen readers want it: `zh-Hans`."""
    return HTML_LANGS.get((lang or "").lower(), lang or "")


@register.simple_tag
def languages() -> list[tuple[str, str]]:
    """The languages of the site, each named in itself."""
    return [(code, str(name)) for code, name in settings.LANGUAGES]


@register.filter
def short_lang(lang: str) -> str:
    """The language on a small button, in itself."""
    return SHORT_LANGS.get(lang, lang)


@register.simple_tag
def emergency_numbers(jurisdiction: Jurisdiction) -> list[tuple[str, str]]:
    """The numbers to call in danger, each with what it is for; just the number where one serves for all."""
    numbers: dict[str, list[str]] = {}
    for key, number in jurisdiction.emergency.items():
        numbers.setdefault(str(number), []).append(str(EMERGENCY_NAMES.get(key, "")))
    if len(numbers) == 1:
        return [("", next(iter(numbers)))]
    return [(" / ".join(name for name in names if name), number) for number, names in numbers.items()]


@register.filter
def author(step: Any) -> str:
    """Who did a step, for staff: the person's label, the reporter, or the program."""
    kind = str(step.by_ref).partition(":")[0]
    return str({"resident": _("the reporter"), "system": _("the program")}.get(kind, step.by_label))


@register.filter
def tone_icon(tone: str) -> str:
    """The shape that goes with a status hue."""
    return TONE_ICONS.get(tone, "wait")


@register.simple_tag(takes_context=True)
def here(context: dict[str, Any], *names: str) -> str:
    """`aria-current` for a navigation link whose page (by URL name or its beginning) is the one shown."""
    request: HttpRequest | None = context.get("request")
    match = request.resolver_match if request is not None else None
    shown = match.url_name if match is not None and match.url_name else ""
    return SafeString(' aria-current="page"') if shown in names else ""


@register.filter
def error_list(form: forms.Form) -> list[dict[str, str]]:
    """All errors of a bound form for the error summary: words and the id of the field to jump to."""
    return list(_errors(form))


def _errors(form: forms.Form) -> Iterator[dict[str, str]]:
    for name, errors in form.errors.items():
        target = form[name].id_for_label or form[name].auto_id if name in form.fields else ""
        if name in form.fields and form[name].is_hidden:
            target = ""
        for error in errors:
            yield {"target": target or "", "message": str(error)}


@register.filter
def tel(number: str) -> str:
    """A phone number as a link target: digits and a leading plus."""
    return "".join(c for c in str(number) if c.isdigit() or c == "+")
