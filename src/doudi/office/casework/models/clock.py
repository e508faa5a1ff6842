"""What moves a case's clock, and how a case ends without a decision."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from doudi.office.casework.models.case import Case
from doudi.office.registry.models import Person


class ClockStop(models.Model):
    """A time for which a case's clock stood still (不计入期限), for a reason that its procedure names."""

    personal: ClassVar[bool] = True

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="clock_stops")
    # Id among the procedure's clock_stops.
    stop = models.CharField(max_length=40)
    reason = models.TextField()
    since = models.DateField()
    stopped_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    until = models.DateField(null=True)
    resumed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    area = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(until__isnull=True), name="casework_clock_stops_once_at_a_time"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="casework_clock_stop_has_reason"),
            models.CheckConstraint(
                condition=Q(until__isnull=True, resumed_by__isnull=True)
                | Q(until__gte=F("since"), resumed_by__isnull=False),
                name="casework_clock_resumed_by_whom_and_when",
            ),
        ]

    def __str__(self) -> str:
        return f"clock stop {self.pk}"


class ClockExtension(models.Model):
    """A limit that was extended (延长), for a reason that the procedure names. Once for each such reason."""

    personal: ClassVar[bool] = True

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="clock_extensions")
    # Id among the procedure's extensions.
    extension = models.CharField(max_length=40)
    reason = models.TextField()
    granted_at = models.DateTimeField()
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    area = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "extension"], name="casework_clock_extended_once_for_a_reason"),
            models.CheckConstraint(condition=~Q(reason=""), name="casework_clock_extension_has_reason"),
        ]

    def __str__(self) -> str:
        return f"clock extension {self.pk}"


class Withdrawal(models.Model):
    """The family takes its application back (撤回申请). It may apply anew at any time."""

    personal: ClassVar[bool] = True

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="withdrawal")
    signed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    signed_on = models.DateField()
    reason = models.TextField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    area = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(reason=""), name="casework_withdrawal_has_reason"),
        ]

    def __str__(self) -> str:
        return f"withdrawal {self.pk}"


class Classification(models.Model):
    """Which programme an application is for (分类认定): what the rules said, and what an officer chose and why."""

    personal: ClassVar[bool] = True

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="classifications")
    before = models.CharField(max_length=40)
    # The tier that the rules found, if any; and the earlier ones that unknown facts leave open.
    recommended = models.CharField(max_length=40, blank=True)
    open_before = models.JSONField(default=list)
    chosen = models.CharField(max_length=40)
    reason = models.TextField()
    as_of = models.DateField()
    pack_release = models.CharField(max_length=40)
    pack_hash = models.CharField(max_length=64)
    chosen_at = models.DateTimeField()
    chosen_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    area = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(reason=""), name="casework_classification_has_reason"),
        ]

    def __str__(self) -> str:
        return f"classification {self.pk}"
