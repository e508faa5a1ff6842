"""The letters about running help: a higher or lower amount, its end, a gradual exit (promise P18).

Each says what changes, from when, why, what is different from before, on which facts and rules, and how to object.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from doudi.engine.values.money import Fen, format_yuan
from doudi.office.entitlements.change_queries import names_in
from doudi.office.entitlements.models import Change, Ending
from doudi.office.errors import Refused
from doudi.office.evidence.difference_words import in_plain_words
from doudi.office.evidence.rulebook import current_pack
from doudi.office.paper.explained import condition_rows, flip_sentences
from doudi.office.paper.letter import account_words, facts_section, parameters_section, particulars, section
from doudi.office.paper.naming import issuer_name, place_name, programme_name, source_name
from doudi.office.paper.setting import in_capitals, set_pdf
from doudi.office.paper.wording import Wording

Course = Change | Ending


def course_letter_pdf(course: Course, *, lang: str, font_dir: Path) -> bytes:
    """The letter of a decided change or ending in Chinese (`zh`) or English (`en`)."""
    if course.outcome != "approve" or course.decided_at is None:
        raise Refused(_("This was not decided."), advice=_("Let the county decide first."))
    data = letter_data(course, Wording("en" if lang.startswith("en") else "zh"))
    return set_pdf("letter.typ", data, font_dir=font_dir, at=course.decided_at)


def letter_data(course: Course, say: Wording) -> Mapping[str, Any]:
    """Everything that the letter says, as text in order."""
    entitlement, assessment = course.entitlement, course.assessment
    case = entitlement.case
    programme, county = programme_name(entitlement.programme, say.lang), place_name(course.area[:6], say.lang)
    explanation: Mapping[str, Any] = {}
    if assessment is not None:
        explanation = assessment.explanation_zh if say.lang == "zh" else assessment.explanation_en
    kind, number = _kind(course), f"{case.number}-{'B' if isinstance(course, Change) else 'T'}{course.pk}"
    sections = (
        section(say("reason_heading"), paragraphs=_reasons(course, explanation, say)),
        _differences_section(course, say) if isinstance(course, Change) else None,
        section(
            say("rules_heading"),
            paragraphs=[say("rules_annex")] if explanation else [],
            conditions=condition_rows(explanation, say),
        ),
        section(say("flips_heading"), items=flip_sentences(explanation)),
        section(say("objection_heading"), items=_objection(course, county, say)),
        section(say("duty_heading"), items=[say("duty_report" if isinstance(course, Change) else "duty_later")]),
    )
    annex = (facts_section(explanation, say), parameters_section(explanation, say))
    footer = {"release": "—", "hash": "—", "day": say.day(localdate(course.decided_at))}
    if assessment is not None:
        day = say.day(assessment.as_of)
        footer = {"release": assessment.pack_release, "hash": assessment.pack_hash[:12], "day": day}
    return {
        "lang": say.lang,
        "title": say(f"title_{kind}", programme=programme),
        "office": issuer_name(entitlement.programme, county, say.lang) or say("office", county=county),
        "number": say("number", number=number),
        "date": say.day(localdate(course.decided_at)),
        "addressee": say("addressee", name=case.applicant.name),
        "particulars": particulars(case, say),
        "opening": [say("opening_running", programme=programme)],
        "decision": say(f"decision_{kind}", programme=programme),
        "decision_rows": _rows(course, say),
        "sections": [each for each in sections if each is not None],
        "annex_title": say("annex_title", number=number),
        "annex": [each for each in annex if each is not None],
        "seal_note": say("seal_note"),
        "receipt": say("receipt"),
        "footer": say("footer", **footer),
    }


def _kind(course: Course) -> str:
    if isinstance(course, Change):
        return "increase" if course.is_increase else "decrease"
    return "gradual_exit" if course.cause == Ending.Cause.GRADUAL_EXIT else "ending"


def _rows(course: Course, say: Wording) -> Sequence[Mapping[str, str]]:
    on = localdate(course.decided_at)
    days = current_pack().parameter("office_adverse_notice_days", region=course.area, on=on).value
    if isinstance(course, Ending):
        told = say.month(course.last_month) if course.last_month else say("last_month_notice", days=days)
        return [{"label": say("last_month"), "value": told}]
    begins = say("from_notice", days=days)
    if course.from_month is not None:
        begins = say("from_value", month=say.month(course.from_month))
    return [
        {"label": say("amount_before"), "value": _amount(course.old_amount_fen, say)},
        {"label": say("amount_new"), "value": _amount(course.new_amount_fen, say)},
        {"label": say("from"), "value": begins},
        {"label": say("account"), "value": account_words(course.entitlement.case, say)},
    ]


def _amount(amount_fen: Fen, say: Wording) -> str:
    return say("amount_value", figures=format_yuan(amount_fen), words=in_capitals(amount_fen))


def _reasons(course: Course, explanation: Mapping[str, Any], say: Wording) -> Sequence[str]:
    death = say("cause_death") if isinstance(course, Ending) and course.cause == Ending.Cause.DEATH else ""
    said = (death, course.decide_reason, explanation.get("amount_sentence", ""))
    return [each for each in said if each]


def _differences_section(change: Change, say: Wording) -> Mapping[str, Any] | None:
    names = names_in(change.differences)
    lines = [
        in_plain_words(
            line,
            programme=change.entitlement.programme,
            amount_fen=change.new_amount_fen,
            names=names,
            lang=say.lang,
        )
        for line in change.differences
    ]
    return section(
        say("differences_heading"),
        columns=[say("difference"), say("before"), say("now"), say("source"), say("effect")],
        widths=[2.6, 1.2, 1.2, 1.8, 2.0],
        rows=[
            [line.what, line.before, line.now, source_name(line.source, say) if line.source else "—", line.effect]
            for line in sorted(lines, key=lambda line: not line.explains)
        ],
    )


def _objection(course: Course, county: str, say: Wording) -> Sequence[str]:
    lines = [say("objection_ask"), say("objection_appeal", government=say("government", county=county))]
    if course.delivered_on is not None and course.object_until is not None:
        until = say("objection_until", delivered=say.day(course.delivered_on), until=say.day(course.object_until))
        lines.append(until)
    is_adverse = isinstance(course, Ending) or not course.is_increase
    return [*lines, say("objection_running")] if is_adverse else lines
