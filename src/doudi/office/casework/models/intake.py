"""How an application comes without its applicant at the window, and how its way is followed from outside."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from doudi.office.casework.models.case import Case
from doudi.office.crypto import EncryptedTextField


class Reporter(models.Model):
    """Who asked for help for somebody else: a neighbour, a village cadre, a relative. The family consents itself."""

    personal: ClassVar[bool] = True

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="reporter")
    name = EncryptedTextField()
    relation = models.CharField(max_length=60)
    phone = EncryptedTextField(blank=True)
    area = models.CharField(max_length=12)

    def __str__(self) -> str:
        return f"reporter {self.pk}"


class OnlineApplication(models.Model):
    """What a citizen sent from outside (网上申请). Anybody may add one; only the township that it names sees it.

    Several of one identity number are one application to the office: they are answered together.
    """

    personal: ClassVar[bool] = True

    class State(models.TextChoices):
        """What the office has done with it."""

        SENT = "sent", "waits for the office"
        ASKED = "asked", "the office has asked back"
        ACCEPTED = "accepted", "became a case"
        SET_ASIDE = "set_aside", "set aside with a reason"

    number = models.CharField(max_length=20, unique=True)
    name = EncryptedTextField()
    id_number = EncryptedTextField()
    id_index = models.CharField(max_length=64)
    phone = EncryptedTextField()
    address = EncryptedTextField()
    # What happened, in the citizen's words.
    story = EncryptedTextField()
    # Empty: the office finds out what fits.
    programme = models.CharField(max_length=40, blank=True)
    # Empty: one's own matter. Otherwise who writes, and for whom.
    writer = EncryptedTextField(blank=True)
    consented_at = models.DateTimeField()
    sent_at = models.DateTimeField()
    due_on = models.DateField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.SENT)
    asked_at = models.DateTimeField(null=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="online_applications")
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reason = EncryptedTextField(blank=True)
    area = models.CharField(max_length=12)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["area", "state"], name="casework_online_list")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=["sent", "asked", "accepted", "set_aside"]), name="casework_online_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["sent", "asked"], settled_by__isnull=True)
                | Q(state="accepted", settled_by__isnull=False, case__isnull=False)
                | (Q(state="set_aside", settled_by__isnull=False) & ~Q(reason="")),
                name="casework_online_settled_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"online application {self.pk}"


class FollowCard(models.Model):
    """What whoever holds a receipt may see of its way, and nothing else: all that the page without log-in touches.

    It is found by number, last four digits of the identity number and the receipt's code together, as one keyed hash.
    No column says who it is about.
    """

    personal: ClassVar[bool] = False

    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="follow_cards")
    # The number on the receipt: of the case, or of what was sent from outside.
    number = EncryptedTextField()
    code = EncryptedTextField()
    index = models.CharField(max_length=64, unique=True)
    # Keyed hash of the number alone, by which the office finds the card of an online application.
    number_index = models.CharField(max_length=64)
    programme = models.CharField(max_length=40, blank=True)
    township = models.CharField(max_length=9)
    opened_on = models.DateField()
    # waiting | asked | set_aside | open | decided | withdrawn
    state = models.CharField(max_length=10)
    # One entry a stage: kind, done_on, due_on.
    stages = models.JSONField(default=list)
    due_on = models.DateField(null=True)
    # What the office asks back or says, once; and the answer, which the township reads with the application.
    question = EncryptedTextField(blank=True)
    answer = EncryptedTextField(blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["number_index"], name="casework_follow_number")]

    def __str__(self) -> str:
        return f"follow card {self.pk}"


class Knock(models.Model):
    """One try at a door that needs no log-in, so that nobody tries too often. No address stands here, only its hash."""

    personal: ClassVar[bool] = False

    door = models.CharField(max_length=10)
    # Keyed hash of the day with where it came from, or with the identity number.
    who = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["door", "who", "at"], name="casework_knock_who")]

    def __str__(self) -> str:
        return f"knock {self.pk}"
