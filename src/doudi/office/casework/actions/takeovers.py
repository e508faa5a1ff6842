"""Rolls of old systems: prepared by one person, confirmed by another, and the cases that come of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doudi.office.audit.actions import Note, record, record_many
from doudi.office.bulk import among, insert_rows, take_ids
from doudi.office.casework.models import CarriedOver, Case, Decision, RollTakeOver
from doudi.office.errors import NotYours, Refused
from doudi.office.org.models import User
from doudi.office.registry.constraints import broken_constraint


@dataclass(frozen=True)
class CarriedCase:
    """A family of a confirmed roll: whose money, how much (fen a month), and what the old system decided."""

    household_id: int
    programme: str
    applicant_id: int
    account_id: int
    amount_fen: int
    row: int
    decision_no: str
    decided_on: date
    reviewed_on: date
    receiving_since: str
    area: str


@dataclass(frozen=True)
class Decided:
    """The case made of it and its confirming decision."""

    case_id: int
    decision_id: int


@transaction.atomic
def keep_roll(
    *, actor: User, at: datetime, area: str, digest: str, content: bytes, told: Mapping[str, Any]
) -> RollTakeOver:
    """Keep a prepared roll until a second person looks at it. `told` are its counts and parameters."""
    try:
        with transaction.atomic():
            roll = RollTakeOver.objects.create(
                area=area, digest=digest, content=content, prepared_at=at, prepared_by=actor, **told
            )
    except IntegrityError as error:
        if broken_constraint(error) == "casework_roll_prepared_once":
            raise Refused(
                _("This roll was prepared already."), advice=_("Confirm it, or discard it before preparing it anew.")
            ) from None
        raise
    details = {name: told[name] for name in ("received", "accepted", "quarantined", "duplicate", "families")}
    record(actor=actor, verb="roll.prepare", obj=roll, area=area, details=details)
    return roll


def known_roll(*, area: str, digest: str) -> RollTakeOver | None:
    """The same roll, if it was prepared before and not discarded."""
    return RollTakeOver.objects.filter(area=area, digest=digest).exclude(state=RollTakeOver.State.DISCARDED).first()


@transaction.atomic
def claim_roll(*, actor: User, roll_id: int) -> RollTakeOver:
    """Lock a roll for the second person; the one who prepared it can't settle it. Confirming it twice is one act."""
    roll = RollTakeOver.objects.select_for_update().filter(pk=roll_id).first()
    if roll is None:
        raise NotYours(_("There is no such roll."))
    if roll.state == RollTakeOver.State.DISCARDED:
        raise Refused(_("This roll was discarded."), advice=_("Prepare it anew."))
    if roll.prepared_by_id == actor.pk:
        raise Refused(
            _("Who prepared a roll can't confirm it."), advice=_("Ask a second person of the county to look at it.")
        )
    return roll


@transaction.atomic
def settle_roll(*, actor: User, at: datetime, roll: RollTakeOver, state: RollTakeOver.State, reason: str) -> None:
    """Say that a roll is taken over or discarded. Its families' particulars are no longer kept beside the registry."""
    roll.state, roll.settled_at, roll.settled_by, roll.reason, roll.content = state, at, actor, reason, b""
    roll.save(update_fields=["state", "settled_at", "settled_by", "reason", "content"])
    record(actor=actor, verb=f"roll.{state.value}", obj=roll, area=roll.area, details={"families": roll.families})


@transaction.atomic
def carry_cases(
    *, preparer: User, actor: User, at: datetime, roll: RollTakeOver, cases: Sequence[CarriedCase], reason: str
) -> list[Decided]:
    """A case for each family, with the old decision beside it and the word of both people, ended by the second."""
    ids = take_ids(Case, len(cases))
    insert_rows(
        Case,
        ("id", "number", "household_id", "programme", "channel", "applicant_id", "payee_account_id", "state", "version",
         "opened_at", "opened_by_id", "missing_notice", "area"),
        [
            (number, f"{new.area[:6]}-{at.year}-{number:06d}", new.household_id, new.programme, Case.Channel.TAKEOVER,
             new.applicant_id, new.account_id, Case.State.OPEN, 1, at, preparer.pk, [], new.area)
            for number, new in zip(ids, cases, strict=True)
        ],
    )  # fmt: skip
    insert_rows(
        CarriedOver,
        ("case_id", "take_over_id", "row", "decision_no", "decided_on", "reviewed_on", "receiving_since", "area"),
        [
            (number, roll.pk, new.row, new.decision_no, new.decided_on, new.reviewed_on, new.receiving_since, new.area)
            for number, new in zip(ids, cases, strict=True)
        ],
    )
    _say(preparer, roll.prepared_at, Decision.Stage.REVIEW, ids, cases, roll.reason or reason)
    decisions = _say(actor, at, Decision.Stage.CONFIRM, ids, cases, reason)
    Case.objects.filter(among("pk", ids)).update(state=Case.State.APPROVED)
    notes = [Note(number, new.area, {"roll": roll.pk, "row": new.row}) for number, new in zip(ids, cases, strict=True)]
    record_many(actor=actor, verb="case.carry_over", model=Case, notes=notes)
    return [Decided(case, decision) for case, decision in zip(ids, decisions, strict=True)]


def _say(
    person: User,
    at: datetime,
    stage: Decision.Stage,
    case_ids: Sequence[int],
    cases: Sequence[CarriedCase],
    reason: str,
) -> list[int]:
    ids = take_ids(Decision, len(cases))
    insert_rows(
        Decision,
        (
            "id",
            "case_id",
            "stage",
            "step",
            "outcome",
            "recommended",
            "reason",
            "amount_fen",
            "actor_id",
            "decided_at",
            "area",
        ),
        [
            (
                number,
                case,
                stage,
                stage.value,
                Decision.Outcome.APPROVE,
                "",
                reason,
                new.amount_fen,
                person.pk,
                at,
                new.area,
            )
            for number, case, new in zip(ids, case_ids, cases, strict=True)
        ],
    )
    notes = [
        Note(number, new.area, {"case": case, "outcome": "approve"})
        for number, case, new in zip(ids, case_ids, cases, strict=True)
    ]
    record_many(actor=person, verb=f"decision.{stage.value}", model=Decision, notes=notes)
    return ids
