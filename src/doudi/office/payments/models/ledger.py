"""The ledger: two tables to which rows are only ever added.

A transaction holds postings; the postings of one transaction sum to zero in every fund. What the signs of each account
mean is said in `docs/reference/ledger.md`. The rules are kept by the database itself (migration `0002_ledger_rules`):
no code path, and no hand at a prompt with the application's rights, can book around them.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from doudi.office.payments.models.funds import Fund
from doudi.office.payments.models.returns import ReturnFile
from doudi.office.payments.models.runs import Payment, PayRun


class LedgerTransaction(models.Model):
    """One thing that happened to money, with the document it rests on."""

    personal: ClassVar[bool] = False

    class Kind(models.TextChoices):
        """What happened."""

        APPROPRIATION = "appropriation", _("money appropriated to a fund")
        RELEASE = "release", _("a pay run released")
        ANSWER = "answer", _("the bank's answer booked")
        SETTLEMENT = "settlement", _("a suspense item settled by a person")
        REVERSAL = "reversal", _("an earlier transaction taken back")

    kind = models.CharField(max_length=14, choices=Kind.choices)
    # A document's number or a reason; never a person's name.
    document = models.CharField(max_length=120)
    # Declared before the postings are written, so that none can be slipped in afterwards.
    posting_count = models.PositiveIntegerField()
    run = models.ForeignKey(PayRun, on_delete=models.PROTECT, null=True, related_name="transactions")
    return_file = models.ForeignKey(ReturnFile, on_delete=models.PROTECT, null=True, related_name="transactions")
    reverses = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="reversed_by")
    booked_at = models.DateTimeField()
    booked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind__in=["appropriation", "release", "answer", "settlement", "reversal"]),
                name="payments_transaction_kind_is_known",
            ),
            models.CheckConstraint(condition=Q(posting_count__gte=2), name="payments_transaction_has_two_sides"),
            models.CheckConstraint(
                condition=Q(kind="reversal", reverses__isnull=False) | (~Q(kind="reversal") & Q(reverses__isnull=True)),
                name="payments_reversal_names_what_it_reverses",
            ),
            # A run is released into the ledger once.
            models.UniqueConstraint(fields=["run"], condition=Q(kind="release"), name="payments_run_booked_once"),
            models.CheckConstraint(
                condition=~Q(kind="release") | Q(run__isnull=False), name="payments_release_names_its_run"
            ),
        ]

    def __str__(self) -> str:
        return f"transaction {self.pk} ({self.kind})"


class Posting(models.Model):
    """One side of a transaction (记账): an amount into (+) or out of (-) one account of one fund."""

    personal: ClassVar[bool] = False

    class Account(models.TextChoices):
        """Where money of a fund can be."""

        APPROPRIATION = "appropriation", _("given to the fund")
        AVAILABLE = "available", _("free to be paid")
        IN_TRANSIT = "in_transit", _("with the bank")
        PAID = "paid", _("paid")
        RETURNED = "returned", _("returned and still owed")
        SUSPENSE = "suspense", _("in suspense")

    transaction = models.ForeignKey(LedgerTransaction, on_delete=models.PROTECT, related_name="postings")
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="postings")
    account = models.CharField(max_length=13, choices=Account.choices)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, null=True, related_name="postings")
    amount_fen = models.BigIntegerField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["fund", "account"], include=["amount_fen"], name="payments_posting_balance")
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(amount_fen=0), name="payments_posting_moves_something"),
            models.CheckConstraint(
                condition=Q(account__in=["appropriation", "available"], payment__isnull=True)
                | Q(account__in=["in_transit", "paid", "returned", "suspense"], payment__isnull=False),
                name="payments_posting_beyond_the_fund_names_its_payment",
            ),
        ]

    def __str__(self) -> str:
        return f"posting {self.pk}"
