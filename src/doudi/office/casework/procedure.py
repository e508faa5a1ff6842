"""Where a case stands in its programme's procedure. The engine says what may be done; this module tells it what was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from doudi.engine.pack.pack import Pack
from doudi.engine.values.calendar import Deadline
from doudi.engine.values.errors import DoudiError
from doudi.engine.workflow import progress
from doudi.engine.workflow.procedure import Procedure, Step, load_procedure
from doudi.engine.workflow.progress import OpenStep, StepRefused
from doudi.office.casework.models import Case, NearRelative, StepRecord
from doudi.office.errors import NotAllowed, Refused
from doudi.office.org.models import User
from doudi.office.org.permissions import CAPABILITIES
from doudi.office.registry.models import Household

# The conditions that a procedure's `guard` may name, each a question that the office can answer of a case.
NEAR_RELATIVES_REGISTERED = "near_relatives_registered"


class UnknownGuardError(DoudiError):
    """A procedure has a step under a condition that the office can't judge; left alone it would never be due."""

    code: ClassVar[str] = "DD-CASE-001"


@dataclass(frozen=True)
class Standing:
    """A case's procedure, what was done in it, and what is open today."""

    procedure: Procedure
    taken: dict[str, progress.StepRecord]
    open_steps: Sequence[OpenStep]
    total_due: Deadline | None
    holds: frozenset[str]

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps that belong to this case."""
        return tuple(step for step in self.procedure.steps if step.guard is None or step.guard in self.holds)

    def is_open(self, step_id: str) -> bool:
        """Has this step's turn come?"""
        return any(each.step.id == step_id for each in self.open_steps)


def standing(case: Case, *, pack: Pack, today: date) -> Standing:
    """Read where a case stands."""
    procedure = load_procedure(pack, case.programme)
    taken, holds = _taken(case), _holds(case, procedure)
    calendar = pack.calendar()
    return Standing(
        procedure,
        taken,
        progress.next_steps(procedure, taken, today=today, calendar=calendar, holds=holds),
        progress.total_deadline(procedure, taken, calendar),
        holds,
    )


def check_step(case: Case, step_id: str, *, actor: User, second: User | None, pack: Pack, today: date) -> Step:
    """Refuse unless this person may take this step of this case today. Every step of every flow comes through here."""
    procedure = load_procedure(pack, case.programme)
    step = procedure.step(step_id)
    if not acts_as(actor, step.role):
        raise NotAllowed(
            _("Your role does not include this step."),
            advice=_("Hand it to a colleague whose work it is."),
            where=step_id,
        )
    refuse_near_relatives(case.household, actor, second)
    taken, holds = _taken(case), _holds(case, procedure)
    try:
        progress.check(
            procedure,
            step_id,
            taken,
            str(actor.pk),
            today,
            pack.calendar(),
            others=(str(second.pk),) if second else (),
            holds=holds,
        )
    except StepRefused as refusal:
        raise _in_plain_words(refusal, procedure, step, taken, holds, today=today, pack=pack) from None
    return step


def refuse_near_relatives(household: Household, *people: User | None) -> None:
    """Nobody acts on a family in which a near relative of theirs is registered, in this case or an earlier one."""
    if any(person is not None and is_near_relative(household, person) for person in people):
        raise Refused(
            _("A member of this family is a near relative of someone who would act here."),
            advice=_("Hand the case to a colleague."),
        )


def is_near_relative(household: Household, person: User) -> bool:
    """Has a member of this household been registered as a near relative of this officer?"""
    now_member = Q(person__memberships__household=household, person__memberships__to_date__isnull=True)
    return NearRelative.objects.filter(Q(case__household=household) | now_member, official=person).exists()


def acts_as(user: User, role: str) -> bool:
    """May this user do the steps of that role? Who may do all that it may: a clerk is also an assistant."""
    return CAPABILITIES[role] <= CAPABILITIES[user.role]


def _in_plain_words(
    refusal: StepRefused,
    procedure: Procedure,
    step: Step,
    taken: Mapping[str, progress.StepRecord],
    holds: frozenset[str],
    *,
    today: date,
    pack: Pack,
) -> Refused:
    """The engine names steps by id; people read their labels, in their language."""
    name = step.label.in_language(get_language() or "")
    if step.id in taken:
        return Refused(_("“%(step)s” was already done.") % {"step": name}, advice=_("Open the case again."))
    missing = _missing(procedure, step, taken, holds)
    if missing:
        first = ", ".join(procedure.step(each).label.in_language(get_language() or "") for each in missing)
        return Refused(
            _("“%(step)s” can't be done yet. First comes: %(first)s.") % {"step": name, "first": first},
            advice=_("Steps are taken in their order; none can be skipped."),
        )
    opened = progress.next_steps(procedure, taken, today=today, calendar=pack.calendar(), holds=holds)
    start = next((each.allowed_from for each in opened if each.step.id == step.id), today)
    if start > today:
        return Refused(
            _("“%(step)s” can be done from %(day)s, when the publicity is over.") % {"step": name, "day": start},
            advice=_("Objections can still come in until then."),
        )
    if step.guard is not None and step.guard not in holds:
        return Refused(_("“%(step)s” does not belong to this case.") % {"step": name}, advice=_("Open the case again."))
    if step.people > 1:
        return Refused(
            _("“%(step)s” takes %(count)d different people.") % {"step": name, "count": step.people},
            advice=_("Name who else takes part in it, and nobody who did an excluded step."),
        )
    if step.four_eyes_with:
        return Refused(
            _("“%(step)s” must be done by someone who took no earlier part in this case.") % {"step": name},
            advice=_("Hand the case to a colleague."),
        )
    return Refused(refusal.message, advice=refusal.advice)


def _missing(
    procedure: Procedure, step: Step, taken: Mapping[str, progress.StepRecord], holds: frozenset[str]
) -> list[str]:
    """What must come first; a step that does not belong to this case hands on what it waits for."""
    missing: list[str] = []
    for needed in map(procedure.step, step.requires):
        if needed.guard is not None and needed.guard not in holds:
            missing += _missing(procedure, needed, taken, holds)
        elif needed.id not in taken:
            missing.append(needed.id)
    return missing


def _holds(case: Case, procedure: Procedure) -> frozenset[str]:
    """The guards that hold for this case. A guard that nobody here can judge is an error, not a step left out."""
    unknown = {step.guard for step in procedure.steps if step.guard} - {NEAR_RELATIVES_REGISTERED}
    if unknown:
        raise UnknownGuardError(
            f"the procedure of {case.programme} names a guard that the office does not know: {', '.join(unknown)}.",
            advice=f"The guards are: {NEAR_RELATIVES_REGISTERED}.",
        )
    return frozenset({NEAR_RELATIVES_REGISTERED} if case.near_relatives.exists() else ())


def _taken(case: Case) -> dict[str, progress.StepRecord]:
    records = StepRecord.objects.filter(case=case, set_aside_at__isnull=True)
    return {
        row.step: progress.StepRecord(
            row.done_on, str(row.done_by_id), (str(row.done_with_id),) if row.done_with_id else ()
        )
        for row in records
    }
