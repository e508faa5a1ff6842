"""Verification reports: one version as a page, and two compared. Each look leaves an audit row."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from doudi.engine.pack.vocabulary import FactDefinition
from doudi.office.audit.actions import record_read
from doudi.office.casework.family import family_of
from doudi.office.casework.heard import Figure, answers_of, figure_of, open_rechecks
from doudi.office.casework.models import Case, ReportAnswer, ReportLine, VerificationReport
from doudi.office.casework.procedure import acts_as, is_near_relative, standing
from doudi.office.casework.queries.report_views import (
    AnswerView,
    Change,
    ConditionChange,
    LineView,
    RecheckView,
    ReportComparison,
    ReportPage,
    RuleUse,
    VersionView,
)
from doudi.office.errors import NotYours
from doudi.office.evidence.models import Fact
from doudi.office.evidence.queries import Word, word_of
from doudi.office.evidence.rulebook import current_pack, current_vocabulary
from doudi.office.org.models import User
from doudi.office.org.permissions import may, require
from doudi.office.registry.queries import member_view

_FACTS = ("found", "declared", "seen", "used")


def report_page(
    user: User, case_number: str, *, today: date, lang: str, purpose: str, version: int | None = None
) -> ReportPage:
    """One version of a case's report, the newest unless another is asked for."""
    case, reports = _reports(user, case_number, purpose)
    newest = reports[-1]
    shown = newest if version is None else next((each for each in reports if each.version == version), None)
    if shown is None:
        raise NotYours(_("There is no such report."))
    answers = answers_of(case.pk)
    lines = _lines(shown, answers, user, today, lang)
    is_newest = shown.pk == newest.pk
    return ReportPage(
        case_number=case.number,
        case_version=case.version,
        programme=case.programme,
        area=case.area,
        applicant_name=case.applicant.name,
        shown=_version(shown),
        is_newest=is_newest,
        versions=tuple(_version(each) for each in reversed(reports)),
        data_as_of=shown.night.as_of,
        valid_until=shown.valid_until,
        validity_status=shown.validity_status,
        has_expired=today > shown.valid_until,
        open_rechecks=open_rechecks(case.pk),
        unheard=sum(line.waits_for_family for line in lines),
        lines=lines,
        members=tuple(member_view(row, today) for row in family_of(case, today)),
        can=_can(case, user, today) if is_newest else frozenset(),
    )


def compare_reports(
    user: User, case_number: str, before: int, after: int, *, today: date, lang: str, purpose: str
) -> ReportComparison:
    """What two versions say differently, line by line, and what it did to the rules' outcome."""
    case, reports = _reports(user, case_number, purpose)
    by_version = {each.version: each for each in reports}
    if before not in by_version or after not in by_version:
        raise NotYours(_("There is no such report."))
    pair = by_version[before], by_version[after]
    answers = answers_of(case.pk)
    old, new = (
        {(line.person_id, line.name, line.source): line for line in _lines(each, answers, user, today, lang)}
        for each in pair
    )
    changes = [Change(old.get(key), new.get(key)) for key in {**old, **new}]
    old_rules, new_rules = ({line["name"]: line for line in _conditions(each, lang)} for each in pair)
    return ReportComparison(
        case_number=case.number,
        applicant_name=case.applicant.name,
        programme=case.programme,
        before=_version(pair[0]),
        after=_version(pair[1]),
        changes=tuple(each for each in changes if _said(each.before) != _said(each.after)),
        conditions=tuple(
            ConditionChange(line["label"], old_rules.get(name), new_rules.get(name))
            for name, line in {**old_rules, **new_rules}.items()
            if _judged(old_rules.get(name)) != _judged(new_rules.get(name))
        ),
    )


def _reports(user: User, case_number: str, purpose: str) -> tuple[Case, list[VerificationReport]]:
    require(user, "case.see")
    case = Case.objects.select_related("household", "applicant").filter(number=case_number).first()
    reports = [] if case is None else list(case.reports.select_related("made_by", "night").order_by("version"))
    if case is None or not reports:
        raise NotYours(_("There is no such report."))
    people = [row.person for row in family_of(case, localdate(reports[-1].made_at))]
    record_read(actor=user, objects=people, fields=("name", "facts"), area=case.area, purpose=purpose)
    return case, reports


def _can(case: Case, user: User, today: date) -> frozenset[str]:
    if case.state != Case.State.OPEN or is_near_relative(case.household, user):
        return frozenset()
    can = {"answer_difference"} if may(user, "case.object") else set()
    checks = standing(case, pack=current_pack(), today=today).procedure.of_kind("check")
    if any(acts_as(user, step.role) for step in checks):
        can.add("renew_report")
    if may(user, "county.ask"):
        can.add("ask_county")
    return frozenset(can)


def _version(report: VerificationReport) -> VersionView:
    return VersionView(
        version=report.version,
        number=report.number,
        cause=report.cause,
        made_at=report.made_at,
        made_by=report.made_by.display_name,
        outcome=report.outcome,
        amount_fen=report.amount_fen,
    )


def _conditions(report: VerificationReport, lang: str) -> Sequence[Mapping[str, Any]]:
    found: Sequence[Mapping[str, Any]] = report.conditions_en if lang.startswith("en") else report.conditions_zh
    return found


def _lines(
    report: VerificationReport, answers: Mapping[Figure, ReportAnswer], user: User, today: date, lang: str
) -> tuple[LineView, ...]:
    conditions = _conditions(report, lang)
    rows = report.lines.select_related("person", *_FACTS).order_by("position")
    return tuple(_line(row, conditions, answers.get(figure_of(row)), user, today, lang) for row in rows)


def _line(
    row: ReportLine,
    conditions: Sequence[Mapping[str, Any]],
    answer: ReportAnswer | None,
    user: User,
    today: date,
    lang: str,
) -> LineView:
    vocabulary = current_vocabulary()
    definition, read = vocabulary.definition(row.name), vocabulary.definition(row.rule_name)
    if definition is None or read is None:
        raise NotYours(_("This report was made by another release of the rules."))
    told = definition if row.name == row.rule_name else read
    found = _word(definition, row.found, lang)
    declared, seen = (_word(told, fact, lang) for fact in (row.declared, row.seen))
    person_key = row.person.key if row.person is not None else None
    subject_key = None if row.rule_name in vocabulary.household else person_key
    return LineView(
        position=row.position,
        person_id=row.person_id,
        person_name=row.person.name if row.person is not None else "",
        source=row.found.source if row.found else definition.source.source if definition.source else "",
        name=row.name,
        label=definition.label.in_language(lang),
        rule_name=row.rule_name,
        rule_label=read.label.in_language(lang) if row.name != row.rule_name else "",
        found=found,
        declared=declared,
        seen=seen,
        used=_word(told, row.used, lang),
        used_origin=row.used.origin if row.used and not row.used.is_unknown else "",
        differs=row.differs,
        difference=_difference(found, seen or declared),
        type=definition.type,
        unit=definition.unit,
        rules=_rules(row.rule_name, subject_key, conditions),
        answer=_answer(answer, told, user, today, lang) if answer is not None and row.differs else None,
    )


def _word(definition: FactDefinition, fact: Fact | None, lang: str) -> Word | None:
    return None if fact is None else word_of(definition, fact, lang)


def _difference(found: Word | None, told: Word | None) -> int | None:
    if found is None or told is None:
        return None
    one, other = found.value, told.value
    if isinstance(one, bool) or isinstance(other, bool):
        return None
    return one - other if isinstance(one, int) and isinstance(other, int) else None


def _rules(name: str, member: str | None, conditions: Sequence[Mapping[str, Any]]) -> tuple[RuleUse, ...]:
    return tuple(
        RuleUse(line["label"], line["state"], line["value"], line["threshold"], line["citation"])
        for line in conditions
        if any(fact["fact"] == name and fact["member"] == member for fact in line["facts"])
    )


def _answer(answer: ReportAnswer, told: FactDefinition, user: User, today: date, lang: str) -> AnswerView:
    return AnswerView(
        kind=answer.kind,
        text=answer.text,
        paper=answer.paper,
        said_by=answer.said_by.name,
        said_on=answer.said_on,
        recorded_by=answer.recorded_by.display_name,
        recheck=_recheck(answer, told, user, today, lang),
    )


def _recheck(answer: ReportAnswer, told: FactDefinition, user: User, today: date, lang: str) -> RecheckView | None:
    recheck = getattr(answer, "recheck", None)
    if recheck is None:
        return None
    is_open = recheck.answered_at is None
    return RecheckView(
        recheck_id=recheck.pk,
        due_on=recheck.task.due_on,
        is_overdue=is_open and recheck.task.due_on < today,
        outcome=recheck.outcome,
        authority=recheck.authority,
        document=recheck.document,
        reply=recheck.reply,
        holds=word_of(told, recheck.fact, lang).text if recheck.fact is not None else "",
        answered_at=recheck.answered_at,
        answered_by=recheck.answered_by.display_name if recheck.answered_by else "",
        can_answer=is_open and may(user, "case.recheck") and user.pk != recheck.not_by_id,
    )


def _said(line: LineView | None) -> tuple[object, ...]:
    """What a line says, without its place: the same figure delivered again is no change."""
    if line is None:
        return ()
    words = (line.found, line.declared, line.seen, line.used)
    return tuple((word.value, word.is_unknown) if word else None for word in words)


def _judged(line: Mapping[str, Any] | None) -> tuple[object, ...]:
    return () if line is None else (line["state"], line["value"], line["threshold"])
