"""The residents' forms. Every message says what to do; what was typed is always kept."""

import re
from collections.abc import Iterable
from typing import Any, Final, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _

from gongzhi.apps.channels.public import (
    MAX_PHOTOS,
    CleanPhoto,
    MailWish,
    PhotoError,
    ReportError,
    check_text,
    clean_photo,
)
from gongzhi.apps.places.public import Jurisdiction, areas, check_coordinates
from gongzhi.site.pages.resident.filing import new_form_token

PHONE: Final = re.compile(r"[0-9+()（）\s./-]{5,40}")
OUTSIDE: Final = _(
    "This point is not in our area. Please choose a point on the map, or name the place in words."
)
TURNED: Final = _(
    "The two numbers of the point were the wrong way round. We turned them; please check and send again."
)


class WordsField(forms.Field):
    """Free words, checked and cleaned as a report's text; the raw words stay in the form."""

    widget = forms.Textarea

    def clean(self, value: Any) -> str:
        """The cleaned words."""
        try:
            return check_text(value or "")
        except ReportError as error:
            raise ValidationError(f"{error} {error.what_to_do()}") from error


class PhotosInput(forms.ClearableFileInput):
    """A file input that takes several."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Any]:
        """All files that came."""
        found: list[Any] = files.getlist(name) if hasattr(files, "getlist") else []
        return found


class PhotosField(forms.Field):
    """Up to three photos, each checked and written anew."""

    widget = PhotosInput

    def clean(self, value: Any) -> tuple[CleanPhoto, ...]:
        """The photos without metadata."""
        uploads: list[Any] = list(value or [])
        if len(uploads) > MAX_PHOTOS:
            raise ValidationError(
                ngettext(
                    "Please choose one photo at most.", "Please choose %(max)d photos at most.", MAX_PHOTOS
                )
                % {"max": MAX_PHOTOS}
            )
        return tuple(self._clean_each(uploads))

    def _clean_each(self, uploads: Iterable[Any]) -> Iterable[CleanPhoto]:
        for upload in uploads:
            try:
                yield clean_photo(upload)
            except PhotoError as error:
                raise ValidationError(f"{error} {error.what_to_do()}") from error


def area_choices(jurisdiction: Jurisdiction) -> list[tuple[str, Any]]:
    """The areas as choices: those below the root, their own parts grouped under them."""
    lang = get_language() or "zh-hans"
    children: dict[int | None, list[Any]] = {}
    for area in areas(jurisdiction):
        children.setdefault(area.parent_id, []).append(area)
    roots = children.get(None, [])
    tops = [a for root in roots for a in children.get(root.pk, [])] or roots
    choices: list[tuple[str, Any]] = [("", _("I do not know"))]
    for top in tops:
        parts = children.get(top.pk, [])
        own = (str(top.pk), top.name_in(lang))
        choices.append(
            (top.name_in(lang), [own, *((str(a.pk), a.name_in(lang)) for a in parts)]) if parts else own
        )
    return choices


# Without a choice it is the answer only: that is what the words beside the fields say.
MAIL_WISHES: Final = [
    (MailWish.ANSWER.value, _("Only when there is an answer")),
    (MailWish.STEPS.value, _("At each step: received, handed over, answered, closed")),
]


class SayForm(forms.Form):
    """Say something."""

    text = WordsField(
        label=_("What is it about?"),
        help_text=_(
            "In your own words: what happened, since when, what should be done. One sentence is enough."
        ),
        widget=forms.Textarea(attrs={"rows": 6, "autocomplete": "off"}),
    )
    place_words = forms.CharField(
        label=_("Where is it?"),
        help_text=_("A street and number, an estate, a bus stop; whatever people there call it."),
        max_length=200,
        required=False,
        error_messages={"max_length": _("Please describe the place in at most 200 characters.")},
    )
    area = forms.ChoiceField(
        label=_("In which part?"),
        required=False,
        error_messages={"invalid_choice": _("Please choose a part from the list.")},
    )
    lon = forms.FloatField(required=False, widget=forms.HiddenInput, error_messages={"invalid": OUTSIDE})
    lat = forms.FloatField(required=False, widget=forms.HiddenInput, error_messages={"invalid": OUTSIDE})
    photos = PhotosField(label=_("Photos"), required=False)
    contact_name = forms.CharField(
        label=_("How may we call you?"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"max_length": _("Please write the name in at most 80 characters.")},
    )
    contact_phone = forms.CharField(
        label=_("Phone"), required=False, widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"})
    )
    contact_email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "invalid": _("Please write the e-mail address in full, for example name@example.org.")
        },
    )

    mail_wish = forms.ChoiceField(
        label=_("What shall we write to you by e-mail?"),
        choices=MAIL_WISHES,
        initial=MailWish.ANSWER.value,
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": _("Please choose one of the two.")},
    )

    def __init__(
        self, jurisdiction: Jurisdiction, data: Any = None, files: Any = None, too_large: int = 0
    ) -> None:
        super().__init__(data, files)
        self.jurisdiction = jurisdiction
        self.too_large = too_large
        self.label_suffix = ""
        cast(forms.ChoiceField, self.fields["area"]).choices = area_choices(jurisdiction)

    def clean_mail_wish(self) -> str:
        """The wish; the answer only where nothing was chosen."""
        return str(self.cleaned_data.get("mail_wish") or MailWish.ANSWER)

    def clean_contact_phone(self) -> str:
        """A number one can call."""
        phone = str(self.cleaned_data.get("contact_phone") or "").strip()
        if phone and not PHONE.fullmatch(phone):
            raise ValidationError(_("Please write a number that can be called, for example 138 0000 0000."))
        return phone

    def clean(self) -> dict[str, Any]:
        """The point lies in the city; swapped numbers are turned and shown again."""
        cleaned: dict[str, Any] = super().clean() or {}
        lon, lat = cleaned.get("lon"), cleaned.get("lat")
        if self.too_large:
            self.add_error(
                "photos",
                _("A photo was too large and was left out. Please choose a smaller one, or send without it."),
            )
        if (lon is None) != (lat is None) and not {"lon", "lat"} & self.errors.keys():
            self.add_error(None, OUTSIDE)
        elif lon is not None and lat is not None:
            self._check_point(lon, lat)
        return cleaned

    def _check_point(self, lon: float, lat: float) -> None:
        found = check_coordinates(self.jurisdiction, lon, lat)
        if found.verdict == "swapped":
            self._show_point(str(found.lon), str(found.lat))
            self.add_error(None, TURNED)
        elif not found.usable:
            self._show_point("", "")
            self.add_error(None, OUTSIDE)

    def _show_point(self, lon: str, lat: str) -> None:
        """Put another point into the form that is shown again."""
        data = self.data.copy() if isinstance(self.data, QueryDict) else QueryDict(mutable=True)
        data["lon"], data["lat"] = lon, lat
        self.data = data


YES_NO: Final = [("yes", _("Yes")), ("no", _("No"))]
SATISFACTION: Final = [
    ("5", _("5 very satisfied")),
    ("4", _("4 satisfied")),
    ("3", _("3 so-so")),
    ("2", _("2 not satisfied")),
    ("1", _("1 not at all")),
]


class RateForm(forms.Form):
    """What the reporter says of the answer. Only whether it is solved must be said."""

    solved = forms.ChoiceField(
        label=_("Is it solved?"),
        choices=YES_NO,
        widget=forms.RadioSelect,
        help_text=_("If you say no, it is opened again and the unit hears of it."),
        error_messages={"required": _("Please say whether it is solved.")},
    )
    contacted = forms.ChoiceField(
        label=_("Did somebody get in touch with you?"),
        choices=YES_NO,
        widget=forms.RadioSelect,
        required=False,
    )
    satisfaction = forms.ChoiceField(
        label=_("How satisfied are you with the handling?"),
        choices=SATISFACTION,
        widget=forms.RadioSelect,
        required=False,
    )
    comment = forms.CharField(
        label=_("What would you like to say about it?"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=5000,
        required=False,
        error_messages={"max_length": _("Please shorten it to 5,000 characters.")},
    )

    def said(self, name: str) -> bool | None:
        """Yes, no, or nothing said."""
        value = self.cleaned_data.get(name)
        return None if not value else value == "yes"

    @property
    def stars(self) -> int | None:
        """The satisfaction, 1 to 5."""
        value = self.cleaned_data.get("satisfaction")
        return int(value) if value else None


class AddForm(forms.Form):
    """Something to add to a report."""

    words = WordsField(label=_("What do you want to add?"), widget=forms.Textarea(attrs={"rows": 3}))


class ComplainForm(forms.Form):
    """A complaint about how the report was handled. The token makes a form that is sent twice one complaint."""

    form_token = forms.CharField(widget=forms.HiddenInput, required=False)
    complaint = WordsField(
        label=_("What was wrong with how it was handled?"), widget=forms.Textarea(attrs={"rows": 4})
    )

    @classmethod
    def fresh(cls) -> "ComplainForm":
        """A form with a token of its own."""
        return cls(initial={"form_token": new_form_token()}, label_suffix="")


class CodeForm(forms.Form):
    """The tracking code."""

    code = forms.CharField(
        label=_("Tracking code"),
        max_length=60,
        help_text=_("13 letters and digits from your receipt. Capitals, spaces and hyphens do not matter."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
        error_messages={
            "required": _("Please type the code from your receipt, for example 7K2QM-9XTR-4B8D."),
            "max_length": _(
                "This is too long for a code. Please type the 13 letters and digits from your receipt."
            ),
        },
    )
