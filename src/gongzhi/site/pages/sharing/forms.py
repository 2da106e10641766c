"""What is typed on the pages of lending."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from gongzhi.apps.actors.public import Unit
from gongzhi.apps.dispatch.resources import public as resources
from gongzhi.apps.places.public import Jurisdiction, Place
from gongzhi.site.pages.admin.forms import UnitChoice

KIND_NAMES = {
    "room": _("Room"),
    "vehicle": _("Vehicle"),
    "equipment": _("Equipment"),
    "team": _("Volunteer team"),
}
WEEKDAYS = (
    ("0", _("Monday")),
    ("1", _("Tuesday")),
    ("2", _("Wednesday")),
    ("3", _("Thursday")),
    ("4", _("Friday")),
    ("5", _("Saturday")),
    ("6", _("Sunday")),
)
_TIME = forms.TimeInput(attrs={"type": "time", "step": 900})
_DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class BookingForm(forms.Form):
    """A day, from when to when, for which unit and what; perhaps again every so many weeks."""

    unit = UnitChoice(label=_("For which unit"), queryset=Unit.objects.none(), empty_label=_("please choose"))
    day = forms.DateField(label=_("Day"), widget=_DATE)
    begins = forms.TimeField(
        label=_("From"), widget=_TIME, help_text=_("A quarter of an hour, such as 09:15.")
    )
    ends = forms.TimeField(label=_("Until"), widget=_TIME)
    purpose = forms.CharField(label=_("What for"), max_length=120, help_text=_("No names of people."))
    every = forms.IntegerField(
        label=_("Again every so many weeks"), min_value=1, max_value=26, required=False
    )
    until = forms.DateField(label=_("The last time by"), widget=_DATE, required=False)
    by_phone = forms.BooleanField(label=_("Somebody called for it"), required=False)

    def __init__(self, *args: Any, units: Sequence[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["unit"]
        field.queryset = Unit.objects.filter(pk__in=[unit.pk for unit in units]).order_by("code")

    def clean(self) -> dict[str, Any]:
        """A series has both: how often, and until when."""
        data: dict[str, Any] = super().clean() or {}
        if bool(data.get("every")) != bool(data.get("until")) and not self.errors:
            self.add_error("until", _("A series needs both: every how many weeks, and the last day."))
        return data

    def span(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """From when to when, as moments."""
        day, begins, ends = (self.cleaned_data[name] for name in ("day", "begins", "ends"))
        return datetime.combine(day, begins, tzinfo=zone), datetime.combine(day, ends, tzinfo=zone)


class ResourceForm(forms.Form):
    """What a unit lends, where, when it is open, how much is kept for those who call."""

    code = forms.SlugField(
        label=_("Short code"), max_length=60, help_text=_("Letters, digits, hyphens; it never changes.")
    )
    name = forms.CharField(label=_("Name"), max_length=80)
    kind = forms.ChoiceField(label=_("Kind"), choices=list(KIND_NAMES.items()))
    unit = UnitChoice(
        label=_("Unit that lends it"), queryset=Unit.objects.none(), empty_label=_("please choose")
    )
    place = UnitChoice(
        label=_("Where"), queryset=Place.objects.none(), required=False, empty_label=_("place not known")
    )
    days = forms.MultipleChoiceField(
        label=_("Open on"), choices=WEEKDAYS, widget=forms.CheckboxSelectMultiple, required=False,
        help_text=_("No day ticked: always open."),
    )  # fmt: skip
    opens = forms.TimeField(label=_("Opens"), widget=_TIME, initial=time(9, 0))
    closes = forms.TimeField(label=_("Closes"), widget=_TIME, initial=time(17, 30))
    phone_share = forms.IntegerField(
        label=_("Kept for those who call, in percent"), min_value=0, max_value=100, initial=20
    )
    skills = forms.CharField(
        label=_("Skills of the team"), widget=forms.Textarea(attrs={"rows": 3}), required=False, max_length=1000,
        help_text=_("A line each, with how many people offered it: first aid 5. No names; three people or more."),
    )  # fmt: skip

    def __init__(self, *args: Any, jurisdiction: Jurisdiction, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["unit"].queryset = Unit.objects.filter(jurisdiction=jurisdiction, active=True).order_by("code")
        fields["place"].queryset = Place.objects.filter(jurisdiction=jurisdiction).order_by("code")

    def clean_skills(self) -> dict[str, int]:
        """The skills with their counts. ValidationError for a line without a count, or with too few people."""
        found = {}
        for line in filter(str.strip, self.cleaned_data["skills"].splitlines()):
            skill, _space, count = line.strip().rpartition(" ")
            if not (skill and count.isascii() and count.isdigit() and len(count) < 5):
                raise ValidationError(_("A line has no count. Write: first aid 5"))
            if int(count) < resources.FEWEST_SHOWN:
                raise ValidationError(_("A skill of fewer than three people would say who they are."))
            found[skill.strip()[:40]] = int(count)
        return found

    def hours(self) -> dict[str, list[list[str]]]:
        """The opening hours as they are kept."""
        span = [f"{self.cleaned_data[name]:%H:%M}" for name in ("opens", "closes")]
        return {day: [span] for day in self.cleaned_data["days"]}
