"""Facts, the nights that found them, and assessments. Nothing here is ever changed: a correction is a newer row."""

from typing import ClassVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from doudi.office.evidence.pair_models import DoubtfulPair, PairDecision
from doudi.office.registry.models import Household, Person

__all__ = ["Assessment", "DoubtfulPair", "Fact", "HeldRelease", "NightRun", "PairDecision"]


class NightRun(models.Model):
    """One night's run of the engine that the office has loaded, for one county or for a whole city."""

    personal: ClassVar[bool] = False

    run_id = models.CharField(max_length=80)
    area = models.CharField(max_length=12)
    as_of = models.DateField()
    pack_release = models.CharField(max_length=40)
    pack_hash = models.CharField(max_length=64)
    loaded_at = models.DateTimeField()
    # Folder of the lake it was read from, where the information check finds the facts of a family.
    lake = models.CharField(max_length=400)
    # Counted once, for the page that tells what the night brought.
    findings_opened = models.PositiveIntegerField(default=0)
    findings_merged = models.PositiveIntegerField(default=0)
    findings_ended = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run_id", "area"], name="evidence_night_loaded_once"),
        ]

    def __str__(self) -> str:
        return f"night {self.run_id}"


class HeldRelease(models.Model):
    """Two people let findings in that the brake of a night holds (promise P26): one asks, another confirms."""

    # Officers' reasons may name a family: shown by area like every other word about people.
    personal: ClassVar[bool] = True

    night = models.ForeignKey(NightRun, on_delete=models.PROTECT, related_name="releases")
    # An alert rule, or `all_adverse` for everything that the night says against families.
    rule = models.CharField(max_length=60)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    ask_reason = models.TextField()
    # Confirming loads in the same transaction; until then the one who asked, or another, can withdraw it.
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    confirm_reason = models.TextField(blank=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    area = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["night", "rule"], condition=Q(withdrawn_at__isnull=True), name="evidence_release_once"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=models.F("asked_by")),
                name="evidence_release_by_two",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True, confirmed_at__isnull=True)
                | (Q(confirmed_by__isnull=False, confirmed_at__isnull=False) & ~Q(confirm_reason="")),
                name="evidence_release_confirmed_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False, confirmed_at__isnull=True),
                name="evidence_release_withdrawn_before_confirmed",
            ),
            models.CheckConstraint(condition=~Q(ask_reason=""), name="evidence_release_asked_with_reason"),
        ]

    def __str__(self) -> str:
        return f"release of {self.rule} in {self.night_id}"


class Fact(models.Model):
    """One dated fact (指标值) about a person or a household, and who says so. A fact can be that nothing is known."""

    personal: ClassVar[bool] = True

    class Origin(models.TextChoices):
        """Who says so, weakest last."""

        VISIT = "visit", "seen by the office"
        DEPARTMENT = "department", "from a department"
        DECLARED = "declared", "declared by the family"
        CARRIED = "carried", "found out by the old system's last review"
        # Two words of the office's on what somebody else holds: neither erases what stood there before.
        RECHECK = "recheck", "found out by a re-check"
        COUNTY = "county", "answered by another county"

    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="facts")
    household = models.ForeignKey(Household, on_delete=models.PROTECT, null=True, related_name="facts")
    name = models.CharField(max_length=60)
    value_int = models.BigIntegerField(null=True)
    # Null means that the value is of another type; "" would be a value.
    value_text = models.CharField(max_length=60, null=True)
    is_unknown = models.BooleanField(default=False)
    valid_from = models.DateField()
    origin = models.CharField(max_length=10, choices=Origin.choices)
    source = models.CharField(max_length=60)
    batch = models.CharField(max_length=80, blank=True)
    row = models.BigIntegerField(default=0)
    # Plain numbers: visits and cases stand above this app.
    visit_id = models.BigIntegerField(null=True)
    case_id = models.BigIntegerField(null=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    area = models.CharField(max_length=12)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["person", "name"], name="evidence_fact_person"),
            models.Index(fields=["household", "name"], name="evidence_fact_household"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(person__isnull=True, household__isnull=False)
                | Q(person__isnull=False, household__isnull=True),
                name="evidence_fact_has_one_subject",
            ),
            models.CheckConstraint(
                condition=Q(is_unknown=True, value_int__isnull=True, value_text__isnull=True)
                | Q(is_unknown=False, value_int__isnull=False, value_text__isnull=True)
                | Q(is_unknown=False, value_int__isnull=True, value_text__isnull=False),
                name="evidence_fact_is_one_value_or_unknown",
            ),
            models.CheckConstraint(
                condition=Q(origin__in=["visit", "department", "declared", "carried", "recheck", "county"]),
                name="evidence_fact_origin_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(origin="visit") | Q(visit_id__isnull=False), name="evidence_fact_seen_on_a_visit"
            ),
        ]

    def __str__(self) -> str:
        return f"fact {self.pk} ({self.name})"


class Assessment(models.Model):
    """What a programme's rules said (测算) on given facts. A recommendation, stored whole, never changed."""

    personal: ClassVar[bool] = True

    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="assessments")
    case_id = models.BigIntegerField(null=True)
    programme = models.CharField(max_length=40)
    as_of = models.DateField()
    outcome = models.CharField(max_length=12)
    amount_fen = models.BigIntegerField(null=True)
    pack_release = models.CharField(max_length=40)
    pack_hash = models.CharField(max_length=64)
    # A frozen copy for the file, read by people; the rules read evidence.Fact and never this.
    inputs = models.JSONField(encoder=DjangoJSONEncoder)
    result = models.JSONField()
    explanation_zh = models.JSONField()
    explanation_en = models.JSONField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    area = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(outcome__in=["eligible", "ineligible", "undetermined"]),
                name="evidence_assessment_outcome_is_known",
            ),
            models.CheckConstraint(
                condition=Q(amount_fen__isnull=True) | Q(outcome="eligible", amount_fen__gte=0),
                name="evidence_assessment_amount_only_if_eligible",
            ),
        ]

    def __str__(self) -> str:
        return f"assessment {self.pk}"
