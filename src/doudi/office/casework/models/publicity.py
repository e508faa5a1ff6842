"""Publicity of a preliminary opinion, the sheet that the public sees, and what people object."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from doudi.office.casework.models.case import Case
from doudi.office.crypto import EncryptedTextField


class Publicity(models.Model):
    """One round of publicity (公示) of a case, in the village or community."""

    personal: ClassVar[bool] = True

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="publicities")
    # The procedure's step: some programmes publicise twice (双公示).
    step = models.CharField(max_length=40)
    starts_on = models.DateField()
    # The last day on which the sheet hangs.
    ends_on = models.DateField()
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    area = models.CharField(max_length=12)

    class Meta:
        verbose_name_plural = "publicities"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case", "step"],
                condition=Q(withdrawn_at__isnull=True),
                name="casework_publicity_one_round_at_a_time",
            ),
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="casework_publicity_has_days"),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="casework_publicity_withdrawn_by_whom_and_when",
            ),
        ]

    def __str__(self) -> str:
        return f"publicity {self.pk}"


class PublicSheet(models.Model):
    """What the public may read, and nothing else: it is all that the page without log-in ever touches.

    There is no column for an identity number, an address, an illness or a child's name, so none can be shown.
    """

    personal: ClassVar[bool] = False

    publicity = models.OneToOneField(Publicity, on_delete=models.PROTECT, related_name="sheet")
    token = models.CharField(max_length=64, unique=True)
    programme = models.CharField(max_length=40)
    masked_name = models.CharField(max_length=60)
    member_count = models.PositiveSmallIntegerField()
    opinion = models.CharField(max_length=10)
    # Village or community, never a house number.
    village = models.CharField(max_length=12)
    starts_on = models.DateField()
    ends_on = models.DateField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(opinion__in=["approve", "refuse"]), name="casework_sheet_opinion_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"public sheet {self.pk}"


class Objection(models.Model):
    """An objection (异议) to a publicised opinion. The case waits until it is settled."""

    personal: ClassVar[bool] = True

    class Outcome(models.TextChoices):
        """How it was settled."""

        FOUNDED = "founded", "founded: a new opinion is due"
        UNFOUNDED = "unfounded", "unfounded"

    publicity = models.ForeignKey(Publicity, on_delete=models.PROTECT, related_name="objections")
    received_on = models.DateField()
    objector = EncryptedTextField(blank=True)
    text = EncryptedTextField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    form_token = models.CharField(max_length=64, unique=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    settle_reason = models.TextField(blank=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    area = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, settled_by__isnull=True, outcome="", settle_reason="")
                | (
                    Q(settled_at__isnull=False, settled_by__isnull=False, outcome__in=["founded", "unfounded"])
                    & ~Q(settle_reason="")
                ),
                name="casework_objection_settled_whole_or_not_at_all",
            ),
        ]

    def __str__(self) -> str:
        return f"objection {self.pk}"
