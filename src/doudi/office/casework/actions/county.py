"""Writes of verification between counties. Each row only grows; the database lets only its own side add it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doudi.engine.values.calendar import Deadline
from doudi.office.audit.actions import record
from doudi.office.casework.models import (
    Case,
    CountyReceipt,
    CountyReminder,
    CountyReply,
    CountyReplyItem,
    CountyRequest,
    VerificationReport,
)
from doudi.office.errors import Refused
from doudi.office.evidence.terms import Stored
from doudi.office.org.models import User
from doudi.office.registry.constraints import broken_constraint
from doudi.office.registry.models import Person


@dataclass(frozen=True)
class ReplyFact:
    """One figure of a reply, with the day that it is of."""

    name: str
    stored: Stored
    as_of: date


@transaction.atomic
def ask_county(
    *,
    actor: User,
    at: datetime,
    case: Case,
    person: Person,
    answering_area: str,
    asked_facts: Sequence[str],
    reason: str,
    consent_signed_on: date,
    due: Deadline,
    form_token: str,
) -> CountyRequest:
    """Ask another county about one member. The same form sent twice is one request."""
    count = CountyRequest.objects.filter(case=case).count() + 1
    try:
        with transaction.atomic():
            request = CountyRequest.objects.create(
                case=case,
                person=person,
                number=f"{case.number}-X{count}",
                name=person.name,
                id_number=person.id_number,
                asked_facts=list(asked_facts),
                reason=reason,
                consent_signed_on=consent_signed_on,
                due_on=due.on,
                due_is_provisional=due.provisional,
                asked_at=at,
                asked_by=actor,
                form_token=form_token,
                area=case.area,
                answering_area=answering_area,
            )
    except IntegrityError as error:
        if broken_constraint(error).startswith("casework_countyrequest_form_token"):
            raise Refused(
                _("This request was already sent; the form was sent twice."), advice=_("Open the list of requests.")
            ) from None
        raise
    details = {"case": case.pk, "to": answering_area, "facts": list(asked_facts)}
    record(actor=actor, verb="county.ask", obj=request, area=case.area, details=details, purpose="county request")
    return request


@transaction.atomic
def reply_to_county(
    *, actor: User, at: datetime, request: CountyRequest, outcome: str, text: str, facts: Sequence[ReplyFact]
) -> CountyReply:
    """Write the answering county's word down, once."""
    sides = {"area": request.area, "answering_area": request.answering_area}
    try:
        with transaction.atomic():
            reply = CountyReply.objects.create(
                request=request, outcome=outcome, text=text, replied_at=at, replied_by=actor, **sides
            )
    except IntegrityError as error:
        if broken_constraint(error).startswith("casework_countyreply_request_id"):
            raise Refused(_("This request was already answered."), advice=_("Open it again.")) from None
        raise
    CountyReplyItem.objects.bulk_create(
        [
            CountyReplyItem(
                reply=reply,
                name=fact.name,
                value_int=fact.stored.value_int,
                value_text=fact.stored.value_text,
                as_of=fact.as_of,
                **sides,
            )
            for fact in facts
        ]
    )
    details = {"request": request.pk, "outcome": outcome, "facts": [fact.name for fact in facts]}
    record(actor=actor, verb="county.reply", obj=reply, area=request.answering_area, details=details)
    return reply


@transaction.atomic
def remind_county(*, actor: User, request: CountyRequest, sent_on: date) -> None:
    """Remind the other county, at most once a day."""
    try:
        with transaction.atomic():
            CountyReminder.objects.create(
                request=request,
                sent_on=sent_on,
                sent_by=actor,
                area=request.area,
                answering_area=request.answering_area,
            )
    except IntegrityError as error:
        if broken_constraint(error) == "casework_countyreminder_once_a_day":
            raise Refused(_("The other county was reminded today."), advice=_("Wait until tomorrow.")) from None
        raise
    record(actor=actor, verb="county.remind", obj=request, area=request.area)


@transaction.atomic
def take_reply_in(
    *, actor: User, at: datetime, request: CountyRequest, report: VerificationReport | None
) -> CountyReceipt:
    """Write down that the reply has come into the case, once."""
    try:
        with transaction.atomic():
            receipt = CountyReceipt.objects.create(
                request=request, report=report, taken_in_at=at, taken_in_by=actor, area=request.area
            )
    except IntegrityError as error:
        if broken_constraint(error).startswith("casework_countyreceipt_request_id"):
            raise Refused(_("This reply was already taken into the case."), advice=_("Open the case.")) from None
        raise
    record(actor=actor, verb="county.take_in", obj=receipt, area=request.area, details={"request": request.pk})
    return receipt
