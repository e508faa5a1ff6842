"""Opinions, reviews, decisions and the notice to the family."""

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doudi.office.audit.actions import record
from doudi.office.casework.models import Case, Decision, Notice
from doudi.office.errors import Refused
from doudi.office.evidence.models import Assessment
from doudi.office.org.models import User
from doudi.office.registry.constraints import broken_constraint


@transaction.atomic
def decide(
    *,
    actor: User,
    at: datetime,
    case: Case,
    stage: Decision.Stage,
    step: str,
    outcome: str,
    reason: str,
    assessment: Assessment,
    amount_fen: int | None,
) -> Decision:
    """Write down one officer's word. The database refuses a second word of the same person (promise P22)."""
    try:
        with transaction.atomic():
            decision = Decision.objects.create(
                case=case,
                stage=stage,
                step=step,
                outcome=outcome,
                recommended=assessment.outcome,
                reason=reason,
                assessment=assessment,
                amount_fen=amount_fen,
                actor=actor,
                decided_at=at,
                area=case.area,
            )
    except IntegrityError as error:
        broken = broken_constraint(error)
        if broken == "casework_decision_four_eyes":
            raise Refused(
                _("You have already given your word on this case in another step."),
                advice=_("Hand the case to a colleague."),
            ) from None
        if broken == "casework_decision_once_a_step":
            raise Refused(_("This was already decided."), advice=_("Open the case again.")) from None
        raise
    record(
        actor=actor,
        verb=f"decision.{stage.value}",
        obj=decision,
        area=decision.area,
        details={"case": case.pk, "outcome": outcome, "assessment": assessment.pk},
    )
    return decision


@transaction.atomic
def set_words_aside(*, actor: User, at: datetime, case: Case) -> None:
    """A founded objection overturns what was said so far; it stays in the file."""
    Decision.objects.filter(case=case, set_aside_at__isnull=True).update(set_aside_at=at)
    record(actor=actor, verb="decision.set_aside", obj=case, area=case.area)


@transaction.atomic
def write_notice(*, actor: User, at: datetime, decision: Decision, sentences_zh: Any, sentences_en: Any) -> Notice:
    """Write the notice of a decision, with its reasons as they stood."""
    notice = Notice.objects.create(
        decision=decision,
        made_at=at,
        reason=decision.reason,
        sentences_zh=sentences_zh,
        sentences_en=sentences_en,
        area=decision.area,
    )
    record(actor=actor, verb="notice.write", obj=notice, area=notice.area, details={"decision": decision.pk})
    return notice


@transaction.atomic
def deliver_notice(*, actor: User, notice: Notice, delivered_on: date, delivery: str, object_until: date) -> None:
    """Record that the family has the notice, and until when it may object."""
    changed = Notice.objects.filter(pk=notice.pk, delivered_on__isnull=True).update(
        delivered_on=delivered_on, delivered_by=actor, delivery=delivery, object_until=object_until
    )
    if not changed:
        raise Refused(_("This notice was already delivered."), advice=_("Open the case again."))
    record(
        actor=actor,
        verb="notice.deliver",
        obj=notice,
        area=notice.area,
        details={"object_until": object_until.isoformat()},
    )
