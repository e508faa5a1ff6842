"""A meeting on a single case (一事一议): who sat, who stepped aside, who voted how, and what was agreed."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from doudi.office.casework.models.case import Case


class Meeting(models.Model):
    """One meeting (一事一议会) on one case. Its agreement is advice with a limit: a named officer still decides."""

    personal: ClassVar[bool] = True

    class Outcome(models.TextChoices):
        """What the votes came to."""

        AGREED = "agreed", "agreed to help"
        NOT_AGREED = "not_agreed", "not agreed"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="meetings")
    held_on = models.DateField()
    agenda = models.TextField()
    minutes = models.TextField()
    # The amount voted on.
    amount_fen = models.BigIntegerField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    votes_for = models.PositiveSmallIntegerField()
    votes_against = models.PositiveSmallIntegerField()
    abstained = models.PositiveSmallIntegerField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    set_aside_at = models.DateTimeField(null=True)
    area = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(set_aside_at__isnull=True), name="casework_meeting_one_in_force"
            ),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="casework_meeting_amount_is_positive"),
            models.CheckConstraint(
                condition=~Q(agenda="") & ~Q(minutes=""), name="casework_meeting_has_agenda_and_minutes"
            ),
        ]

    def __str__(self) -> str:
        return f"meeting {self.pk}"


class MeetingMember(models.Model):
    """Somebody who was called to the meeting: voted, abstained, or stepped aside (回避) and says why."""

    personal: ClassVar[bool] = True

    class Vote(models.TextChoices):
        """How he or she voted."""

        FOR = "for", "for"
        AGAINST = "against", "against"
        ABSTAINED = "abstained", "abstained"
        RECUSED = "recused", "stepped aside"

    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    vote = models.CharField(max_length=10, choices=Vote.choices)
    recusal_reason = models.CharField(max_length=200, blank=True)
    area = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["meeting", "user"], name="casework_meeting_member_once"),
            models.CheckConstraint(
                condition=(Q(vote="recused") & ~Q(recusal_reason=""))
                | (Q(vote__in=["for", "against", "abstained"]) & Q(recusal_reason="")),
                name="casework_meeting_recusal_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"meeting member {self.pk}"
