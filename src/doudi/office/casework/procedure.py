"""Where a case stands in its programme's procedure. The engine says what may be done; this module tells it what was."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from doudi.engine.pack.pack import Pack
from doudi.engine.values.calendar import Deadline
from doudi.engine.workflow import clocks, progress
from doudi.engine.workflow.procedure import TOTAL, Kind, Procedure, Step
from doudi.engine.workflow.progress import OpenStep, StepRefused
from doudi.engine.workflow.reading import load_procedure
from doudi.engine.workflow.record import CaseRecord, Pause
from doudi.engine.workflow.record import StepRecord as Taken
from doudi.office.casework.conditions import Proposal, conditions_of
from doudi.office.casework.models import Case, NearRelative, StepRecord
from doudi.office.errors import NotAllowed, Refused
from doudi.office.org.models import User
from doudi.office.org.permissions import CAPABILITIES
from doudi.office.registry.models import Household, Membership


@dataclass(frozen=True)
class Standing:
    """A case's procedure, what was done in it, and what is open today."""

    procedure: Procedure
    record: CaseRecord
    open_steps: Sequence[OpenStep]
    total_due: Deadline | None

    @property
    def taken(self) -> dict[str, Taken]:
        """The steps that were taken and stand."""
        return dict(self.record.done)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps that belong to this case, as far as is known."""
        return tuple(
            step
            for step in self.procedure.steps
            if step.id in self.record.done or progress.applies(step, self.record) is not False
        )

    def has_taken(self, kind: Kind) -> bool:
        """Was a step of this kind taken?"""
        return any(step.id in self.record.done for step in self.procedure.of_kind(kind))

    def open_of_kind(self, kind: Kind, user: User | None = None) -> Step | None:
        """The first open step of a kind; for somebody, the first that his or her role includes."""
        found = [each.step for each in self.open_steps if each.step.kind == kind]
        mine = [step for step in found if user is None or acts_as(user, step.role)]
        return next(iter(mine), None)

    @property
    def papers_may_follow(self) -> bool:
        """May this case be accepted before its papers are complete?"""
        asked = [step.later_if for step in self.procedure.of_kind("accept") if step.later_if]
        return any(self.record.conditions.get(condition) is True for condition in asked)


def standing(case: Case, *, pack: Pack, today: date, proposal: Proposal | None = None) -> Standing:
    """Read where a case stands."""
    procedure = load_procedure(pack, case.programme)
    record, calendar = _record(case, procedure, pack, proposal), pack.calendar()
    return Standing(
        procedure,
        record,
        progress.next_steps(procedure, record, today=today, calendar=calendar),
        clocks.total_deadline(procedure, record, today=today, calendar=calendar),
    )


def step_to_take(case: Case, kind: Kind, *, actor: User, pack: Pack, today: date) -> Step:
    """The step of a kind that this person would take now; where none is open, the one that a refusal speaks of."""
    now = standing(case, pack=pack, today=today)
    of_kind = now.procedure.of_kind(kind)
    if not of_kind:
        raise Refused(_("The procedure of this programme has no such step."), advice=_("Open the case again."))
    not_yet = [step for step in of_kind if step in now.steps and step.id not in now.record.done]
    return now.open_of_kind(kind, actor) or now.open_of_kind(kind) or next(iter(not_yet), of_kind[-1])


def check_step(
    case: Case,
    step_id: str,
    *,
    actor: User,
    second: User | None,
    pack: Pack,
    today: date,
    proposal: Proposal | None = None,
) -> Step:
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
    record = _record(case, procedure, pack, proposal)
    try:
        progress.check(
            procedure,
            step_id,
            record,
            str(actor.pk),
            today,
            pack.calendar(),
            others=(str(second.pk),) if second else (),
        )
    except StepRefused as refusal:
        raise _in_plain_words(refusal, procedure, step, record, today=today, pack=pack) from None
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
    members = Membership.objects.filter(household=household, to_date__isnull=True).values("person")
    of_family = Q(case__household=household) | Q(person__in=members)
    return NearRelative.objects.filter(of_family, official=person, withdrawn_at__isnull=True).exists()


def acts_as(user: User, role: str) -> bool:
    """May this user do the steps of that role? Who may do all that it may: a clerk is also an assistant."""
    return CAPABILITIES[role] <= CAPABILITIES[user.role]


def _in_plain_words(
    refusal: StepRefused, procedure: Procedure, step: Step, record: CaseRecord, *, today: date, pack: Pack
) -> Refused:
    """The engine names steps by id; people read their labels, in their language."""
    lang = get_language() or ""
    name = step.label.in_language(lang)
    said = {"step": name, "count": step.people}
    if refusal.cause == "comes_after":
        said["first"] = ", ".join(procedure.step(each).label.in_language(lang) for each in refusal.steps)
    if refusal.cause == "publicity":
        opened = progress.next_steps(procedure, record, today=today, calendar=pack.calendar())
        said["day"] = next(each.allowed_from for each in opened if each.step.id == step.id).isoformat()
    what, advice = _words()[refusal.cause]
    return Refused(what % said, advice=advice)


def _words() -> dict[progress.Cause, tuple[str, str]]:
    """What is said for each cause, and what to do."""
    return {
        "done": (_("“%(step)s” was already done."), _("Open the case again.")),
        "withdrawn": (_("This application was withdrawn."), _("The family can apply anew at any time.")),
        "comes_after": (
            _("“%(step)s” can't be done yet. First comes: %(first)s."),
            _("Steps are taken in their order; none can be skipped."),
        ),
        "publicity": (
            _("“%(step)s” can be done from %(day)s, when the publicity is over."),
            _("Objections can still come in until then."),
        ),
        "not_of_case": (_("“%(step)s” does not belong to this case."), _("Open the case again.")),
        "undecided": (
            _("Whether “%(step)s” belongs to this case is not known yet."),
            _("Assess the case first; the opinion then names the amount."),
        ),
        "people": (
            _("“%(step)s” takes %(count)d different people."),
            _("Name who else takes part in it, and nobody who did an excluded step."),
        ),
        "four_eyes": (
            _("“%(step)s” must be done by someone who took no earlier part in this case."),
            _("Hand the case to a colleague."),
        ),
    }


def _record(case: Case, procedure: Procedure, pack: Pack, proposal: Proposal | None) -> CaseRecord:
    rows = StepRecord.objects.filter(case=case, set_aside_at__isnull=True)
    stops = {stop.id: stop for stop in procedure.clock_stops}
    extensions = {each.id: each for each in procedure.extensions}
    granted = [extensions[row.extension] for row in case.clock_extensions.all() if row.extension in extensions]
    more: dict[str, int] = {}
    for each in granted:
        if each.n is not None:
            more[each.of] = more.get(each.of, 0) + each.n
    return CaseRecord(
        done={
            row.step: Taken(row.done_on, str(row.done_by_id), (str(row.done_with_id),) if row.done_with_id else ())
            for row in rows
        },
        conditions=conditions_of(case, procedure, pack=pack, proposal=proposal),
        pauses=tuple(
            Pause(row.since, row.until, stops[row.stop].steps if row.stop in stops else ())
            for row in case.clock_stops.order_by("pk")
        ),
        more_days=more,
        is_special=any(each.of == TOTAL for each in granted),
        is_withdrawn=case.state == Case.State.WITHDRAWN,
    )
