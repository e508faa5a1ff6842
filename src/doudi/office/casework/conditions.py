"""The conditions that a procedure's steps name, judged for one case from what its file holds."""

from dataclasses import dataclass
from typing import ClassVar

from django.db.models import Q, QuerySet

from doudi.engine.pack.pack import Pack
from doudi.engine.rules.programme import load_programme
from doudi.engine.values.errors import DoudiError
from doudi.engine.workflow.procedure import AMOUNT, OFFICE_CONDITIONS, Procedure
from doudi.office.casework.models import Case, Decision, NearRelative
from doudi.office.evidence.models import Assessment
from doudi.office.registry.models import Membership


@dataclass(frozen=True)
class Proposal:
    """An amount that somebody is about to propose, in fen; None for a refusal."""

    amount_fen: int | None


def registered_relatives(case: Case) -> QuerySet[NearRelative]:
    """The near relatives of officials in a family: declared in this case, or of whoever belongs to it, at any time."""
    of_family = Membership.objects.filter(household=case.household, to_date__isnull=True).values("person")
    of_case = Q(case=case) | Q(person__in=of_family) | Q(person__in=case.kept_members.values("membership__person"))
    return NearRelative.objects.filter(of_case, withdrawn_at__isnull=True)


def rules_decide_the_way(procedure: Procedure) -> bool:
    """Is there a step whose place in a case hangs on what the rules say of the family, whatever amount is proposed?"""
    return any(not condition.startswith(AMOUNT) for condition in procedure.conditions - OFFICE_CONDITIONS)


class UnknownGuardError(DoudiError):
    """A procedure has a step under a condition that nobody can judge; left alone it would never be due."""

    code: ClassVar[str] = "DD-CASE-001"


def conditions_of(case: Case, procedure: Procedure, *, pack: Pack, proposal: Proposal | None = None) -> dict[str, bool]:
    """What is known of each condition. One that is missing is not known: nothing is skipped on a guess.

    A formula is read from the case's last assessment. An amount is the one proposed last, or the one about to be
    proposed if that is more: who may decide the more may decide the less.
    """
    computed = {formula.name for formula in load_programme(pack, case.programme).formulas.of_household}
    unknown = {name.removeprefix(AMOUNT) for name in procedure.conditions - OFFICE_CONDITIONS} - computed
    if unknown:
        raise UnknownGuardError(
            f"the procedure of {case.programme} names a guard that the office does not know: {', '.join(unknown)}.",
            advice="Name a formula of the programme and list it under also_computed.",
        )
    assessed = Assessment.objects.filter(case_id=case.pk).order_by("-pk").values_list("result", flat=True).first()
    values: dict[str, int | None] = assessed["values"] if assessed else {}
    words = Decision.objects.filter(case=case, set_aside_at__isnull=True).order_by("pk")
    last = words.last()
    amounts = [each.amount_fen or 0 for each in (proposal, last) if each is not None]
    found: dict[str, bool] = {}
    for condition in procedure.conditions:
        if condition in OFFICE_CONDITIONS:
            held = _judged_by_the_office(condition, case, words.filter(stage=Decision.Stage.CONFIRM).first())
        elif condition.startswith(AMOUNT):
            limit = values.get(condition.removeprefix(AMOUNT))
            held = max(amounts) > limit if amounts and limit is not None else None
        else:
            value = values.get(condition)
            held = None if value is None else bool(value)
        if held is not None:
            found[condition] = held
    return found


def _judged_by_the_office(condition: str, case: Case, decision: Decision | None) -> bool | None:
    if condition == "near_relatives_registered":
        return registered_relatives(case).exists()
    if condition == "approved":
        return None if decision is None else decision.outcome == Decision.Outcome.APPROVE
    raise KeyError(condition)
