"""Accounts, units in one tree, dated grants of roles, rate counters."""

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin, UserManager
from django.db import models

from gongzhi.apps.places.public import Area, Jurisdiction
from gongzhi.kernel.config import words


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

    objects = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return f"user:{self.pk}"


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
