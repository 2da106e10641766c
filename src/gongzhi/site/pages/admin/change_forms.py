"""The forms for what changes over time: a unit closes, an area ends, a person moves."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gongzhi.apps.actors.public import Unit, units
from gongzhi.apps.places.public import MAX_BYTES, AreaError, Jurisdiction, NewArea, areas, read_new_areas
from gongzhi.site.pages.admin.forms import SetupForm, UnitChoice, area_choices

DAY = {"type": "date"}


class CloseUnitForm(SetupForm):
    """From which day a unit is no longer at work, who takes over, why."""

    closed_on = forms.DateField(
        label=_("First day without it"),
        widget=forms.DateInput(DAY, format="%Y-%m-%d"),
        help_text=_("Today or later. On that day all of this is carried out."),
    )
    successor = UnitChoice(label=_("Who takes over"), queryset=Unit.objects.none(), required=False)
    reason = forms.CharField(
        label=_("Why"),
        max_length=300,
        required=False,
        help_text=_("For example the decision and its number. Reporters and units read it."),
    )

    def __init__(self, unit: Unit, data: Any, today: str) -> None:
        super().__init__(data, {"closed_on": unit.closed_on or today, "successor": unit.successor_id})
        self.fields["successor"] = UnitChoice(
            label=_("Who takes over"),
            queryset=units(unit.jurisdiction).exclude(pk=unit.pk),
            required=False,
            empty_label=_("nobody: the desk decides case by case"),
        )
        self.order_fields(["closed_on", "successor", "reason"])
        self.name_what_is_missing()


class SplitAreaForm(SetupForm):
    """Which area ends, from which day others hold its ground, and the file with their outlines."""

    area = forms.ChoiceField(label=_("Area that ends"))
    first_day = forms.DateField(
        label=_("First day of the new areas"), widget=forms.DateInput(DAY, format="%Y-%m-%d")
    )
    file = forms.FileField(
        label=_("Outlines of the new areas"),
        help_text=_(
            "A GeoJSON file, at most 5 MB. Each feature has code, kind and names, "
            "as in the office’s outline file."
        ),
        widget=forms.ClearableFileInput({"accept": ".geojson,.json"}),
    )

    def __init__(self, jurisdiction: Jurisdiction, data: Any, files: Any, initial: dict[str, Any]) -> None:
        super().__init__(data, initial, files)
        below = {str(area.pk) for area in areas(jurisdiction) if area.parent_id is not None}
        choices = [(pk, name) for pk, name in area_choices(jurisdiction)[1:] if pk in below]
        self.fields["area"] = forms.ChoiceField(
            label=_("Area that ends"), choices=[("", _("please choose")), *choices]
        )
        self.order_fields(["area", "first_day", "file"])
        self.name_what_is_missing()

    def clean_file(self) -> list[NewArea]:
        """The areas in the file."""
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(_("The file is larger than 5 MB. Simplify the outlines first."))
        try:
            return read_new_areas(file.read())
        except AreaError as error:
            raise forms.ValidationError(f"{error} {error.what_to_do()}") from error
