"""The power list and the tasks that follow from it."""

from django.db import models

from gongzhi.apps.actors.public import Unit
from gongzhi.apps.cases.public import Case
from gongzhi.apps.places.public import Area, Jurisdiction


class PowerItem(models.Model):
    """One line of the power list: which unit answers for a category in an area, by which law, within which time."""

    PRIVACY = "none"
    RETENTION = "for ever, with the days it was valid"

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT)
    code = models.CharField(max_length=60)
    category = models.CharField(max_length=60)
    area = models.ForeignKey(Area, null=True, blank=True, on_delete=models.PROTECT)
    lead_unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="leads")
    helpers = models.ManyToManyField(Unit, blank=True, related_name="helps")
    basis = models.CharField(max_length=300)
    amount = models.IntegerField()
    time_unit = models.CharField(max_length=10)
    source = models.CharField(max_length=300, blank=True)
    verified = models.BooleanField(default=False)
    rank = models.IntegerField(default=100)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["jurisdiction", "code"], name="gz_power_code")]

    def __str__(self) -> str:
        return f"power:{self.code}"


class Task(models.Model):
    """What one unit has to do for a case: lead it or help with it."""

    PRIVACY = "none"
    RETENTION = "as the case"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="tasks")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="tasks")
    role = models.CharField(max_length=10)
    state = models.CharField(max_length=10, default="offered")
    power_item = models.ForeignKey(PowerItem, null=True, blank=True, on_delete=models.PROTECT)
    due_at = models.DateTimeField(null=True, blank=True)
    # From when the line of the power list counts, and whether a year within has no published holidays yet.
    counted_from = models.DateTimeField(null=True, blank=True)
    day_may_move = models.BooleanField(default=False)
    # The line by which the day is counted, where it is not that of `power_item`: a case handed on keeps its day.
    day_item = models.ForeignKey(PowerItem, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # The arbiter decides, or has decided, about this task: nobody else hands the case back or on.
    bound = models.BooleanField(default=False)
    offered_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["unit", "state", "due_at"], name="gz_task_unit"),
            models.Index(fields=["case", "state"], name="gz_task_case"),
            models.Index(fields=["case"], condition=models.Q(day_may_move=True), name="gz_task_day_may_move"),
        ]

    def __str__(self) -> str:
        return f"task:{self.pk}"

    @property
    def day_line(self) -> PowerItem | None:
        """The line of the power list by which the day is counted."""
        return self.day_item or self.power_item


class TaskStep(models.Model):
    """One change of a task: who, when, why."""

    PRIVACY = "none"
    RETENTION = "as the case"

    task = models.ForeignKey(Task, on_delete=models.PROTECT, related_name="steps")
    from_state = models.CharField(max_length=10, blank=True)
    to_state = models.CharField(max_length=10)
    reason = models.TextField(blank=True)
    by_ref = models.CharField(max_length=30)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.to_state} of task:{self.task_id}"
