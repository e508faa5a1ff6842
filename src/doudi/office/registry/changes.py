"""What people enter about who lives with whom, and where: each act is one `Change`, which nothing alters afterwards.

Memberships that an act ends or restates are superseded, never rewritten, so that a change can be undone: the rows it
brought hold no longer, and those it replaced hold again, from now on and as a further entry.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doudi.office.audit.actions import record
from doudi.office.errors import Refused
from doudi.office.org.models import User
from doudi.office.registry.actions import join_household, leave_household, make_findable
from doudi.office.registry.constraints import broken_constraint
from doudi.office.registry.ground import HEAD, Ground, Place
from doudi.office.registry.memory import restate, supersede
from doudi.office.registry.models import BankAccount, Change, Household, Membership, Person


@transaction.atomic
def write_change(
    *,
    actor: User,
    at: datetime,
    household: Household,
    kind: Change.Kind,
    ground: Ground,
    other: Household | None = None,
    person: Person | None = None,
    cause: str = "",
    before: Mapping[str, str] | None = None,
    after: Mapping[str, str] | None = None,
    undoes: Change | None = None,
) -> Change:
    """Enter one change. Whoever calls this does what it says in the same transaction."""
    change = Change.objects.create(
        household=household,
        kind=kind,
        other=other,
        person=person,
        cause=cause,
        on=ground.on,
        reason=ground.reason,
        paper=ground.paper,
        before=json.dumps(before, ensure_ascii=False) if before else "",
        after=json.dumps(after, ensure_ascii=False) if after else "",
        undoes=undoes,
        recorded_at=at,
        recorded_by=actor,
        area=household.area,
    )
    details = {"change": change.pk, "other": other.pk if other else None, "person": person.pk if person else None}
    record(actor=actor, verb=f"household.{kind.value}", obj=household, area=household.area, details=details)
    return change


@transaction.atomic
def transfer(
    *,
    actor: User,
    at: datetime,
    kind: Change.Kind,
    household: Household,
    other: Household,
    to: Household,
    moving: Sequence[tuple[Membership, str]],
    ground: Ground,
) -> Change:
    """Let members pass into another household, each with the relation to its head: a split, or a merger."""
    change = write_change(actor=actor, at=at, household=household, kind=kind, ground=ground, other=other)
    for row, relation in moving:
        leave_household(actor=actor, at=at, membership=row, on=ground.on, reason=ground.reason, change=change)
        join_household(
            actor=actor,
            at=at,
            household=to,
            person=row.person,
            relation=relation,
            on=max(ground.on, row.from_date),
            change=change,
        )
    _settle([row.person for row, _relation in moving], to)
    return change


@transaction.atomic
def move_household(*, actor: User, at: datetime, household: Household, place: Place, ground: Ground) -> Change:
    """Another address, in another village of the same area if need be."""
    before = {"area": household.area, "address": household.address}
    after = {"area": place.area, "address": place.address}
    kind = Change.Kind.MOVE
    change = write_change(actor=actor, at=at, household=household, kind=kind, ground=ground, before=before, after=after)
    _live_at(household, place, at=at, change=change)
    return change


@transaction.atomic
def change_head(
    *, actor: User, at: datetime, household: Household, relations: Mapping[int, str], ground: Ground
) -> Change:
    """Another head: each member's relation to the new one from a day on, by person."""
    rows = list(Membership.objects.filter(household=household, to_date__isnull=True).select_related("person"))
    head = next(row.person for row in rows if relations[row.person_id] == HEAD)
    kind = Change.Kind.HEAD
    change = write_change(actor=actor, at=at, household=household, kind=kind, ground=ground, person=head)
    changed = [row for row in rows if relations[row.person_id] != row.relation]
    if not supersede(changed, at=at, change=change):
        raise changed_meanwhile()
    for row in changed:
        if row.from_date < ground.on:
            restate(row, at=at, change=change, to_date=ground.on, end_reason=ground.reason)
        restate(row, at=at, change=change, relation=relations[row.person_id], from_date=max(row.from_date, ground.on))
    return change


@transaction.atomic
def let_join(
    *, actor: User, at: datetime, household: Household, person: Person, relation: str, cause: str, ground: Ground
) -> Change:
    """Somebody belongs to the household from a day on: by birth, marriage, adoption, return."""
    kind = Change.Kind.JOIN
    change = write_change(actor=actor, at=at, household=household, kind=kind, ground=ground, person=person, cause=cause)
    join_household(
        actor=actor, at=at, household=household, person=person, relation=relation, on=ground.on, change=change
    )
    _settle([person], household)
    return change


@transaction.atomic
def let_leave(*, actor: User, at: datetime, membership: Membership, cause: str, ground: Ground) -> Change:
    """Somebody belongs to the household no longer: by death, marriage, moving away."""
    kind, household = Change.Kind.LEAVE, membership.household
    change = write_change(
        actor=actor, at=at, household=household, kind=kind, ground=ground, person=membership.person, cause=cause
    )
    leave_household(actor=actor, at=at, membership=membership, on=ground.on, reason=ground.reason, change=change)
    return change


@transaction.atomic
def note_arrival(*, actor: User, at: datetime, household: Household, place: Place, ground: Ground) -> Change:
    """Write down in the receiving township that a household has come; the database has carried it over."""
    Household.objects.filter(pk=household.pk).update(address=place.address)
    household.address = place.address
    people = Membership.objects.filter(household=household, to_date__isnull=True).select_related("person")
    make_findable([row.person for row in people])
    after = {"area": place.area, "address": place.address}
    kind = Change.Kind.MOVE_IN
    return write_change(actor=actor, at=at, household=household, kind=kind, ground=ground, after=after)


@transaction.atomic
def undo_change(*, actor: User, at: datetime, change: Change, ground: Ground) -> Change:
    """Let what a change replaced hold again. Refused once something was built on it."""
    brought = list(Membership.ever.filter(change=change).select_related("person", "household"))
    if any(row.superseded_at is not None for row in brought) or hasattr(change, "undone_by"):
        raise changed_meanwhile()
    replaced = list(Membership.ever.filter(superseded_by=change).select_related("person", "household"))
    household = change.household
    undo = write_change(
        actor=actor,
        at=at,
        household=household,
        kind=Change.Kind.UNDO,
        ground=ground,
        other=change.other,
        person=change.person,
        undoes=change,
    )
    supersede(brought, at=at, change=undo)
    try:
        with transaction.atomic():
            for row in replaced:
                restate(row, at=at, change=undo, area=row.household.area)
    except IntegrityError as error:
        if broken_constraint(error) == "registry_membership_one_at_a_time":
            raise changed_meanwhile() from None
        raise
    if change.kind == Change.Kind.MOVE:
        before = json.loads(change.before)
        _live_at(household, Place(before["area"], before["address"]), at=at, change=undo)
    for home in {row.household_id: row.household for row in replaced}.values():
        _settle([row.person for row in replaced if row.household_id == home.pk and row.to_date is None], home)
    make_findable({row.person_id: row.person for row in brought}.values())
    return undo


def changed_meanwhile() -> Refused:
    """What is said when somebody was faster, or something later rests on it."""
    return Refused(
        _("The household has been changed since."),
        advice=_("Open the household again; a later change is undone before an earlier one."),
    )


def _live_at(household: Household, place: Place, *, at: datetime, change: Change) -> None:
    Household.objects.filter(pk=household.pk).update(area=place.area, address=place.address)
    is_elsewhere = place.area != household.area
    household.area, household.address = place.area, place.address
    rows = list(Membership.objects.filter(household=household, to_date__isnull=True).select_related("person"))
    if is_elsewhere:
        BankAccount.objects.filter(household=household, active=True).update(area=place.area)
        supersede(rows, at=at, change=change)
        for row in rows:
            restate(row, at=at, change=change, area=place.area)
    _settle([row.person for row in rows], household)


def _settle(people: Sequence[Person], home: Household) -> None:
    """People are recorded where their household is, and found by its address."""
    for person in people:
        if person.area != home.area:
            person.area = home.area
            person.save(update_fields=["area"])
    make_findable(people)
