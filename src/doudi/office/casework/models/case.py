"""A case: one household's application for one programme, and each step taken in it."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from doudi.office.casework.models.finding import Finding
from doudi.office.crypto import EncryptedTextField
from doudi.office.registry.models import BankAccount, Household, Membership, Person


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


class KeptMember(models.Model):
    """A member of the family as it was applied for, once the registry has changed under an open case."""

    personal: ClassVar[bool] = True

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="kept_members")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    area = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "membership"], name="casework_kept_member_once"),
        ]

    def __str__(self) -> str:
        return f"kept member {self.pk}"


class Consent(models.Model):
    """An adult member's authorisation (授权书) to have the family's means checked for this case, until a day."""

    personal: ClassVar[bool] = True

    class Scope(models.TextChoices):
        """Whom the office may ask."""

        ALL = "all", "departments and banks"
        DEPARTMENTS = "departments", "departments, no banks"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="consents")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    scope = models.CharField(max_length=12, choices=Scope.choices, default=Scope.ALL, db_default=Scope.ALL)
    signed_on = models.DateField()
    # Its last day. An authorisation from before such days were asked has none.
    valid_until = models.DateField(null=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # The member takes it back; what was asked before stays in the file.
    withdrawn_on = models.DateField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    area = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case", "person", "signed_on"],
                condition=Q(withdrawn_at__isnull=True),
                name="casework_consent_once",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("signed_on")),
                name="casework_consent_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True, withdrawn_on__isnull=True)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False, withdrawn_on__isnull=False),
                name="casework_consent_withdrawn_by_whom_and_when",
            ),
        ]

    def __str__(self) -> str:
        return f"consent {self.pk}"


class NearRelative(models.Model):
    """A member who is a near relative (近亲属备案) of someone who handles cases or sits on a village committee.

    Declared in a case, or at any time on the household's page; "oneself" is a relation too: nobody handles one's own.
    """

    personal: ClassVar[bool] = True

    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="near_relatives")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    # Somebody of the office who then may not act on this case; or a village cadre by name.
    official = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    official_name = EncryptedTextField(blank=True)
    relation = models.CharField(max_length=40)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # Entered by mistake, or no longer so: by somebody else than the official, with a reason.
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawal_reason = EncryptedTextField(blank=True, default="")
    area = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(official__isnull=False) | ~Q(official_name=""), name="casework_relative_names_the_official"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True)
                | (Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False) & ~Q(withdrawal_reason="")),
                name="casework_relative_withdrawn_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"near relative {self.pk}"
