"""A verification report in words: its lines by department, the difference as people say it, what the rules do."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from doudi.engine.values.money import format_yuan
from doudi.office.casework.queries import Change, LineView, RecheckView, ReportPage
from doudi.office.casework.queries.report_views import AnswerView, VersionView
from doudi.office.desk.labels import (
    CONDITION_STATES,
    ORIGINS,
    RECHECK_OUTCOMES,
    REPORT_ANSWERS,
    REPORT_CAUSES,
    VERDICTS,
    Mark,
)
from doudi.office.desk.packwords import department_label, source_label
from doudi.office.evidence.queries import Word

_QUIET = (0, False, "none")


def lines_of(page: ReportPage) -> dict[str, Any]:
    """The lines as the page shows them: what differs first, then what says something, then zeros and nones."""
    rows = [(line, line_row(page, line)) for line in page.lines]
    differing = [row for line, row in rows if line.differs]
    telling = [row for line, row in rows if not line.differs and not _is_quiet(line)]
    quiet = [row for line, row in rows if not line.differs and _is_quiet(line)]
    return {
        "differing": by_department(differing),
        "differing_count": len(differing),
        "telling": by_department(telling),
        "quiet": by_department(quiet),
        "quiet_count": len(quiet),
    }


def by_department(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows in groups, in the order in which departments first appear."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(row["department"], []).append(row)
    return [{"department": name, "rows": found} for name, found in groups.items()]


def line_row(page: ReportPage, line: LineView) -> dict[str, Any]:
    """One line with its links."""
    number, can = page.case_number, page.can
    may_answer = "answer_difference" in can and line.differs and line.found is not None and not _is_waiting(line)
    return {
        "position": line.position,
        "department": department_label(line.source) if line.source else _("Told by people alone"),
        "whose": line.person_name or _("The household"),
        "label": line.label,
        "rule_label": line.rule_label,
        "found": cell(line.found, with_source=True),
        "declared": cell(line.declared),
        "seen": cell(line.seen),
        "differs": line.differs,
        "difference": difference_words(line),
        "used": line.used.text if line.used and not line.used.is_unknown else "",
        "used_origin": ORIGINS[line.used_origin] if line.used_origin else "",
        "rules": [
            {**vars(rule), "mark": CONDITION_STATES[rule.state], "has_figures": bool(rule.threshold)}
            for rule in line.rules
        ],
        "answer": answer_row(page, line.answer) if line.answer else None,
        "waits": line.waits_for_family,
        "answer_href": reverse("case-report-answer", args=[number, line.position]) if may_answer else "",
    }


def cell(word: Word | None, *, with_source: bool = False) -> dict[str, Any] | None:
    """One figure with its day and, of a department, its delivery, file and row."""
    if word is None:
        return None
    return {
        "text": word.text,
        "is_unknown": word.is_unknown,
        "day": word.as_of,
        "source": source_label(word.source) if with_source or word.source in ("recheck", "county") else "",
        "file": word.batch[:8] if with_source and word.source not in ("recheck", "county") else word.batch,
        "row": word.row or "",
    }


def difference_words(line: LineView) -> str:
    """How far the figure found is from what was told, in words and never as a minus sign."""
    if not line.differs:
        return ""
    if not line.difference:
        return _("not the same")
    much = abs(line.difference)
    text = _("%(amount)s yuan") % {"amount": format_yuan(much)} if line.type == "fen" else str(much)
    words = _("%(amount)s more than told") if line.difference > 0 else _("%(amount)s less than told")
    return words % {"amount": text}


def answer_row(page: ReportPage, answer: AnswerView) -> dict[str, Any]:
    """What the family said, and the re-check if it disputed the figure."""
    recheck = answer.recheck
    return {
        **vars(answer),
        "kind": REPORT_ANSWERS[answer.kind],
        "is_grave": answer.kind == "objects",
        "recheck": _recheck_row(page, recheck) if recheck else None,
    }


def _recheck_row(page: ReportPage, recheck: RecheckView) -> dict[str, Any]:
    if recheck.outcome:
        state = Mark(RECHECK_OUTCOMES[recheck.outcome], "done" if recheck.outcome == "corrected" else "now")
    else:
        state = Mark(_("re-check overdue"), "late") if recheck.is_overdue else Mark(_("being re-checked"), "soon")
    may_answer = recheck.can_answer and page.is_newest
    href = reverse("case-recheck", args=[page.case_number, recheck.recheck_id]) if may_answer else ""
    return {**vars(recheck), "state": state, "href": href}


def version_row(number: str, version: VersionView) -> dict[str, Any]:
    """One version in the list."""
    return {
        **vars(version),
        "cause": REPORT_CAUSES[version.cause],
        "outcome": VERDICTS[version.outcome],
        "href": f"{reverse('case-report', args=[number])}?version={version.version}",
    }


def change_row(change: Change) -> dict[str, Any]:
    """One line of the comparison of two versions."""
    line = change.line
    return {
        "department": department_label(line.source) if line.source else _("Told by people alone"),
        "whose": line.person_name or _("The household"),
        "label": line.label,
        "sides": [_side(change.before), _side(change.after)],
    }


def _side(line: LineView | None) -> dict[str, Any] | None:
    if line is None:
        return None
    used = line.used.text if line.used and not line.used.is_unknown else ""
    return {
        "found": cell(line.found, with_source=True),
        "told": cell(line.seen or line.declared),
        "used": used,
        "used_origin": ORIGINS[line.used_origin] if line.used_origin else "",
    }


def _is_waiting(line: LineView) -> bool:
    recheck = line.answer.recheck if line.answer else None
    return recheck is not None and not recheck.outcome


def _is_quiet(line: LineView) -> bool:
    """Nothing to look at twice: zero, none or a date, and nobody says "not known"."""
    words = [word for word in (line.found, line.declared, line.seen) if word is not None]
    if line.found is None or any(word.is_unknown for word in words):
        return False
    return line.type == "date" or all(word.value in _QUIET for word in words)
