"""A case: one household's application for one programme, and each step taken in it."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from doudi.office.casework.models.finding import Finding
from doudi.office.crypto import EncryptedTextField
from doudi.office.registry.models import BankAccount, Household, Person


class Case(models.Model):
    """An application (申请) of a household on its way to a decision."""

    personal: ClassVar[bool] = True

    class Channel(models.TextChoices):
        """How it came to the office."""

        VISIT = "visit", "from a visit"
        WINDOW = "window", "at the window"
        PHONE = "phone", "by telephone"
        ONLINE = "online", "online, by the family"
        NEIGHBOUR = "neighbour", "a neighbour asked for help"
        # Help for a family that is known already: found by the office, without an application (主动发现、直接救助).
        DIRECT = "direct", "found by the office, without an application"
        TAKEOVER = "takeover", "taken over from the old system"

    class State(models.TextChoices):
        """Where it ends. In between, the step records say where it is."""

        OPEN = "open", "in procedure"
        APPROVED = "approved", "approved"
        REFUSED = "refused", "refused"
        WITHDRAWN = "withdrawn", "withdrawn by the family"

    number = models.CharField(max_length=80, unique=True)
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="cases")
    programme = models.CharField(max_length=40)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, null=True, related_name="cases")
    applicant = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    payee_account = models.ForeignKey(BankAccount, on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    # Counts changes: a form made for an older version is stale and refused.
    version = models.PositiveIntegerField(default=1)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # The one notice of everything that is missing (一次性告知).
    missing_notice = models.JSONField(default=list)
    missing_notified_at = models.DateTimeField(null=True)
    area = models.CharField(max_length=12)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["area", "state"], name="casework_case_list")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["household", "programme"], condition=Q(state="open"), name="casework_case_one_open"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "approved", "refused", "withdrawn"]), name="casework_case_state_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"case {self.number}"


class StepRecord(models.Model):
    """A step (环节) that was taken. A step that a founded objection set aside stays in the file."""

    personal: ClassVar[bool] = True

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="steps")
    step = models.CharField(max_length=40)
    done_on = models.DateField()
    done_at = models.DateTimeField()
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # The second investigator of a home visit.
    done_with = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    due_on = models.DateField(null=True)
    # What is to be said of a step that has no record of its own: a talk with neighbours, a return visit.
    note = models.TextField(blank=True)
    set_aside_at = models.DateTimeField(null=True)
    set_aside_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    area = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case", "step"], condition=Q(set_aside_at__isnull=True), name="casework_step_taken_once"
            ),
            models.CheckConstraint(
                condition=Q(set_aside_at__isnull=True, set_aside_by__isnull=True)
                | Q(set_aside_at__isnull=False, set_aside_by__isnull=False),
                name="casework_step_set_aside_by_whom_and_when",
            ),
            models.CheckConstraint(
                condition=Q(done_with__isnull=True) | ~Q(done_with=F("done_by")), name="casework_step_by_two_people"
            ),
        ]

    def __str__(self) -> str:
        return f"step {self.step} of case {self.case_id}"


class Consent(models.Model):
    """An adult member's authorisation (授权书) to have the family's means checked for this case."""

    personal: ClassVar[bool] = True

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="consents")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    signed_on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    area = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "person"], name="casework_consent_once"),
        ]

    def __str__(self) -> str:
        return f"consent {self.pk}"


class NearRelative(models.Model):
    """A member who is a near relative (近亲属备案) of someone who handles cases or sits on a village committee."""

    personal: ClassVar[bool] = True

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="near_relatives")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    # Somebody of the office who then may not act on this case; or a village cadre by name.
    official = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    official_name = EncryptedTextField(blank=True)
    relation = models.CharField(max_length=40)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    area = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(official__isnull=False) | ~Q(official_name=""), name="casework_relative_names_the_official"
            ),
        ]

    def __str__(self) -> str:
        return f"near relative {self.pk}"
