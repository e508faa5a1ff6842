"""The family's answer to a difference on the report, the re-check of what it disputes, and what follows from both."""

from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from doudi.office.casework.actions import reports
from doudi.office.casework.actions.findings import finish_task
from doudi.office.casework.actions.steps import hold_case
from doudi.office.casework.comparing import compare_family
from doudi.office.casework.deadlines import recheck_deadline
from doudi.office.casework.family import family_of
from doudi.office.casework.models import Case, Recheck, ReportAnswer, ReportLine, VerificationReport
from doudi.office.casework.procedure import standing
from doudi.office.errors import NotYours, Refused, Unacceptable
from doudi.office.evidence.actions import NewFact, record_facts
from doudi.office.evidence.models import Fact
from doudi.office.evidence.queries import latest_assessment
from doudi.office.evidence.rulebook import current_pack, current_vocabulary
from doudi.office.evidence.terms import Value, stored
from doudi.office.flows.outcome import StepDone, step_done
from doudi.office.flows.reporting import latest_report, make_report
from doudi.office.flows.verify import assess_now
from doudi.office.org.models import User
from doudi.office.org.permissions import require
from doudi.office.registry.models import Person

RECHECK_SOURCE = "recheck"
WORDS_MAX = 4000


@transaction.atomic
def answer_difference(
    *,
    actor: User,
    at: datetime,
    case_number: str,
    position: int,
    kind: str,
    text: str,
    said_by_id: int,
    said_on: date,
    form_token: str,
    paper: str = "",
) -> StepDone:
    """What the family says to one line of the newest report. An objection asks for a re-check (57号 art. 18).

    Agreeing makes the figure the family's own word too; explaining leaves both standing, each with its source.
    """
    require(actor, "case.object")
    case, today = hold_case(actor=actor, case_number=case_number), localdate(at)
    line = _line(case, position)
    if not line.differs or line.found is None:
        raise Refused(_("There is no difference on this line."), advice=_("Open the report again."))
    disputed = Recheck.objects.filter(answer__line__report__case=case, answered_at__isnull=True)
    if disputed.filter(answer__line__name=line.name, answer__line__person=line.person).exists():
        raise Refused(_("A re-check of this figure is under way."), advice=_("Wait for its answer."))
    members = {row.person_id: row.person for row in family_of(case, today)}
    if kind not in ReportAnswer.Kind.values or not _is_said(text):
        raise Unacceptable(
            _("An answer agrees, explains or objects, and has words."), advice=_("Write down what the family said.")
        )
    if said_by_id not in members:
        raise Unacceptable(_("Who answered is no member of the household."), advice=_("Choose one of the members."))
    if not localdate(line.report.made_at) <= said_on <= today:
        raise Unacceptable(_("The answer can't be of that day."), advice=_("Correct the date."))
    answer = reports.add_answer(
        actor=actor,
        at=at,
        line=line,
        kind=kind,
        text=text.strip(),
        paper=paper.strip(),
        said_by=members[said_by_id],
        said_on=said_on,
        form_token=form_token,
    )
    pack = current_pack()
    if kind == ReportAnswer.Kind.OBJECTS:
        due = recheck_deadline(pack, case.area, today)
        reports.ask_for_recheck(actor=actor, at=at, case=case, answer=answer, due=due)
    elif kind == ReportAnswer.Kind.AGREES:
        _take_over_figure(actor, at, case, line)
        _renew(actor, at, case, VerificationReport.Cause.ANSWER)
    return step_done(case, pack=pack, at=at)


@transaction.atomic
def answer_recheck(
    *,
    actor: User,
    at: datetime,
    case_number: str,
    recheck_id: int,
    outcome: str,
    authority: str,
    reply: str,
    document: str = "",
    value: Value | None = None,
) -> StepDone:
    """What somebody who did not ask for the figure found out about it. The old fact stays; the new one is used.

    A new version of the report follows, and the rules are run again. `value` is given where the figure was wrong.
    """
    require(actor, "case.recheck")
    case = hold_case(actor=actor, case_number=case_number)
    recheck = (
        Recheck.objects.select_related("answer__line__report", "answer__line__found", "answer__line__person", "task")
        .filter(pk=recheck_id, answer__line__report__case=case)
        .first()
    )
    if recheck is None:
        raise NotYours(_("There is no such re-check."))
    if recheck.not_by_id == actor.pk:
        raise Refused(
            _("Who asked the departments for this figure can't re-check it."), advice=_("Hand it to a colleague.")
        )
    if recheck.answered_at is not None:
        raise Refused(_("This re-check was already answered."), advice=_("Open the report again."))
    if outcome not in Recheck.Outcome.values or not _is_said(reply) or not authority.strip():
        raise Unacceptable(
            _("A re-check says what came of it, who looked, and what was found."), advice=_("Fill in all three.")
        )
    line = recheck.answer.line
    if outcome == Recheck.Outcome.CORRECTED and value is None:
        raise Unacceptable(_("The corrected figure is missing."), advice=_("Write down what holds instead."))
    holds = value if outcome == Recheck.Outcome.CORRECTED else _found_as_told(case, at, line)
    fact = _record(actor, at, case, line, holds, Fact.Origin.RECHECK, RECHECK_SOURCE, batch=line.report.number)
    reports.answer_recheck(
        actor=actor,
        at=at,
        recheck=recheck,
        outcome=outcome,
        authority=authority.strip(),
        document=document.strip(),
        reply=reply.strip(),
        fact=fact,
    )
    finish_task(actor=actor, at=at, task=recheck.task)
    _renew(actor, at, case, VerificationReport.Cause.RECHECK)
    return step_done(case, pack=current_pack(), at=at)


def _line(case: Case, position: int) -> ReportLine:
    report = latest_report(case)
    line = None if report is None else report.lines.select_related("report", "found", "person").filter(
        position=position
    ).first()  # fmt: skip
    if line is None:
        raise NotYours(_("There is no such line on the newest report."))
    return line


def _renew(actor: User, at: datetime, case: Case, cause: VerificationReport.Cause) -> None:
    """The next version of the report; and before the opinion the assessment anew, so that nobody decides on the old."""
    before = latest_report(case)
    assert before is not None  # noqa: S101 - an answer belongs to a line of a report
    make_report(actor=actor, at=at, case=case, cause=cause, night=before.night)
    has_opinion = standing(case, pack=current_pack(), today=localdate(at)).has_taken("opinion")
    if not has_opinion and latest_assessment(case.pk) is not None:
        assess_now(actor=actor, at=at, case=case)


def _take_over_figure(actor: User, at: datetime, case: Case, line: ReportLine) -> None:
    """The figure found is the family's own word from now on; what it said before stays in the file."""
    holds = _found_as_told(case, at, line)
    definition = current_vocabulary().definition(line.rule_name)
    if holds is None or definition is None or line.found is None:
        return
    if line.found.origin == Fact.Origin.COUNTY:
        # Nobody disputes what the other county found: it is settled as after a re-check.
        _record(actor, at, case, line, holds, Fact.Origin.RECHECK, "county", batch=line.found.batch)
    elif "family" in definition.supplied_by:
        _record(actor, at, case, line, holds, Fact.Origin.DECLARED, "family")


def _found_as_told(case: Case, at: datetime, line: ReportLine) -> Value | None:
    compared = compare_family(case.household, on=localdate(at), vocabulary=current_vocabulary())
    return None if line.found is None else compared.as_told(line.name, line.found)


def _record(
    actor: User,
    at: datetime,
    case: Case,
    line: ReportLine,
    value: Value | None,
    origin: Fact.Origin,
    source: str,
    *,
    batch: str = "",
) -> Fact:
    vocabulary = current_vocabulary()
    definition = vocabulary.definition(line.rule_name)
    assert definition is not None  # noqa: S101 - lines are made of the vocabulary's names
    person: Person | None = None if line.rule_name in vocabulary.household else line.person
    (fact,) = record_facts(
        actor=actor,
        at=at,
        household=case.household,
        facts=[
            NewFact(
                name=line.rule_name,
                stored=stored(definition, value),
                valid_from=localdate(at),
                origin=origin,
                source=source,
                person=person,
                batch=batch,
                row=line.position if batch else 0,
                case_id=case.pk,
            )
        ],
        purpose="re-check" if origin == Fact.Origin.RECHECK else "answer to the report",
    )
    return fact


def _is_said(text: str) -> bool:
    return bool(text.strip()) and len(text) <= WORDS_MAX
