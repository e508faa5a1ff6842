"""Verification in another county (异地协查): asked over the person's authorisation, answered or refused, taken in.

No list changes hands: one person, the facts that are asked for, and the answer to each of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from doudi.engine.pack.vocabulary import FactDefinition
from doudi.office.casework.actions import county
from doudi.office.casework.actions.county import ReplyFact
from doudi.office.casework.actions.steps import hold_case
from doudi.office.casework.deadlines import county_request_deadline
from doudi.office.casework.family import family_of
from doudi.office.casework.models import CountyReply, CountyReplyItem, CountyRequest, VerificationReport
from doudi.office.errors import NotYours, Refused, Unacceptable
from doudi.office.evidence.actions import NewFact, record_facts
from doudi.office.evidence.models import Fact
from doudi.office.evidence.rulebook import current_pack, current_vocabulary
from doudi.office.evidence.terms import Stored, Value, stored
from doudi.office.flows.reporting import latest_report, make_report
from doudi.office.org.models import Area, User
from doudi.office.org.permissions import require

COUNTY_SOURCE = "county"
WORDS_MAX = 4000
COUNTY_CODE_DIGITS = 6


@dataclass(frozen=True)
class Replied:
    """What the answering county says of one fact. No value: it does not know it either."""

    name: str
    value: Value | None
    as_of: date


@transaction.atomic
def ask_county(
    *,
    actor: User,
    at: datetime,
    case_number: str,
    person_id: int,
    answering_area: str,
    asked_facts: Sequence[str],
    reason: str,
    form_token: str,
) -> int:
    """Ask another county of the city what its departments know of a member who lives or holds things there.

    Only over that person's signed authorisation, and only for facts that departments give. Returns the request's id.
    """
    require(actor, "county.ask")
    case, today = hold_case(actor=actor, case_number=case_number), localdate(at)
    person = next((row.person for row in family_of(case, today) if row.person_id == person_id), None)
    if person is None:
        raise Unacceptable(_("This person is no member of the household."), advice=_("Choose one of the members."))
    consent = case.consents.filter(person=person).order_by("pk").last()
    if consent is None:
        raise Refused(
            _("This person has not authorised the check."), advice=_("Record the signed authorisation first.")
        )
    if not person.id_number:
        raise Refused(_("The ID number of this person is not known."), advice=_("Enter it among the members first."))
    _check_county(actor, answering_area)
    known = askable_facts()
    if not asked_facts or not set(asked_facts) <= set(known):
        raise Unacceptable(_("What is asked is no fact of a department."), advice=_("Choose from the list."))
    if not reason.strip() or len(reason) > WORDS_MAX:
        raise Unacceptable(_("A reason is needed."), advice=_("Say why the other county would know."))
    pack = current_pack()
    request = county.ask_county(
        actor=actor,
        at=at,
        case=case,
        person=person,
        answering_area=answering_area,
        asked_facts=[name for name in known if name in asked_facts],
        reason=reason.strip(),
        consent_signed_on=consent.signed_on,
        due=county_request_deadline(pack, case.area, today),
        form_token=form_token,
    )
    return request.pk


@transaction.atomic
def reply_to_county(*, actor: User, at: datetime, request_id: int, text: str, facts: Sequence[Replied]) -> int:
    """Answer each fact that was asked for, or say of it that it is not known here either."""
    require(actor, "county.reply")
    request, vocabulary, today = _to_answer(actor, request_id), current_vocabulary(), localdate(at)
    if {fact.name for fact in facts} != set(request.asked_facts) or len(facts) != len(request.asked_facts):
        raise Unacceptable(
            _("Each fact asked for has one answer."), advice=_("Say “not known” where nothing was found.")
        )
    if not text.strip() or len(text) > WORDS_MAX:
        raise Unacceptable(_("The reply has no words."), advice=_("Say which departments were asked."))
    rows = []
    for fact in facts:
        definition = vocabulary.definition(fact.name)
        if definition is None or fact.as_of > today:
            raise Unacceptable(_("A figure is of a day that lies in the future."), advice=_("Correct the date."))
        rows.append(ReplyFact(fact.name, stored(definition, fact.value), fact.as_of))
    county.reply_to_county(
        actor=actor, at=at, request=request, outcome=CountyReply.Outcome.ANSWERED, text=text.strip(), facts=rows
    )
    return request_id


@transaction.atomic
def refuse_county(*, actor: User, at: datetime, request_id: int, text: str) -> int:
    """Refuse a request with a reason: another place, no authorisation, not the right person."""
    require(actor, "county.reply")
    request = _to_answer(actor, request_id)
    if not text.strip() or len(text) > WORDS_MAX:
        raise Unacceptable(_("A reason is needed."), advice=_("Say why this county does not answer."))
    county.reply_to_county(
        actor=actor, at=at, request=request, outcome=CountyReply.Outcome.REFUSED, text=text.strip(), facts=()
    )
    return request_id


@transaction.atomic
def remind_county(*, actor: User, at: datetime, request_id: int) -> int:
    """Remind the other county (催办), as long as it has not answered."""
    require(actor, "county.ask")
    request = _asked(actor, request_id)
    if CountyReply.objects.filter(request=request).exists():
        raise Refused(_("This request was already answered."), advice=_("Open it again."))
    county.remind_county(actor=actor, request=request, sent_on=localdate(at))
    return request_id


@transaction.atomic
def take_reply_in(*, actor: User, at: datetime, request_id: int) -> int:
    """Take the reply into the case: its figures become found items, with their source, on the report."""
    require(actor, "county.ask")
    request = _asked(actor, request_id)
    reply = CountyReply.objects.filter(request=request).first()
    if reply is None:
        raise Refused(_("The other county has not answered yet."), advice=_("Remind it."))
    case = hold_case(actor=actor, case_number=request.case.number)
    # The receipt stands for the first who takes it in; the report is written before, for the receipt names it.
    report = None
    if reply.outcome == CountyReply.Outcome.ANSWERED:
        items = list(reply.items.order_by("pk"))
        facts = [_fact(request, item, row) for row, item in enumerate(items, start=1)]
        record_facts(actor=actor, at=at, household=case.household, facts=facts, purpose="county request")
        before = latest_report(case)
        if before is not None:
            cause = VerificationReport.Cause.COUNTY
            report = make_report(actor=actor, at=at, case=case, cause=cause, night=before.night)
    county.take_reply_in(actor=actor, at=at, request=request, report=report)
    return request_id


def askable_facts() -> dict[str, FactDefinition]:
    """What one county may ask another: what departments give, in the order of the vocabulary."""
    vocabulary = current_vocabulary()
    every = {**vocabulary.household, **vocabulary.person}
    return {name: each for name, each in every.items() if each.source is not None and each.source.source != "office"}


def counties_to_ask(area: str) -> list[tuple[str, str]]:
    """The other counties of the same city, by code and name."""
    city, own = area[:4], area[:COUNTY_CODE_DIGITS]
    found = Area.objects.filter(code__startswith=city, kind=Area.Kind.COUNTY).exclude(code=own).order_by("code")
    return list(found.values_list("code", "name"))


def _check_county(actor: User, answering_area: str) -> None:
    if answering_area not in dict(counties_to_ask(actor.area_id)):
        raise Unacceptable(_("This is no other county of the city."), advice=_("Choose one of the list."))


def _fact(request: CountyRequest, item: CountyReplyItem, row: int) -> NewFact:
    is_persons = item.name in current_vocabulary().person
    return NewFact(
        name=item.name,
        stored=Stored(item.value_int, item.value_text),
        valid_from=item.as_of,
        origin=Fact.Origin.COUNTY,
        source=COUNTY_SOURCE,
        person=request.person if is_persons else None,
        batch=request.number,
        row=row,
        case_id=request.case_id,
    )


def _to_answer(actor: User, request_id: int) -> CountyRequest:
    request = CountyRequest.objects.filter(pk=request_id, answering_area__startswith=actor.area_id).first()
    if request is None:
        raise NotYours(_("There is no such request."))
    return request


def _asked(actor: User, request_id: int) -> CountyRequest:
    request = (
        CountyRequest.objects.select_related("case", "person")
        .filter(pk=request_id, area__startswith=actor.area_id)
        .first()
    )
    if request is None:
        raise NotYours(_("There is no such request."))
    return request
