"""A change of standard (调标) in one county: every running entitlement computed anew, seen before it is released."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from doudi.office.entitlements.models.entitlement import MONTH_PATTERN, Entitlement


class Adjustment(models.Model):
    """New numbers of the pack applied to a county's running help of one programme. One computes, another releases."""

    personal: ClassVar[bool] = False

    class State(models.TextChoices):
        """How far it is."""

        COMPUTING = "computing", "being computed"
        READY = "ready", "waits for its release"
        RELEASED = "released", "released"
        DISCARDED = "discarded", "given up"

    county = models.CharField(max_length=6)
    programme = models.CharField(max_length=40)
    # The month from which the new standard pays; what was written of it already is supplemented.
    from_month = models.CharField(max_length=7)
    reason = models.TextField()
    pack_release = models.CharField(max_length=40)
    pack_hash = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State.choices, default=State.COMPUTING)
    entitlements = models.PositiveIntegerField()
    computed = models.PositiveIntegerField(default=0)
    # Over all lines in fixed order, when everything was computed: what is released is what was looked at.
    seal = models.CharField(max_length=64, blank=True)
    prepared_at = models.DateTimeField()
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    settle_reason = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["county", "programme"],
                condition=Q(state__in=["computing", "ready"]),
                name="entitlements_adjustment_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(from_month__regex=MONTH_PATTERN), name="entitlements_adjustment_from_a_month"
            ),
            models.CheckConstraint(
                condition=~Q(state="released") | (~Q(settled_by=F("prepared_by")) & ~Q(seal="")),
                name="entitlements_adjustment_released_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["computing", "ready"], settled_at__isnull=True, settled_by__isnull=True)
                | (
                    Q(state__in=["released", "discarded"], settled_at__isnull=False, settled_by__isnull=False)
                    & ~Q(settle_reason="")
                ),
                name="entitlements_adjustment_settled_whole_or_not_at_all",
            ),
        ]

    def __str__(self) -> str:
        return f"adjustment {self.pk}"


class AdjustmentLine(models.Model):
    """What the new standard makes of one entitlement. Only what rises is changed by the release."""

    personal: ClassVar[bool] = True

    class Effect(models.TextChoices):
        """What the new standard does."""

        UP = "up", "more"
        SAME = "same", "the same"
        DOWN = "down", "less: to be reviewed"
        LOST = "lost", "no longer met: to be reviewed"
        UNKNOWN = "unknown", "not known: to be reviewed"

    adjustment = models.ForeignKey(Adjustment, on_delete=models.PROTECT, related_name="lines")
    entitlement = models.ForeignKey(Entitlement, on_delete=models.PROTECT, related_name="adjustment_lines")
    old_amount_fen = models.BigIntegerField()
    # What the rules give at the new standard; null where they give none, or something is not known.
    new_amount_fen = models.BigIntegerField(null=True)
    effect = models.CharField(max_length=8, choices=Effect.choices)
    # The family as it was assessed, so that the line can be explained and recomputed at any time.
    family = models.JSONField()
    area = models.CharField(max_length=12)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["adjustment", "effect"], name="entitlements_line_effect")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["adjustment", "entitlement"], name="entitlements_line_once"),
            models.CheckConstraint(
                condition=Q(effect="up", new_amount_fen__gt=F("old_amount_fen"))
                | Q(effect="same", new_amount_fen=F("old_amount_fen"))
                | Q(effect="down", new_amount_fen__lt=F("old_amount_fen"))
                | Q(effect__in=["lost", "unknown"], new_amount_fen__isnull=True),
                name="entitlements_line_effect_is_the_difference",
            ),
        ]

    def __str__(self) -> str:
        return f"line {self.pk} of adjustment {self.adjustment_id}"
