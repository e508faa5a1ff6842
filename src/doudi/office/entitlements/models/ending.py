"""The end of running help, and the return visits after it."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from doudi.office.entitlements.models.course import Course
from doudi.office.evidence.models import Assessment


class Ending(Course):
    """A decision to end an entitlement (停发、渐退). It takes effect only through its notice (promise P18)."""

    personal: ClassVar[bool] = True

    class Cause(models.TextChoices):
        """Why it ends."""

        STOP = "stop", "the conditions are no longer met"
        DEATH = "death", "the person died"
        GRADUAL_EXIT = "gradual_exit", "gradual exit after finding work"

    cause = models.CharField(max_length=12, choices=Cause.choices)
    # The rules on today's facts: facts, sources, rule and version of the notice. A death is a fact by itself.
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, null=True, related_name="+")
    # The last month that is paid.
    last_month = models.CharField(max_length=7, null=True)

    class Meta(Course.Meta):
        constraints: ClassVar = [
            *Course.Meta.constraints,
            models.UniqueConstraint(
                fields=["entitlement"],
                condition=~Q(outcome="refuse") & ~Q(answer="overturned"),
                name="entitlements_ending_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(cause="death") | Q(assessment__isnull=False), name="entitlements_ending_rests_on_the_rules"
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
