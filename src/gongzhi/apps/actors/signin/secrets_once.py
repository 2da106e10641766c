"""Secrets that count once and not for long. Only a hash is kept; taking one is one atomic statement."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from gongzhi.apps.actors.models import OneTimeSecret, User
from gongzhi.kernel.ids import ALPHABET

LINK_CHARACTERS: Final = 25  # of 5 bits: 125 bits
GROUP: Final = 5
RETENTION: Final = OneTimeSecret.RETENTION


def _digest(purpose: str, secret: bytes) -> str:
    return hashlib.sha256(purpose.encode() + b":" + secret).hexdigest()


def issue(
    *, purpose: str, secret: bytes, lifetime: timedelta, at: datetime, user: User | None = None
) -> None:
    """Let the secret count once for the purpose, until the lifetime is over. What is over goes on the way."""
    OneTimeSecret.objects.filter(ends_at__lte=at).delete()
    OneTimeSecret.objects.create(
        digest=_digest(purpose, secret), purpose=purpose, user=user, ends_at=at + lifetime
    )


def find(*, purpose: str, secret: bytes, at: datetime) -> OneTimeSecret | None:
    """The secret, if it still counts. It stays."""
    rows = OneTimeSecret.objects.filter(digest=_digest(purpose, secret), purpose=purpose, ends_at__gt=at)
    return rows.select_related("user").first()


def take(*, purpose: str, secret: bytes, at: datetime) -> bool:
    """Use the secret up. True for just one caller, however many ask at once, and only before its time is over."""
    rows = OneTimeSecret.objects.filter(digest=_digest(purpose, secret), purpose=purpose, ends_at__gt=at)
    return rows.delete()[0] == 1


def over(before: datetime, limit: int) -> list[int]:
    """The ids of secrets that ended before the moment."""
    rows = OneTimeSecret.objects.filter(ends_at__lt=before).order_by("pk")
    return list(rows.values_list("pk", flat=True)[:limit])


def delete(ids: Collection[int]) -> None:
    """Delete secrets by id."""
    OneTimeSecret.objects.filter(pk__in=ids).delete()


def new_link_code() -> str:
    """A new random code of 125 bits for a link, in groups, so that it can be read out and typed."""
    plain = "".join(secrets.choice(ALPHABET) for _ in range(LINK_CHARACTERS))
    return "-".join(plain[n : n + GROUP] for n in range(0, LINK_CHARACTERS, GROUP))
