"""Guarded changes of households: split, merge, move, another head, who joins or leaves, data put right, and undone.

Each is told beforehand what stands on the household (`matters_of`), and does what is told: an open case keeps the
family as it was applied for, and help that runs gets a task to review the members. No amount is changed here.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from doudi.office import crypto
from doudi.office.casework.actions.cases import keep_family
from doudi.office.casework.actions.findings import ask_for_review, write_review
from doudi.office.casework.models import Case, Task
from doudi.office.casework.procedure import refuse_near_relatives
from doudi.office.entitlements.queries import runs_on
from doudi.office.errors import NotYours, Refused, Unacceptable
from doudi.office.evidence.family import current_members
from doudi.office.evidence.rulebook import current_pack
from doudi.office.flows.typed import typed_id, typed_name
from doudi.office.org.models import User
from doudi.office.org.permissions import require
from doudi.office.registry import changes, corrections
from doudi.office.registry.actions import declare_household, know_household, set_residence
from doudi.office.registry.ground import HEAD, Ground, Place
from doudi.office.registry.identity import Identity
from doudi.office.registry.models import Change, Household, Membership, Person
from doudi.office.registry.terms import RELATIONS

REVIEW_DAYS = 30
_VILLAGE = re.compile(r"[0-9]{12}")
TEXT_MAX = 1000


@transaction.atomic
def split_household(
    *,
    actor: User,
    at: datetime,
    household_id: int,
    leaving: Mapping[int, str],
    area: str,
    address: str,
    ground: Ground,
) -> Household:
    """Let members found a household of their own: who leaves, each with the relation to the new head."""
    household = claim_household(actor, household_id)
    members = {row.person_id: row for row in _checked(at, household, ground)}
    moving = [(members[number], relation) for number, relation in leaving.items() if number in members]
    if len(moving) != len(leaving) or not moving:
        raise Unacceptable(_("Who leaves is no member of the household."), advice=_("Choose some of the members."))
    if len(moving) == len(members):
        raise Unacceptable(
            _("All members would leave."), advice=_("Somebody stays; if all move, enter the move instead.")
        )
    _check_relations([relation for _row, relation in moving])
    if any(row.relation == HEAD for row, _relation in moving):
        raise Unacceptable(
            _("The head of the household can't leave it like this."), advice=_("Enter another head first.")
        )
    _check_place(actor, area)
    _prepare(actor, at, household)
    first = next(row.person for row, relation in moving if relation == HEAD)
    fresh = know_household(
        actor=actor,
        key=crypto.keyring().pseudonym("household", f"office:{first.key}:{at.isoformat()}"),
        basis=Household.Basis.DECLARED,
        area=area,
        address=address.strip(),
    )
    if household.residence:
        set_residence(actor=actor, household=fresh, residence=household.residence)
    kind = Change.Kind.SPLIT
    changes.transfer(
        actor=actor, at=at, kind=kind, household=household, other=fresh, to=fresh, moving=moving, ground=ground
    )
    return fresh


@transaction.atomic
def merge_households(
    *, actor: User, at: datetime, household_id: int, other_id: int, relations: Mapping[int, str], ground: Ground
) -> Change:
    """Let another household's members come into this one, with the relation to its head; the other is left empty."""
    household, other = claim_household(actor, household_id), claim_household(actor, other_id)
    if household.pk == other.pk:
        raise Unacceptable(_("A household can't be merged with itself."), advice=_("Name the other household."))
    _checked(at, household, ground)
    rows = _checked(at, other, ground)
    if set(relations) != {row.person_id for row in rows}:
        raise Unacceptable(
            _("The relation of each member to the head is needed."),
            advice=_("Fill in all."),
        )
    if HEAD in relations.values():
        raise Unacceptable(_("The household has a head already."), advice=_("Choose another relation."))
    _check_codes(relations.values())
    _prepare(actor, at, household)
    _prepare(actor, at, other)
    return changes.transfer(
        actor=actor,
        at=at,
        kind=Change.Kind.MERGE,
        household=household,
        other=other,
        to=household,
        moving=[(row, relations[row.person_id]) for row in rows],
        ground=ground,
    )


@transaction.atomic
def move_household(*, actor: User, at: datetime, household_id: int, area: str, address: str, ground: Ground) -> Change:
    """Another address inside of one's own area. Another township is asked (`flows.move_between`)."""
    household = claim_household(actor, household_id)
    _checked(at, household, ground)
    _check_place(actor, area)
    place = Place(area, typed_text(address, _("The address is not given.")))
    if (household.area, household.address) == (place.area, place.address):
        raise Refused(_("The household is recorded there already."), advice=_("Open the household again."))
    return changes.move_household(actor=actor, at=at, household=household, place=place, ground=ground)


@transaction.atomic
def change_head(
    *, actor: User, at: datetime, household_id: int, relations: Mapping[int, str], ground: Ground
) -> Change:
    """Another head of the household: each member's relation to the new head."""
    household = claim_household(actor, household_id)
    rows = _checked(at, household, ground)
    if set(relations) != {row.person_id for row in rows}:
        raise Unacceptable(
            _("The relation of each member to the head is needed."),
            advice=_("Fill in all."),
        )
    _check_relations(relations.values())
    if all(row.relation == relations[row.person_id] for row in rows):
        raise Refused(_("Nothing differs from what is recorded."), advice=_("Choose another head."))
    _prepare(actor, at, household)
    return changes.change_head(actor=actor, at=at, household=household, relations=relations, ground=ground)


@transaction.atomic
def let_join(
    *, actor: User, at: datetime, household_id: int, person: Person, relation: str, cause: str, ground: Ground
) -> Change:
    """Somebody who is recorded joins the household. Whoever belongs to another one leaves that first."""
    household = claim_household(actor, household_id)
    rows = _checked(at, household, ground)
    _check_codes([relation])
    if (relation == HEAD) == bool(rows):
        raise Unacceptable(
            _("A household has one head, and its first member is the head."), advice=_("Choose another relation.")
        )
    if cause not in JOIN_CAUSES:
        raise Unacceptable(_("Why somebody joins is not said."), advice=_("Choose one of the list."))
    _refuse_other_home(person, household, ground)
    _prepare(actor, at, household)
    return changes.let_join(
        actor=actor, at=at, household=household, person=person, relation=relation, cause=cause, ground=ground
    )


@transaction.atomic
def let_leave(*, actor: User, at: datetime, household_id: int, person_id: int, cause: str, ground: Ground) -> Change:
    """Somebody belongs to the household no longer."""
    household = claim_household(actor, household_id)
    rows = _checked(at, household, ground)
    row = next((each for each in rows if each.person_id == person_id), None)
    if row is None:
        raise Unacceptable(_("Who leaves is no member of the household."), advice=_("Choose some of the members."))
    if cause not in LEAVE_CAUSES:
        raise Unacceptable(_("Why somebody leaves is not said."), advice=_("Choose one of the list."))
    if row.relation == HEAD and len(rows) > 1:
        raise Unacceptable(
            _("The head of the household can't leave it like this."), advice=_("Enter another head first.")
        )
    _prepare(actor, at, household)
    return changes.let_leave(actor=actor, at=at, membership=row, cause=cause, ground=ground)


@transaction.atomic
def correct_person(
    *, actor: User, at: datetime, household_id: int, person_id: int, right: Identity, ground: Ground
) -> Change:
    """Put a member's name, number, birth date or sex right, with the reason and the paper that shows it."""
    household = claim_household(actor, household_id)
    rows = _checked(at, household, ground)
    person = next((row.person for row in rows if row.person_id == person_id), None)
    if person is None:
        raise NotYours(_("There is no such member."))
    if not ground.paper.strip():
        raise Unacceptable(_("The paper that shows it is not named."), advice=_("Name the paper and its number."))
    _check_identity(right, at)
    right = replace(right, name=typed_name(right.name))
    return corrections.correct_person(
        actor=actor,
        at=at,
        household=household,
        person=person,
        right=right,
        ground=ground,
        keyring=crypto.keyring(),
    )


@transaction.atomic
def undo_change(*, actor: User, at: datetime, change_id: int, reason: str) -> Change:
    """Undo a change by a further entry. What was built on it is undone before."""
    require(actor, "household.change")
    change = Change.objects.select_related("household", "other", "person").filter(pk=change_id).first()
    if change is None:
        raise NotYours(_("There is no such change."))
    household = claim_household(actor, change.household_id)
    if change.other_id is not None:
        claim_household(actor, change.other_id)
    if change.kind in (Change.Kind.UNDO, Change.Kind.MOVE_IN):
        raise Refused(_("This entry can't be undone."), advice=_("Enter what is right as a further change."))
    ground = Ground(localdate(at), typed_text(reason, _("A reason is needed.")))
    if change.kind == Change.Kind.CORRECT and change.person is not None:
        return corrections.undo_correction(
            actor=actor, at=at, change=change, person=change.person, ground=ground, keyring=crypto.keyring()
        )
    _prepare(actor, at, household)
    return changes.undo_change(actor=actor, at=at, change=change, ground=ground)


@transaction.atomic
def finish_review(*, actor: User, at: datetime, task_id: int, note: str) -> None:
    """Say what the review of the members came to: the help goes on as it is, or somebody proposes its change."""
    require(actor, "household.change")
    task = Task.objects.select_related("household").filter(pk=task_id, kind=Task.Kind.REVIEW).first()
    if task is None:
        raise NotYours(_("There is no such task."))
    refuse_near_relatives(task.household, actor)
    write_review(actor=actor, at=at, task=task, note=typed_text(note, _("A reason is needed.")))


JOIN_CAUSES = ("birth", "marriage", "adoption", "return", "other")
LEAVE_CAUSES = ("death", "marriage", "moved", "never", "other")


def claim_household(actor: User, household_id: int) -> Household:
    """Lock a household for a change by somebody who may change it."""
    require(actor, "household.change")
    household = Household.objects.select_for_update().filter(pk=household_id).first()
    if household is None:
        raise NotYours(_("There is no such household."))
    refuse_near_relatives(household, actor)
    return household


def check_ground(at: datetime, ground: Ground) -> None:
    """Refuse a day to come, a missing reason, texts without end."""
    if ground.on > localdate(at):
        raise Unacceptable(_("The day of the change lies in the future."), advice=_("Correct the date."))
    typed_text(ground.reason, _("A reason is needed."))
    if len(ground.paper) > TEXT_MAX:
        raise Unacceptable(_("The text is too long."), advice=_("Shorten it."))


def _checked(at: datetime, household: Household, ground: Ground) -> list[Membership]:
    """The members, after a look at the day and the reason that were typed."""
    check_ground(at, ground)
    return list(Membership.objects.filter(household=household, to_date__isnull=True).select_related("person"))


def _prepare(actor: User, at: datetime, household: Household) -> None:
    """What the change means for what stands on the household: cases keep their family, help gets a review."""
    today = localdate(at)
    for case in Case.objects.filter(household=household, state=Case.State.OPEN):
        if not case.kept_members.exists():
            keep_family(actor=actor, case=case, members=current_members(household, today))
    if runs_on(household.pk, today):
        ask_for_review(actor=actor, at=at, household=household, due_on=today + timedelta(days=REVIEW_DAYS))
    declare_household(actor=actor, household=household)


def _refuse_other_home(person: Person, household: Household, ground: Ground) -> None:
    rows = Membership.objects.filter(person=person).select_related("household")
    living = next((row for row in rows if row.to_date is None), None)
    if living is not None:
        where = living.household.number
        raise Refused(
            _("This person already belongs to the household %(number)s.") % {"number": where},
            advice=_("Let the person leave it first, or merge the two households."),
        )
    if any(row.to_date is not None and row.to_date > ground.on for row in rows):
        raise Refused(_("On that day the person still belonged to another household."), advice=_("Correct the date."))


def _check_relations(relations: Iterable[str]) -> None:
    codes = list(relations)
    _check_codes(codes)
    if codes.count(HEAD) != 1:
        raise Unacceptable(_("A household has exactly one head."), advice=_("Choose one head."))


def _check_codes(relations: Iterable[str]) -> None:
    if not set(relations) <= set(RELATIONS):
        raise Unacceptable(
            _("The relation to the head of the household is not one of the list."), advice=_("Choose one of it.")
        )


def _check_place(actor: User, area: str) -> None:
    if not _VILLAGE.fullmatch(area) or not area.startswith(actor.area_id) or area not in current_pack().divisions():
        raise Unacceptable(_("This village or community is not of your area."), advice=_("Choose one of the list."))


def _check_identity(right: Identity, at: datetime) -> None:
    if right.sex not in ("", "0", "1", "2", "9"):
        raise Unacceptable(_("The sex is not one of the list."), advice=_("Choose one of it."))
    if right.birth_date is not None and right.birth_date > localdate(at):
        raise Unacceptable(_("The birth date lies in the future."), advice=_("Correct the date."))
    if not right.id_number:
        return
    number = typed_id(right.id_number, localdate(at))
    if (number.birth_date, number.sex) != (right.birth_date, right.sex):
        raise Unacceptable(
            _("Birth date and sex are not those that the identity number says."),
            advice=_("Compare all three with the card."),
        )


def typed_text(typed: str, missing: str) -> str:
    """A text that somebody must give, or a refusal that says which is missing."""
    text = typed.strip()
    if not text:
        raise Unacceptable(missing, advice=_("Fill it in."))
    if len(text) > TEXT_MAX:
        raise Unacceptable(_("The text is too long."), advice=_("Shorten it."))
    return text
