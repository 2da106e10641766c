"""Readings, human decisions, training examples, model versions, the duplicate index. Words stay in the reports."""

from django.db import models

from gongzhi.apps.channels.public import Report
from gongzhi.apps.places.public import Jurisdiction


class Reading(models.Model):
    """What the program understood of a report, how sure it was, and by which words. A later reading is a new row."""

    PRIVACY = "none: categories and single words, no sentences"
    RETENTION = "as the report"

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="readings")
    model_version = models.CharField(max_length=60)
    category = models.CharField(max_length=60)
    probability = models.FloatField()
    top3 = models.JSONField(default=list)
    words = models.JSONField(default=list)
    abstained = models.BooleanField(default=True)
    hazards = models.JSONField(default=list)
    places = models.JSONField(default=list)
    language = models.CharField(max_length=10)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["report", "at"], name="gz_reading_report")]

    def __str__(self) -> str:
        return f"reading of report:{self.report_id}"


class CategoryDecision(models.Model):
    """A person's decision on the category of a report."""

    PRIVACY = "none"
    RETENTION = "as the report"

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="category_decisions")
    category = models.CharField(max_length=60)
    by_ref = models.CharField(max_length=30)
    at = models.DateTimeField()
    reason = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"{self.category} for report:{self.report_id}"


class Example(models.Model):
    """A confirmed label to learn from: points at the report, holds no words, goes when the report is erased."""

    PRIVACY = "none: points at the report"
    RETENTION = "as the report"

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT)
    report = models.OneToOneField(Report, on_delete=models.CASCADE, related_name="example")
    category = models.CharField(max_length=60)
    source = models.CharField(max_length=20)
    confirmed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["jurisdiction", "confirmed_at"], name="gz_example_time")]

    def __str__(self) -> str:
        return f"example report:{self.report_id}"


class ModelVersion(models.Model):
    """One trained reading model: what it learned from, how well it does, whether it is the one in use."""

    PRIVACY = "none: hashed features"
    RETENTION = "2 years after it was last in use"

    jurisdiction = models.ForeignKey(Jurisdiction, null=True, blank=True, on_delete=models.PROTECT)
    version = models.CharField(max_length=60, unique=True)
    folder = models.CharField(max_length=200)
    data_hash = models.CharField(max_length=64)
    metrics = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    active = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["jurisdiction"],
                condition=models.Q(active=True, jurisdiction__isnull=False),
                name="gz_model_one_active",
            ),
            models.UniqueConstraint(
                fields=["active"],
                condition=models.Q(active=True, jurisdiction__isnull=True),
                name="gz_model_one_active_base",
            ),
        ]

    def __str__(self) -> str:
        return self.version


class Band(models.Model):
    """One band of a report's MinHash signature: reports that share a band are candidates for being the same."""

    PRIVACY = "none: hashes"
    RETENTION = "60 days"

    jurisdiction = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT, db_index=False)
    band = models.BigIntegerField()
    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="bands", db_index=False)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["jurisdiction", "band", "at"], name="gz_band_lookup"),
            models.Index(fields=["report"], name="gz_band_report"),
        ]

    def __str__(self) -> str:
        return f"band of report:{self.report_id}"
