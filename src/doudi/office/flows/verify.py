"""Verification: near relatives declared, the home visit counted, department data asked for, the rules run."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.db.models import Q
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from doudi.engine.pipeline.household import assess_household
from doudi.office.casework.actions.cases import add_near_relative
from doudi.office.casework.actions.steps import claim_case, take_step
from doudi.office.casework.actions.visits import join_visit_to_case
from doudi.office.casework.consents import require_consents
from doudi.office.casework.family import family_of
from doudi.office.casework.models import Case, VerificationReport, Visit
from doudi.office.casework.procedure import acts_as, standing
from doudi.office.errors import NotAllowed, NotYours, Refused, Unacceptable
from doudi.office.evidence.actions import store_assessment
from doudi.office.evidence.family import build_family
from doudi.office.evidence.models import Assessment, NightRun
from doudi.office.evidence.queries import newest_fact_id
from doudi.office.evidence.rulebook import current_pack, current_vocabulary
from doudi.office.flows.departments import night_for, not_authorised, record_found
from doudi.office.flows.outcome import StepDone, step_done
from doudi.office.flows.reporting import latest_report, make_report
from doudi.office.org.models import User
from doudi.office.org.permissions import require
from doudi.office.registry.actions import establish_household


@dataclass(frozen=True)
class Relative:
    """A member and the official he or she is a near relative of: somebody of the office by id, or a cadre by name."""

    person_id: int
    relation: str
    official_id: int | None = None
    official_name: str = ""


@transaction.atomic
def declare_near_relatives(
    *, actor: User, at: datetime, case_number: str, version: int, relatives: Sequence[Relative] = ()
) -> StepDone:
    """Register near relatives of officials (近亲属备案); an empty list says that there are none."""
    case = claim_case(actor=actor, case_number=case_number, version=version)
    members = {row.person_id: row.person for row in family_of(case, localdate(at))}
    take_step(actor=actor, at=at, case=case, kind="relatives", pack=current_pack())
    for relative in relatives:
        person = members.get(relative.person_id)
        official = User.objects.filter(pk=relative.official_id).first() if relative.official_id else None
        if person is None or (official is None and not relative.official_name.strip()):
            raise Unacceptable(
                _("A declaration names a member and the official."), advice=_("Fill in both, or remove the line.")
            )
        if not relative.relation.strip():
            raise Unacceptable(_("How they are related is not said."), advice=_("Name the relation."))
        add_near_relative(
            actor=actor,
            at=at,
            case=case,
            area=case.area,
            person=person,
            official=official,
            official_name="" if official else relative.official_name.strip(),
            relation=relative.relation.strip(),
        )
    return step_done(case, pack=current_pack(), at=at)


@transaction.atomic
def count_home_visit(*, actor: User, at: datetime, case_number: str, version: int, visit_id: int) -> StepDone:
    """Let a visit that was made before the application count as this case's home visit."""
    require(actor, "visit.record")
    case = claim_case(actor=actor, case_number=case_number, version=version)
    visit = (
        Visit.objects.select_related("first_visitor", "second_visitor")
        .filter(Q(case=None) | Q(case=case), pk=visit_id, household=case.household)
        .first()
    )
    if visit is None:
        raise NotYours(_("There is no such visit."))
    if visit.outcome == Visit.Outcome.UNKNOWN:
        raise Refused(_("Nobody was met on this visit; it can't count."), advice=_("Visit the family again."))
    take_step(
        actor=actor,
        at=at,
        case=case,
        kind="visit",
        pack=current_pack(),
        second=visit.second_visitor,
        done_by=visit.first_visitor,
    )
    join_visit_to_case(actor=actor, visit=visit, case=case)
    establish_household(actor=actor, household=case.household)
    return step_done(case, pack=current_pack(), at=at)


@transaction.atomic
def run_check(*, actor: User, at: datetime, case_number: str, version: int, lake: Path | None = None) -> StepDone:
    """Ask the departments' data of the last night for this family (信息核对): the first version of its report.

    `lake` is the folder that the last night was loaded from unless another one is given.
    """
    case = claim_case(actor=actor, case_number=case_number, version=version)
    night = night_for(case.area)
    take_step(actor=actor, at=at, case=case, kind="check", pack=current_pack())
    _ask_departments(actor, at, case, night, lake)
    make_report(actor=actor, at=at, case=case, cause=VerificationReport.Cause.CHECK, night=night)
    return step_done(case, pack=current_pack(), at=at)


@transaction.atomic
def renew_report(*, actor: User, at: datetime, case_number: str, version: int, lake: Path | None = None) -> StepDone:
    """Ask the departments again (重新核对): whoever may take the check may, at any time before the decision.

    A report past its days carries no decision. What was said so far stands if nothing that the rules read has changed.
    """
    case = claim_case(actor=actor, case_number=case_number, version=version)
    now = standing(case, pack=current_pack(), today=localdate(at))
    if latest_report(case) is None:
        raise Refused(_("The departments have not been asked about this case yet."), advice=_("Take the step first."))
    if not any(acts_as(actor, step.role) for step in now.procedure.of_kind("check")):
        raise NotAllowed(
            _("Your role does not include this step."), advice=_("Hand it to a colleague whose work it is.")
        )
    night = night_for(case.area)
    _ask_departments(actor, at, case, night, lake)
    make_report(actor=actor, at=at, case=case, cause=VerificationReport.Cause.RENEWAL, night=night)
    return step_done(case, pack=current_pack(), at=at)


def _ask_departments(actor: User, at: datetime, case: Case, night: NightRun, lake: Path | None) -> None:
    # Only after the step's own rules: who may not check learns nothing of the consents.
    consents = require_consents(case, localdate(at))
    record_found(
        actor=actor,
        at=at,
        household=case.household,
        people=[row.person for row in family_of(case, localdate(at))],
        night=night,
        case_id=case.pk,
        lake=lake,
        left_out=not_authorised(consents.values()),
    )


@transaction.atomic
def assess_case(*, actor: User, at: datetime, case_number: str, version: int) -> StepDone:
    """Run the rules on what is known of the family. The result is kept whole and decides nothing.

    It may be run from the first answer on: at the counter it says what is still to be asked, and which way through
    the procedure is this case's. What the opinion rests on is the assessment after the departments' data.
    """
    require(actor, "case.assess")
    case = claim_case(actor=actor, case_number=case_number, version=version)
    pack, today = current_pack(), localdate(at)
    if standing(case, pack=pack, today=today).has_taken("opinion"):
        raise Refused(
            _("The preliminary opinion has been given; the file can't change under it."),
            advice=_("Record an objection if something is wrong."),
        )
    return step_done(case, pack=pack, at=at, assessment_id=assess_now(actor=actor, at=at, case=case).pk)


@transaction.atomic
def assess_now(*, actor: User, at: datetime, case: Case) -> Assessment:
    """Run the rules on a claimed case as it stands and keep the result whole."""
    pack, today = current_pack(), localdate(at)
    members = family_of(case, today)
    family = build_family(case.household, members, vocabulary=current_vocabulary())
    names = {row.person.key: row.person.name for row in members if row.person.name}
    assessment, in_chinese = assess_household(pack, case.programme, family, today, lang="zh", names=names)
    _same, in_english = assess_household(pack, case.programme, family, today, lang="en", names=names)
    return store_assessment(
        actor=actor,
        at=at,
        household=case.household,
        case_id=case.pk,
        programme=case.programme,
        as_of=today,
        outcome=assessment.outcome,
        amount_fen=assessment.amount_fen,
        pack_release=assessment.pack_release,
        pack_hash=assessment.pack_hash,
        inputs={"family": asdict(family), "newest_fact_id": newest_fact_id(case.household, members)},
        result=assessment.to_dict(),
        explanation_zh=in_chinese.to_dict(),
        explanation_en=in_english.to_dict(),
    )
