"""What the bank answers: its return file, line by line, and what waits for a person because of it."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from doudi.office.crypto import EncryptedTextField
from doudi.office.payments.models.runs import Payment, PayRun


class ReturnFile(models.Model):
    """A return file of the bank (回单), kept byte for byte. The same bytes again have no further effect."""

    personal: ClassVar[bool] = True

    run = models.ForeignKey(PayRun, on_delete=models.PROTECT, related_name="return_files")
    # The bank's own number of this answer. The same number with other content is refused (promise P3).
    number = models.CharField(max_length=60)
    sha256 = models.CharField(max_length=64, unique=True)
    sealed_content = models.BinaryField()
    line_count = models.PositiveIntegerField()
    # True when the bank says it worked from a file that is not the one we released.
    answers_an_altered_file = models.BooleanField()
    imported_at = models.DateTimeField()
    imported_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    area = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "number"], name="payments_return_number_once_in_a_run")
        ]

    def __str__(self) -> str:
        return f"return file {self.sha256[:12]}"


class ReturnLine(models.Model):
    """One line of a return file as the bank wrote it, and what it did to our books."""

    personal: ClassVar[bool] = True

    class Effect(models.TextChoices):
        """What a line did. Only the first three moved money."""

        PAID = "paid", _("booked as paid")
        RETURNED = "returned", _("booked as returned")
        SUSPENSE = "suspense", _("moved to suspense")
        LISTED = "listed", _("listed for a person; no money moved")
        REPEATED = "repeated", _("said before; no effect")

    file = models.ForeignKey(ReturnFile, on_delete=models.PROTECT, related_name="lines")
    line = models.PositiveIntegerField()
    reference = models.CharField(max_length=80)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, null=True, related_name="return_lines")
    amount_fen = models.BigIntegerField(null=True)
    result = models.CharField(max_length=10)
    # The bank's words may hold an account number.
    reason = EncryptedTextField(blank=True)
    effect = models.CharField(max_length=10, choices=Effect.choices)
    area = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["file", "line"], name="payments_return_line_once"),
            models.CheckConstraint(
                condition=Q(result__in=["success", "failure", "unreadable"]), name="payments_return_result_is_known"
            ),
            models.CheckConstraint(
                condition=Q(effect__in=["paid", "returned", "suspense", "listed", "repeated"]),
                name="payments_return_effect_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"return line {self.pk}"


class SuspenseItem(models.Model):
    """Something in the bank's answer that only a person can settle (挂账). It never closes by itself."""

    personal: ClassVar[bool] = True

    class Kind(models.TextChoices):
        """What is wrong with the bank's line."""

        UNKNOWN_REFERENCE = "unknown_reference", _("no payment of this run has this reference")
        WRONG_AMOUNT = "wrong_amount", _("another amount than we instructed")
        CONTRADICTION = "contradiction", _("the bank said something else before")
        ALTERED_FILE = "altered_file", _("the bank worked from a file that is not ours")
        UNREADABLE = "unreadable", _("the line cannot be read")

    class Outcome(models.TextChoices):
        """How a person settled it."""

        PAID = "paid", _("the household has the money")
        RETURNED = "returned", _("the money came back; still owed")
        NOTED = "noted", _("no money of ours is concerned")

    return_line = models.OneToOneField(ReturnLine, on_delete=models.PROTECT, related_name="suspense_item")
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, null=True, related_name="suspense_items")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    opened_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    settlement_reason = EncryptedTextField(blank=True)
    area = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(outcome="", settled_at__isnull=True, settled_by__isnull=True)
                | Q(
                    outcome__in=["paid", "returned", "noted"],
                    settled_at__isnull=False,
                    settled_by__isnull=False,
                ),
                name="payments_suspense_settled_when_and_by_whom",
            )
        ]

    def __str__(self) -> str:
        return f"suspense item {self.pk}"


class RetryPermit(models.Model):
    """A person's word that a returned payment may go to the same account again, because the bank's obstacle is gone."""

    personal: ClassVar[bool] = True

    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, related_name="retry_permit")
    reason = EncryptedTextField()
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    area = models.CharField(max_length=12)

    def __str__(self) -> str:
        return f"retry permit {self.pk}"
