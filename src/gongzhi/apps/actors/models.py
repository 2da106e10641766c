"""Accounts and how they are opened, units in one tree, dated grants of roles, rate counters."""

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin, UserManager
from django.db import models
from django.utils.crypto import salted_hmac

from gongzhi.apps.places.public import Area, Jurisdiction
from gongzhi.kernel.config import words
from gongzhi.kernel.retention import Kept


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in to work. Only what signing in needs is kept."""

    PRIVACY = "personal: account name and display name, needed to sign in and to answer for what one does"
    RETENTION = "until the account is closed; the ledger keeps only the number"

    username = models.CharField(max_length=60, unique=True)
    display_name = models.CharField(max_length=80, blank=True)
    language = models.CharField(max_length=10, blank=True)
    is_active = models.BooleanField(default=True)
    is_demo = models.BooleanField(default=False)
    date_joined = models.DateTimeField(null=True)
    # What the person's devices know the account by: random, so that it says nothing. Made with the first passkey.
    key_handle = models.UUIDField(null=True, unique=True, editable=False)
    # Counted up to end all sessions at once.
    session_round = models.PositiveIntegerField(default=0, db_default=0)
    # Since when the person has been asked to set up a second step; empty while nothing is asked.
    asked_since = models.DateTimeField(null=True, blank=True)

    objects = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return f"user:{self.pk}"

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session must carry to count. It changes with the password and with the round of sessions."""
        if not self.session_round:
            return str(super()._get_session_auth_hash(secret=secret))  # type: ignore[misc]
        said = f"{self.password}:{self.session_round}"
        return salted_hmac("gongzhi.sessions", said, secret=secret, algorithm="sha256").hexdigest()


class Unit(models.Model):
    """Any body that can lead or help: department, residents' committee, branch, firm, volunteer team. Kind is data."""

    PRIVACY = "none"
    RETENTION = "for ever: old cases name old units"

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT, related_name="units")
    code = models.CharField(max_length=60)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    kind = models.CharField(max_length=40)
    names = models.JSONField(default=dict)
    areas = models.ManyToManyField(Area, blank=True, related_name="units")
    convening = models.BooleanField(default=False)
    phone = models.CharField(max_length=40, blank=True)
    active = models.BooleanField(default=True)
    # The first day without it, who takes over what lies with it then, and why; `active` ends on that day.
    closed_on = models.DateField(null=True, blank=True)
    successor = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="predecessors"
    )
    closing_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["jurisdiction", "code"], name="gz_unit_code")]

    def __str__(self) -> str:
        return f"unit:{self.pk}"

    def name_in(self, lang: str) -> str:
        """The unit's name in `lang`, or the nearest language there is."""
        return words(self.names, lang)


class Grant(models.Model):
    """A role that a person holds for a unit and an area, from a day until a day."""

    PRIVACY = "personal: which account holds which role"
    RETENTION = "as long as the account"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="grants")
    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT)
    role = models.CharField(max_length=20)
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT)
    area = models.ForeignKey(Area, null=True, blank=True, on_delete=models.PROTECT)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["user", "jurisdiction"], name="gz_grant_user")]

    def __str__(self) -> str:
        return f"{self.role} {self.user_id}"


class RateCounter(models.Model):
    """How often a key was used in its present window: one row a key, counted in one atomic statement."""

    PRIVACY = "none: keys are hashed"
    RETENTION = "one day"

    key = models.CharField(max_length=64, primary_key=True)
    window = models.BigIntegerField()
    used = models.IntegerField(default=0)

    def __str__(self) -> str:
        return self.key


class DeviceKey(models.Model):
    """A passkey: what a phone, a computer or a key fob can prove without giving anything of it away."""

    credential_id = models.BinaryField(max_length=1023, unique=True)
    credential = (
        models.BinaryField()
    )  # the attested credential data with the public key, as WebAuthn encodes it
    sign_count = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    last_used_on = models.DateField(null=True, blank=True)

    class Meta:
        abstract = True


class Passkey(DeviceKey):
    """A key with which a person of the staff signs in."""

    PRIVACY = "personal: the public key of a device, a name for it and the day it was last used, to sign in"
    RETENTION = "until it is removed, at the longest as long as the account"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="passkeys")
    name = models.CharField(max_length=60)

    def __str__(self) -> str:
        return f"passkey:{self.pk}"


class ResidentKey(DeviceKey):
    """A key with which a resident opens the own reports again. No name, no address: the key and nothing else."""

    PRIVACY = "personal: the public key of a device, to open the reports that its owner keeps with it"
    RETENTION = Kept(
        "2 years after it was last used, or until it is removed", days=2 * 366, after="last used"
    )

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT)

    class Meta:
        indexes = [models.Index(fields=["last_used_on"], name="gz_residentkey_used")]

    def __str__(self) -> str:
        return f"residentkey:{self.pk}"


class CodeApp(models.Model):
    """The secret that a person's code app shares with us, closed with the installation's key."""

    PRIVACY = "personal: a secret to check the codes of the person's app"
    RETENTION = "until it is removed, at the longest as long as the account"

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="code_app")
    sealed = models.TextField(blank=True)
    pending = models.TextField(blank=True)  # shown to the person, not yet confirmed by a first code
    confirmed_at = models.DateTimeField(null=True, blank=True)
    last_step = models.BigIntegerField(default=0)  # a code counts once

    def __str__(self) -> str:
        return f"codeapp:{self.user_id}"


class RecoveryCode(models.Model):
    """A code on paper in place of the app, for once. Only its hash is kept."""

    PRIVACY = "personal: the hash of a code of an account"
    RETENTION = "until new ones are made, at the longest as long as the account"

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64, unique=True)
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"recoverycode:{self.pk}"


class OneTimeSecret(models.Model):
    """Something that counts once and not for long: the challenge to a passkey, a link to an account. Hashed."""

    PRIVACY = "personal: for a link, the account that it opens"
    RETENTION = Kept("until it is used, at most one day after it ends", days=1, after="ended")

    digest = models.CharField(max_length=64, unique=True)
    purpose = models.CharField(max_length=40)
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.CASCADE)
    ends_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"onetimesecret:{self.pk}"


class OpenSession(models.Model):
    """One device on which a person is signed in. What kind it is, not which; no address is kept."""

    PRIVACY = "personal: on what kind of device the account is signed in, for the person to see and end"
    RETENTION = Kept("until the session ends, at most one day longer", days=1, after="ended")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="open_sessions")
    session_key = models.CharField(max_length=40, unique=True)
    device = models.CharField(max_length=20)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ends_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"opensession:{self.pk}"


class SignInRule(models.Model):
    """What an office asks of the people in some roles before they may work: a passkey or a second step."""

    PRIVACY = "none"
    RETENTION = "as long as the office"

    jurisdiction = models.OneToOneField(Jurisdiction, on_delete=models.CASCADE, primary_key=True)
    roles = models.JSONField(default=list)
    days = models.PositiveSmallIntegerField()

    def __str__(self) -> str:
        return f"signinrule:{self.jurisdiction_id}"
