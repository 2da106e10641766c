"""What is typed when a unit asks others to fill something in."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from gongzhi.apps.actors.public import Unit
from gongzhi.apps.places.public import Jurisdiction
from gongzhi.site.pages.admin.forms import UnitChoice, UnitsChoice

MOST_FIELDS = 200


class AskFormForm(forms.Form):
    """Who asks whom for what, how often, by when, and how long it is supposed to take."""

    sender = UnitChoice(label=_("Who asks"), queryset=Unit.objects.none(), empty_label=_("please choose"))
    name = forms.CharField(label=_("Name of the table or report"), max_length=120)
    fields_text = forms.CharField(
        label=_("What is asked, a line for each field"),
        widget=forms.Textarea(attrs={"rows": 6}),
        max_length=10_000,
    )
    supposed_minutes = forms.IntegerField(
        label=_("Minutes that one copy takes, as you suppose"), min_value=1, max_value=10_000,
        help_text=_("Counts only until five people have said how long it took."),
    )  # fmt: skip
    groups = UnitsChoice(label=_("Who should fill it in"), queryset=Unit.objects.none())
    copies = forms.IntegerField(
        label=_("How many times each"), min_value=1, max_value=10_000, initial=1,
        help_text=_("One for each household, for example."),
    )  # fmt: skip
    due_on = forms.DateField(
        label=_("By when"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    over_reason = forms.CharField(
        label=_("Why it cannot wait"), max_length=300, required=False,
        help_text=_("Only where the week would hold more than was agreed. It is kept and shown."),
    )  # fmt: skip

    def __init__(
        self, *args: Any, jurisdiction: Jurisdiction, senders: Sequence[Unit], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        given: Any = self.fields
        given["sender"].queryset = Unit.objects.filter(pk__in=[u.pk for u in senders]).order_by("code")
        given["groups"].queryset = Unit.objects.filter(jurisdiction=jurisdiction, active=True).order_by(
            "code"
        )

    def clean_fields_text(self) -> list[str]:
        """The fields. ValidationError for too many."""
        found = [line.strip() for line in self.cleaned_data["fields_text"].splitlines() if line.strip()]
        if len(found) > MOST_FIELDS:
            raise ValidationError(_("These are more than 200 fields. Ask for less."))
        return found
