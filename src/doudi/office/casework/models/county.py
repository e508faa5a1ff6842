"""Verification asked of another county (异地协查): the request, the reply, reminders, and that the reply was taken in.

Each row names both divisions. Both read it; only the one whose words it holds can add it, and nobody can change it. The
answering county sees what the request says and nothing else of the family.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from doudi.office.casework.models.case import Case
from doudi.office.casework.models.report import VerificationReport
from doudi.office.crypto import EncryptedTextField
from doudi.office.registry.models import Person


class CountyRequest(models.Model):
    """What one county asks another about one person, over that person's authorisation."""

    personal: ClassVar[bool] = True

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="county_requests")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(max_length=90, unique=True)
    # As the other county needs them: it sees no other record of this person.
    name = EncryptedTextField()
    id_number = EncryptedTextField()
    asked_facts = models.JSONField()
    reason = EncryptedTextField()
    consent_signed_on = models.DateField()
    due_on = models.DateField()
    due_is_provisional = models.BooleanField()
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    form_token = models.CharField(max_length=64, unique=True)
    area = models.CharField(max_length=12)
    answering_area = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(reason=""), name="casework_countyrequest_has_reason"),
        ]

    def __str__(self) -> str:
        return f"county request {self.pk}"


class CountyReply(models.Model):
    """The other county's word: what it found of each fact asked for, or why it does not answer."""

    personal: ClassVar[bool] = True

    class Outcome(models.TextChoices):
        """Whether it answers."""

        ANSWERED = "answered", "answered"
        REFUSED = "refused", "refused with a reason"

    request = models.OneToOneField(CountyRequest, on_delete=models.PROTECT, related_name="reply")
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    text = EncryptedTextField()
    replied_at = models.DateTimeField()
    replied_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    area = models.CharField(max_length=12)
    answering_area = models.CharField(max_length=12)

    class Meta:
        verbose_name_plural = "county replies"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(outcome__in=["answered", "refused"]), name="casework_countyreply_outcome_is_known"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="casework_countyreply_has_words"),
        ]

    def __str__(self) -> str:
        return f"county reply {self.pk}"


class CountyReplyItem(models.Model):
    """One fact of a reply. Neither value: the other county does not know it either, which is not zero."""

    personal: ClassVar[bool] = True

    reply = models.ForeignKey(CountyReply, on_delete=models.PROTECT, related_name="items")
    name = models.CharField(max_length=60)
    value_int = models.BigIntegerField(null=True)
    value_text = models.CharField(max_length=60, null=True)
    as_of = models.DateField()
    area = models.CharField(max_length=12)
    answering_area = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["reply", "name"], name="casework_countyreplyitem_once_a_fact"),
            models.CheckConstraint(
                condition=Q(value_int__isnull=True) | Q(value_text__isnull=True),
                name="casework_countyreplyitem_is_one_value",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} of county reply {self.reply_id}"


class CountyReminder(models.Model):
    """The asking county reminds the other one (催办)."""

    personal: ClassVar[bool] = True

    request = models.ForeignKey(CountyRequest, on_delete=models.PROTECT, related_name="reminders")
    sent_on = models.DateField()
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    area = models.CharField(max_length=12)
    answering_area = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["request", "sent_on"], name="casework_countyreminder_once_a_day"),
        ]

    def __str__(self) -> str:
        return f"reminder of county request {self.request_id}"


class CountyReceipt(models.Model):
    """The reply was taken into the case, with the version of the report that it is in."""

    personal: ClassVar[bool] = True

    request = models.OneToOneField(CountyRequest, on_delete=models.PROTECT, related_name="receipt")
    # A refusal is taken note of; it brings no figures into the report.
    report = models.ForeignKey(VerificationReport, on_delete=models.PROTECT, null=True, related_name="+")
    taken_in_at = models.DateTimeField()
    taken_in_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    area = models.CharField(max_length=12)

    def __str__(self) -> str:
        return f"receipt of county request {self.request_id}"
