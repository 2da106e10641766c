"""Askings to hand a case back, and who decides the last one."""

from django.db import models

from gongzhi.apps.actors.public import Unit
from gongzhi.apps.cases.public import Case
from gongzhi.apps.dispatch.models import PowerItem, Task
from gongzhi.apps.places.public import Jurisdiction


class HandBack(models.Model):
    """That a leading unit asked to hand its case back, why, by which line of the power list, and what came of it."""

    PRIVACY = "none: written for the file, without contacts"
    RETENTION = "as the case"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="hand_backs")
    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="hand_backs")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=40)
    words = models.TextField()
    # wrong: the line by which the case came does not cover it; right: this line does; missing: there is no line.
    claim = models.CharField(max_length=10)
    item = models.ForeignKey(PowerItem, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decider = models.CharField(max_length=10)
    state = models.CharField(max_length=10, default="asked")
    asked_by = models.CharField(max_length=30)
    asked_at = models.DateTimeField()
    asked_late = models.BooleanField(default=False)
    decide_by = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(max_length=30, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decision = models.TextField(blank=True)
    given_to = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(state="asked"), name="gz_handback_one_open"
            )
        ]
        indexes = [models.Index(fields=["state", "decide_by", "id"], name="gz_handback_waiting")]

    def __str__(self) -> str:
        return f"handback:{self.pk}"


class Arbiter(models.Model):
    """The unit whose people decide what was handed back twice; where none is named, the convening unit."""

    PRIVACY = "none"
    RETENTION = "until it is changed; the ledger keeps each"

    jurisdiction = models.OneToOneField(
        Jurisdiction, on_delete=models.CASCADE, primary_key=True, related_name="arbiter"
    )
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"arbiter of jurisdiction:{self.jurisdiction_id}"
