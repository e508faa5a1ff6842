"""The change of what a running entitlement pays, and its amounts by month."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from doudi.office.entitlements.models.course import Course
from doudi.office.entitlements.models.entitlement import MONTH_PATTERN, Entitlement
from doudi.office.evidence.models import Assessment


class Change(Course):
    """A decision to pay another amount (调整待遇), because the family is no longer as it was.

    More is paid from the month after the decision (57号 art. 21); less only after the notice has ended (promise P18).
    """

    personal: ClassVar[bool] = True

    class Occasion(models.TextChoices):
        """What led to it."""

        REVIEW = "review", "a review that was due"
        VISIT = "visit", "found at the door"
        FOLLOW_UP = "follow_up", "a return visit"
        REPORT = "report", "the family told it"

    occasion = models.CharField(max_length=12, choices=Occasion.choices)
    # The rules on today's facts.
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="+")
    old_amount_fen = models.BigIntegerField()
    new_amount_fen = models.BigIntegerField()
    # What is different, line by line, and what each line alone does to the amount: a frozen copy for the letter.
    differences = models.JSONField()
    review_outcome = models.CharField(max_length=10, choices=Course.Outcome.choices, blank=True)
    review_reason = models.TextField(blank=True)
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    # The first month with the new amount.
    from_month = models.CharField(max_length=7, null=True)

    class Meta(Course.Meta):
        constraints: ClassVar = [
            *Course.Meta.constraints,
            models.UniqueConstraint(
                fields=["entitlement"],
                # Under way: not refused, and not yet in effect.
                condition=~Q(outcome="refuse") & ~Q(review_outcome="refuse") & Q(from_month__isnull=True),
                name="entitlements_change_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(new_amount_fen__gt=0) & ~Q(new_amount_fen=F("old_amount_fen")),
                name="entitlements_change_changes_something",
            ),
            models.CheckConstraint(
                condition=Q(review_outcome="", reviewed_at__isnull=True, reviewed_by__isnull=True)
                | (
                    Q(review_outcome__in=["approve", "refuse"], reviewed_at__isnull=False, reviewed_by__isnull=False)
                    & ~Q(review_reason="")
                ),
                name="entitlements_change_reviewed_whole_or_not_at_all",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by__isnull=True) | ~Q(reviewed_by=F("proposed_by")),
                name="entitlements_change_reviewed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(outcome="")
                | (Q(review_outcome="approve", reviewed_by__isnull=False) & ~Q(decided_by=F("reviewed_by"))),
                name="entitlements_change_reviewed_before_decided",
            ),
            # Less is paid only after the delivered notice of an approved decision; more from the decision on.
            models.CheckConstraint(
                condition=Q(from_month__isnull=True)
                | Q(outcome="approve", from_month__regex=MONTH_PATTERN, new_amount_fen__gt=F("old_amount_fen"))
                | Q(
                    outcome="approve",
                    from_month__regex=MONTH_PATTERN,
                    delivered_on__isnull=False,
                    delivered_by__isnull=False,
                    notice_until__gte=F("delivered_on"),
                    object_until__isnull=False,
                ),
                name="entitlements_change_takes_effect_by_its_notice",
            ),
            models.CheckConstraint(
                condition=Q(answered_by__isnull=True) | ~Q(answered_by=F("reviewed_by")),
                name="entitlements_change_answered_by_a_third",
            ),
        ]

    @property
    def is_increase(self) -> bool:
        """Does the family get more?"""
        return self.new_amount_fen > self.old_amount_fen

    def __str__(self) -> str:
        return f"change {self.pk}"


class AmountVersion(models.Model):
    """From a month on an entitlement pays this amount. The last row written that covers a month says what it pays."""

    personal: ClassVar[bool] = True

    entitlement = models.ForeignKey(Entitlement, on_delete=models.PROTECT, related_name="versions")
    from_month = models.CharField(max_length=7)
    amount_fen = models.BigIntegerField()
    # What it rests on: one family's change, or a line of a county's change of standard.
    change = models.ForeignKey(Change, on_delete=models.PROTECT, null=True, related_name="versions")
    line = models.OneToOneField(
        "entitlements.AdjustmentLine", on_delete=models.PROTECT, null=True, related_name="version"
    )
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    area = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="entitlements_version_amount_is_positive"),
            models.CheckConstraint(
                condition=Q(from_month__regex=MONTH_PATTERN), name="entitlements_version_from_a_month"
            ),
            models.CheckConstraint(
                condition=Q(change__isnull=True, line__isnull=False) | Q(change__isnull=False, line__isnull=True),
                name="entitlements_version_rests_on_one_decision",
            ),
        ]

    def __str__(self) -> str:
        return f"amount version {self.pk}"
