"""Forms of the ways to sign in."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from gongzhi.apps.actors.public import User

SEVERAL = {"autocapitalize": "none", "spellcheck": "false"}


class SecondStepForm(forms.Form):
    """The code of the app, or one of the codes on paper."""

    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        help_text=_("Six digits from your code app. Without the app: one of your codes on paper."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", **SEVERAL}),
        error_messages={"required": _("Please enter the code.")},
    )


class AppCodeForm(forms.Form):
    """The first code of an app that is being set up."""

    code = forms.CharField(
        label=_("Code that the app shows now"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
        error_messages={"required": _("Please enter the code.")},
    )


class ConfirmForm(forms.Form):
    """The password once more."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": _("Please enter your password.")},
    )


class LinkForm(forms.Form):
    """The code of a one-time link."""

    code = forms.CharField(
        label=_("Code of the link"),
        max_length=60,
        help_text=_(
            "Five groups of five letters and digits. Small or capital letters, with or without hyphens."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", **SEVERAL}),
        error_messages={"required": _("Please enter the code.")},
    )


class NewPasswordForm(forms.Form):
    """A new password, typed twice so that no slip locks the person out."""

    password = forms.CharField(
        label=_("New password"),
        strip=False,
        help_text=_("At least 10 characters. A few words in a row are easy to keep in mind."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": _("Please enter a new password.")},
    )
    again = forms.CharField(
        label=_("The same once more"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": _("Please enter the new password once more.")},
    )

    def __init__(self, user: User, data: Any = None) -> None:
        super().__init__(data, label_suffix="")
        self.user = user

    def clean(self) -> dict[str, Any]:
        """Both are the same, and it is no password that others would guess."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("password") and cleaned.get("again") and cleaned["password"] != cleaned["again"]:
            self.add_error("again", _("The two passwords differ."))
        elif cleaned.get("password"):
            try:
                password_validation.validate_password(cleaned["password"], self.user)
            except ValidationError as error:
                self.add_error("password", error)
        return cleaned


class LanguageForm(forms.Form):
    """The language in which the person reads the site."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
