"""Codes of an app (RFC 6238) as the second step beside a password, and codes on paper for when the app is gone."""

import base64
import hashlib
import hmac
import re
import secrets
import struct
import unicodedata
from datetime import datetime
from typing import Final
from urllib.parse import quote, urlencode

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import transaction

from gongzhi.apps.actors.models import CodeApp, RecoveryCode, User
from gongzhi.apps.actors.signin.notes import note
from gongzhi.kernel.ids import new_tracking_code, normalise_code

STEP_SECONDS: Final = 30
DIGITS: Final = 6
SECRET_BYTES: Final = 20
# A phone's clock may be half a minute off, either way.
STEPS_ASIDE: Final = 1
PAPER_CODES: Final = 10


def code_at(secret: bytes, step: int, *, digits: int = DIGITS, digest: str = "sha1") -> str:
    """The code of a step of half a minute (RFC 4226 over the counter that RFC 6238 takes from the clock)."""
    mac = hmac.new(secret, struct.pack(">Q", step), digest).digest()
    offset = mac[-1] & 0x0F
    number = int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def step_of(at: datetime) -> int:
    """The step of half a minute in which a moment lies."""
    return int(at.timestamp()) // STEP_SECONDS


def _box() -> MultiFernet:
    """Closes with the installation's key; also opens what a former key closed."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    made = [hashlib.sha256(f"code apps:{key}".encode()).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in made])


def _seal(secret: bytes) -> str:
    return _box().encrypt(secret).decode()


def _open(sealed: str) -> bytes | None:
    """The secret; None where the key that closed it is gone. Then no code is right, and the app must be set up anew."""
    try:
        return _box().decrypt(sealed)
    except InvalidToken:
        return None


def has_code_app(user: User) -> bool:
    """Whether sign-in with the password asks for a code as well."""
    return CodeApp.objects.filter(user=user, confirmed_at__isnull=False).exists()


def pending_secret(user: User) -> str:
    """The secret that is shown to the person, in base 32; the same until a code has confirmed it.

    An app that is in use stays in use until then.
    """
    row, _made = CodeApp.objects.get_or_create(user=user)
    secret = _open(row.pending) if row.pending else None
    if secret is None:
        secret = secrets.token_bytes(SECRET_BYTES)
        row.pending = _seal(secret)
        row.save(update_fields=["pending"])
    return base64.b32encode(secret).decode()


def app_address(user: User, secret: str, issuer: str) -> str:
    """What the QR code holds for the app: the shared secret and a name to find it by."""
    label = quote(f"{issuer}:{user.username}")
    return f"otpauth://totp/{label}?" + urlencode({"secret": secret, "issuer": issuer})


def _step_matching(secret: bytes, typed: str, at: datetime) -> int | None:
    """The step whose code was typed. All are compared, whichever fits."""
    code = re.sub(r"\D", "", unicodedata.normalize("NFKC", typed[:20]))
    now, found = step_of(at), None
    for step in range(now - STEPS_ASIDE, now + STEPS_ASIDE + 1):
        if hmac.compare_digest(code_at(secret, step), code):
            found = step
    return found


@transaction.atomic
def confirm_code_app(*, user: User, typed: str, at: datetime) -> bool:
    """Put the app that was shown into use once its first code is right."""
    row = CodeApp.objects.select_for_update().filter(user=user).exclude(pending="").first()
    secret = _open(row.pending) if row is not None else None
    step = _step_matching(secret, typed, at) if secret is not None else None
    if row is None or step is None:
        return False
    row.sealed, row.pending, row.confirmed_at, row.last_step = row.pending, "", at, step
    row.save()
    note("code_app_set", user=user, by=f"user:{user.pk}", at=at)
    return True


def check_code(*, user: User, typed: str, at: datetime) -> bool:
    """Whether this is the code of the person's app now. Each code counts once, however many ask at the same time."""
    row = CodeApp.objects.filter(user=user, confirmed_at__isnull=False).first()
    secret = _open(row.sealed) if row is not None else None
    step = _step_matching(secret, typed, at) if secret is not None else None
    if step is None:
        return False
    rows = CodeApp.objects.filter(user=user, confirmed_at__isnull=False, last_step__lt=step)
    return rows.update(last_step=step) == 1


@transaction.atomic
def remove_code_app(*, user: User, by: str, at: datetime) -> bool:
    """The password alone opens the account again; the codes on paper go as well. False where there was no app."""
    RecoveryCode.objects.filter(user=user).delete()
    if not CodeApp.objects.filter(user=user).delete()[0]:
        return False
    note("code_app_removed", user=user, by=by, at=at)
    return True


def _digest(user: User, code: str) -> str:
    """65 random bits need no slow hash; the account's number keeps equal codes apart."""
    return hashlib.sha256(f"{user.pk}:{normalise_code(code)}".encode()).hexdigest()


@transaction.atomic
def new_paper_codes(*, user: User, at: datetime) -> list[str]:
    """Ten new codes to be kept on paper, in place of all former ones. They are shown now and never again."""
    RecoveryCode.objects.filter(user=user).delete()
    found = [new_tracking_code() for _ in range(PAPER_CODES)]
    RecoveryCode.objects.bulk_create([RecoveryCode(user=user, digest=_digest(user, code)) for code in found])
    note("paper_codes_made", user=user, by=f"user:{user.pk}", at=at)
    return found


def paper_codes_left(user: User) -> int:
    """How many codes on paper the person can still use."""
    return RecoveryCode.objects.filter(user=user, used_at=None).count()


@transaction.atomic
def use_paper_code(*, user: User, typed: str, at: datetime) -> bool:
    """Use up a code on paper. True for just one caller; the ledger says that one was used."""
    if not normalise_code(typed):
        return False
    rows = RecoveryCode.objects.filter(user=user, digest=_digest(user, typed), used_at=None)
    if rows.update(used_at=at) != 1:
        return False
    left = paper_codes_left(user)
    note("paper_code_used", user=user, by=f"user:{user.pk}", at=at, left=left)
    return True
