"""Taking over a roll (存量接续): what a bureau's old system paid already, confirmed by two people as it stands."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from doudi.office.casework.models.case import Case


class RollTakeOver(models.Model):
    """A roll that somebody prepared and somebody else confirms. received = accepted + quarantined + duplicate."""

    personal: ClassVar[bool] = True

    class State(models.TextChoices):
        """Where it is."""

        PREPARED = "prepared", "waits for the second person"
        CONFIRMED = "confirmed", "taken over"
        DISCARDED = "discarded", "discarded"

    # Of the files and the parameters; the same roll is prepared once.
    digest = models.CharField(max_length=64)
    file_name = models.CharField(max_length=200)
    as_of = models.DateField()
    # The last month that the old system pays; this office opens months from the next one on.
    paid_through = models.CharField(max_length=7)
    received = models.PositiveIntegerField()
    accepted = models.PositiveIntegerField()
    quarantined = models.PositiveIntegerField()
    duplicate = models.PositiveIntegerField()
    facts_received = models.PositiveIntegerField(default=0)
    facts_accepted = models.PositiveIntegerField(default=0)
    families = models.PositiveIntegerField()
    people = models.PositiveIntegerField()
    monthly_fen = models.BigIntegerField()
    # File, row, column and code of each row that waits for its correction. No cell of it.
    refusals = models.JSONField(default=list)
    # The accepted families, sealed, until they are taken over; then nothing.
    content = models.BinaryField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.PREPARED)
    prepared_at = models.DateTimeField()
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.TextField(blank=True)
    area = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["area", "digest"], condition=~Q(state="discarded"), name="casework_roll_prepared_once"
            ),
            models.CheckConstraint(
                condition=Q(received=F("accepted") + F("quarantined") + F("duplicate")),
                name="casework_roll_accounts_for_every_row",
            ),
            models.CheckConstraint(
                condition=Q(state="prepared", settled_at__isnull=True, settled_by__isnull=True)
                | Q(state__in=["confirmed", "discarded"], settled_at__isnull=False, settled_by__isnull=False),
                name="casework_roll_settled_by_whom_and_when",
            ),
            # Nobody brings money on the way alone (promise P22).
            models.CheckConstraint(
                condition=~Q(state="confirmed") | (~Q(settled_by=F("prepared_by")) & ~Q(reason="")),
                name="casework_roll_confirmed_by_another_person",
            ),
        ]

    def __str__(self) -> str:
        return f"roll {self.pk}"


class CarriedOver(models.Model):
    """What a case of a taken-over family rests on: the decision of the old system, as its roll states it."""

    personal: ClassVar[bool] = True

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="carried_over")
    take_over = models.ForeignKey(RollTakeOver, on_delete=models.PROTECT, related_name="cases")
    row = models.BigIntegerField()
    decision_no = models.CharField(max_length=60)
    decided_on = models.DateField()
    reviewed_on = models.DateField()
    receiving_since = models.CharField(max_length=7)
    area = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(decision_no=""), name="casework_carried_names_the_old_decision"),
        ]

    def __str__(self) -> str:
        return f"carried-over decision of case {self.case_id}"
