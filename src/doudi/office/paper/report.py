"""The verification report on paper: what departments found beside what was told, each with source, and the answers.

It is the family's copy too: nothing that neighbours said is in it.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils import timezone

from doudi.engine.values.money import format_yuan
from doudi.office.casework.queries import LineView, ReportPage
from doudi.office.evidence.queries import Word
from doudi.office.paper.naming import department_name, issuer_name, place_name, programme_name, source_name
from doudi.office.paper.setting import set_pdf
from doudi.office.paper.wording import Wording


def verification_report_pdf(page: ReportPage, *, lang: str, font_dir: Path, at: datetime) -> bytes:
    """One version of a report in Chinese (`zh`) or English (`en`)."""
    return set_pdf("report.typ", report_data(page, Wording("en" if lang.startswith("en") else "zh")), font_dir=font_dir,
                   at=at)  # fmt: skip


def report_data(page: ReportPage, say: Wording) -> Mapping[str, Any]:
    """Everything that the report says, as text in order."""
    county = place_name(page.area[:6], say.lang)
    return {
        "lang": say.lang,
        "title": say("report_title"),
        "office": issuer_name(page.programme, county, say.lang) or say("office", county=county),
        "number": say("report_number", number=page.shown.number, version=page.shown.version),
        "date": say.day(timezone.localdate(page.shown.made_at)),
        "addressee": say("addressee", name=page.applicant_name),
        "opening": [
            say(
                "report_opening",
                programme=programme_name(page.programme, say.lang),
                day=say.day(page.data_as_of),
                until=say.day(page.valid_until),
            )
            + ("" if page.validity_status == "confirmed" else say("status_example"))
        ],
        "warning": say("report_expired", day=say.day(page.valid_until)) if page.has_expired else "",
        "columns": [say(f"report_{name}") for name in ("item", "declared", "found", "seen", "difference", "rules")],
        "widths": [2.2, 1.5, 2.6, 1.5, 1.2, 4],
        "rows": list(_rows(page, say)),
        "closing": [say("report_unknown"), say("report_objection")],
        "seal_note": say("seal_note"),
        "receipt": say("receipt"),
        "footer": say("report_footer", number=page.shown.number),
    }


def _rows(page: ReportPage, say: Wording) -> Iterator[Mapping[str, Any]]:
    """What differs first, then by department; each with the family's answer below it."""
    before = ""
    for line in sorted(page.lines, key=lambda each: not each.differs):
        heading = say("report_differs") if line.differs else _department(line, say)
        if heading != before:
            before = heading
            yield {"kind": "group", "text": heading}
        yield {"kind": "line", "differs": line.differs, "cells": _cells(line, say)}
        if line.answer is not None:
            yield {"kind": "note", "text": _answer(line, say)}
        elif line.waits_for_family:
            yield {"kind": "note", "text": say("report_not_asked")}


def _department(line: LineView, say: Wording) -> str:
    return department_name(line.source, say) if line.source else say("report_people")


def _cells(line: LineView, say: Wording) -> list[str]:
    whose = line.person_name or say("report_household")
    rules = [_rule(rule.label, say(rule.state), rule.value, rule.threshold, rule.citation) for rule in line.rules]
    used = line.used.text if line.used and not line.used.is_unknown else say("report_nobody_knows")
    return [
        f"{line.label}\n{whose}",
        _word(line.declared, say),
        _word(line.found, say, with_source=True) or say("report_no_data"),
        _word(line.seen, say),
        _difference(line, say),
        "\n".join([say("report_used", value=used), *(rules or [say("report_no_rule")])]),
    ]


def _rule(label: str, state: str, value: str, threshold: str, citation: str) -> str:
    figures = f" {value} / {threshold}" if threshold else ""
    return f"{label}（{state}{figures}）{citation}"


def _word(word: Word | None, say: Wording, *, with_source: bool = False) -> str:
    if word is None:
        return ""
    if word.is_unknown:
        return f"{say('report_no_data')}\n{say('unknown_since', day=word.as_of)}"
    place = [word.as_of.isoformat()]
    if with_source or word.source in ("recheck", "county"):
        place.append(source_name(word.source, say))
        place += [say("report_file", file=word.batch[:8])] if word.batch and with_source else []
        # Row 0: the figure is of the whole delivery.
        place += [say("report_row", row=word.row)] if word.row and with_source else []
    return f"{word.text}\n{' · '.join(place)}"


def _difference(line: LineView, say: Wording) -> str:
    if not line.differs:
        return ""
    if not line.difference:
        return say("report_not_same")
    much = abs(line.difference)
    text = say("report_yuan", amount=format_yuan(much)) if line.type == "fen" else str(much)
    return say("report_more" if line.difference > 0 else "report_less", amount=text)


def _answer(line: LineView, say: Wording) -> str:
    answer = line.answer
    if answer is None:
        return ""
    paper = say("report_paper", paper=answer.paper) if answer.paper else ""
    lines = [
        say(f"report_{answer.kind}", name=answer.said_by, day=say.day(answer.said_on), text=answer.text) + paper,
    ]
    recheck = answer.recheck
    if recheck is not None and not recheck.outcome:
        lines.append(say("report_rechecking", day=say.day(recheck.due_on)))
    elif recheck is not None:
        who = " · ".join(part for part in (recheck.authority, recheck.document) if part)
        lines.append(say(f"report_{recheck.outcome}", who=who, reply=recheck.reply, value=recheck.holds))
    return "\n".join(lines)
