"""Entries, their trees and the checkpoints that are published."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.errors import GongzhiError


class LedgerError(GongzhiError):
    """The ledger was asked to do something that would break it."""

    message = _("The record of what was done is never changed.")
    hint = _("Record a new act instead.")


class Entry(models.Model):
    """One act. `leaf` is what is hashed; `fields` are its values in clear, `texts` are only committed to.

    `seq` counts from 0 within a tree and is null until `sequence()` numbers the entry.
    """

    PRIVACY = "none"
    RETENTION = "for ever; the salt until the subject is erased"

    tree = models.CharField(max_length=40)
    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=80)
    by = models.CharField(max_length=40)
    at = models.DateTimeField()
    fields = models.JSONField(default=dict)
    salt = models.BinaryField(max_length=32, null=True)
    leaf = models.TextField()
    leaf_hash = models.BinaryField(max_length=32)
    seq = models.BigIntegerField(null=True)
    chain = models.BinaryField(max_length=32, null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tree", "seq"], name="gz_ledger_seq")]
        indexes = [
            models.Index(fields=["subject", "id"], name="gz_ledger_subject"),
            models.Index(fields=["tree", "id"], name="gz_ledger_waiting", condition=models.Q(seq=None)),
        ]

    def __str__(self) -> str:
        return f"{self.tree}/{self.seq if self.seq is not None else '-'} {self.kind} {self.subject}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert; an entry that exists is never saved again (LedgerError)."""
        if not self._state.adding:
            raise LedgerError()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Refused (LedgerError)."""
        raise LedgerError()


class Tree(models.Model):
    """One log, by jurisdiction. Its row is the lock of the sequencer; writers of entries never touch it."""

    PRIVACY = "none"
    RETENTION = "for ever"

    code = models.CharField(max_length=40, unique=True)

    def __str__(self) -> str:
        return self.code


class Checkpoint(models.Model):
    """The Merkle root (RFC 9162) over the first `size` entries; `frontier` lets the next one be computed from it."""

    PRIVACY = "none"
    RETENTION = "for ever: it may have been published"

    tree = models.CharField(max_length=40)
    size = models.BigIntegerField()
    root = models.CharField(max_length=64)
    at = models.DateTimeField()
    frontier = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tree", "size"], name="gz_ledger_size")]

    def __str__(self) -> str:
        return f"{self.tree}@{self.size} {self.root[:12]}"
