"""Pauses and extensions of cases. Rows are ended and decided, never deleted."""

from datetime import datetime

from django.db import models

from gongzhi.apps.actors.public import Unit
from gongzhi.apps.cases.public import Case
from gongzhi.apps.dispatch.models import Task


class CasePause(models.Model):
    """That the time of a case stands still from `starts_at` until it is ended, at the latest until `until`."""

    PRIVACY = "none: the words are written for the reporters, without contacts"
    RETENTION = "as the case"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="pauses")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=40)
    words = models.TextField()
    starts_at = models.DateTimeField()
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    by_ref = models.CharField(max_length=30)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(ended_at=None), name="gz_casepause_one_open"
            )
        ]
        indexes = [
            models.Index(fields=["starts_at", "id"], name="gz_casepause_start"),
            models.Index(fields=["until"], condition=models.Q(ended_at=None), name="gz_casepause_open"),
        ]

    def __str__(self) -> str:
        return f"pause of case:{self.case_id}"

    @property
    def stop(self) -> datetime:
        """Until when the time stands still, as far as is known."""
        return self.ended_at or self.until


class Extension(models.Model):
    """That a unit asked for more time for a case, why, until when, and what was decided. The old day is kept."""

    PRIVACY = "none: written for the file and the reporters, without contacts"
    RETENTION = "as the case"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="extensions")
    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    words = models.TextField()
    old_due = models.DateTimeField()
    new_due = models.DateTimeField()
    state = models.CharField(max_length=10, default="asked")
    asked_by = models.CharField(max_length=30)
    asked_at = models.DateTimeField()
    decided_by = models.CharField(max_length=30, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decision = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(state="asked"), name="gz_extension_one_open"
            )
        ]

    def __str__(self) -> str:
        return f"extension of case:{self.case_id}"
