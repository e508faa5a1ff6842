"""Visits to a family's home."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from doudi.office.casework.models.case import Case
from doudi.office.casework.models.finding import Finding
from doudi.office.crypto import EncryptedTextField
from doudi.office.registry.models import Household, Person


class Visit(models.Model):
    """A home visit (入户调查) by two people of the office. What they saw lies in evidence.Fact."""

    personal: ClassVar[bool] = True

    class Outcome(models.TextChoices):
        """What the visit found."""

        CONFIRMED = "confirmed", "the family needs help"
        CLEARED = "cleared", "the reason does not hold"
        UNKNOWN = "unknown", "could not be found out"

    class Unsigned(models.TextChoices):
        """Why nobody of the family signed."""

        REFUSED = "refused", "refused to sign"
        ABSENT = "absent", "nobody was at home"
        UNABLE = "unable", "nobody was able to sign"

    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="visits")
    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, null=True, related_name="visits")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="visits")
    visited_on = models.DateField()
    # When they arrived, by the wall clock; the day alone where nobody wrote it down.
    arrived_at = models.TimeField(null=True)
    # Where it took place, if not at the family's address; and the position in degrees, "34.75120, 113.62541".
    place = EncryptedTextField(blank=True, default="")
    position = EncryptedTextField(blank=True, default="")
    first_visitor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    second_visitor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # Nobody at home, or nobody able to sign, is written down instead of a signature.
    signed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    unsigned_kind = models.CharField(max_length=10, choices=Unsigned.choices, blank=True, default="")
    unsigned_reason = models.CharField(max_length=200, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    reason = models.TextField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # Made with the form; the same form sent twice has one effect.
    form_token = models.CharField(max_length=64, unique=True)
    area = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(first_visitor=F("second_visitor")), name="casework_visit_by_two_people"
            ),
            models.CheckConstraint(
                condition=Q(signed_by__isnull=False, unsigned_reason="")
                | (Q(signed_by__isnull=True) & ~Q(unsigned_reason="")),
                name="casework_visit_signed_or_says_why_not",
            ),
            models.CheckConstraint(
                condition=Q(unsigned_kind="")
                | Q(unsigned_kind__in=["refused", "absent", "unable"], signed_by__isnull=True),
                name="casework_visit_unsigned_kind_is_known",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="casework_visit_has_reason"),
            models.CheckConstraint(
                condition=Q(outcome__in=["confirmed", "cleared", "unknown"]), name="casework_visit_outcome_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"visit {self.pk}"


class NeighbourInterview(models.Model):
    """What a neighbour said (邻里走访). The name may be left out, and the family's copy of the visit has none of it."""

    personal: ClassVar[bool] = True

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="interviews")
    neighbour = EncryptedTextField(blank=True)
    lives = EncryptedTextField(blank=True)
    said = EncryptedTextField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    area = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(said=""), name="casework_interview_says_something"),
        ]

    def __str__(self) -> str:
        return f"interview {self.pk}"
