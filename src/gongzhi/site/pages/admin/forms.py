"""The forms of the set-up pages."""

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from gongzhi.apps.actors.public import ROLE_PERMISSIONS, Unit, User, units
from gongzhi.apps.places.public import Area, Jurisdiction, areas
from gongzhi.apps.understanding import public as understanding

UNIT_KINDS = (
    ("subdistrict_office", _("sub-district office")),
    ("department", _("department")),
    ("residents_committee", _("residents' committee")),
    ("party_committee", _("party committee")),
    ("branch", _("branch")),
    ("enterprise", _("enterprise")),
    ("property_company", _("property company")),
    ("social_organisation", _("social organisation")),
    ("volunteer_team", _("volunteer team")),
    ("utility", _("utility")),
    ("school", _("school")),
    ("health_centre", _("health centre")),
    ("hotline", _("hotline")),
)
ROLE_NAMES = (
    ("worker", _("grid or community worker")),
    ("handler", _("handler in a unit")),
    ("coordinator", _("coordinator")),
    ("leader", _("leader")),
    ("admin", _("administrator")),
    ("auditor", _("auditor")),
)
TIME_UNITS = (("workday", _("working days")), ("day", _("days")), ("hour", _("hours")))


class _UnitChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic in the stubs only
    def label_from_instance(self, obj: Any) -> str:
        name: str = obj.name_in(get_language() or "zh-hans")
        return name


class _UnitsChoice(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # generic in the stubs only
    def label_from_instance(self, obj: Any) -> str:
        name: str = obj.name_in(get_language() or "zh-hans")
        return name


def _area_choices(jurisdiction: Jurisdiction) -> list[tuple[str, str]]:
    lang = get_language() or "zh-hans"
    return [("", str(_("everywhere")))] + [(str(a.pk), a.name_in(lang)) for a in areas(jurisdiction)]


class UnitForm(forms.Form):
    """A unit: code, kind, names, parent, phone, whether it convenes."""

    code = forms.SlugField(label=_("Short code"), max_length=60)
    kind = forms.ChoiceField(label=_("Kind"), choices=UNIT_KINDS)
    name = forms.CharField(label=_("Name"), max_length=80)
    parent = _UnitChoice(label=_("Belongs to"), queryset=Unit.objects.none(), required=False)
    area = forms.ChoiceField(label=_("Area"), required=False)
    phone = forms.CharField(label=_("Duty phone"), max_length=40, required=False)
    convening = forms.BooleanField(label=_("Convenes the others"), required=False)

    def __init__(self, jurisdiction: Jurisdiction, data: Any = None) -> None:
        super().__init__(data)
        self.fields["parent"] = _UnitChoice(
            label=_("Belongs to"), queryset=units(jurisdiction), required=False
        )
        self.fields["area"] = forms.ChoiceField(
            label=_("Area"), choices=_area_choices(jurisdiction), required=False
        )


class PersonForm(forms.Form):
    """An account and one role for a unit and an area."""

    username = forms.RegexField(
        r"^[\w.@-]{2,60}$",
        label=_("User name"),
        error_messages={"invalid": _("Letters, digits, and . _ - @ only.")},
    )
    display_name = forms.CharField(label=_("Shown as"), max_length=80)
    password = forms.CharField(
        label=_("First password (for a new account)"), required=False, widget=forms.PasswordInput, strip=False
    )
    role = forms.ChoiceField(label=_("Role"), choices=ROLE_NAMES)
    unit = _UnitChoice(label=_("Unit"), queryset=Unit.objects.none(), required=False)
    area = forms.ChoiceField(label=_("Area"), required=False)

    def __init__(self, jurisdiction: Jurisdiction, data: Any = None) -> None:
        super().__init__(data)
        self.fields["unit"] = _UnitChoice(label=_("Unit"), queryset=units(jurisdiction), required=False)
        self.fields["area"] = forms.ChoiceField(
            label=_("Area"), choices=_area_choices(jurisdiction), required=False
        )

    def clean(self) -> dict[str, Any]:
        """A handler needs a unit; a new account needs a password of ten characters."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("role") in {"worker", "handler"} and not cleaned.get("unit"):
            self.add_error("unit", _("Please choose the unit this person works for."))
        known = User.objects.filter(username=cleaned.get("username", "")).exists()
        if not known and len(cleaned.get("password") or "") < 10:
            self.add_error("password", _("A new account needs a password of at least 10 characters."))
        if cleaned.get("role") and cleaned["role"] not in ROLE_PERMISSIONS:
            self.add_error("role", _("There is no such role."))
        return cleaned


class PowerItemForm(forms.Form):
    """One line of the power list."""

    code = forms.SlugField(label=_("Short code"), max_length=60)
    category = forms.ChoiceField(label=_("Category"))
    area = forms.ChoiceField(label=_("Area"), required=False)
    lead_unit = _UnitChoice(label=_("Leading unit"), queryset=Unit.objects.none())
    helpers = _UnitsChoice(label=_("Helping units"), queryset=Unit.objects.none(), required=False)
    basis = forms.CharField(label=_("Legal basis (law and article)"), max_length=300)
    amount = forms.IntegerField(label=_("Time to answer"), min_value=1, max_value=366)
    time_unit = forms.ChoiceField(label=_("counted in"), choices=TIME_UNITS)
    source = forms.CharField(label=_("Source of the deadline"), max_length=300, required=False)

    def __init__(self, jurisdiction: Jurisdiction, data: Any = None) -> None:
        super().__init__(data)
        lang = get_language() or "zh-hans"
        tree = understanding.categories(jurisdiction)
        choices = [(key, tree.label(key, lang)) for key in tree]
        self.fields["category"] = forms.ChoiceField(label=_("Category"), choices=choices)
        self.fields["area"] = forms.ChoiceField(
            label=_("Area"), choices=_area_choices(jurisdiction), required=False
        )
        self.fields["lead_unit"] = _UnitChoice(label=_("Leading unit"), queryset=units(jurisdiction))
        self.fields["helpers"] = _UnitsChoice(
            label=_("Helping units"), queryset=units(jurisdiction), required=False
        )


def area_of(jurisdiction: Jurisdiction, text: str) -> Area | None:
    """The area chosen in a form."""
    return next((a for a in areas(jurisdiction) if str(a.pk) == text), None)
