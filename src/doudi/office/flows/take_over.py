"""Taking over whoever receives already (存量接续): one person of the county prepares a roll, another confirms it.

    prepare   the files read and checked; a rehearsal against the registry; what is accepted is kept, sealed
    confirm   people, households, accounts and the last review's facts recorded; a case and both people's word on the
              old decision for each family; what it receives goes on, from the month after the old system's last

A roll is confirmed as it was prepared or not at all. Nobody receives anything here that no named person has confirmed
(promise P17), and what the old system has paid is not paid again (promise P2).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from doudi.engine.values.keys import Keyring
from doudi.engine.values.period import Month
from doudi.engine.values.seal import seal, unseal
from doudi.office.casework.actions.takeovers import (
    CarriedCase,
    carry_cases,
    claim_roll,
    keep_roll,
    known_roll,
    settle_roll,
)
from doudi.office.casework.models import RollTakeOver
from doudi.office.entitlements.actions import CarriedGrant, carry_over
from doudi.office.entitlements.review_actions import DueReview, open_reviews
from doudi.office.errors import Refused, Unacceptable
from doudi.office.evidence.actions import CarriedFact, carry_facts
from doudi.office.evidence.rulebook import current_pack, current_vocabulary, office_programmes
from doudi.office.flows.reviews import CASUAL_WAGE, next_review
from doudi.office.flows.roll_families import Entered, enter_families
from doudi.office.flows.roll_files import ReadRoll, RollContent, RollFamily, read_roll
from doudi.office.org.models import User
from doudi.office.org.permissions import require

SOURCE = "old_system"


@dataclass(frozen=True)
class Prepared:
    """A roll as it waits for its second person."""

    roll: RollTakeOver
    read: ReadRoll


class _Rehearsed(Exception):  # noqa: N818 - no error: it undoes the rehearsal
    pass


@transaction.atomic
def prepare_roll(
    *,
    actor: User,
    at: datetime,
    roll: Path,
    review: Path | None,
    as_of: date,
    paid_through: Month,
    keyring: Keyring,
) -> Prepared:
    """Read, check and rehearse a roll of the actor's county. Nothing of it is recorded yet but the roll itself."""
    require(actor, "roll.prepare")
    if paid_through > Month.of(as_of).next():
        raise Unacceptable(
            _("The old system can't have paid so far ahead."), advice=_("Name the last month that it pays.")
        )
    read = read_roll(
        roll,
        review,
        pack=current_pack(),
        vocabulary=current_vocabulary(),
        county=actor.area_id,
        programmes=office_programmes(),
        as_of=as_of,
        paid_through=str(paid_through),
    )
    digest = _digest(roll, review, str(paid_through))
    known = known_roll(area=actor.area_id, digest=digest)
    if known is not None:
        return Prepared(known, read)
    read = _rehearse(actor, at, read, as_of, keyring)
    content = RollContent(families=read.families).model_dump_json().encode()
    kept = keep_roll(
        actor=actor,
        at=at,
        area=actor.area_id,
        digest=digest,
        content=seal(keyring, content, f"roll:{digest}"),
        told={
            "file_name": roll.name[:200],
            "as_of": as_of,
            "paid_through": str(paid_through),
            "received": read.roll.received,
            "accepted": read.roll.accepted,
            "quarantined": read.roll.quarantined,
            "duplicate": read.roll.duplicate,
            "facts_received": read.review.received,
            "facts_accepted": read.review.accepted,
            "families": len(read.families),
            "people": sum(len(family.members) for family in read.families),
            "monthly_fen": sum(family.amount for family in read.families),
            "refusals": [[each.file, each.row, each.column, each.code] for each in read.refusals],
        },
    )
    return Prepared(kept, read)


@transaction.atomic
def confirm_roll(*, actor: User, at: datetime, roll_id: int, reason: str, keyring: Keyring) -> RollTakeOver:
    """Take a prepared roll over. The second person's word is the decision on each of its families."""
    require(actor, "roll.confirm")
    if not reason.strip():
        raise Unacceptable(_("A reason is needed."), advice=_("Say with what you compared the roll."))
    roll = claim_roll(actor=actor, roll_id=roll_id)
    if roll.state == RollTakeOver.State.CONFIRMED:
        return roll
    content = unseal(keyring, bytes(roll.content), f"roll:{roll.digest}")
    families = RollContent.model_validate_json(content).families
    entered = enter_families(actor, families, at=at, on=roll.as_of, keyring=keyring)
    if entered.trouble:
        raise Refused(
            _("%(count)s families of this roll have been recorded otherwise since it was prepared.")
            % {"count": len(entered.trouble)},
            advice=_("Discard it and prepare it anew; those families then wait with their reason."),
        )
    decided = carry_cases(
        preparer=roll.prepared_by,
        actor=actor,
        at=at,
        roll=roll,
        cases=[_case(family, entered) for family in families],
        reason=reason.strip(),
    )
    grants = [
        CarriedGrant(
            household_id=entered.households[family.household_no].pk,
            programme=family.programme,
            case_id=each.case_id,
            decision_id=each.decision_id,
            amount_fen=family.amount,
            start_month=family.start_month,
            area=family.area_code,
        )
        for family, each in zip(families, decided, strict=True)
    ]
    carried = carry_over(actor=actor, at=at, grants=grants, paid_through=Month.parse(roll.paid_through))
    reviews = [_review(family, number, roll.as_of) for family, number in zip(families, carried, strict=True)]
    open_reviews(at=at, reviews=reviews)
    facts = [fact for family in families for fact in _facts(family, entered)]
    carry_facts(actor=actor, at=at, facts=facts, source=SOURCE, batch=roll.digest[:16])
    settle_roll(actor=actor, at=at, roll=roll, state=RollTakeOver.State.CONFIRMED, reason=reason.strip())
    return roll


@transaction.atomic
def discard_roll(*, actor: User, at: datetime, roll_id: int, reason: str) -> None:
    """Give a prepared roll up, so that it can be prepared anew. Whoever confirms rolls may."""
    require(actor, "roll.confirm")
    if not reason.strip():
        raise Unacceptable(_("A reason is needed."), advice=_("Say what is wrong with the roll."))
    roll = claim_roll(actor=actor, roll_id=roll_id)
    if roll.state != RollTakeOver.State.PREPARED:
        raise Refused(_("This roll was taken over already."), advice=_("End single entitlements by decision."))
    settle_roll(actor=actor, at=at, roll=roll, state=RollTakeOver.State.DISCARDED, reason=reason.strip())


def _rehearse(actor: User, at: datetime, read: ReadRoll, on: date, keyring: Keyring) -> ReadRoll:
    """Enter the families and undo it, until none of those left meets an obstacle in the registry."""
    while True:
        entered = None
        try:
            with transaction.atomic():
                entered = enter_families(actor, read.families, at=at, on=on, keyring=keyring)
                raise _Rehearsed
        except _Rehearsed:
            pass
        if entered is None or not entered.trouble:
            return read
        read = read.without(entered.trouble)


def _case(family: RollFamily, entered: Entered) -> CarriedCase:
    household = entered.households[family.household_no]
    head = next(member for member in family.members if member.relation == "02")
    return CarriedCase(
        household_id=household.pk,
        programme=family.programme,
        applicant_id=entered.people[head.id_number],
        account_id=entered.accounts[household.pk],
        amount_fen=family.amount,
        row=head.row,
        decision_no=family.decision_no,
        decided_on=family.decided_on,
        reviewed_on=family.reviewed_on,
        receiving_since=family.start_month,
        area=family.area_code,
    )


def _facts(family: RollFamily, entered: Entered) -> Sequence[CarriedFact]:
    household = entered.households[family.household_no]
    return [
        CarriedFact(
            household_id=household.pk,
            person_id=entered.people[fact.id_number] if fact.id_number else None,
            name=fact.name,
            value_int=fact.value_int,
            value_text=fact.value_text,
            known_on=fact.known_on,
            row=fact.row,
            area=family.area_code,
        )
        for fact in family.facts
    ]


def _review(family: RollFamily, entitlement_id: int, as_of: date) -> DueReview:
    """The next look counts from the old system's last one; half-yearly where somebody earns casually (57号 art. 31)."""
    is_unsteady = any(fact.name == CASUAL_WAGE and (fact.value_int or 0) > 0 for fact in family.facts)
    due_on = next_review(family.reviewed_on or as_of, family.area_code, is_unsteady=is_unsteady)
    return DueReview(entitlement_id, due_on, family.area_code)


def _digest(roll: Path, review: Path | None, paid_through: str) -> str:
    digest = hashlib.sha256(paid_through.encode())
    for path in (roll, review):
        digest.update(hashlib.sha256(path.read_bytes() if path else b"").digest())
    return digest.hexdigest()
