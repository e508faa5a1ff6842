"""One application, classified (一次申请、分类审核认定): the rules name the family's tier, an officer confirms it.

The counter's assessment names the tier and what is still open before it. Following it and departing from it both need a
reason (promise P21). The case then goes on under the programme chosen; steps that both procedures have stay taken.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from doudi.engine.rules.classification import Classification, classify, load_classification
from doudi.engine.workflow.reading import load_procedure
from doudi.office.audit.actions import record_read
from doudi.office.casework.actions import clock
from doudi.office.casework.actions.steps import claim_case, queue_open_steps, set_steps_aside
from doudi.office.casework.family import family_of
from doudi.office.casework.models import Case
from doudi.office.casework.procedure import standing
from doudi.office.errors import NotYours, Refused, Unacceptable
from doudi.office.evidence.family import build_family
from doudi.office.evidence.rulebook import current_pack, current_vocabulary
from doudi.office.flows.outcome import StepDone, step_done
from doudi.office.org.models import User
from doudi.office.org.permissions import require


@dataclass(frozen=True)
class TierLine:
    """What the rules say of one tier: the outcome, the amount in fen if it pays, and labels of what is not known."""

    programme: str
    outcome: str
    amount_fen: int | None
    missing: tuple[str, ...]
    is_the_tier: bool


@dataclass(frozen=True)
class Tiers:
    """The order of the law with what holds for this family today."""

    lines: tuple[TierLine, ...]
    tier: str
    open_before: tuple[str, ...]


def is_classified(programme: str) -> bool:
    """Is the programme one of those between which an application is classified?"""
    return programme in load_classification(current_pack()).programmes


@transaction.atomic
def look_up_tiers(*, actor: User, at: datetime, case_number: str, lang: str) -> Tiers:
    """Run all tiers on what is known of the family now. Nothing is stored; the look is recorded."""
    require(actor, "case.assess")
    case = Case.objects.select_related("household").filter(number=case_number).first()
    if case is None:
        raise NotYours(_("There is no such case."))
    members = [row.person for row in family_of(case, localdate(at))]
    record_read(actor=actor, objects=members, fields=("facts",), area=case.area, purpose="classification")
    found, vocabulary = _classified(case, localdate(at)), current_vocabulary()
    lines = []
    for programme in load_classification(current_pack()).programmes:
        assessed = found.assessments[programme]
        names = dict.fromkeys(fact.name for fact in assessed.missing)
        known = [vocabulary.definition(name) for name in names]
        lines.append(
            TierLine(
                programme=programme,
                outcome=assessed.outcome,
                amount_fen=assessed.amount_fen,
                missing=tuple(each.label.in_language(lang) for each in known if each is not None),
                is_the_tier=programme == found.tier,
            )
        )
    return Tiers(tuple(lines), found.tier or "", found.open_before)


@transaction.atomic
def choose_programme(
    *, actor: User, at: datetime, case_number: str, version: int, programme: str, reason: str
) -> StepDone:
    """Say which programme the application is for, before the opinion. Its procedure is the case's from then on."""
    require(actor, "case.assess")
    case = claim_case(actor=actor, case_number=case_number, version=version)
    pack, today = current_pack(), localdate(at)
    now = standing(case, pack=pack, today=today)
    if now.has_taken("opinion"):
        raise Refused(
            _("The preliminary opinion has been given; the file can't change under it."),
            advice=_("Record an objection if something is wrong."),
        )
    if not is_classified(case.programme) or not is_classified(programme):
        raise Unacceptable(
            _("An application for this programme is not classified."), advice=_("Open a case of its own for it.")
        )
    if not reason.strip():
        raise Unacceptable(
            _("A reason is needed, for agreeing as much as for departing."), advice=_("Say what convinced you.")
        )
    found = _classified(case, today)
    before = now.procedure
    clock.choose_programme(
        actor=actor,
        at=at,
        case=case,
        recommended=found.tier or "",
        open_before=found.open_before,
        chosen=programme,
        reason=reason.strip(),
        as_of=today,
        pack_release=pack.release,
        pack_hash=pack.hash,
    )
    after = load_procedure(pack, programme)
    kept = {step.id for step in after.steps if step.id in before.by_id and before.by_id[step.id].kind == step.kind}
    lost = [step for step in now.taken if step not in kept]
    if lost:
        set_steps_aside(actor=actor, at=at, case=case, steps=lost)
    queue_open_steps(actor=actor, at=at, case=case, pack=pack, today=today)
    return step_done(case, pack=pack, at=at)


def _classified(case: Case, on: date) -> Classification:
    family = build_family(case.household, family_of(case, on), vocabulary=current_vocabulary())
    return classify(family, pack=current_pack(), as_of=on)
