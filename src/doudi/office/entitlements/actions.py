"""Writes to entitlements: granting one after a decision, and opening its months as they fall due."""

from datetime import datetime
from typing import ClassVar

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from doudi.engine.values.money import Fen
from doudi.engine.values.period import Month
from doudi.office.audit.actions import record
from doudi.office.casework.models import Decision
from doudi.office.entitlements.models import Entitlement
from doudi.office.errors import Refused
from doudi.office.evidence.models import Assessment
from doudi.office.org.models import User
from doudi.office.registry.constraints import broken_constraint
from doudi.office.registry.models import Household


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
    start_month: Month,
    area: str,
    at: datetime,
) -> Entitlement:
    """Grant what a decision of the county approved, from the month after it (57号 art. 21). Once per decision."""
    decision = Decision.objects.select_for_update().get(pk=decision_id)
    known = Entitlement.objects.filter(decision=decision).first()
    if known is not None:
        return known
    _refuse_unless_decided(decision, actor, case_id, assessment, amount_fen, start_month)
    try:
        with transaction.atomic():
            entitlement = Entitlement.objects.create(
                household=household,
                programme=programme,
                case_id=case_id,
                decision=decision,
                assessment=assessment,
                amount_fen=amount_fen,
                start_month=str(start_month),
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
        details={"decision": decision_id, "amount_fen": amount_fen, "start_month": str(start_month)},
    )
    return entitlement


def _refuse_unless_decided(
    decision: Decision, actor: User, case_id: int, assessment: Assessment, amount_fen: Fen, start_month: Month
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
    if start_month != Month.of(timezone.localdate(decision.decided_at)).next():
        raise GrantRefused(
            _("Help starts in the month after the decision."), advice=_("Open the case again and decide anew.")
        )


@transaction.atomic
def open_months(*, county: str, programme: str, through: Month) -> int:
    """Write the months that have become due and are not written yet. Any number of times, with one effect.

    It reads no judgement into anything: a month follows from its entitlement. So it leaves no audit row of its own; the
    pay run that takes the months does.
    """
    with connection.cursor() as cursor:
        cursor.execute(_OPEN_MONTHS, {"programme": programme, "county": county, "through": str(through)})
        return int(cursor.rowcount)


# The month is a text, so the series runs over first days and is written back as text.
_OPEN_MONTHS = """
INSERT INTO entitlements_entitlementmonth (entitlement_id, household_id, programme, month, amount_fen, area)
SELECT granted.id, granted.household_id, granted.programme, to_char(first_day, 'YYYY-MM'), granted.amount_fen,
       granted.area
FROM entitlements_entitlement AS granted
CROSS JOIN LATERAL generate_series(
  to_date(granted.start_month, 'YYYY-MM')::timestamp,
  to_date(least(%(through)s::text, granted.end_month), 'YYYY-MM')::timestamp,
  interval '1 month') AS first_day
WHERE granted.programme = %(programme)s AND left(granted.area, 6) = %(county)s
  AND NOT EXISTS (SELECT 1 FROM entitlements_entitlementmonth AS written
                  WHERE written.entitlement_id = granted.id AND written.month = to_char(first_day, 'YYYY-MM'))
ORDER BY granted.id, first_day
ON CONFLICT (household_id, programme, month) DO NOTHING
"""
