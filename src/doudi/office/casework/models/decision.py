"""What named people said on a case, in order: the opinion, the review, the decision; and the notice to the family."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from doudi.office.casework.models.case import Case
from doudi.office.evidence.models import Assessment


class Decision(models.Model):
    """One officer's word (意见) on a case. It cites the assessment that lay before that officer.

    The word on a taken-over case cites the old system's decision instead: no assessment of ours lay before anybody.
    """

    personal: ClassVar[bool] = True

    class Stage(models.TextChoices):
        """Whose word it is."""

        OPINION = "opinion", "preliminary opinion of the township"
        REVIEW = "review", "review by the county"
        CONFIRM = "confirm", "confirmation by the county"

    class Outcome(models.TextChoices):
        """What was said."""

        APPROVE = "approve", "approve"
        REFUSE = "refuse", "refuse"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="decisions")
    stage = models.CharField(max_length=10, choices=Stage.choices)
    # The procedure's step: a programme may have two of a stage (a township's decision, or the county's).
    step = models.CharField(max_length=40)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    # What the rules recommended (eligible | ineligible | undetermined): agreeing and departing both need a reason.
    recommended = models.CharField(max_length=12)
    reason = models.TextField()
    # Null only for what was taken over from an old system: it rests on that system's decision (see takeover.py).
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, null=True, related_name="decisions")
    amount_fen = models.BigIntegerField(null=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()
    set_aside_at = models.DateTimeField(null=True)
    area = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case", "step"], condition=Q(set_aside_at__isnull=True), name="casework_decision_once_a_step"
            ),
            # Four eyes in the database: nobody speaks on one case in two capacities (promise P22).
            models.UniqueConstraint(
                fields=["case", "actor"], condition=Q(set_aside_at__isnull=True), name="casework_decision_four_eyes"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="casework_decision_has_reason"),
            models.CheckConstraint(
                # A recognition without cash is approved without an amount; the assessment says which it is.
                condition=Q(outcome="approve", amount_fen__gt=0) | Q(amount_fen__isnull=True),
                name="casework_decision_amount_only_if_approved",
            ),
            models.CheckConstraint(
                condition=Q(stage__in=["opinion", "review", "confirm"]), name="casework_decision_stage_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"decision {self.pk}"


class Notice(models.Model):
    """The written notice (告知书) of a decision to the family, with reasons and how to object."""

    personal: ClassVar[bool] = True

    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="notice")
    made_at = models.DateTimeField()
    # The officer's reason and the rules' sentences as they stood; the letter prints these.
    reason = models.TextField()
    sentences_zh = models.JSONField()
    sentences_en = models.JSONField()
    # Administrative reconsideration within 60 days of knowing; counted from delivery.
    delivered_on = models.DateField(null=True)
    delivered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    delivery = models.CharField(max_length=40, blank=True)
    object_until = models.DateField(null=True)
    area = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(
                    delivered_on__isnull=True, delivered_by__isnull=True, object_until__isnull=True, delivery=""
                )
                | (
                    Q(delivered_on__isnull=False, delivered_by__isnull=False, object_until__isnull=False)
                    & ~Q(delivery="")
                ),
                name="casework_notice_delivered_whole_or_not_at_all",
            ),
        ]

    def __str__(self) -> str:
        return f"notice {self.pk}"
