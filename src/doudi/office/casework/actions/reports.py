"""Writes of verification reports: versions, the family's answers, re-checks and their results."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doudi.engine.values.calendar import Deadline
from doudi.office.audit.actions import record
from doudi.office.casework.comparing import Line
from doudi.office.casework.models import Case, Recheck, ReportAnswer, ReportLine, Task, VerificationReport
from doudi.office.errors import Refused
from doudi.office.evidence.models import Fact, NightRun
from doudi.office.org.models import User
from doudi.office.registry.constraints import broken_constraint
from doudi.office.registry.models import Person


@transaction.atomic
def write_report(
    *,
    actor: User,
    at: datetime,
    case: Case,
    cause: VerificationReport.Cause,
    night: NightRun,
    valid_until: date,
    validity_status: str,
    judged: Mapping[str, Any],
    lines: Sequence[Line],
) -> VerificationReport:
    """Add a version of a case's report. `judged` is what the rules said: outcome, amount, pack, conditions."""
    version = VerificationReport.objects.filter(case=case).count() + 1
    report = VerificationReport.objects.create(
        case=case,
        version=version,
        number=f"{case.number}-H{version}",
        cause=cause,
        night=night,
        made_at=at,
        made_by=actor,
        valid_until=valid_until,
        validity_status=validity_status,
        area=case.area,
        **judged,
    )
    ReportLine.objects.bulk_create(
        [
            ReportLine(
                report=report,
                position=position,
                person_id=line.person_id,
                name=line.name,
                rule_name=line.rule_name,
                found=line.found,
                declared=line.declared,
                seen=line.seen,
                used=line.used,
                differs=line.differs,
                area=case.area,
            )
            for position, line in enumerate(lines, start=1)
        ]
    )
    differing = sum(line.differs for line in lines)
    details = {"case": case.pk, "version": version, "lines": len(lines), "differing": differing}
    record(actor=actor, verb="report.make", obj=report, area=case.area, details=details)
    return report


@transaction.atomic
def add_answer(
    *,
    actor: User,
    at: datetime,
    line: ReportLine,
    kind: str,
    text: str,
    paper: str,
    said_by: Person,
    said_on: date,
    form_token: str,
) -> ReportAnswer:
    """Write down what the family says to a difference. The same form sent twice is one answer."""
    try:
        with transaction.atomic():
            answer = ReportAnswer.objects.create(
                line=line,
                kind=kind,
                text=text,
                paper=paper,
                said_by=said_by,
                said_on=said_on,
                recorded_at=at,
                recorded_by=actor,
                form_token=form_token,
                area=line.area,
            )
    except IntegrityError as error:
        if broken_constraint(error).startswith("casework_reportanswer_form_token"):
            raise Refused(
                _("This answer was already recorded; the form was sent twice."), advice=_("Open the report.")
            ) from None
        raise
    record(
        actor=actor,
        verb="report.answer",
        obj=answer,
        area=line.area,
        details={"report": line.report_id, "line": line.position, "kind": kind},
    )
    return answer


@transaction.atomic
def ask_for_recheck(*, actor: User, at: datetime, case: Case, answer: ReportAnswer, due: Deadline) -> Recheck:
    """Put a disputed figure on the desk of somebody else than who asked the departments for it."""
    task = Task.objects.create(
        kind=Task.Kind.RECHECK,
        role="clerk",
        household=case.household,
        case=case,
        due_on=due.on,
        due_is_provisional=due.provisional,
        created_at=at,
        area=case.area,
    )
    recheck = Recheck.objects.create(
        answer=answer, task=task, asked_by=actor, not_by=answer.line.report.made_by, area=case.area
    )
    record(actor=actor, verb="recheck.ask", obj=recheck, area=case.area, details={"case": case.pk, "task": task.pk})
    return recheck


@transaction.atomic
def answer_recheck(
    *,
    actor: User,
    at: datetime,
    recheck: Recheck,
    outcome: str,
    authority: str,
    document: str,
    reply: str,
    fact: Fact,
) -> None:
    """Write down what the re-check found, with the new fact that holds from now on; the old one stays beside it."""
    changed = Recheck.objects.filter(pk=recheck.pk, answered_at__isnull=True).update(
        outcome=outcome,
        authority=authority,
        document=document,
        reply=reply,
        fact=fact,
        answered_at=at,
        answered_by=actor,
    )
    if not changed:
        raise Refused(_("This re-check was already answered."), advice=_("Open the report again."))
    details = {"outcome": outcome, "fact": fact.pk}
    record(actor=actor, verb="recheck.answer", obj=recheck, area=recheck.area, details=details)
