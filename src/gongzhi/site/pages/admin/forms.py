"""The forms of the set-up pages."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from gongzhi.apps.actors.public import ROLE_PERMISSIONS, Grant, Unit, User, units
from gongzhi.apps.dispatch.public import PowerItem, power_items
from gongzhi.apps.places.public import Area, Jurisdiction, areas
from gongzhi.apps.understanding import public as understanding
from gongzhi.site.labels import area_words
from gongzhi.site.setup_words import ROLE_NAMES, TIME_UNITS, UNIT_KINDS

UNIT_ROLES = frozenset({"worker", "handler"})
CODE_HELP = _(
    "Your own short name for it: letters, digits, hyphens and underscores. It cannot be changed later."
)

CODE_WRONG = _("The short code takes letters, digits, hyphens and underscores only.")


class UnitChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic in the stubs only
    """Choice of one unit by its name in the page's language."""

    def label_from_instance(self, obj: Any) -> str:
        name: str = obj.name_in(get_language() or "zh-hans")
        return name


class UnitsChoice(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # generic in the stubs only
    """Choice of several units by their names."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: Any) -> str:
        name: str = obj.name_in(get_language() or "zh-hans")
        return name


class SetupForm(forms.Form):
    """A form whose first labels are the ones shown, without a colon after them."""

    def __init__(self, data: Any, initial: Mapping[str, Any] | None = None, files: Any = None) -> None:
        super().__init__(data, files, initial=dict(initial or {}), label_suffix="")

    def name_what_is_missing(self) -> None:
        """Let each field say which one it is: the summary on top of the page stands apart from the fields."""
        for field in self.fields.values():
            if field.required:
                words = _("Please fill in “%(field)s”.") % {"field": field.label}
                field.error_messages["required"] = words


def area_choices(jurisdiction: Jurisdiction, kept: Sequence[Area] = ()) -> list[tuple[str, str]]:
    """“Everywhere”, the areas that are valid now, and `kept` ones that have ended, each with its last day."""
    lang = get_language() or "zh-hans"
    found = areas(jurisdiction)
    ended = [a for a in kept if a not in found]
    return [
        ("", str(_("everywhere"))),
        *((str(a.pk), a.name_in(lang)) for a in found),
        *((str(a.pk), area_words(a, lang)) for a in ended),
    ]


def _other_languages(jurisdiction: Jurisdiction) -> list[tuple[str, str]]:
    """The office's languages without its own first one, each named in itself."""
    names = {code: str(name) for code, name in settings.LANGUAGES}
    return [(c, names.get(c, c)) for c in jurisdiction.languages if c != jurisdiction.default_language]


class UnitForm(SetupForm):
    """A unit: code, kind, names, parent, areas, phone, whether it convenes, whether it still works."""

    code = forms.SlugField(
        label=_("Short code"), max_length=60, help_text=CODE_HELP, error_messages={"invalid": CODE_WRONG}
    )
    kind = forms.ChoiceField(label=_("Kind"))
    name = forms.CharField(label=_("Name"), max_length=80)
    parent = UnitChoice(label=_("Belongs to"), queryset=Unit.objects.none(), required=False)
    areas = forms.MultipleChoiceField(
        label=_("Works in"), widget=forms.CheckboxSelectMultiple, required=False
    )
    phone = forms.CharField(
        label=_("Duty phone"),
        max_length=40,
        required=False,
        help_text=_("Reporters see it on their report’s page."),
    )
    convening = forms.BooleanField(
        label=_("Convenes the others"),
        required=False,
        help_text=_("Calls the units together where a matter needs several. One unit only: it moves here."),
    )
    active = forms.BooleanField(
        label=_("At work"),
        required=False,
        help_text=_("It was closed. Ticked, it gets new matters again; what it held stays where it is now."),
    )

    def __init__(self, jurisdiction: Jurisdiction, data: Any = None, editing: Unit | None = None) -> None:
        super().__init__(data, _unit_values(jurisdiction, editing) if editing else None)
        self.jurisdiction, self.editing = jurisdiction, editing
        kinds = UNIT_KINDS | (
            {editing.kind: editing.kind} if editing and editing.kind not in UNIT_KINDS else {}
        )
        self.fields["kind"] = forms.ChoiceField(label=_("Kind"), choices=list(kinds.items()))
        above = units(jurisdiction).exclude(pk=editing.pk) if editing else units(jurisdiction)
        self.fields["parent"] = UnitChoice(
            label=_("Belongs to"), queryset=above, required=False, empty_label=_("no unit above")
        )
        kept = list(editing.areas.all()) if editing else []
        self.fields["areas"].choices = area_choices(jurisdiction, kept)[1:]  # type: ignore[attr-defined]
        if editing is None or editing.active:  # a unit at work closes on a page of its own
            del self.fields["active"]
        self.fields["code"].disabled = editing is not None
        for code, name in _other_languages(jurisdiction):
            label = _("Name (%(language)s)") % {"language": name}
            self.fields[f"name_{code}"] = forms.CharField(label=label, max_length=80, required=False)
        self.order_fields(["code", "name", *self.name_fields, "kind"])
        self.name_what_is_missing()

    @property
    def name_fields(self) -> list[str]:
        """The fields that hold the name in the office's other languages."""
        return [f"name_{code}" for code, _name in _other_languages(self.jurisdiction)]

    def clean_code(self) -> str:
        """A new unit needs a code of its own; otherwise it would silently replace another."""
        code: str = self.cleaned_data["code"]
        if self.editing is None and units(self.jurisdiction, active_only=False).filter(code=code).exists():
            raise ValidationError(
                _("There is a unit with this code. Choose another code, or change that unit.")
            )
        return code

    def names(self) -> dict[str, str]:
        """The names by language; an emptied translation is taken away, other languages stay."""
        given = {self.jurisdiction.default_language: self.cleaned_data["name"]}
        given |= {field.removeprefix("name_"): self.cleaned_data[field] for field in self.name_fields}
        known = self.editing.names if self.editing else {}
        return {lang: name for lang, name in {**known, **given}.items() if name}

    def chosen_areas(self) -> list[Area]:
        """The areas that were ticked."""
        known = [*areas(self.jurisdiction), *(self.editing.areas.all() if self.editing else ())]
        return [a for a in known if str(a.pk) in self.cleaned_data["areas"]]


def _unit_values(jurisdiction: Jurisdiction, unit: Unit) -> dict[str, Any]:
    return {
        "code": unit.code,
        "kind": unit.kind,
        "name": unit.names.get(jurisdiction.default_language, ""),
        "parent": unit.parent_id,
        "areas": [str(a.pk) for a in unit.areas.all()],
        "phone": unit.phone,
        "convening": unit.convening,
        "active": unit.active,
        **{f"name_{code}": unit.names.get(code, "") for code, _name in _other_languages(jurisdiction)},
    }


class PersonForm(SetupForm):
    """An account and one role for a unit and an area."""

    username = forms.RegexField(
        r"^[\w.@-]{2,60}$",
        label=_("User name"),
        help_text=_("An account that exists gets one more role. A new one is opened with a one-time link."),
        error_messages={"invalid": _("Letters, digits, and . _ - @ only.")},
    )
    display_name = forms.CharField(label=_("Shown as"), max_length=80)
    role = forms.ChoiceField(label=_("Role"), choices=list(ROLE_NAMES.items()))
    unit = UnitChoice(label=_("Unit"), queryset=Unit.objects.none(), required=False)
    area = forms.ChoiceField(label=_("Area"), required=False)

    def __init__(
        self, jurisdiction: Jurisdiction, data: Any = None, initial: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(data, initial)
        self.jurisdiction = jurisdiction
        self.known: User | None = None
        self.fields["unit"] = UnitChoice(
            label=_("Unit"), queryset=units(jurisdiction), required=False, empty_label=_("no unit")
        )
        self.fields["area"] = forms.ChoiceField(
            label=_("Area"), choices=area_choices(jurisdiction), required=False
        )
        self.name_what_is_missing()

    def clean(self) -> dict[str, Any]:
        """A handler needs a unit."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("role") in UNIT_ROLES and not cleaned.get("unit"):
            self.add_error("unit", _("Please choose the unit this person works for."))
        self.known = User.objects.filter(username=cleaned.get("username", "")).first()
        if cleaned.get("role") and cleaned["role"] not in ROLE_PERMISSIONS:
            self.add_error("role", _("There is no such role."))
        return cleaned

    @property
    def works_elsewhere(self) -> bool:
        """Whether the account holds or held a role in another office: that office's people answer for it too."""
        return Grant.objects.filter(user=self.known).exclude(jurisdiction=self.jurisdiction).exists()


class PowerItemForm(SetupForm):
    """One line of the power list."""

    code = forms.SlugField(
        label=_("Short code"), max_length=60, help_text=CODE_HELP, error_messages={"invalid": CODE_WRONG}
    )
    category = forms.ChoiceField(label=_("Category"))
    area = forms.ChoiceField(label=_("Area"), required=False)
    lead_unit = UnitChoice(label=_("Leading unit"), queryset=Unit.objects.none())
    helpers = UnitsChoice(label=_("Helping units"), queryset=Unit.objects.none(), required=False)
    basis = forms.CharField(
        label=_("Legal basis (law and article)"), max_length=300, widget=forms.Textarea(attrs={"rows": 3})
    )
    amount = forms.IntegerField(label=_("Time to answer"), min_value=1, max_value=366)
    time_unit = forms.ChoiceField(label=_("counted in"), choices=list(TIME_UNITS.items()))
    source = forms.CharField(
        label=_("Source of the deadline"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    verified = forms.BooleanField(
        label=_("Checked: somebody read the article in a published text of the law"), required=False
    )
    valid_from = forms.DateField(
        label=_("Valid from"), required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    valid_to = forms.DateField(
        label=_("Valid until, this day included"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Empty: without end. A line is never deleted; it ends."),
    )

    def __init__(
        self,
        jurisdiction: Jurisdiction,
        data: Any = None,
        editing: PowerItem | None = None,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, _item_values(editing) if editing else initial)
        self.jurisdiction, self.editing = jurisdiction, editing
        self.fields["category"] = forms.ChoiceField(
            label=_("Category"), choices=_category_choices(jurisdiction, editing.category if editing else "")
        )
        kept = [editing.area] if editing and editing.area else []
        self.fields["area"] = forms.ChoiceField(
            label=_("Area"), choices=area_choices(jurisdiction, kept), required=False
        )
        leads = units(jurisdiction, active_only=False)
        leads = leads.filter(Q(active=True) | Q(pk=editing.lead_unit_id if editing else None))
        self.fields["lead_unit"] = UnitChoice(
            label=_("Leading unit"), queryset=leads, empty_label=_("please choose")
        )
        self.fields["helpers"] = UnitsChoice(
            label=_("Helping units"), queryset=units(jurisdiction), required=False
        )
        self.fields["code"].disabled = editing is not None
        self.name_what_is_missing()

    def clean_code(self) -> str:
        """A new line needs a code of its own; otherwise it would silently replace another."""
        code: str = self.cleaned_data["code"]
        if self.editing is None and power_items(self.jurisdiction).filter(code=code).exists():
            raise ValidationError(
                _("There is a line with this code. Choose another code, or change that line.")
            )
        return code

    def clean(self) -> dict[str, Any]:
        """A line does not end before it begins."""
        cleaned: dict[str, Any] = super().clean() or {}
        begin, end = cleaned.get("valid_from"), cleaned.get("valid_to")
        if begin and end and end < begin:
            self.add_error("valid_to", _("The last day lies before the first. Please mend one of the two."))
        return cleaned


def _category_choices(jurisdiction: Jurisdiction, kept: str = "") -> list[Any]:
    """Each branch of the tree with its own entry first: a line may name the whole branch.

    Retired categories are not offered, but for the one that the line has (`kept`).
    """
    lang = get_language() or "zh-hans"
    tree = understanding.categories(jurisdiction)
    groups: dict[str, list[tuple[str, str]]] = {}
    for key in [key for key in tree if tree.is_current(key)]:
        root = key.split(".")[0]
        words = tree.label(key, lang)
        if key == root:
            words = str(_("all of “%(category)s”") % {"category": words})
        groups.setdefault(tree.label(root, lang), []).append((key, words))
    if kept and not tree.is_current(kept):
        groups.setdefault(str(_("No longer in use")), []).append((kept, tree.label(kept, lang)))
    return [("", _("please choose")), *groups.items()]


def _item_values(item: PowerItem) -> dict[str, Any]:
    names = (
        "code",
        "category",
        "basis",
        "amount",
        "time_unit",
        "source",
        "verified",
        "valid_from",
        "valid_to",
    )
    values = {name: getattr(item, name) for name in names}
    return values | {
        "area": str(item.area_id or ""),
        "lead_unit": item.lead_unit_id,
        "helpers": [unit.pk for unit in item.helpers.all()],
    }


def copy_of(item: PowerItem, area: Area | None) -> dict[str, Any]:
    """What a new line for another area takes over from a line; its days and its code are its own."""
    values = _item_values(item) | {"valid_from": None, "valid_to": None, "verified": item.verified}
    code = f"{item.code}-{area.code}"[:60] if area is not None else ""
    return values | {"code": code, "area": str(area.pk) if area is not None else ""}


def area_of(jurisdiction: Jurisdiction, text: str, kept: Area | None = None) -> Area | None:
    """The area chosen in a form: one that is valid now, or the `kept` one."""
    known = [*areas(jurisdiction), *([kept] if kept else [])]
    return next((a for a in known if str(a.pk) == text), None)
