"""Who did what to which record, when and why. The table only grows."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now


class Entry(models.Model):
    """One line of the audit (审计记录).

    It names people and records by number, without foreign keys: it must outlive them.

    `at` is the office's clock, which a demonstration may move; `recorded_at` is the database's, which nobody moves.
    """

    personal: ClassVar[bool] = True

    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
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
        ]

    def __str__(self) -> str:
        return f"audit entry {self.pk}"
