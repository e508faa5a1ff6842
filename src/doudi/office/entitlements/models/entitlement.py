"""What a household may receive, from which month on, and each single month of it.

An entitlement cites the decision and the assessment it rests on; a month of it is a row of its own, because a month is
what is paid, at most once, for a household and a programme.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from doudi.office.casework.models import Case, Decision
from doudi.office.evidence.models import Assessment
from doudi.office.registry.models import Household

# Months are text like 2026-12: they sort, compare and print as they are, and no day of the month is invented.
MONTH_PATTERN = r"^[0-9]{4}-(0[1-9]|1[0-2])$"


class Entitlement(models.Model):
    """An amount a month (待遇) for one household in one programme, granted by one decision.

    What is granted once is an entitlement of a single month.
    """

    personal: ClassVar[bool] = True

    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="entitlements")
    programme = models.CharField(max_length=40)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="entitlements")
    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="entitlement")
    # The decision's own; null where an old system's decision was taken over.
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, null=True, related_name="entitlements")
    amount_fen = models.BigIntegerField()
    start_month = models.CharField(max_length=7)
    # The last month included; null while nobody has decided on an end.
    end_month = models.CharField(max_length=7, null=True)
    # Of a taken-over entitlement: the last month that the old system pays. This office opens months after it only.
    carried_through = models.CharField(max_length=7, null=True)
    granted_at = models.DateTimeField()
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    area = models.CharField(max_length=12)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["programme", "area"], name="entitlements_programme_area")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="entitlements_amount_is_positive"),
            models.CheckConstraint(condition=Q(start_month__regex=MONTH_PATTERN), name="entitlements_start_is_a_month"),
            models.CheckConstraint(
                condition=Q(end_month__isnull=True)
                | Q(end_month__regex=MONTH_PATTERN, end_month__gte=F("start_month")),
                name="entitlements_end_is_a_month_not_before_start",
            ),
            models.CheckConstraint(
                condition=Q(carried_through__isnull=True)
                | Q(carried_through__regex=MONTH_PATTERN, carried_through__gte=F("start_month")),
                name="entitlements_carried_through_is_a_month",
            ),
            models.UniqueConstraint(
                fields=["household", "programme"],
                condition=Q(end_month__isnull=True),
                name="entitlements_one_open_per_household_and_programme",
            ),
        ]

    def __str__(self) -> str:
        return f"entitlement {self.pk}"


class Recognition(models.Model):
    """A family is recognised (认定) under a programme that pays nothing itself and opens other help."""

    personal: ClassVar[bool] = True

    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="recognitions")
    programme = models.CharField(max_length=40)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="recognitions")
    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="recognition")
    valid_from = models.DateField()
    # The last day included; null where it holds until somebody decides otherwise.
    valid_until = models.DateField(null=True)
    recognised_at = models.DateTimeField()
    recognised_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    area = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
                name="entitlements_recognition_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"recognition {self.pk}"


class EntitlementMonth(models.Model):
    """One month of an entitlement, or what was added to it: the thing that is paid, and paid at most once (promise P2).

    Household and programme stand here again so that the database itself refuses the same month under a second
    entitlement of the same family.
    """

    personal: ClassVar[bool] = True

    entitlement = models.ForeignKey(Entitlement, on_delete=models.PROTECT, related_name="months")
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="entitlement_months")
    programme = models.CharField(max_length=40)
    month = models.CharField(max_length=7)
    # 0 is the month itself. What a later decision adds to a month that is written stands in rows of its own (补发).
    sequence = models.PositiveSmallIntegerField(default=0, db_default=0)
    amount_fen = models.BigIntegerField()
    area = models.CharField(max_length=12)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["programme", "month", "area"], name="entitlements_month_due")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["household", "programme", "month", "sequence"], name="entitlements_month_once_per_household"
            ),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="entitlements_month_amount_is_positive"),
            models.CheckConstraint(condition=Q(month__regex=MONTH_PATTERN), name="entitlements_month_is_a_month"),
        ]

    def __str__(self) -> str:
        return f"entitlement month {self.pk}"
