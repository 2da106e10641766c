"""The one root of errors that a person gets to read."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise


class GongzhiError(Exception):
    """Something a person asked for was refused. Says what happened and what to do now.

    A subclass sets `message` and `hint` as class attributes, or passes them when raising. Named values fill
    `%(name)s` in both. Never put personal data into either.
    """

    message: Words = _("This could not be done.")
    hint: Words = _("Go back and try again.")

    def __init__(self, message: Words | None = None, hint: Words | None = None, **values: Any) -> None:
        super().__init__(message, hint, values)
        self.values = values
        if message is not None:
            self.message = message
        if hint is not None:
            self.hint = hint

    def __str__(self) -> str:
        text = str(self.message)
        return text % self.values if self.values else text

    def what_to_do(self) -> str:
        """The hint in the reader's language, its values filled in."""
        text = str(self.hint)
        return text % self.values if self.values else text
