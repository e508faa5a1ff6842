"""What is common to every decision about running help: proposed, decided, told, objected to, answered."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from doudi.office.crypto import EncryptedTextField
from doudi.office.entitlements.models.entitlement import Entitlement


def _officer() -> "models.ForeignKey[Any, Any]":
    return models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")


class Course(models.Model):
    """A decision about running help on its way. Where it hurts, it takes effect only by its notice (promise P18)."""

    class Outcome(models.TextChoices):
        """What the deciding officer said of the proposal."""

        APPROVE = "approve", "as proposed"
        REFUSE = "refuse", "it stays as it is"

    class Answer(models.TextChoices):
        """What became of the family's objection."""

        UPHELD = "upheld", "the decision stands"
        OVERTURNED = "overturned", "the decision is undone"

    entitlement = models.ForeignKey(Entitlement, on_delete=models.PROTECT, related_name="%(class)ss")
    reason = models.TextField()
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    decide_reason = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = _officer()
    delivered_on = models.DateField(null=True)
    delivered_by = _officer()
    delivery = models.CharField(max_length=40, blank=True)
    # The last day of the notice, and the last day to object.
    notice_until = models.DateField(null=True)
    object_until = models.DateField(null=True)
    objected_on = models.DateField(null=True)
    objection = EncryptedTextField(blank=True)
    objection_recorded_by = _officer()
    answer = models.CharField(max_length=10, choices=Answer.choices, blank=True)
    answer_reason = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = _officer()
    area = models.CharField(max_length=12)

    class Meta:
        abstract = True
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(reason=""), name="%(app_label)s_%(class)s_has_reason"),
            models.CheckConstraint(
                condition=Q(outcome="", decided_at__isnull=True, decided_by__isnull=True, decide_reason="")
                | (
                    Q(outcome__in=["approve", "refuse"], decided_at__isnull=False, decided_by__isnull=False)
                    & ~Q(decide_reason="")
                ),
                name="%(app_label)s_%(class)s_decided_whole_or_not_at_all",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("proposed_by")),
                name="%(app_label)s_%(class)s_four_eyes",
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_by__isnull=True)
                | (Q(objected_on__isnull=False, answered_by__isnull=False) & ~Q(answer_reason="")),
                name="%(app_label)s_%(class)s_answered_whole_or_not_at_all",
            ),
            models.CheckConstraint(
                condition=Q(answered_by__isnull=True)
                | (~Q(answered_by=F("decided_by")) & ~Q(answered_by=F("proposed_by"))),
                name="%(app_label)s_%(class)s_answered_by_another",
            ),
        ]
