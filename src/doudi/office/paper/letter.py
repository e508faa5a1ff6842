"""The letter that tells a family what was decided, why, on which facts, and how to object (promise P18)."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from doudi.engine.values.identity import mask_account, mask_id
from doudi.engine.values.money import format_yuan
from doudi.engine.workflow.reading import load_procedure
from doudi.office.casework.models import Case, Decision, Notice, StepRecord
from doudi.office.entitlements.models import Entitlement, Recognition
from doudi.office.entitlements.paying import paying_of
from doudi.office.errors import Refused
from doudi.office.evidence.models import Assessment
from doudi.office.evidence.rulebook import current_pack
from doudi.office.paper.explained import condition_rows, fact_rows, flip_sentences, parameter_rows
from doudi.office.paper.naming import issuer_name, place_name, programme_name
from doudi.office.paper.setting import in_capitals, set_pdf
from doudi.office.paper.wording import Wording


def decision_letter_pdf(decision: Decision, *, lang: str, font_dir: Path) -> bytes:
    """The letter of a decision in Chinese (`zh`) or English (`en`). Needs the decision's notice."""
    notice = Notice.objects.get(decision=decision)
    data = letter_data(decision, notice, Wording("en" if lang.startswith("en") else "zh"))
    return set_pdf("letter.typ", data, font_dir=font_dir, at=notice.made_at)


def letter_data(decision: Decision, notice: Notice, say: Wording) -> Mapping[str, Any]:
    """Everything that the letter says, as text in order. The template only lays it out."""
    case, assessment = decision.case, decision.assessment
    if assessment is None:
        raise Refused(_("The letter of this decision is the old system's."), advice=_("Print it from its archive."))
    programme = programme_name(case.programme, say.lang)
    county = place_name(case.area[:6], say.lang)
    explanation = notice.sentences_zh if say.lang == "zh" else notice.sentences_en
    is_approved = decision.outcome == Decision.Outcome.APPROVE
    return {
        "lang": say.lang,
        "title": say(f"title_{decision.outcome}", programme=programme),
        "office": issuer_name(case.programme, county, say.lang) or say("office", county=county),
        "number": say("number", number=case.number),
        "date": say.day(timezone.localdate(decision.decided_at)),
        "addressee": say("addressee", name=case.applicant.name),
        "particulars": particulars(case, say),
        "opening": [_opening(decision, programme, say)],
        "decision": say(f"decision_{decision.outcome}", programme=programme),
        "decision_rows": _amount_rows(decision, say),
        "sections": [
            section
            for section in (
                _reason_section(decision, assessment, notice, explanation, say),
                section(
                    say("rules_heading"),
                    paragraphs=[say("rules_annex")],
                    conditions=condition_rows(explanation, say),
                ),
                section(say("flips_heading"), items=flip_sentences(explanation)),
                _objection_section(notice, county, say),
                section(say("duty_heading"), items=[say("duty_report" if is_approved else "duty_later")]),
            )
            if section is not None
        ],
        # At the end: the table is long, and how to object must not stand behind it.
        "annex_title": say("annex_title", number=case.number),
        "annex": [
            section
            for section in (facts_section(explanation, say), parameters_section(explanation, say))
            if section is not None
        ],
        "seal_note": say("seal_note"),
        "receipt": say("receipt"),
        "footer": say(
            "footer",
            release=assessment.pack_release,
            hash=assessment.pack_hash[:12],
            day=say.day(assessment.as_of),
        ),
    }


def _opening(decision: Decision, programme: str, say: Wording) -> str:
    """Says only what was done on this case: help in an emergency is given before anybody is visited or asked."""
    case = decision.case
    taken = set(StepRecord.objects.filter(case=case, set_aside_at__isnull=True).values_list("step", flat=True))
    kinds = {step.kind for step in load_procedure(current_pack(), case.programme).steps if step.id in taken}
    done = [say(f"done_{kind}") for kind in ("visit", "check", "publicity", "meeting", "review") if kind in kinds]
    key = "opening_direct" if case.channel == Case.Channel.DIRECT else "opening"
    what = say("opening_done", done=say("and").join(done)) if done else say("opening_urgent")
    return say(key, applied=say.day(timezone.localdate(case.opened_at)), programme=programme, what=what)


def particulars(case: Case, say: Wording) -> list[str]:
    """Enough to know who is meant: a masked number, and the place down to the village."""
    applicant = case.applicant
    shown = [say("identity", masked=mask_id(applicant.id_number))] if applicant.id_number else []
    return [*shown, say("place", place=place_name(case.area, say.lang))]


def _amount_rows(decision: Decision, say: Wording) -> list[Mapping[str, str]]:
    recognition = Recognition.objects.filter(decision=decision).first()
    if recognition is not None:
        until = recognition.valid_until
        holds = say("holds_until", day=say.day(until)) if until is not None else say("holds_open")
        return [{"label": say("holds"), "value": holds}]
    entitlement = Entitlement.objects.filter(decision=decision).first()
    if decision.amount_fen is None or entitlement is None:
        return []
    paid_to = account_words(decision.case, say)
    amount = say("amount_value", figures=format_yuan(entitlement.amount_fen), words=in_capitals(entitlement.amount_fen))
    pays, month = paying_of(entitlement.programme).pays, say.month(entitlement.start_month)
    return [
        {"label": say(f"amount_{pays}"), "value": amount},
        {"label": say("from"), "value": say("from_value" if pays == "monthly" else "from_once", month=month)},
        {"label": say("account"), "value": paid_to},
    ]


def account_words(case: Case, say: Wording) -> str:
    """Bank and masked number of the account that is paid to."""
    account = case.household.accounts.filter(active=True).first()
    if account is None:
        return say("account_none")
    return say("account_value", bank=account.bank_name, masked=mask_account(account.number))


def _reason_section(
    decision: Decision, assessment: Assessment, notice: Notice, explanation: Mapping[str, Any], say: Wording
) -> Mapping[str, Any] | None:
    agrees = (decision.outcome == "approve") == (decision.recommended == "eligible")
    agrees = agrees and decision.amount_fen == assessment.amount_fen
    paragraphs = [notice.reason, "" if agrees else say("departs"), explanation.get("amount_sentence", "")]
    return section(say("reason_heading"), paragraphs=[each for each in paragraphs if each])


def facts_section(explanation: Mapping[str, Any], say: Wording) -> Mapping[str, Any] | None:
    """Every fact the rules read, with its source and day."""
    return section(
        say("facts_heading"),
        columns=[say("fact"), say("value"), say("source"), say("as_of")],
        widths=[4.2, 1.6, 2.2, 1.4],
        rows=fact_rows(explanation, say),
    )


def parameters_section(explanation: Mapping[str, Any], say: Wording) -> Mapping[str, Any] | None:
    """Every number of the law the rules read, with its document."""
    return section(
        say("parameters_heading"),
        columns=[say("standard"), say("value"), say("set_by"), say("in_force")],
        widths=[2.4, 1.6, 1.1, 4.2],
        rows=parameter_rows(explanation, say),
    )


def _objection_section(notice: Notice, county: str, say: Wording) -> Mapping[str, Any] | None:
    government = say("government", county=county)
    lines = [say("objection_ask"), say("objection_appeal", government=government)]
    if notice.delivered_on is not None and notice.object_until is not None:
        lines.append(say("objection_until", delivered=say.day(notice.delivered_on), until=say.day(notice.object_until)))
    return section(say("objection_heading"), items=lines)


def section(
    heading: str,
    *,
    paragraphs: Iterable[str] = (),
    conditions: Iterable[Mapping[str, Any]] = (),
    columns: Iterable[str] = (),
    widths: Iterable[float] = (),
    rows: Iterable[Iterable[str]] = (),
    items: Iterable[str] = (),
) -> Mapping[str, Any] | None:
    """A section with its heading; None when there is nothing to say under it."""
    body = {
        "paragraphs": [*paragraphs],
        "conditions": [*conditions],
        "rows": [[*row] for row in rows],
        "items": [*items],
    }
    if not any(body.values()):
        return None
    return {"heading": heading, "columns": [*columns], "widths": [*widths], **body}
