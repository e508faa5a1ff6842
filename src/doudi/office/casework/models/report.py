"""Verification reports (核对报告): numbered, in versions that only grow; the family's answers; re-checks of them."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from doudi.office.casework.models.case import Case
from doudi.office.casework.models.finding import Task
from doudi.office.crypto import EncryptedTextField
from doudi.office.evidence.models import Fact, NightRun
from doudi.office.registry.models import Person


class VerificationReport(models.Model):
    """One version of a case's report: what was declared, found and seen by then, and what the rules made of it.

    Its lines point to facts, which are never changed, so that a version says for ever what it said.
    """

    personal: ClassVar[bool] = True

    class Cause(models.TextChoices):
        """Why this version was made."""

        CHECK = "check", "the departments were asked"
        RENEWAL = "renewal", "the departments were asked again"
        ANSWER = "answer", "the family agreed to a figure"
        RECHECK = "recheck", "a re-check was answered"
        COUNTY = "county", "another county answered"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="reports")
    version = models.PositiveIntegerField()
    number = models.CharField(max_length=90, unique=True)
    cause = models.CharField(max_length=10, choices=Cause.choices)
    night = models.ForeignKey(NightRun, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # Last day on which a decision may rest on it, and whether the pack's number of days is confirmed.
    valid_until = models.DateField()
    validity_status = models.CharField(max_length=10)
    # What the rules said on the facts of this version; the explanation's conditions in both languages, for people.
    outcome = models.CharField(max_length=12)
    amount_fen = models.BigIntegerField(null=True)
    pack_release = models.CharField(max_length=40)
    pack_hash = models.CharField(max_length=64)
    conditions_zh = models.JSONField()
    conditions_en = models.JSONField()
    area = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "version"], name="casework_report_versions_count_up"),
            models.CheckConstraint(
                condition=Q(outcome__in=["eligible", "ineligible", "undetermined"]),
                name="casework_report_outcome_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"report {self.number}"


class ReportLine(models.Model):
    """One item of one subject: the figure found, and beside it what was declared and seen. Null: nobody said anything.

    `name` is the fact that a department gave; `rule_name` the one that the rules read, which may be what people tell.
    """

    personal: ClassVar[bool] = True

    report = models.ForeignKey(VerificationReport, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveSmallIntegerField()
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=60)
    rule_name = models.CharField(max_length=60)
    found = models.ForeignKey(Fact, on_delete=models.PROTECT, null=True, related_name="+")
    declared = models.ForeignKey(Fact, on_delete=models.PROTECT, null=True, related_name="+")
    seen = models.ForeignKey(Fact, on_delete=models.PROTECT, null=True, related_name="+")
    # Which of them the rules were run on, if any is known.
    used = models.ForeignKey(Fact, on_delete=models.PROTECT, null=True, related_name="+")
    differs = models.BooleanField()
    area = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["report", "position"], name="casework_reportline_has_its_place"),
        ]

    def __str__(self) -> str:
        return f"line {self.position} of report {self.report_id}"


class ReportAnswer(models.Model):
    """What the family says to a difference, over a member's name and with the paper that it brought."""

    personal: ClassVar[bool] = True

    class Kind(models.TextChoices):
        """How it takes the figure."""

        AGREES = "agrees", "the figure found is right"
        EXPLAINS = "explains", "both are right, for a reason"
        OBJECTS = "objects", "the figure found is wrong"

    line = models.ForeignKey(ReportLine, on_delete=models.PROTECT, related_name="answers")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    text = EncryptedTextField()
    # Which paper was brought; the paper itself is in the case's file.
    paper = EncryptedTextField(blank=True)
    said_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    said_on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    form_token = models.CharField(max_length=64, unique=True)
    area = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind__in=["agrees", "explains", "objects"]), name="casework_answer_kind_is_known"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="casework_answer_has_words"),
        ]

    def __str__(self) -> str:
        return f"answer {self.pk}"


class Recheck(models.Model):
    """A re-check (复查) of a figure that the family disputes. The case is not decided before it is answered."""

    personal: ClassVar[bool] = True

    class Outcome(models.TextChoices):
        """What came of it."""

        STANDS = "stands", "the figure found is right"
        CORRECTED = "corrected", "the figure found was wrong"

    answer = models.OneToOneField(ReportAnswer, on_delete=models.PROTECT, related_name="recheck")
    task = models.OneToOneField(Task, on_delete=models.PROTECT, related_name="recheck")
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    # Who looked again: the department, or an officer who had no part; and by which letter.
    authority = models.CharField(max_length=120, blank=True)
    document = models.CharField(max_length=120, blank=True)
    reply = EncryptedTextField(blank=True)
    fact = models.ForeignKey(Fact, on_delete=models.PROTECT, null=True, related_name="+")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # Who asked the departments for the figure can't re-check it.
    not_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    area = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_by__isnull=True, fact__isnull=True, outcome="", reply="")
                | (
                    Q(answered_at__isnull=False, answered_by__isnull=False, fact__isnull=False)
                    & Q(outcome__in=["stands", "corrected"])
                    & ~Q(reply="")
                    & ~Q(authority="")
                ),
                name="casework_recheck_answered_whole_or_not_at_all",
            ),
            models.CheckConstraint(
                condition=Q(answered_by__isnull=True) | ~Q(answered_by=F("not_by")),
                name="casework_recheck_by_another_officer",
            ),
        ]

    def __str__(self) -> str:
        return f"re-check {self.pk}"
