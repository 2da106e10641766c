"""Forms that senders ask for, asks of groups, how long forms take. No table here can name who did the work."""

from django.db import models

from gongzhi.apps.actors.public import Unit
from gongzhi.apps.places.public import Jurisdiction


class AskForm(models.Model):
    """A table or report that a unit asks others to fill in, with its fields by their words."""

    PRIVACY = "none: the form, not what is filled in"
    RETENTION = "for ever: old asks name it"

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT)
    sender = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="ask_forms")
    name = models.CharField(max_length=120)
    fields = models.JSONField(default=list)
    # What the sender supposes; counts only while fewer than five people have said how long it took.
    supposed_minutes = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["jurisdiction", "sender", "name"], name="gz_askform_name")
        ]

    def __str__(self) -> str:
        return f"askform:{self.pk}"


class MinuteCount(models.Model):
    """How many times a form took so long, by band. Only the count: neither who said it nor when."""

    PRIVACY = "none: a count"
    RETENTION = "as long as the form"

    form = models.ForeignKey(AskForm, on_delete=models.CASCADE, related_name="minute_counts")
    band = models.PositiveIntegerField()
    answers = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["form", "band"], name="gz_minutecount_once")]

    def __str__(self) -> str:
        return f"{self.band} min of askform:{self.form_id}"


class Ask(models.Model):
    """That a form was asked of a group so many times in a week. `minutes_each`: as known when it was sent."""

    PRIVACY = "none: units and counts"
    RETENTION = "for ever: the burden is counted from it"

    form = models.ForeignKey(AskForm, on_delete=models.PROTECT, related_name="asks")
    group = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    key = models.UUIDField()
    copies = models.PositiveIntegerField()
    minutes_each = models.PositiveIntegerField()
    week = models.DateField()
    due_on = models.DateField()
    sent_at = models.DateTimeField()
    # Why it was sent although the week holds more than was agreed.
    over_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "group"], name="gz_ask_once")]
        indexes = [models.Index(fields=["group", "week"], name="gz_ask_week")]

    def __str__(self) -> str:
        return f"ask:{self.pk}"


class WeekBudget(models.Model):
    """How many minutes of forms a week were agreed for a group as a whole."""

    PRIVACY = "none"
    RETENTION = "until it is changed; the ledger keeps each"

    group = models.OneToOneField(Unit, on_delete=models.CASCADE, primary_key=True, related_name="week_budget")
    minutes = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"budget of unit:{self.group_id}"
