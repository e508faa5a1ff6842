"""What was known when: memberships as the office held them true at an instant, and the changes that people entered."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet

from doudi.engine.values.identity import mask_id
from doudi.office.registry.models import Change, Household, Membership, MoveRequest


@dataclass(frozen=True)
class ChangeView:
    """One entry of a household's history. `before` and `after` are masked, for people to read."""

    change_id: int
    kind: str
    cause: str
    on: date
    reason: str
    paper: str
    person_name: str
    other_id: int | None
    other_number: str
    before: Mapping[str, str]
    after: Mapping[str, str]
    recorded_at: datetime
    recorded_by: str
    undoes: int | None
    is_undone: bool
    can_be_undone: bool


@dataclass(frozen=True)
class MoveView:
    """A request to receive a household, as either side sees it."""

    request_id: int
    household_id: int
    told: tuple[str, ...]
    address: str
    on: date
    reason: str
    paper: str
    state: str
    asked_at: datetime
    asked_by: str
    answer: str
    answered_at: datetime | None
    area: str
    to_area: str


def known_at(household: Household, instant: datetime | None) -> QuerySet[Membership]:
    """Memberships as known at an instant; without one, as known now. One question for both."""
    rows = Membership.ever.filter(household=household).select_related("person")
    if instant is None:
        return rows.filter(superseded_at__isnull=True)
    held = Q(superseded_at__isnull=True) | Q(superseded_at__gt=instant)
    return rows.filter(held, recorded_at__lte=instant)


def changes_of(household: Household) -> tuple[ChangeView, ...]:
    """Everything that people entered about a household, newest first. Who calls this has recorded the look."""
    about = Q(household=household) | Q(other=household)
    found = Change.objects.filter(about).select_related("person", "other", "household", "recorded_by", "undone_by")
    return tuple(_view(row, household) for row in found.order_by("-recorded_at", "-pk"))


def requests_of(household: Household) -> tuple[MoveView, ...]:
    """Requests to other townships to receive a household, newest first."""
    return tuple(_move(row) for row in MoveRequest.objects.filter(household=household).order_by("-pk"))


def requests_to(area: str) -> tuple[MoveView, ...]:
    """Requests that wait for an answer from one's own area, oldest first."""
    found = MoveRequest.objects.filter(state=MoveRequest.State.ASKED, to_area__startswith=area)
    return tuple(_move(row) for row in found.select_related("asked_by").order_by("pk"))


def _view(row: Change, household: Household) -> ChangeView:
    other = row.other if row.household_id == household.pk else row.household
    is_undone = hasattr(row, "undone_by")
    return ChangeView(
        change_id=row.pk,
        kind=row.kind,
        cause=row.cause,
        on=row.on,
        reason=row.reason,
        paper=row.paper,
        person_name=row.person.name if row.person else "",
        other_id=other.pk if other else None,
        other_number=other.number if other else "",
        before=_masked(row.before),
        after=_masked(row.after),
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by.display_name,
        undoes=row.undoes_id,
        is_undone=is_undone,
        can_be_undone=not is_undone and row.kind not in (Change.Kind.UNDO, Change.Kind.MOVE_IN),
    )


def _masked(kept: str) -> Mapping[str, str]:
    said: dict[str, str] = json.loads(kept) if kept else {}
    said.pop("key", None)
    if said.get("id_number"):
        said["id_number"] = mask_id(said["id_number"])
    return said


def _move(row: MoveRequest) -> MoveView:
    return MoveView(
        request_id=row.pk,
        household_id=row.household_id,
        told=tuple(row.told.splitlines()),
        address=row.address,
        on=row.on,
        reason=row.reason,
        paper=row.paper,
        state=row.state,
        asked_at=row.asked_at,
        asked_by=row.asked_by.display_name,
        answer=row.answer,
        answered_at=row.answered_at,
        area=row.area,
        to_area=row.to_area,
    )
