"""Doubtful pairs (疑似同一人): a department's record and the person of whom it may speak, and what people said of them.

A pair comes out of a night's sealed table. What both sides say is stored encrypted, and only that: no row of a
department is kept here. What people said binds the next night and can be taken back; nothing that was said is erased.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from doudi.office.crypto import EncryptedTextField


class DoubtfulPair(models.Model):
    """A claim that waits, and the person whom it may mean. It feeds no fact until people have said whose it is."""

    personal: ClassVar[bool] = True

    class Kind(models.TextChoices):
        """What makes it doubtful."""

        TWO_NAMES = "two_names", "the registry has this number under two names"
        NAME = "name", "the name differs from the one under which the number is known"
        CONTRADICTION = "contradiction", "birth date or sex contradicts the number"
        ALONE = "alone", "nothing corroborates the number"
        LIKELY = "likely", "no usable number; likely to be this person"

    class State(models.TextChoices):
        """Where it is. `asked`: one person said "the same", a second one has not looked yet."""

        OPEN = "open", "waits for a person"
        ASKED = "asked", "called the same by one person"
        SAME = "same", "the same person"
        DIFFERENT = "different", "two people"
        UNSURE = "unsure", "nobody could say"
        GONE = "gone", "the night asks no more"

    claim_key = models.CharField(max_length=80)
    person_key = models.CharField(max_length=80)
    kind = models.CharField(max_length=15, choices=Kind.choices)
    source = models.CharField(max_length=60)
    batch = models.CharField(max_length=80)
    row = models.BigIntegerField()
    delivered = models.CharField(max_length=7)
    rows = models.PositiveIntegerField()
    # Who says how the person is known; empty where only an earlier night did.
    known_source = models.CharField(max_length=60, blank=True)
    known_delivered = models.CharField(max_length=7, blank=True)
    # JSON: a list of field, in_row, known, verdict. For people's eyes; no rule reads it.
    said = EncryptedTextField()
    # A keyed hash of `said`: the record changed when this did.
    digest = models.CharField(max_length=64)
    weight = models.BigIntegerField(null=True)
    # 2: a finding or a case of the family is open; 1: the office has the person in its registry; 0: neither.
    use = models.PositiveSmallIntegerField()
    first_run = models.ForeignKey("evidence.NightRun", on_delete=models.PROTECT, related_name="+")
    last_run = models.ForeignKey("evidence.NightRun", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    area = models.CharField(max_length=12)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["area", "state", "-use", "-rows"], name="evidence_pair_list")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["claim_key", "person_key"], name="evidence_pair_once"),
            models.CheckConstraint(
                condition=Q(state__in=["open", "asked", "same", "different", "unsure", "gone"]),
                name="evidence_pair_state_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"doubtful pair {self.pk}"


class PairDecision(models.Model):
    """What one person said of a pair, and for "the same" what a second one said. Taken back, never erased."""

    personal: ClassVar[bool] = True

    class Verdict(models.TextChoices):
        """What was said."""

        SAME = "same", "the same person"
        DIFFERENT = "different", "two people"
        UNSURE = "unsure", "it can't be said"

    pair = models.ForeignKey(DoubtfulPair, on_delete=models.PROTECT, related_name="decisions")
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    reason = EncryptedTextField()
    # The digest of what they looked at.
    digest = models.CharField(max_length=64)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    confirm_reason = EncryptedTextField(blank=True, default="")
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdraw_reason = EncryptedTextField(blank=True, default="")
    area = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["pair"], condition=Q(withdrawn_at__isnull=True), name="evidence_pairdecision_one_stands"
            ),
            models.CheckConstraint(
                condition=Q(verdict__in=["same", "different", "unsure"]) & ~Q(reason=""),
                name="evidence_pairdecision_said_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True, confirmed_at__isnull=True, confirm_reason="")
                | (
                    Q(verdict="same", confirmed_by__isnull=False, confirmed_at__isnull=False)
                    & ~Q(confirm_reason="")
                    & ~Q(confirmed_by=F("decided_by"))
                ),
                name="evidence_pairdecision_same_by_two",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_by__isnull=True, withdrawn_at__isnull=True, withdraw_reason="")
                | (Q(withdrawn_by__isnull=False, withdrawn_at__isnull=False) & ~Q(withdraw_reason="")),
                name="evidence_pairdecision_withdrawn_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"decision {self.pk} of a doubtful pair"
