"""Findings that wait for people, the facts they rest on, and the tasks that come of findings and cases."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from doudi.office.crypto import EncryptedTextField
from doudi.office.evidence.models import NightRun
from doudi.office.registry.models import Household

FIELD_RULE = "found_in_the_field"
"""Stands where a rule's id stands, for what people found without one."""


class Finding(models.Model):
    """A lead (预警线索) that somebody must look at. It changes nothing by itself."""

    personal: ClassVar[bool] = True

    class State(models.TextChoices):
        """What became of it. Only people confirm or clear; the night can only say that the reason has gone."""

        OPEN = "open", "waits for a visit"
        CONFIRMED = "confirmed", "confirmed by a visit"
        CLEARED = "cleared", "cleared by a visit"
        UNKNOWN = "unknown", "could not be found out"
        ENDED = "ended", "the reason has gone from the data"

    finding_id = models.CharField(max_length=64)
    rule = models.CharField(max_length=60)
    family = models.CharField(max_length=40)
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="findings")
    episode_start = models.DateField()
    priority = models.IntegerField()
    # The nights that reported it; none where somebody of the office found it, who then says what.
    first_run = models.ForeignKey(NightRun, on_delete=models.PROTECT, null=True, related_name="+")
    last_run = models.ForeignKey(NightRun, on_delete=models.PROTECT, null=True, related_name="+")
    found_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    found_text = EncryptedTextField(blank=True, default="")
    # The night no longer reports it although a person still works on it: shown, never acted on.
    reason_gone_since = models.DateField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    close_reason = models.TextField(blank=True)
    # Why it was taken up again after it had been closed by mistake.
    reopen_reason = EncryptedTextField(blank=True, default="")
    area = models.CharField(max_length=12)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["area", "state", "-priority"], name="casework_finding_list"),
            models.Index(fields=["finding_id"], name="casework_finding_id"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["finding_id"], condition=Q(state="open"), name="casework_finding_open_once"
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True, closed_by__isnull=True)
                | Q(
                    state__in=["confirmed", "cleared", "unknown", "ended"],
                    closed_at__isnull=False,
                    closed_by__isnull=False,
                ),
                name="casework_finding_closed_by_whom_and_when",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["confirmed", "cleared", "unknown"]) | ~Q(close_reason=""),
                name="casework_finding_outcome_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(first_run__isnull=False, last_run__isnull=False, found_by__isnull=True, found_text="")
                | (Q(first_run__isnull=True, last_run__isnull=True, found_by__isnull=False) & ~Q(found_text="")),
                name="casework_finding_by_a_night_or_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"finding {self.finding_id}"


class FindingFact(models.Model):
    """A fact that a finding rested on in one night, traced to its row."""

    personal: ClassVar[bool] = True

    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, related_name="facts")
    run = models.ForeignKey(NightRun, on_delete=models.PROTECT, related_name="+")
    subject = models.CharField(max_length=80)
    name = models.CharField(max_length=60)
    value_int = models.BigIntegerField(null=True)
    # Null means that the value is of another type; "" would be a value.
    value_text = models.CharField(max_length=60, null=True)
    as_of = models.DateField(null=True)
    source = models.CharField(max_length=60)
    batch = models.CharField(max_length=80, blank=True)
    row = models.BigIntegerField(default=0)
    area = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["finding", "run", "subject", "name"], name="casework_findingfact_once_a_night"
            ),
        ]

    def __str__(self) -> str:
        return f"fact {self.name} of finding {self.finding_id}"


class Task(models.Model):
    """One piece of work (任务) for a named role in an area, with its last day."""

    personal: ClassVar[bool] = True

    class Kind(models.TextChoices):
        """What is to be done."""

        VISIT = "visit", "visit the family"
        APPLY = "apply", "help a confirmed family to apply"
        STEP = "step", "act on a case"
        REVIEW = "review", "review who belongs to a family that receives help"
        RECHECK = "recheck", "re-check what a family disputes"

    class State(models.TextChoices):
        """Where it is."""

        OPEN = "open", "open"
        DONE = "done", "done"
        DROPPED = "dropped", "no longer needed"

    kind = models.CharField(max_length=10, choices=Kind.choices)
    role = models.CharField(max_length=20)
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="tasks")
    finding = models.ForeignKey(Finding, on_delete=models.PROTECT, null=True, related_name="tasks")
    case = models.ForeignKey("casework.Case", on_delete=models.PROTECT, null=True, related_name="tasks")
    step = models.CharField(max_length=40, blank=True)
    due_on = models.DateField()
    # A deadline that crosses a year whose calendar is not out yet may move.
    due_is_provisional = models.BooleanField(default=False)
    # A review waits for the end of the publicity: the task is known, its turn has not come.
    not_before = models.DateField(null=True)
    # The clock of the case stands still: its last day moves, and nobody is late.
    stands_still = models.BooleanField(default=False, db_default=False)
    # Somebody said that they are on it; then the night closes nothing under their hands.
    taken_up_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    taken_up_at = models.DateTimeField(null=True)
    # Empty where they took it up themselves.
    assigned_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    # Why the last one who had it gave it back.
    given_back_reason = EncryptedTextField(blank=True, default="")
    created_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    # What a review of the members came to.
    note = EncryptedTextField(blank=True, default="")
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    area = models.CharField(max_length=12)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["area", "state", "role", "due_on"], name="casework_task_list")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["finding", "kind"], condition=Q(state="open", case__isnull=True), name="casework_task_one_open"
            ),
            models.UniqueConstraint(
                fields=["case", "step"], condition=Q(state="open", kind="step"), name="casework_task_one_step_open"
            ),
            models.UniqueConstraint(
                fields=["household"], condition=Q(state="open", kind="review"), name="casework_task_one_review_open"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["visit", "apply"], finding__isnull=False, case__isnull=True, step="")
                | (Q(kind="step", finding__isnull=True, case__isnull=False) & ~Q(step=""))
                | Q(kind="review", finding__isnull=True, case__isnull=True, step="")
                | Q(kind="recheck", finding__isnull=True, case__isnull=False, step=""),
                name="casework_task_is_about_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(taken_up_by__isnull=True, taken_up_at__isnull=True)
                | Q(taken_up_by__isnull=False, taken_up_at__isnull=False),
                name="casework_task_taken_up_by_whom_and_when",
            ),
            models.CheckConstraint(
                condition=Q(state="open", done_at__isnull=True, done_by__isnull=True)
                | Q(state__in=["done", "dropped"], done_at__isnull=False, done_by__isnull=False),
                name="casework_task_done_by_whom_and_when",
            ),
        ]

    def __str__(self) -> str:
        return f"task {self.pk}"
