"""A version of a case's verification report: the facts laid side by side, and what the rules make of them."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.timezone import localdate

from doudi.engine.rules.explain import explain
from doudi.engine.rules.programme import load_programme
from doudi.office.casework.actions.reports import write_report
from doudi.office.casework.comparing import Line, compare_family
from doudi.office.casework.deadlines import report_deadline
from doudi.office.casework.family import family_of
from doudi.office.casework.models import Case, VerificationReport
from doudi.office.casework.procedure import standing
from doudi.office.evidence.family import build_family
from doudi.office.evidence.models import NightRun
from doudi.office.evidence.rulebook import asked_vocabulary, current_pack, current_vocabulary
from doudi.office.flows.begin_anew import begin_anew
from doudi.office.org.models import User

Used = frozenset[tuple[int | None, str, int | None, str | None]]


def latest_report(case: Case) -> VerificationReport | None:
    """The newest version of a case's report."""
    return VerificationReport.objects.filter(case=case).order_by("-version").first()


@transaction.atomic
def make_report(
    *, actor: User, at: datetime, case: Case, cause: VerificationReport.Cause, night: NightRun
) -> VerificationReport:
    """Add a version of what is known now.

    If the opinion was given on other facts than the rules would read now, it has to be given anew.
    """
    pack, today, before = current_pack(), localdate(at), latest_report(case)
    lines = compare_family(case.household, on=today, vocabulary=current_vocabulary()).lines(
        asked_vocabulary(case.programme)
    )
    is_asked_anew = cause in (VerificationReport.Cause.CHECK, VerificationReport.Cause.RENEWAL)
    # A re-check or another county's answer makes no older figure younger: the validity goes on from before.
    if before is not None and not is_asked_anew:
        valid_until, status = before.valid_until, before.validity_status
    else:
        deadline, status = report_deadline(pack, case.area, today)
        valid_until = deadline.on
    report = write_report(
        actor=actor,
        at=at,
        case=case,
        cause=cause,
        night=night,
        valid_until=valid_until,
        validity_status=status,
        judged=_judged(case, at),
        lines=lines,
    )
    has_opinion = standing(case, pack=pack, today=today).has_taken("opinion")
    if before is not None and has_opinion and _used(lines) != _used_by(before):
        begin_anew(actor=actor, at=at, case=case)
    return report


def _judged(case: Case, at: datetime) -> dict[str, object]:
    pack, today = current_pack(), localdate(at)
    programme = load_programme(pack, case.programme)
    members = family_of(case, today)
    family = build_family(case.household, members, vocabulary=current_vocabulary())
    names = {row.person.key: row.person.name for row in members if row.person.name}
    told = {
        lang: explain(programme, family, pack=pack, as_of=today, lang=lang, names=names, with_flips=False)
        for lang in ("zh", "en")
    }
    return {
        "outcome": told["zh"].outcome,
        "amount_fen": told["zh"].amount_fen,
        "pack_release": told["zh"].pack_release,
        "pack_hash": told["zh"].pack_hash,
        **{f"conditions_{lang}": said.to_dict()["conditions"] for lang, said in told.items()},
    }


def _used(lines: Sequence[Line]) -> Used:
    """What the rules read, as values: a fact that says the same once more changes nothing."""
    return frozenset(
        (line.person_id, line.rule_name, line.used.value_int, line.used.value_text) for line in lines if line.used
    )


def _used_by(report: VerificationReport) -> Used:
    return frozenset(
        (line.person_id, line.rule_name, line.used.value_int, line.used.value_text)
        for line in report.lines.select_related("used")
        if line.used
    )
