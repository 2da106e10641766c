"""Cases and their history. Steps, memberships, answers and ratings are rows that are never overwritten."""

from django.db import models

from gongzhi.apps.actors.public import Unit
from gongzhi.apps.cases import rules
from gongzhi.apps.channels.public import Report
from gongzhi.apps.places.public import Area, Jurisdiction


class Case(models.Model):
    """The thing handled. What people said about it stays in its reports; the case holds no words of theirs."""

    PRIVACY = "none: category, place and state only"
    RETENTION = "for ever, without reports after their erasure"

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT)
    category = models.CharField(max_length=60)
    state = models.CharField(max_length=12, default=rules.State.NEW)
    waits_for = models.CharField(max_length=12, blank=True)
    urgent = models.BooleanField(default=False)
    area = models.ForeignKey(Area, null=True, blank=True, on_delete=models.PROTECT)
    # Where the case lay before its area ended and it was placed anew: figures of that time name that area.
    first_area = models.ForeignKey(
        Area, null=True, blank=True, on_delete=models.PROTECT, related_name="cases_before"
    )
    lon = models.FloatField(null=True, blank=True)
    lat = models.FloatField(null=True, blank=True)
    lead_unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT)
    due_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField()
    contacted_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    solved_at = models.DateTimeField(null=True, blank=True)
    last_step_at = models.DateTimeField()
    reopened_count = models.IntegerField(default=0)
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged"
    )
    version = models.IntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["jurisdiction", "waits_for", "last_step_at"], name="gz_case_waits"),
            models.Index(fields=["jurisdiction", "state", "due_at"], name="gz_case_due"),
            models.Index(fields=["jurisdiction", "opened_at", "id"], name="gz_case_opened"),
            models.Index(fields=["jurisdiction", "category", "opened_at", "id"], name="gz_case_category"),
            models.Index(fields=["jurisdiction", "state", "opened_at", "id"], name="gz_case_state"),
            models.Index(fields=["lead_unit", "state", "due_at"], name="gz_case_unit"),
            models.Index(fields=["jurisdiction", "lat", "lon"], name="gz_case_point"),
        ]

    def __str__(self) -> str:
        return f"case:{self.pk}"

    @property
    def number(self) -> str:
        """What people call the case by."""
        return rules.case_number(self.jurisdiction.number_prefix, self.pk)

    @property
    def phase(self) -> rules.State:
        """The state as the rule table knows it."""
        return rules.State(self.state)


class Step(models.Model):
    """One thing that happened to a case: who, when, why. Never changed, never deleted."""

    PRIVACY = "none: notes are written for the file, without contacts"
    RETENTION = "as the case"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=20)
    from_state = models.CharField(max_length=12, blank=True)
    to_state = models.CharField(max_length=12, blank=True)
    text = models.TextField(blank=True)
    by_ref = models.CharField(max_length=30)
    by_label = models.CharField(max_length=80)
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT)
    detail = models.JSONField(default=dict)
    public = models.BooleanField(default=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["case", "at", "id"], name="gz_step_case")]

    def __str__(self) -> str:
        return f"{self.kind} of case:{self.case_id}"


class Membership(models.Model):
    """That a report belongs to a case, from when until when, and where it was first."""

    PRIVACY = "none"
    RETENTION = "as the case"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="memberships")
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="memberships")
    came_from = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    by_ref = models.CharField(max_length=30)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["report"], condition=models.Q(until=None), name="gz_membership_one_case_at_a_time"
            )
        ]
        indexes = [models.Index(fields=["case", "until"], name="gz_membership_case")]

    def __str__(self) -> str:
        return f"report:{self.report_id} in case:{self.case_id}"


class Holding(models.Model):
    """That a unit leads or helps a case, from when until when: whose members may see it."""

    PRIVACY = "none"
    RETENTION = "as the case"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="holdings")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT)
    role = models.CharField(max_length=10)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["unit", "until", "case"], name="gz_holding_unit")]

    def __str__(self) -> str:
        return f"unit:{self.unit_id} {self.role} case:{self.case_id}"


class Answer(models.Model):
    """A public answer to the reporters of a case, signed by a unit. A better one is a new row."""

    PRIVACY = "none: written for the public"
    RETENTION = "as the case"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="answers")
    text = models.TextField()
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT)
    by_ref = models.CharField(max_length=30)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["case", "at", "id"], name="gz_answer_case")]

    def __str__(self) -> str:
        return f"answer:{self.pk}"

    @property
    def withdrawn(self) -> "Retraction | None":
        """The withdrawal of this answer, None while it stands."""
        return getattr(self, "retraction", None)


class Retraction(models.Model):
    """That an answer was withdrawn: who, when, why. The answer's row stays as it was."""

    PRIVACY = "none: written for the public"
    RETENTION = "as the case"

    answer = models.OneToOneField(Answer, on_delete=models.PROTECT, related_name="retraction")
    reason = models.TextField()
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT)
    by_ref = models.CharField(max_length=30)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"retraction of answer:{self.answer_id}"


class Rating(models.Model):
    """What a reporter says of the answer: contacted, solved, satisfied (1 to 5), own words."""

    PRIVACY = "none: belongs to the report, names nobody who handled it"
    RETENTION = "as the report"

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="ratings")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="ratings")
    answer = models.ForeignKey(Answer, on_delete=models.PROTECT)
    contacted = models.BooleanField(null=True)
    solved = models.BooleanField(null=True)
    satisfaction = models.SmallIntegerField(null=True)
    comment = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["case", "at"], name="gz_rating_case")]
        constraints = [models.UniqueConstraint(fields=["report", "answer"], name="gz_rating_once")]

    def __str__(self) -> str:
        return f"rating by report:{self.report_id}"


class Suggestion(models.Model):
    """That two cases are perhaps the same matter, with the reasons; a person decides."""

    PRIVACY = "none"
    RETENTION = "1 year after it was decided"

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="suggestions")
    other = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    score = models.FloatField()
    reasons = models.JSONField(default=list)
    state = models.CharField(max_length=10, default="open")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "other"], name="gz_suggestion_once")]

    def __str__(self) -> str:
        return f"case:{self.case_id} ~ case:{self.other_id}"


class Complaint(models.Model):
    """That a report complains about how a case was handled, and by which unit: its members must not see it.

    `case` is the complaint's own case, once it is open. `desk_may_see`: nobody outside the unit could decide on it
    when it came, so the unit's coordinators see it nevertheless.
    """

    PRIVACY = "none: which report is about which case"
    RETENTION = "as the report"

    report = models.OneToOneField(Report, on_delete=models.CASCADE, related_name="complaint")
    about = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="complaints")
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    case = models.OneToOneField(
        Case, null=True, blank=True, on_delete=models.PROTECT, related_name="complaint"
    )
    desk_may_see = models.BooleanField(default=False)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"report:{self.report_id} about case:{self.about_id}"
