"""An application: opened from a visit or at the window, filled in part by part, then accepted or sent back once."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from doudi.engine.workflow.reading import load_procedure
from doudi.office import crypto
from doudi.office.casework.actions.cases import notify_missing, open_case, set_payee
from doudi.office.casework.actions.findings import finish_task
from doudi.office.casework.actions.follow import make_card
from doudi.office.casework.actions.intake import add_reporter
from doudi.office.casework.actions.papers import keep_draft
from doudi.office.casework.actions.steps import claim_case, take_step
from doudi.office.casework.actions.visits import join_visit_to_case
from doudi.office.casework.conditions import rules_decide_the_way
from doudi.office.casework.family import family_of, is_kept
from doudi.office.casework.models import Case, Task, Visit
from doudi.office.casework.papers import ASKED_PARTS, MissingPaper, missing_papers
from doudi.office.casework.procedure import standing
from doudi.office.crypto import blind_index
from doudi.office.entitlements.queries import entitlements_of
from doudi.office.errors import NotYours, Refused, Unacceptable
from doudi.office.evidence.actions import NewFact, record_facts
from doudi.office.evidence.family import current_members
from doudi.office.evidence.models import Fact
from doudi.office.evidence.queries import is_up_to_date, latest_assessment
from doudi.office.evidence.rulebook import asked_vocabulary, current_pack, current_vocabulary, office_programmes
from doudi.office.evidence.terms import Seen, definition_for, stored
from doudi.office.flows.outcome import NextStep, StepDone, next_steps, step_done
from doudi.office.flows.typed import typed_id, typed_name
from doudi.office.flows.verify import assess_now
from doudi.office.org.models import User
from doudi.office.org.permissions import require
from doudi.office.registry.actions import (
    enter_person,
    join_household,
    know_household,
    leave_household,
    set_account,
    set_residence,
)
from doudi.office.registry.models import Household, Membership, Person
from doudi.office.registry.terms import is_minor

_ACCOUNT_NUMBER = re.compile(r"[0-9]{12,24}")
_VILLAGE = re.compile(r"[0-9]{12}")
_CHANNELS = frozenset(Case.Channel.values) - {Case.Channel.VISIT, Case.Channel.TAKEOVER}


@dataclass(frozen=True)
class Acceptance:
    """Accepted or not, with the one notice of everything that is missing (一次性告知)."""

    case_number: str
    version: int
    missing: tuple[MissingPaper, ...]
    next_steps: tuple[NextStep, ...]
    # With papers missing only where help comes first and they may follow.
    is_accepted: bool


@transaction.atomic
def open_from_visit(*, actor: User, at: datetime, visit_id: int, programme: str, applicant_id: int) -> StepDone:
    """Open an application for a family that was visited."""
    require(actor, "case.apply")
    visit = Visit.objects.select_related("household", "finding").filter(pk=visit_id).first()
    if visit is None:
        raise NotYours(_("There is no such visit."))
    members = current_members(visit.household, localdate(at))
    applicant = next((row.person for row in members if row.person_id == applicant_id), None)
    if applicant is None:
        raise Unacceptable(_("The applicant is no member of the household."), advice=_("Choose one of the members."))
    case = _open(actor, at, visit.household, programme, Case.Channel.VISIT, applicant, visit)
    join_visit_to_case(actor=actor, visit=visit, case=case)
    for task in Task.objects.filter(finding=visit.finding, kind=Task.Kind.APPLY, state=Task.State.OPEN):
        finish_task(actor=actor, at=at, task=task)
    return step_done(case, pack=current_pack(), at=at)


@transaction.atomic
def open_at_window(
    *,
    actor: User,
    at: datetime,
    programme: str,
    area: str,
    name: str,
    id_number: str,
    phone: str,
    address: str,
    residence: str,
    channel: str = "window",
    reporter_name: str = "",
    reporter_relation: str = "",
    reporter_phone: str = "",
) -> StepDone:
    """Open an application for whoever asks; no finding need have named the family.

    By `channel` somebody came to the window, called, wrote, a neighbour asked, or the office itself opens it for a
    family that it knows already. Whoever asks for somebody else is named; the family's own consent follows on paper.
    """
    require(actor, "case.apply")
    if (channel == Case.Channel.NEIGHBOUR) != bool(reporter_name.strip() and reporter_relation.strip()):
        raise Unacceptable(
            _("Who asks for the family is named with how the two are related; and only then."),
            advice=_("Choose “a neighbour asked for help”, and fill in both."),
        )
    if channel not in _CHANNELS:
        raise Unacceptable(_("How the application came is not said."), advice=_("Choose one of the list."))
    if not _VILLAGE.fullmatch(area) or not area.startswith(actor.area_id) or area not in current_pack().divisions():
        raise Unacceptable(_("This village or community is not of your area."), advice=_("Choose one of the list."))
    if residence not in ("urban", "rural"):
        raise Unacceptable(_("Urban or rural is not said."), advice=_("Choose which standard applies."))
    ring, today = crypto.keyring(), localdate(at)
    person = enter_person(
        actor=actor,
        name=typed_name(name),
        id_number=typed_id(id_number, today),
        phone=phone.strip(),
        area=area,
        keyring=ring,
    )
    membership = person.memberships.filter(to_date__isnull=True).select_related("household").first()
    if membership is not None:
        household = membership.household
    else:
        household = know_household(
            actor=actor,
            key=ring.pseudonym("household", f"office:{person.key}:{at.isoformat()}"),
            basis=Household.Basis.DECLARED,
            area=area,
            address=address.strip(),
        )
        join_household(actor=actor, at=at, household=household, person=person, relation="02", on=today)
    set_residence(actor=actor, household=household, residence=residence)
    case = _open(actor, at, household, programme, Case.Channel(channel), person, None)
    if channel == Case.Channel.NEIGHBOUR:
        add_reporter(
            actor=actor,
            case=case,
            name=typed_name(reporter_name),
            relation=reporter_relation.strip(),
            phone=reporter_phone.strip(),
        )
    return step_done(case, pack=current_pack(), at=at)


@transaction.atomic
def add_member(
    *,
    actor: User,
    at: datetime,
    case_number: str,
    version: int,
    name: str,
    id_number: str,
    relation: str,
    phone: str = "",
) -> StepDone:
    """Add somebody who lives with the family. Somebody who belongs to another household is refused."""
    case = _claim_for_members(actor, at, case_number, version)
    today = localdate(at)
    person = enter_person(
        actor=actor,
        name=typed_name(name),
        id_number=typed_id(id_number, today),
        phone=phone.strip(),
        area=case.area,
        keyring=crypto.keyring(),
    )
    join_household(actor=actor, at=at, household=case.household, person=person, relation=relation, on=today)
    return step_done(case, pack=current_pack(), at=at)


@transaction.atomic
def end_membership(
    *, actor: User, at: datetime, case_number: str, version: int, person_id: int, reason: str
) -> StepDone:
    """Say that somebody no longer lives with the family, and why."""
    case = _claim_for_members(actor, at, case_number, version)
    membership = Membership.objects.filter(household=case.household, person=person_id, to_date__isnull=True).first()
    if membership is None:
        raise NotYours(_("There is no such member."))
    if person_id == case.applicant_id:
        raise Unacceptable(_("The applicant belongs to the household."), advice=_("Let another member apply."))
    if not reason.strip():
        raise Unacceptable(_("A reason is needed."), advice=_("Say why this person is no member."))
    leave_household(actor=actor, at=at, membership=membership, on=localdate(at), reason=reason.strip())
    return step_done(case, pack=current_pack(), at=at)


@transaction.atomic
def declare_facts(
    *, actor: User, at: datetime, case_number: str, version: int, facts: Sequence[Seen], part: str = ""
) -> StepDone:
    """Record what the family says of itself. With the part that was filled in, the draft of it has served."""
    case = _claim_for_filling(actor, at, case_number, version)
    if part and part not in ASKED_PARTS:
        raise Unacceptable(_("An application has no such part."), advice=_("Choose one of the list."))
    persons = _members(case, localdate(at))
    vocabulary = current_vocabulary()
    rows = []
    for answer in facts:
        if answer.person_id is not None and answer.person_id not in persons:
            raise Unacceptable(_("An answer is about somebody outside of the household."), advice=_("Reload the form."))
        definition = definition_for(vocabulary, answer, "family")
        rows.append(
            NewFact(
                name=answer.name,
                stored=stored(definition, answer.value),
                valid_from=localdate(at),
                origin=Fact.Origin.DECLARED,
                source="family",
                person=persons[answer.person_id] if answer.person_id is not None else None,
                case_id=case.pk,
            )
        )
    if rows:
        record_facts(actor=actor, at=at, household=case.household, facts=rows, purpose="declaration")
    if part:
        keep_draft(actor=actor, at=at, case=case, part=part, fields="")
    return step_done(case, pack=current_pack(), at=at)


@transaction.atomic
def set_payee_account(
    *, actor: User, at: datetime, case_number: str, version: int, holder_id: int, bank_name: str, account_number: str
) -> StepDone:
    """Record the family's account, to which the money would go."""
    case = _claim_for_filling(actor, at, case_number, version)
    number = account_number.replace(" ", "")
    if not _ACCOUNT_NUMBER.fullmatch(number):
        raise Unacceptable(_("An account number has 12 to 24 digits."), advice=_("Compare it with the passbook."))
    if not bank_name.strip():
        raise Unacceptable(_("The bank is not named."), advice=_("Choose the bank."))
    holder = _members(case, localdate(at)).get(holder_id)
    if holder is None:
        raise Unacceptable(_("The holder is no member of the household."), advice=_("Choose one of the members."))
    _refuse_change_by_one(case.household, holder, number)
    account = set_account(
        actor=actor,
        household=case.household,
        holder=holder,
        bank_name=bank_name.strip(),
        number=number,
        keyring=crypto.keyring(),
    )
    set_payee(actor=actor, case=case, account=account)
    return step_done(case, pack=current_pack(), at=at)


@transaction.atomic
def accept_case(*, actor: User, at: datetime, case_number: str, version: int) -> Acceptance:
    """Accept when the papers are complete; otherwise record one notice of all that is missing (57号 art. 10)."""
    require(actor, "case.accept")
    case = claim_case(actor=actor, case_number=case_number, version=version)
    pack, today = current_pack(), localdate(at)
    _let_the_rules_name_the_way(actor, at, case)
    missing = missing_papers(case, on=today, vocabulary=asked_vocabulary(case.programme))
    is_accepted = not missing or standing(case, pack=pack, today=today).papers_may_follow
    if missing:
        notify_missing(actor=actor, at=at, case=case, missing=[each.code for each in missing])
    if is_accepted:
        take_step(actor=actor, at=at, case=case, kind="accept", pack=pack)
    case.refresh_from_db(fields=["version"])
    return Acceptance(case.number, case.version, missing, next_steps(case, pack=pack, today=today), is_accepted)


@transaction.atomic
def complete_papers(*, actor: User, at: datetime, case_number: str, version: int, note: str = "") -> StepDone:
    """Say that the papers which were allowed to follow (补办手续) have all come."""
    require(actor, "case.accept")
    case, pack = claim_case(actor=actor, case_number=case_number, version=version, also_decided=True), current_pack()
    missing = missing_papers(case, on=localdate(at), vocabulary=asked_vocabulary(case.programme))
    if missing:
        raise Refused(
            _("%(count)d papers or answers are still missing.") % {"count": len(missing)},
            advice=_("The case page lists them; fill them in first."),
        )
    take_step(actor=actor, at=at, case=case, kind="papers", pack=pack, note=note.strip())
    return step_done(case, pack=pack, at=at)


def _open(
    actor: User,
    at: datetime,
    household: Household,
    programme: str,
    channel: Case.Channel,
    applicant: Person,
    visit: Visit | None,
) -> Case:
    pack, today = current_pack(), localdate(at)
    if programme not in office_programmes():
        raise Unacceptable(_("There is no such programme."), advice=_("Choose one of the list."))
    if is_minor(applicant.birth_date, today):
        raise Unacceptable(_("A minor does not apply."), advice=_("A parent or guardian applies for the family."))
    case = open_case(
        actor=actor,
        at=at,
        household=household,
        programme=programme,
        channel=channel,
        applicant=applicant,
        finding=visit.finding if visit else None,
        year=today.year,
    )
    make_card(actor=actor, case=case, on=today)
    take_step(actor=actor, at=at, case=case, kind="apply", pack=pack)
    return case


def _let_the_rules_name_the_way(actor: User, at: datetime, case: Case) -> None:
    """Run the rules if the way through the procedure hangs on them and they have not been run on what is known now.

    Without their word nobody knows whether the papers may follow (民发〔2018〕23号 二（二）), nor what comes next.
    """
    pack, today = current_pack(), localdate(at)
    if not rules_decide_the_way(load_procedure(pack, case.programme)):
        return
    last = latest_assessment(case.pk)
    if last is None or not is_up_to_date(last, case.household, family_of(case, today)):
        assess_now(actor=actor, at=at, case=case)


def _claim_for_filling(actor: User, at: datetime, case_number: str, version: int) -> Case:
    """A case is filled in until the preliminary opinion: what was judged and publicised stays as it was.

    Where help came first, the papers that follow are filled in afterwards.
    """
    require(actor, "case.declare")
    case = claim_case(actor=actor, case_number=case_number, version=version, also_decided=True)
    refuse_after_opinion(case, at)
    return case


def refuse_after_opinion(case: Case, at: datetime) -> None:
    """What was judged and publicised stays as it was, unless papers are still allowed to follow."""
    now = standing(case, pack=current_pack(), today=localdate(at))
    if now.has_taken("opinion") and now.open_of_kind("papers") is None:
        raise Refused(
            _("The preliminary opinion has been given; the file can't change under it."),
            advice=_("Record an objection if something is wrong."),
        )


def _claim_for_members(actor: User, at: datetime, case_number: str, version: int) -> Case:
    """Who belongs to the family can't be changed here once the registry has gone on without this case."""
    case = _claim_for_filling(actor, at, case_number, version)
    if is_kept(case):
        raise Refused(
            _("The household has been changed since the family applied; this case keeps the family as it was."),
            advice=_("End this case, or let the family withdraw it, and let the new family apply."),
        )
    return case


def _refuse_change_by_one(household: Household, holder: Person, number: str) -> None:
    """Once money may flow, no one person alone sends it elsewhere (promise P9).

    Where help came first and the papers follow, there is no account yet that the money could be led away from.
    """
    index, active = blind_index(crypto.keyring(), f"account:{number}"), household.accounts.filter(active=True)
    is_the_same = active.filter(number_index=index, holder=holder).exists()
    if entitlements_of(household.pk) and active.exists() and not is_the_same:
        raise Refused(
            _("This household is paid already; its account is not changed by one person alone."),
            advice=_("Ask the finance office: one person proposes the new account there, another confirms it."),
        )


def _members(case: Case, on: date) -> dict[int, Person]:
    return {row.person_id: row.person for row in family_of(case, on)}
