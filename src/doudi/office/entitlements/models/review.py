"""When a family is to be looked at again (复核). Nothing ends because nobody has looked (promise P20)."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from doudi.office.entitlements.models.adjustment import AdjustmentLine
from doudi.office.entitlements.models.entitlement import Entitlement


class Review(models.Model):
    """One look that is due: by the calendar (57号 art. 31), or because a new standard would pay less."""

    personal: ClassVar[bool] = True

    class Kind(models.TextChoices):
        """Why it is due."""

        PERIODIC = "periodic", "the time has come"
        STANDARD = "standard", "a new standard would pay less"

    class Result(models.TextChoices):
        """What came of it."""

        UNCHANGED = "unchanged", "nothing changes"
        CHANGE = "change", "a change was proposed"
        ENDING = "ending", "an ending was proposed"

    entitlement = models.ForeignKey(Entitlement, on_delete=models.PROTECT, related_name="reviews")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    line = models.OneToOneField(AdjustmentLine, on_delete=models.PROTECT, null=True, related_name="review")
    due_on = models.DateField()
    opened_at = models.DateTimeField()
    result = models.CharField(max_length=10, choices=Result.choices, blank=True)
    found = models.TextField(blank=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    area = models.CharField(max_length=12)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["area", "due_on"], condition=Q(result=""), name="entitlements_review_due")
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["entitlement"],
                condition=Q(result="", kind="periodic"),
                name="entitlements_review_one_open",
            ),
            models.CheckConstraint(
                condition=Q(result="", done_at__isnull=True, done_by__isnull=True)
                | (
                    Q(result__in=["unchanged", "change", "ending"], done_at__isnull=False, done_by__isnull=False)
                    & ~Q(found="")
                ),
                name="entitlements_review_done_whole_or_not_at_all",
            ),
            models.CheckConstraint(
                condition=Q(kind="periodic", line__isnull=True) | Q(kind="standard", line__isnull=False),
                name="entitlements_review_names_its_line",
            ),
        ]

    def __str__(self) -> str:
        return f"review {self.pk}"
