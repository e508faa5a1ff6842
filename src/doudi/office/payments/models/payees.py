"""A change of a household's payee account: proposed by one person, effective only after a second one agreed."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from doudi.office.crypto import EncryptedTextField
from doudi.office.registry.models import BankAccount, Household, Person


class PayeeChange(models.Model):
    """A proposed payee account (变更发放账户). Until a second person confirms it, the old account stays in force."""

    personal: ClassVar[bool] = True

    class Outcome(models.TextChoices):
        """What the second person said."""

        CONFIRMED = "confirmed", _("confirmed")
        REFUSED = "refused", _("refused")

    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="payee_changes")
    replaces = models.ForeignKey(BankAccount, on_delete=models.PROTECT, null=True, related_name="+")
    holder = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    bank_name = models.CharField(max_length=60)
    number = EncryptedTextField()
    number_index = models.CharField(max_length=64)
    reason = EncryptedTextField()
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    area = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["household"], condition=Q(outcome=""), name="payments_payee_one_open_change"
            ),
            models.CheckConstraint(
                condition=Q(outcome="", decided_at__isnull=True, decided_by__isnull=True)
                | Q(
                    outcome__in=["confirmed", "refused"],
                    decided_at__isnull=False,
                    decided_by__isnull=False,
                ),
                name="payments_payee_decided_when_and_by_whom",
            ),
            # Not on the say of one person (promise P9). Refusing, and taking one's own proposal back, harms nobody.
            models.CheckConstraint(
                condition=~Q(outcome="confirmed") | ~Q(decided_by=F("proposed_by")),
                name="payments_payee_confirmed_by_another_person",
            ),
        ]

    def __str__(self) -> str:
        return f"payee change {self.pk}"
