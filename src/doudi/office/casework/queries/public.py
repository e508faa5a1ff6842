"""The public sheet, read without log-in and without scope: only the table that holds nothing personal is touched."""

from dataclasses import dataclass
from datetime import date

from doudi.office.casework.models import PublicSheet


@dataclass(frozen=True)
class SheetView:
    """Exactly what the public may read of a case (57号 art. 19): no number, no address, no reason, no child."""

    programme: str
    masked_name: str
    member_count: int
    opinion: str
    village: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True)
class SheetEnded:
    """There was a sheet under this address, and its time is over: 410. It says nothing of what stood there."""


def public_sheet(token: str, *, today: date) -> SheetView | SheetEnded | None:
    """The sheet of an address; SheetEnded after its last day or when it was withdrawn; None if there never was one."""
    sheet = PublicSheet.objects.filter(token=token).first()
    if sheet is None:
        return None
    if sheet.withdrawn_at is not None or not sheet.starts_on <= today <= sheet.ends_on:
        return SheetEnded()
    return SheetView(
        programme=sheet.programme,
        masked_name=sheet.masked_name,
        member_count=sheet.member_count,
        opinion=sheet.opinion,
        village=sheet.village,
        starts_on=sheet.starts_on,
        ends_on=sheet.ends_on,
    )
