"""What was decided for many cases at once, and what came of it for each."""

from django.db import models

from gongzhi.apps.actors.public import Unit
from gongzhi.apps.cases.public import Case
from gongzhi.apps.places.public import Jurisdiction


class BulkRun(models.Model):
    """One decision for many cases. `key` comes from the page that showed the preview: sent twice it counts once."""

    PRIVACY = "none: decided for the file and the public, without contacts"
    RETENTION = "as the cases"

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT)
    key = models.UUIDField(unique=True)
    kind = models.CharField(max_length=10)
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    into = models.ForeignKey(Case, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(blank=True)
    # ready, done, undoing, undone
    state = models.CharField(max_length=10, default="ready")
    by_id = models.BigIntegerField()
    at = models.DateTimeField()
    undone_by_id = models.BigIntegerField(null=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["jurisdiction", "id"], name="gz_bulkrun_office")]

    def __str__(self) -> str:
        return f"bulkrun:{self.pk}"


class BulkItem(models.Model):
    """What came of a run for one case: waiting, done, refused (with why), undone, or kept at the undoing (with why)."""

    PRIVACY = "none"
    RETENTION = "as the case"

    run = models.ForeignKey(BulkRun, on_delete=models.CASCADE, related_name="items")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    seen_version = models.IntegerField()
    state = models.CharField(max_length=10, default="waiting")
    # How the case stood before, and its version after: where it is a later one, somebody has worked on it since.
    before = models.JSONField(default=dict)
    after_version = models.IntegerField(null=True)
    done_at = models.DateTimeField(null=True, blank=True)
    why = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "case"], name="gz_bulkitem_once")]
        indexes = [models.Index(fields=["run", "state"], name="gz_bulkitem_state")]

    def __str__(self) -> str:
        return f"case:{self.case_id} in bulkrun:{self.run_id}"
