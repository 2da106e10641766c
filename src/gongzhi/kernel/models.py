"""The outbox: a row is one event for one subscriber, or one tick of the schedule. And the workers' signs of life."""

from django.db import models


class OutboxState(models.TextChoices):
    """Where a job stands."""

    READY = "ready"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class OutboxJob(models.Model):
    """One delivery that is owed. Written in the transaction of what happened; carried out by a worker."""

    PRIVACY = "none"
    RETENTION = "done: 30 days; failed: until somebody looked at it"

    event_id = models.UUIDField()
    handler = models.CharField(max_length=200)
    payload = models.JSONField(default=dict)
    jurisdiction = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=10, choices=OutboxState.choices, default=OutboxState.READY)
    attempts = models.PositiveSmallIntegerField(default=0)
    run_after = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(max_length=100, blank=True)
    last_error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    # The number of the request that it came from, so that log lines of both can be found together.
    request = models.CharField(max_length=36, blank=True, default="", db_default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event_id", "handler"], name="gz_outbox_once")]
        indexes = [
            models.Index(fields=["state", "run_after", "id"], name="gz_outbox_ready"),
            models.Index(fields=["state", "lease_until"], name="gz_outbox_lease"),
            models.Index(fields=["handler", "state"], name="gz_outbox_handler"),
        ]

    def __str__(self) -> str:
        return f"{self.handler} {self.event_id} {self.state}"


class WorkerPulse(models.Model):
    """A worker process and when it was last seen alive. Programs only; nothing in it is about a person."""

    PRIVACY = "none"
    RETENTION = "while the worker runs; of a killed worker 7 days"

    name = models.CharField(max_length=100, primary_key=True)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
