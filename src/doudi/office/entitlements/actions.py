"""Writes to entitlements: granting one after a decision, and opening its months as they fall due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import ClassVar

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from doudi.engine.values.money import Fen, format_yuan
from doudi.engine.values.period import Month, add_months
from doudi.office.audit.actions import Note, record, record_many
from doudi.office.bulk import insert_rows, take_ids
from doudi.office.casework.models import Case, Decision
from doudi.office.entitlements.models import Entitlement, Recognition
from doudi.office.entitlements.paying import cap_of, paying_of, valid_months_of
from doudi.office.entitlements.queries import granted_in_year
from doudi.office.errors import Refused
from doudi.office.evidence.models import Assessment
from doudi.office.org.models import User
from doudi.office.registry.constraints import broken_constraint
from doudi.office.registry.models import Household, Person


class GrantRefused(Refused):
    """The entitlement does not follow from the decision it names."""

    code: ClassVar[str] = "DD-ENT-001"


@transaction.atomic
def grant(
    *,
    actor: User,
    case_id: int,
    household: Household,
    programme: str,
    decision_id: int,
    assessment: Assessment,
    amount_fen: Fen,
    area: str,
    at: datetime,
    start_month: Month | None = None,
) -> Entitlement:
    """Grant what a decision approved. Once per decision.

    What is paid monthly begins in the month after it (57号 art. 21); what is paid once has the month of the decision
    alone. A caller that names another first month is refused.
    """
    decision = Decision.objects.select_for_update().get(pk=decision_id)
    known = Entitlement.objects.filter(decision=decision).first()
    if known is not None:
        return known
    _refuse_unless_decided(decision, actor, case_id, assessment, amount_fen)
    decided_on = timezone.localdate(decision.decided_at)
    first_month, end_month = paying_of(programme).months(decided_on)
    if start_month not in (None, first_month):
        raise GrantRefused(
            _("Help starts in the month after the decision."), advice=_("Open the case again and decide anew.")
        )
    _refuse_second_in_month(household, programme, first_month, is_monthly=end_month is None)
    _refuse_above_cap(decision.case, amount_fen, decided_on.year)
    try:
        with transaction.atomic():
            entitlement = Entitlement.objects.create(
                household=household,
                programme=programme,
                case_id=case_id,
                decision=decision,
                assessment=assessment,
                amount_fen=amount_fen,
                start_month=str(first_month),
                end_month=None if end_month is None else str(end_month),
                granted_at=at,
                granted_by=actor,
                area=area,
            )
    except IntegrityError as error:
        if broken_constraint(error) == "entitlements_one_open_per_household_and_programme":
            raise GrantRefused(
                _("This household already receives help under this programme."),
                advice=_("Decide on the end or change of what it receives before granting it anew."),
            ) from None
        raise
    record(
        actor=actor,
        verb="entitlement.grant",
        obj=entitlement,
        area=area,
        details={"decision": decision_id, "amount_fen": amount_fen, "start_month": str(first_month)},
    )
    return entitlement


def _refuse_unless_decided(
    decision: Decision, actor: User, case_id: int, assessment: Assessment, amount_fen: Fen
) -> None:
    """A machine or a slip of ours may not grant what no person decided."""
    if decision.stage != Decision.Stage.CONFIRM or decision.outcome != Decision.Outcome.APPROVE:
        raise GrantRefused(_("Only a confirmed approval grants help."), advice=_("Decide on the case first."))
    if decision.set_aside_at is not None or decision.case_id != case_id or decision.actor_id != actor.pk:
        raise GrantRefused(
            _("The approval is not the one in force, or not this officer's."), advice=_("Open the case again.")
        )
    if decision.amount_fen != amount_fen or decision.assessment_id != assessment.pk:
        raise GrantRefused(
            _("Amount or assessment differ from the decision's."), advice=_("Open the case again and decide anew.")
        )


def _refuse_second_in_month(household: Household, programme: str, month: Month, *, is_monthly: bool) -> None:
    """A month is paid at most once, so a second grant of the same month would never be paid.

    Two that run on without end are told apart by the database.
    """
    runs_on = Q(end_month__isnull=True) if not is_monthly else Q(pk__in=[])
    if Entitlement.objects.filter(
        runs_on | Q(end_month__gte=str(month)),
        household=household,
        programme=programme,
        start_month__lte=str(month),
    ).exists():
        raise GrantRefused(
            _("This household was granted help under this programme this month already."),
            advice=_("Decide next month, or decide on the change of what was granted."),
        )


def _refuse_above_cap(case: Case, amount_fen: Fen, year: int) -> None:
    """One person gets at most the cap of a calendar year, whatever the purposes and in whichever household."""
    cap = cap_of(case.programme, area=case.area, on=date(year, 12, 31))
    if cap is None:
        return
    # Two decisions about one person at once would each see the other's grant missing.
    Person.objects.select_for_update().get(pk=case.applicant_id)
    before = granted_in_year(case.applicant_id, case.programme, year)
    if before + amount_fen > cap:
        left = {"left": format_yuan(max(0, cap - before)), "cap": format_yuan(cap), "year": year}
        raise GrantRefused(
            _("This person may be granted %(left)s yuan more in %(year)s: the yearly cap is %(cap)s yuan.") % left,
            advice=_("Decide on an amount within the cap, or in the next year."),
        )


@transaction.atomic
def recognise(*, actor: User, at: datetime, case: Case, decision: Decision) -> Recognition:
    """Recognise a family under a programme that pays nothing itself; for the months that the law gives it."""
    decision = Decision.objects.select_for_update().get(pk=decision.pk)
    if decision.stage != Decision.Stage.CONFIRM or decision.outcome != Decision.Outcome.APPROVE:
        raise GrantRefused(_("Only a confirmed approval grants help."), advice=_("Decide on the case first."))
    begins = timezone.localdate(decision.decided_at)
    months = valid_months_of(case.programme, area=case.area, on=begins)
    recognition, is_new = Recognition.objects.get_or_create(
        decision=decision,
        defaults={
            "household": case.household,
            "programme": case.programme,
            "case": case,
            "valid_from": begins,
            "valid_until": None if months is None else add_months(begins, months) - timedelta(days=1),
            "recognised_at": at,
            "recognised_by": actor,
            "area": case.area,
        },
    )
    if is_new:
        record(
            actor=actor,
            verb="entitlement.recognise",
            obj=recognition,
            area=case.area,
            details={"decision": decision.pk, "valid_from": begins.isoformat()},
        )
    return recognition


@dataclass(frozen=True)
class CarriedGrant:
    """What a taken-over family receives, by the decision that confirmed it; `amount_fen` a month."""

    household_id: int
    programme: str
    case_id: int
    decision_id: int
    amount_fen: Fen
    start_month: str
    area: str


@transaction.atomic
def carry_over(*, actor: User, at: datetime, grants: Sequence[CarriedGrant], paid_through: Month) -> list[int]:
    """Let families go on receiving what an old system granted; this office pays from the month after `paid_through`.

    Returns the ids in the order of `grants`.

    The database sees to it that each rests on a person's decision on a taken-over case.
    """
    ids = take_ids(Entitlement, len(grants))
    insert_rows(
        Entitlement,
        ("id", "household_id", "programme", "case_id", "decision_id", "amount_fen", "start_month", "carried_through",
         "granted_at", "granted_by_id", "area"),
        [
            (number, each.household_id, each.programme, each.case_id, each.decision_id, each.amount_fen,
             each.start_month, str(paid_through), at, actor.pk, each.area)
            for number, each in zip(ids, grants, strict=True)
        ],
    )  # fmt: skip
    notes = [
        Note(number, each.area, {"decision": each.decision_id, "amount_fen": each.amount_fen, "carried": True})
        for number, each in zip(ids, grants, strict=True)
    ]
    record_many(actor=actor, verb="entitlement.carry_over", model=Entitlement, notes=notes)
    return ids
