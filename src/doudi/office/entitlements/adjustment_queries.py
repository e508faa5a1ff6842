"""Reads of changes of standard: which there are, what one does by effect and in all, and its lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Sum

from doudi.engine.values.money import Fen
from doudi.office.audit.actions import record_read
from doudi.office.entitlements.models import Adjustment, AdjustmentLine
from doudi.office.org.models import User
from doudi.office.registry.listing import Listing


@dataclass(frozen=True)
class AdjustmentRow:
    """One change of standard and how far it is."""

    adjustment_id: int
    county: str
    programme: str
    from_month: str
    reason: str
    state: str
    entitlements: int
    computed: int
    seal: str
    pack_release: str
    prepared_at: datetime
    prepared_by_id: int
    prepared_by: str
    settled_at: datetime | None
    settled_by: str
    settle_reason: str


@dataclass(frozen=True)
class EffectRow:
    """How many lines have one effect, and by how much a month they differ in all; None where there is no new amount."""

    effect: str
    count: int
    difference_fen: Fen | None


@dataclass(frozen=True)
class LineRow:
    """What the new standard makes of one family's help."""

    household_id: int
    household_number: str
    entitlement_id: int
    case_number: str
    area: str
    old_amount_fen: Fen
    new_amount_fen: Fen | None
    effect: str

    @property
    def difference_fen(self) -> Fen | None:
        """What it pays more a month."""
        return None if self.new_amount_fen is None else self.new_amount_fen - self.old_amount_fen


def adjustments(user: User) -> Sequence[AdjustmentRow]:
    """Those of the user's county, newest first."""
    found = Adjustment.objects.filter(county=user.area_id).select_related("prepared_by", "settled_by")
    return [_row(each) for each in found.order_by("-pk")[:100]]


def adjustment(user: User, adjustment_id: int) -> AdjustmentRow | None:
    """One of the user's county."""
    found = Adjustment.objects.filter(pk=adjustment_id, county=user.area_id)
    each = found.select_related("prepared_by", "settled_by").first()
    return None if each is None else _row(each)


def effects_of(adjustment_id: int) -> Sequence[EffectRow]:
    """Count and sum by effect, counted from the lines themselves."""
    lines = AdjustmentLine.objects.filter(adjustment=adjustment_id).values("effect").order_by("effect")
    found = lines.annotate(count=Count("pk"), difference=Sum(F("new_amount_fen") - F("old_amount_fen")))
    return [EffectRow(row["effect"], row["count"], row["difference"]) for row in found]


def lines_of(user: User, adjustment_id: int, *, effect: str = "", area: str = "") -> Sequence[LineRow]:
    """The lines, by effect and township; the look at the families of a page is recorded."""
    lines = AdjustmentLine.objects.filter(adjustment=adjustment_id).defer("family")
    if effect:
        lines = lines.filter(effect=effect)
    if area:
        lines = lines.filter(area__gte=area, area__lt=f"{area}:")

    def build(page: list[AdjustmentLine]) -> list[LineRow]:
        households = [line.entitlement.household for line in page]
        purpose = "change of standard"
        record_read(actor=user, objects=households, fields=("amount",), area=user.area_id, purpose=purpose)
        return [
            LineRow(
                household_id=line.entitlement.household_id,
                household_number=line.entitlement.household.number,
                entitlement_id=line.entitlement_id,
                case_number=line.entitlement.case.number,
                area=line.area,
                old_amount_fen=line.old_amount_fen,
                new_amount_fen=line.new_amount_fen,
                effect=line.effect,
            )
            for line in page
        ]

    return Listing(lines.select_related("entitlement__household", "entitlement__case").order_by("pk"), build)


def _row(each: Adjustment) -> AdjustmentRow:
    return AdjustmentRow(
        adjustment_id=each.pk,
        county=each.county,
        programme=each.programme,
        from_month=each.from_month,
        reason=each.reason,
        state=each.state,
        entitlements=each.entitlements,
        computed=each.computed,
        seal=each.seal,
        pack_release=each.pack_release,
        prepared_at=each.prepared_at,
        prepared_by_id=each.prepared_by_id,
        prepared_by=each.prepared_by.display_name,
        settled_at=each.settled_at,
        settled_by=each.settled_by.display_name if each.settled_by else "",
        settle_reason=each.settle_reason,
    )
