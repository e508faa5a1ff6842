"""Who did what to which record, when and why. The table only grows."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Cast, Now

# PostgreSQL counts transactions in a type of its own, which casts to text only.
_THIS_TRANSACTION = Cast(
    Cast(Func(function="pg_current_xact_id", output_field=models.TextField()), models.TextField()),
    models.BigIntegerField(),
)


class Entry(models.Model):
    """One line of the audit (审计记录).

    It names people and records by number, without foreign keys: it must outlive them.

    `at` is the office's clock, which a demonstration may move; `recorded_at` is the database's, which nobody moves.
    `xid` is the transaction that wrote it: the chain is sealed in its order. The office's roles can't choose either.
    """

    personal: ClassVar[bool] = True

    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    xid = models.BigIntegerField(db_default=_THIS_TRANSACTION)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=60, blank=True)
    role = models.CharField(max_length=20, blank=True)
    verb = models.CharField(max_length=60)
    object_type = models.CharField(max_length=60, blank=True)
    object_id = models.CharField(max_length=80, blank=True)
    area = models.CharField(max_length=12, blank=True)
    purpose = models.CharField(max_length=200, blank=True)
    details = models.JSONField()
    request_id = models.CharField(max_length=32, blank=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["object_type", "object_id"], name="audit_entry_object"),
            models.Index(fields=["actor_id", "at"], name="audit_entry_actor"),
            models.Index(fields=["area", "at"], name="audit_entry_area"),
            models.Index(fields=["xid", "id"], name="audit_entry_chain"),
        ]

    def __str__(self) -> str:
        return f"audit entry {self.pk}"


class Block(models.Model):
    """A sealed block of the chain (封存区块); `chain.Sealed` says what its fields mean."""

    number = models.BigIntegerField(primary_key=True)
    from_xid = models.BigIntegerField()
    to_xid = models.BigIntegerField()
    entries = models.IntegerField()
    root = models.BinaryField()
    fingerprints = models.BinaryField()
    sealed_at = models.DateTimeField()
    previous = models.BinaryField()
    digest = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(number__gte=1) & Q(from_xid__lt=F("to_xid")), name="audit_block_moves_forward"
            )
        ]

    def __str__(self) -> str:
        return f"audit block {self.number}"


class Anchor(models.Model):
    """Notes that a block's head stands outside of the database, and since when."""

    block = models.BigIntegerField(primary_key=True)
    anchored_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"anchor of block {self.block}"
