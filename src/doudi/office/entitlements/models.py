"""What a household may receive, from which month on, and each single month of it.

An entitlement cites the decision and the assessment it rests on; a month of it is a row of its own, because a month is
what is paid, at most once, for a household and a programme.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from doudi.office.casework.models import Case, Decision
from doudi.office.crypto import EncryptedTextField
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
    """One month of an entitlement: the thing that is paid, and paid at most once (promise P2).

    Household and programme stand here again so that the database itself refuses the same month under a second
    entitlement of the same family.
    """

    personal: ClassVar[bool] = True

    entitlement = models.ForeignKey(Entitlement, on_delete=models.PROTECT, related_name="months")
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="entitlement_months")
    programme = models.CharField(max_length=40)
    month = models.CharField(max_length=7)
    amount_fen = models.BigIntegerField()
    area = models.CharField(max_length=12)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["programme", "month", "area"], name="entitlements_month_due")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["household", "programme", "month"], name="entitlements_month_once_per_household"
            ),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="entitlements_month_amount_is_positive"),
            models.CheckConstraint(condition=Q(month__regex=MONTH_PATTERN), name="entitlements_month_is_a_month"),
        ]

    def __str__(self) -> str:
        return f"entitlement month {self.pk}"


class Ending(models.Model):
    """A decision to end an entitlement (停发、渐退). It takes effect only through its notice (promise P18)."""

    personal: ClassVar[bool] = True

    class Cause(models.TextChoices):
        """Why it ends."""

        STOP = "stop", "the conditions are no longer met"
        DEATH = "death", "the person died"
        GRADUAL_EXIT = "gradual_exit", "gradual exit after finding work"

    class Outcome(models.TextChoices):
        """What the deciding officer said of the proposal."""

        APPROVE = "approve", "it ends"
        REFUSE = "refuse", "it goes on"

    class Answer(models.TextChoices):
        """What became of the family's objection."""

        UPHELD = "upheld", "the ending stands"
        OVERTURNED = "overturned", "the ending is undone"

    entitlement = models.ForeignKey(Entitlement, on_delete=models.PROTECT, related_name="endings")
    cause = models.CharField(max_length=12, choices=Cause.choices)
    reason = models.TextField()
    # The rules on today's facts: facts, sources, rule and version of the notice. A death is a fact by itself.
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, null=True, related_name="+")
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    decide_reason = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    delivered_on = models.DateField(null=True)
    delivered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    delivery = models.CharField(max_length=40, blank=True)
    # The last day of the notice, the last day to object, and the last month that is paid.
    notice_until = models.DateField(null=True)
    object_until = models.DateField(null=True)
    last_month = models.CharField(max_length=7, null=True)
    objected_on = models.DateField(null=True)
    objection = EncryptedTextField(blank=True)
    objection_recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    answer = models.CharField(max_length=10, choices=Answer.choices, blank=True)
    answer_reason = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    area = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["entitlement"],
                condition=~Q(outcome="refuse") & ~Q(answer="overturned"),
                name="entitlements_ending_one_at_a_time",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="entitlements_ending_has_reason"),
            models.CheckConstraint(
                condition=Q(cause="death") | Q(assessment__isnull=False), name="entitlements_ending_rests_on_the_rules"
            ),
            models.CheckConstraint(
                condition=Q(outcome="", decided_at__isnull=True, decided_by__isnull=True, decide_reason="")
                | (
                    Q(outcome__in=["approve", "refuse"], decided_at__isnull=False, decided_by__isnull=False)
                    & ~Q(decide_reason="")
                ),
                name="entitlements_ending_decided_whole_or_not_at_all",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("proposed_by")),
                name="entitlements_ending_four_eyes",
            ),
            # Without a delivered notice of an approved ending there is no last month.
            models.CheckConstraint(
                condition=Q(delivered_on__isnull=True, notice_until__isnull=True, last_month__isnull=True)
                | Q(
                    outcome="approve",
                    delivered_on__isnull=False,
                    delivered_by__isnull=False,
                    notice_until__gte=F("delivered_on"),
                    object_until__isnull=False,
                    last_month__isnull=False,
                ),
                name="entitlements_ending_takes_effect_by_its_notice",
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_by__isnull=True)
                | (Q(objected_on__isnull=False, answered_by__isnull=False) & ~Q(answer_reason="")),
                name="entitlements_ending_answered_whole_or_not_at_all",
            ),
            models.CheckConstraint(
                condition=Q(answered_by__isnull=True)
                | (~Q(answered_by=F("decided_by")) & ~Q(answered_by=F("proposed_by"))),
                name="entitlements_ending_answered_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"ending {self.pk}"


class FollowUp(models.Model):
    """A return visit (回访) after a gradual exit: due three and six months after it began."""

    personal: ClassVar[bool] = True

    ending = models.ForeignKey(Ending, on_delete=models.PROTECT, related_name="follow_ups")
    due_on = models.DateField()
    done_on = models.DateField(null=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    # What was found; whether the family is in hardship again and was told that it can apply anew.
    found = models.TextField(blank=True)
    is_in_hardship_again = models.BooleanField(null=True)
    area = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["ending", "due_on"], name="entitlements_follow_up_once_a_day"),
            models.CheckConstraint(
                condition=Q(done_on__isnull=True, done_by__isnull=True, found="", is_in_hardship_again__isnull=True)
                | (Q(done_on__isnull=False, done_by__isnull=False, is_in_hardship_again__isnull=False) & ~Q(found="")),
                name="entitlements_follow_up_done_whole_or_not_at_all",
            ),
        ]

    def __str__(self) -> str:
        return f"follow-up {self.pk}"
