"""One-time links: how an account is opened for the first time, and again when every other way is lost.

Who follows one sets a new passkey or password; all former ways end with it, and all sessions.
"""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from gongzhi.apps.actors.models import CodeApp, OneTimeSecret, Passkey, RecoveryCode, User
from gongzhi.apps.actors.signin import passkeys, secrets_once
from gongzhi.apps.actors.signin.notes import note
from gongzhi.apps.actors.signin.sessions import end_sessions
from gongzhi.kernel.errors import GongzhiError
from gongzhi.kernel.ids import ALPHABET

LIFETIME: Final = timedelta(hours=24)
PURPOSE: Final = "account link"
_FORGIVEN: Final = str.maketrans({"I": "1", "L": "1", "O": "0"})


class LinkError(GongzhiError):
    """A one-time link that does not count, or not any more."""

    message = _("This link does not work, or not any more.")
    hint = _("Ask your administrator for a new one. A link works once, for 24 hours.")


def _plain(typed: str) -> bytes:
    code = "".join(c for c in typed[:100].upper() if c.isalnum()).translate(_FORGIVEN)
    return code.encode() if all(c in ALPHABET for c in code) else b""


@transaction.atomic
def give_link(*, user: User, by: str, at: datetime) -> str:
    """A new code that opens the account once within 24 hours. Links given before do not count any more.

    The code is returned once and kept as a hash only. The ledger says who gave it.
    """
    OneTimeSecret.objects.filter(user=user, purpose=PURPOSE).delete()
    code = secrets_once.new_link_code()
    secrets_once.issue(purpose=PURPOSE, secret=_plain(code), lifetime=LIFETIME, at=at, user=user)
    note("link_given", user=user, by=by, at=at)
    return code


def account_of(code: str, at: datetime) -> User | None:
    """The account that the code opens, if it still counts. It is not used up."""
    found = secrets_once.find(purpose=PURPOSE, secret=_plain(code), at=at)
    return found.user if found is not None and found.user is not None and found.user.is_active else None


def _take(code: str, at: datetime) -> User:
    user = account_of(code, at)
    if user is None or not secrets_once.take(purpose=PURPOSE, secret=_plain(code), at=at):
        raise LinkError
    return user


def _close_former_ways(user: User) -> None:
    Passkey.objects.filter(user=user).delete()
    CodeApp.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()
    user.set_unusable_password()
    user.save(update_fields=["password"])
    end_sessions(user)


@transaction.atomic
def use_with_password(*, code: str, password: str, at: datetime) -> User:
    """Use the link up and set a password. LinkError where it does not count. The caller has checked the password."""
    user = _take(code, at)
    _close_former_ways(user)
    user.set_password(password)
    user.save(update_fields=["password"])
    note("link_used", user=user, by=f"user:{user.pk}", at=at, set="password")
    return user


def use_with_passkey(*, code: str, site: passkeys.Site, answer: str, name: str, at: datetime) -> User:
    """Use the link up and keep a passkey. LinkError or PasskeyError where either does not count: nothing changes."""
    user = account_of(code, at)
    if user is None:
        raise LinkError
    made = passkeys.check_new(user=user, site=site, answer=answer, at=at)
    with transaction.atomic():
        user = _take(code, at)
        _close_former_ways(user)
        passkeys.keep_new(user=user, made=made, name=name, at=at)
        note("link_used", user=user, by=f"user:{user.pk}", at=at, set="passkey")
    return user
