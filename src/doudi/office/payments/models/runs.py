"""A pay run, its payments, the months it could not pay, and the file that the bank gets."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from doudi.office.crypto import EncryptedTextField
from doudi.office.entitlements.models import MONTH_PATTERN, EntitlementMonth
from doudi.office.payments.models.funds import Fund
from doudi.office.registry.models import BankAccount


class PayRun(models.Model):
    """A pay run (发放批次): what one county pays in one programme for one month, in one file to the bank."""

    personal: ClassVar[bool] = False

    class State(models.TextChoices):
        """Where the run stands. A draft may be discarded; from the release on, nothing is taken back."""

        DRAFT = "draft", _("draft")
        DISCARDED = "discarded", _("discarded")
        RELEASED = "released", _("released")
        SENT = "sent", _("sent to the bank")
        RECONCILED = "reconciled", _("reconciled")

    number = models.CharField(max_length=60, unique=True)
    county = models.CharField(max_length=6)
    programme = models.CharField(max_length=40)
    month = models.CharField(max_length=7)
    # 1 is the month's regular run; later ones pay what was returned or decided late.
    sequence = models.PositiveSmallIntegerField()
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="runs")
    state = models.CharField(max_length=10, choices=State.choices)
    line_count = models.PositiveIntegerField()
    total_fen = models.BigIntegerField()
    prepared_at = models.DateTimeField()
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    released_at = models.DateTimeField(null=True)
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    sent_at = models.DateTimeField(null=True)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    discarded_at = models.DateTimeField(null=True)
    discarded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    # Typed by a person, who may name somebody in it: therefore here and not in the audit.
    discard_reason = EncryptedTextField(blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["county", "programme", "month", "sequence"], name="payments_run_once_per_sequence"
            ),
            # Preparing twice finds the draft that is there.
            models.UniqueConstraint(
                fields=["county", "programme", "month"], condition=Q(state="draft"), name="payments_run_one_draft"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "discarded", "released", "sent", "reconciled"]),
                name="payments_run_state_is_known",
            ),
            models.CheckConstraint(condition=Q(month__regex=MONTH_PATTERN), name="payments_run_month_is_a_month"),
            models.CheckConstraint(condition=Q(line_count__gt=0, total_fen__gt=0), name="payments_run_pays_something"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "discarded"], released_at__isnull=True, released_by__isnull=True)
                | Q(
                    state__in=["released", "sent", "reconciled"],
                    released_at__isnull=False,
                    released_by__isnull=False,
                ),
                name="payments_run_released_when_and_by_whom",
            ),
            # Four eyes (promise P22), in the database as well as in the action.
            models.CheckConstraint(
                condition=Q(released_by__isnull=True) | ~Q(released_by=F("prepared_by")),
                name="payments_run_released_by_another_person",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["sent", "reconciled"], sent_at__isnull=False, sent_by__isnull=False)
                | Q(state__in=["draft", "discarded", "released"], sent_at__isnull=True, sent_by__isnull=True),
                name="payments_run_sent_when_and_by_whom",
            ),
            models.CheckConstraint(
                condition=Q(state="discarded", discarded_at__isnull=False, discarded_by__isnull=False)
                | (~Q(state="discarded") & Q(discarded_at__isnull=True, discarded_by__isnull=True)),
                name="payments_run_discarded_when_and_by_whom",
            ),
        ]

    def __str__(self) -> str:
        return f"pay run {self.number}"


class Payment(models.Model):
    """One line of a run (发放明细): one month of one household, to one account, under a reference of its own.

    All but the state is frozen by a trigger. A returned payment stays as it is; paying the month again is a new payment
    that names the one it replaces.
    """

    personal: ClassVar[bool] = True

    class State(models.TextChoices):
        """Where the money of this line is. The ledger says the same, posting by posting."""

        DRAFT = "draft", _("not yet released")
        WITHDRAWN = "withdrawn", _("withdrawn with its draft")
        IN_TRANSIT = "in_transit", _("with the bank")
        PAID = "paid", _("paid")
        RETURNED = "returned", _("returned and still owed")
        SUSPENSE = "suspense", _("in suspense")

    class Kind(models.TextChoices):
        """Why this month is in this run."""

        REGULAR = "regular", _("this month")
        ARREARS = "arrears", _("an earlier month, not paid before")
        REPAYMENT = "repayment", _("a month that the bank returned")

    run = models.ForeignKey(PayRun, on_delete=models.PROTECT, related_name="payments")
    line = models.PositiveIntegerField()
    reference = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    entitlement_month = models.ForeignKey(EntitlementMonth, on_delete=models.PROTECT, related_name="payments")
    replaces = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="replacements")
    account = models.ForeignKey(BankAccount, on_delete=models.PROTECT, related_name="+")
    # The account as it was when the run was prepared; the release refuses if it is another by then.
    account_index = models.CharField(max_length=64)
    amount_fen = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=State.choices)
    area = models.CharField(max_length=12)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["state", "area"], name="payments_payment_state_area")]
        constraints: ClassVar = [
            # A month has one living payment at most, whatever is retried, raced or replayed (promise P2).
            models.UniqueConstraint(
                fields=["entitlement_month"],
                condition=Q(state__in=["draft", "in_transit", "paid", "suspense"]),
                name="payments_month_paid_once",
            ),
            models.UniqueConstraint(
                fields=["replaces"],
                condition=Q(replaces__isnull=False) & ~Q(state="withdrawn"),
                name="payments_return_repaid_once",
            ),
            models.UniqueConstraint(fields=["run", "line"], name="payments_line_once_in_a_run"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="payments_amount_is_positive"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "withdrawn", "in_transit", "paid", "returned", "suspense"]),
                name="payments_payment_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(kind="repayment", replaces__isnull=False)
                | Q(kind__in=["regular", "arrears"], replaces__isnull=True),
                name="payments_repayment_names_the_returned_one",
            ),
        ]

    def __str__(self) -> str:
        return f"payment {self.reference}"


class UnpayableMonth(models.Model):
    """A month that was due but that this run could not pay, and why. It stays owed."""

    personal: ClassVar[bool] = True

    class Reason(models.TextChoices):
        """What stands in the way; each names what somebody has to do."""

        NO_ACCOUNT = "no_account", _("no payee account")
        HOLDER_NOT_IN_HOUSEHOLD = "holder_not_in_household", _("the account's holder does not live in the household")
        RETURNED_UNCHANGED = "returned_unchanged", _("the bank returned it and the account is still the same")
        NAME_UNFIT = "name_unfit", _("holder or bank name has characters that a bank file cannot carry")
        NUMBER_UNFIT = "number_unfit", _("the account number is not 8 to 32 digits")

    run = models.ForeignKey(PayRun, on_delete=models.PROTECT, related_name="unpayable")
    entitlement_month = models.ForeignKey(EntitlementMonth, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=24, choices=Reason.choices)
    area = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "entitlement_month"], name="payments_unpayable_once_in_a_run")
        ]

    def __str__(self) -> str:
        return f"unpayable month {self.pk}"


class BankFile(models.Model):
    """The file for the bank (银行代发文件), written once at the release and never again. Stored sealed."""

    personal: ClassVar[bool] = True

    run = models.OneToOneField(PayRun, on_delete=models.PROTECT, related_name="bank_file")
    sealed_content = models.BinaryField()
    byte_count = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64, unique=True)
    signature = models.CharField(max_length=64)
    written_at = models.DateTimeField()
    area = models.CharField(max_length=12)

    def __str__(self) -> str:
        return f"bank file {self.sha256[:12]}"
