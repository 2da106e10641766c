"""Passkeys (WebAuthn): a device proves that it holds a key and that its owner unlocked it. fido2 checks the proof.

A challenge counts once and for five minutes, for one purpose. It is found by its hash in the answer itself, so that
nobody who only looks at the sign-in page gets a session.
"""

import json
import secrets
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestationConveyancePreference,
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from gongzhi.apps.actors.models import DeviceKey, Passkey, ResidentKey, User
from gongzhi.apps.actors.signin import secrets_once
from gongzhi.apps.actors.signin.notes import note
from gongzhi.apps.places.public import Jurisdiction
from gongzhi.kernel.errors import GongzhiError

CHALLENGE_BYTES: Final = 32
CHALLENGE_LIFETIME: Final = timedelta(minutes=5)
ANSWER_MOST: Final = 20_000  # characters; a real one has about two thousand
KEYS_MOST: Final = 20  # of one account

K = TypeVar("K", bound=DeviceKey)
A = TypeVar("A", RegistrationResponse, AuthenticationResponse)
Options = dict[str, Any]


class PasskeyError(GongzhiError):
    """A passkey that did not open or could not be added. It never says more than that."""

    message = _("The passkey was not accepted.")
    hint = _("Try once more. If it happens again, use another way.")


@dataclass(frozen=True)
class Site:
    """The site that a passkey is for: its host as the browser shows it, with port, and its name."""

    host: str
    name: str

    @property
    def id(self) -> str:
        """What the device binds the key to: the host without its port."""
        return urlsplit(f"//{self.host}").hostname or ""

    def is_origin(self, origin: str) -> bool:
        """Whether an answer comes from this site itself: over TLS, or from the machine itself."""
        found = urlsplit(origin)
        safe = found.scheme == "https" or (found.scheme == "http" and found.hostname == "localhost")
        return safe and found.netloc == self.host


@dataclass(frozen=True)
class NewKey:
    """What a device has made: the key's id, its attested data, how often it was used."""

    credential_id: bytes
    credential: bytes
    sign_count: int


def _server(site: Site) -> Fido2Server:
    party = PublicKeyCredentialRpEntity(id=site.id, name=site.name)
    return Fido2Server(party, attestation=AttestationConveyancePreference.NONE, verify_origin=site.is_origin)


def _challenge(purpose: str, at: datetime) -> bytes:
    challenge = secrets.token_bytes(CHALLENGE_BYTES)
    secrets_once.issue(purpose=f"passkey {purpose}", secret=challenge, lifetime=CHALLENGE_LIFETIME, at=at)
    return challenge


def _read(answer: str, kind: type[A]) -> A:
    """What the browser sent, taken apart. PasskeyError for anything that is no such answer."""
    if len(answer) > ANSWER_MOST:
        raise PasskeyError
    try:
        read: A = kind.from_dict(json.loads(answer))
    except (ValueError, TypeError, KeyError, AttributeError, LookupError) as error:
        raise PasskeyError from error
    return read


# ---- adding a key ----


def _creation(
    site: Site, purpose: str, person: PublicKeyCredentialUserEntity, known: Sequence[DeviceKey], at: datetime
) -> Options:
    options, _state = _server(site).register_begin(
        person,
        credentials=[_descriptor(key) for key in known],
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=UserVerificationRequirement.REQUIRED,
        challenge=_challenge(purpose, at),
    )
    return dict(options)


def _descriptor(key: DeviceKey) -> PublicKeyCredentialDescriptor:
    return PublicKeyCredentialDescriptor(type=PublicKeyCredentialType.PUBLIC_KEY, id=bytes(key.credential_id))


def _check_creation(site: Site, purpose: str, answer: str, at: datetime) -> NewKey:
    """The key that a device has made for this site. PasskeyError for an answer that does not prove it."""
    response = _read(answer, RegistrationResponse)
    client = response.response.client_data
    server = _server(site)
    # Using the challenge up comes first: an answer that fails may not be tried again.
    if client.cross_origin or not _take(purpose, client.challenge, at):
        raise PasskeyError
    _options, state = server.register_begin(
        PublicKeyCredentialUserEntity(id=b"-", name="-"),
        user_verification=UserVerificationRequirement.REQUIRED,
        challenge=client.challenge,
    )
    try:
        proved = server.register_complete(state, response)
    except ValueError as error:
        raise PasskeyError from error
    made = proved.credential_data
    if made is None or made.public_key.get(3) not in {p.alg for p in server.allowed_algorithms}:
        raise PasskeyError
    return NewKey(made.credential_id, bytes(made), proved.counter)


def _take(purpose: str, challenge: bytes, at: datetime) -> bool:
    return secrets_once.take(purpose=f"passkey {purpose}", secret=challenge, at=at)


def ask_for_new(*, user: User, site: Site, at: datetime, anew: bool = False) -> Options:
    """What the browser needs to make a passkey for the account. The device will ask its owner to unlock it.

    A device that holds one already makes no second, unless the account begins `anew`.
    """
    if user.key_handle is None:
        User.objects.filter(pk=user.pk, key_handle=None).update(key_handle=uuid.uuid4())
        user.refresh_from_db(fields=["key_handle"])
    assert user.key_handle is not None
    shown = user.display_name or user.username
    person = PublicKeyCredentialUserEntity(id=user.key_handle.bytes, name=user.username, display_name=shown)
    known = [] if anew else list(Passkey.objects.filter(user=user))
    return _creation(site, f"add {user.pk}", person, known, at)


def check_new(*, user: User, site: Site, answer: str, at: datetime) -> NewKey:
    """The key that a device has made for the account. Uses the challenge up, whatever comes of it."""
    return _check_creation(site, f"add {user.pk}", answer, at)


@transaction.atomic
def keep_new(*, user: User, made: NewKey, name: str, at: datetime) -> Passkey:
    """Let the account be opened with a key that was checked. PasskeyError where it has too many or the key is known."""
    if Passkey.objects.filter(user=user).count() >= KEYS_MOST:
        raise PasskeyError(
            _("The account has %(n)d passkeys already."),
            _("Remove one that you do not use any more."),
            n=KEYS_MOST,
        )
    key = _keep(Passkey(user=user, name=name.strip()[:60]), made, at)
    note("passkey_added", user=user, by=f"user:{user.pk}", at=at, passkey=key.pk)
    return key


def add(*, user: User, site: Site, answer: str, name: str, at: datetime) -> Passkey:
    """Check and keep the passkey that a device has made for the account. PasskeyError where it is not proved."""
    made = check_new(user=user, site=site, answer=answer, at=at)
    return keep_new(user=user, made=made, name=name, at=at)


def _keep(key: K, made: NewKey, at: datetime) -> K:
    key.credential_id, key.credential, key.sign_count = made.credential_id, made.credential, made.sign_count
    key.created_at = at
    try:
        with transaction.atomic():
            key.save(force_insert=True)
    except IntegrityError as error:  # the same key once more, perhaps of another account
        raise PasskeyError from error
    return key


# ---- opening with a key ----


def ask_for_proof(*, site: Site, purpose: str, at: datetime, of: User | None = None) -> Options:
    """What the browser needs to prove a passkey: any that the device holds for this site, or one of this account."""
    known = list(Passkey.objects.filter(user=of)) if of is not None else []
    options, _state = _server(site).authenticate_begin(
        credentials=[_descriptor(key) for key in known] or None,
        user_verification=UserVerificationRequirement.REQUIRED,
        challenge=_challenge(purpose, at),
    )
    return dict(options)


def _check_proof(site: Site, purpose: str, answer: str, at: datetime, kind: type[K]) -> tuple[K, int, bytes]:
    """The key that was proved, its counter now, and whose the device says it is."""
    response = _read(answer, AuthenticationResponse)
    client = response.response.client_data
    if client.cross_origin or not _take(purpose, client.challenge, at):
        raise PasskeyError
    key = kind._default_manager.filter(credential_id=response.raw_id).first()
    if key is None:
        raise PasskeyError(hint=_("This passkey is not known here, or no longer. Use another way."))
    server = _server(site)
    _options, state = server.authenticate_begin(
        user_verification=UserVerificationRequirement.REQUIRED, challenge=client.challenge
    )
    try:
        server.authenticate_complete(state, [AttestedCredentialData(bytes(key.credential))], response)
    except ValueError as error:
        raise PasskeyError from error
    return key, response.response.authenticator_data.counter, response.response.user_handle or b""


def _count_on(key: DeviceKey, counter: int, at: datetime) -> bool:
    """Note the use. False where the device counts fewer uses than we saw: there may be a copy of the key."""
    rows = type(key)._default_manager.filter(pk=key.pk)
    if counter or key.sign_count:
        rows = rows.filter(sign_count__lt=counter)
    return rows.update(sign_count=counter, last_used_on=at.date()) == 1


def prove(*, site: Site, purpose: str, answer: str, at: datetime) -> User:
    """The person who has proved a passkey. PasskeyError where it is not proved, not known, or perhaps copied."""
    key, counter, handle = _check_proof(site, purpose, answer, at, Passkey)
    user = key.user
    if not user.is_active or (handle and handle != (user.key_handle.bytes if user.key_handle else b"")):
        raise PasskeyError
    if not _count_on(key, counter, at):
        with transaction.atomic():
            note("passkey_doubted", user=user, by="system", at=at, passkey=key.pk)
        raise PasskeyError(
            _("There may be a copy of this passkey, so it was not accepted."),
            _("Sign in another way, remove this passkey and tell your administrator."),
        )
    return user


@transaction.atomic
def remove(*, user: User, passkey_id: int, by: str, at: datetime) -> bool:
    """Take a passkey away from the account. False where it has none with this number."""
    if not Passkey.objects.filter(user=user, pk=passkey_id).delete()[0]:
        return False
    note("passkey_removed", user=user, by=by, at=at, passkey=passkey_id)
    return True


def passkeys_of(user: User) -> list[Passkey]:
    """The person's passkeys, oldest first."""
    return list(Passkey.objects.filter(user=user).order_by("pk"))


# ---- residents ----


def ask_for_resident_key(*, jurisdiction: Jurisdiction, site: Site, shown: str, at: datetime) -> Options:
    """What the browser needs to make a key for a resident's reports. The device knows it as `shown`, we by nothing."""
    person = PublicKeyCredentialUserEntity(id=secrets.token_bytes(32), name=shown, display_name=shown)
    return _creation(site, f"keep {jurisdiction.pk}", person, [], at)


def add_resident_key(*, jurisdiction: Jurisdiction, site: Site, answer: str, at: datetime) -> ResidentKey:
    """Keep a resident's key. PasskeyError where the answer does not prove it."""
    made = _check_creation(site, f"keep {jurisdiction.pk}", answer, at)
    return _keep(ResidentKey(jurisdiction=jurisdiction, last_used_on=at.date()), made, at)


def prove_resident_key(*, jurisdiction: Jurisdiction, site: Site, answer: str, at: datetime) -> ResidentKey:
    """The resident's key that was proved, of this office. PasskeyError otherwise."""
    purpose = f"open {jurisdiction.pk}"
    key, counter, _handle = _check_proof(site, purpose, answer, at, ResidentKey)
    if key.jurisdiction_id != jurisdiction.pk or not _count_on(key, counter, at):
        raise PasskeyError
    return key


def resident_key(jurisdiction: Jurisdiction, key_id: int) -> ResidentKey | None:
    """A resident's key of this office, if it is still kept."""
    return ResidentKey.objects.filter(jurisdiction=jurisdiction, pk=key_id).first()


def delete_resident_keys(ids: Collection[int]) -> None:
    """Delete residents' keys; what they opened stays and is opened by its code."""
    ResidentKey.objects.filter(pk__in=ids).delete()


def resident_keys_unused(before: datetime, limit: int) -> list[ResidentKey]:
    """Residents' keys that were last used before the day."""
    rows = ResidentKey.objects.filter(last_used_on__lt=before.date()).select_related("jurisdiction")
    return list(rows.order_by("pk")[:limit])
