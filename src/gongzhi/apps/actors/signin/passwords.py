"""Passwords: set by the person, taken away by an administrator."""

from datetime import datetime

from django.db import transaction

from gongzhi.apps.actors.models import User
from gongzhi.apps.actors.signin import codes, passkeys
from gongzhi.apps.actors.signin.notes import note
from gongzhi.apps.actors.signin.sessions import end_sessions


@transaction.atomic
def set_password(*, user: User, password: str, at: datetime) -> None:
    """The person's own new password; all other sessions end. The caller has checked it."""
    user.set_password(password)
    user.save(update_fields=["password"])
    note("password_set", user=user, by=f"user:{user.pk}", at=at)
    end_sessions(user)


@transaction.atomic
def remove_password(*, user: User, by: str, at: datetime) -> None:
    """The account cannot be opened with a password any more; the code app goes with it, and all sessions end."""
    user.set_unusable_password()
    user.save(update_fields=["password"])
    codes.remove_code_app(user=user, by=by, at=at)
    note("password_removed", user=user, by=by, at=at)
    end_sessions(user)


@transaction.atomic
def take_passkey_away(*, user: User, passkey_id: int, by: str, at: datetime) -> bool:
    """An administrator removes a passkey, lost or doubted: all sessions of the account end. False where it is gone."""
    if not passkeys.remove(user=user, passkey_id=passkey_id, by=by, at=at):
        return False
    end_sessions(user)
    return True
