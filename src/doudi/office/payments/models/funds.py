"""A fund: the money appropriated to one county for one programme in one year."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q


class Fund(models.Model):
    """A fund (资金). Its row is also the lock that keeps two runs from spending the same fen."""

    personal: ClassVar[bool] = False

    name = models.CharField(max_length=80)
    programme = models.CharField(max_length=40)
    year = models.PositiveSmallIntegerField()
    county = models.CharField(max_length=6)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["programme", "year", "county"], name="payments_fund_once_a_year"),
            models.CheckConstraint(condition=Q(county__regex=r"^[0-9]{6}$"), name="payments_fund_of_a_county"),
            models.CheckConstraint(condition=Q(year__range=(2000, 2999)), name="payments_fund_year_in_range"),
        ]

    def __str__(self) -> str:
        return f"fund {self.pk}"
