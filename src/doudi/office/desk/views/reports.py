"""The verification report (核对报告): page, print, versions compared, the family's answers, re-checks, renewal."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from doudi.office import clock
from doudi.office.casework.queries import LineView, ReportPage, compare_reports, report_page
from doudi.office.desk import report_words
from doudi.office.desk.case_sheets import CaseSheet
from doudi.office.desk.families import member_choices
from doudi.office.desk.labels import CONDITION_STATES, PARAMETER_STATUS, VERDICTS
from doudi.office.desk.lists import ExportColumn, is_export
from doudi.office.desk.packwords import place, programme_label
from doudi.office.desk.replies import attempt, crumbs, language, status_of
from doudi.office.desk.report_sheets import AnswerSheet, RecheckSheet
from doudi.office.desk.views.letters import pdf_reply
from doudi.office.desk.workbook import workbook_reply
from doudi.office.evidence.rulebook import current_vocabulary
from doudi.office.flows import answer_report, verify
from doudi.office.flows.letter import verification_report
from doudi.office.org.presence import person_at


@require_GET
def report(request: HttpRequest, number: str) -> HttpResponse:
    """One version of a case's report."""
    page = _look_at(request, number, "verification report", _number(request, "version"))
    if is_export(request):
        rows = [report_words.line_row(page, line) for line in page.lines]
        title = f"{_('Verification report')} {page.shown.number}"
        return workbook_reply(request, name="report", title=title, columns=_columns(), rows=rows)
    shown = page.shown
    context = {
        "number": number,
        "page": page,
        "shown": report_words.version_row(number, shown),
        "programme": programme_label(page.programme),
        "village": place(page.area),
        "lines": report_words.lines_of(page),
        "versions": [report_words.version_row(number, each) for each in page.versions],
        "validity_note": "" if page.validity_status == "confirmed" else PARAMETER_STATUS[page.validity_status],
        "renew_href": reverse("case-report-renew", args=[number]) if "renew_report" in page.can else "",
        "pdf_href": f"{reverse('case-report-pdf', args=[number])}?version={shown.version}",
        "compare_href": _compare_href(page),
        "ask_href": reverse("case-ask-county", args=[number]) if "ask_county" in page.can else "",
        "crumbs": _crumbs(number, _("Verification report"), has_report=False),
    }
    return render(request, "desk/report.html", context)


@require_GET
def report_pdf(request: HttpRequest, number: str) -> HttpResponse:
    """The same on paper."""
    content = verification_report(
        actor=person_at(request),
        at=clock.now(),
        case_number=number,
        version=_number(request, "version"),
        lang=language(),
        font_dir=settings.FONT_DIR,
    )
    return pdf_reply(content, f"report-{number}.pdf")


@require_GET
def compare(request: HttpRequest, number: str) -> HttpResponse:
    """Two versions side by side: what differs between them, and what it did to the outcome."""
    before, after = _number(request, "before"), _number(request, "after")
    if before is None or after is None:
        raise Http404
    found = compare_reports(
        person_at(request),
        number,
        before,
        after,
        today=clock.today(),
        lang=language(),
        purpose="compare versions of a report",
    )
    context = {
        "number": number,
        "applicant": found.applicant_name,
        "programme": programme_label(found.programme),
        "sides": [report_words.version_row(number, each) for each in (found.before, found.after)],
        "has_other_outcome": found.before.outcome != found.after.outcome
        or found.before.amount_fen != found.after.amount_fen,
        "outcomes": [VERDICTS[each.outcome] for each in (found.before, found.after)],
        "groups": report_words.by_department(report_words.change_row(each) for each in found.changes),
        "conditions": [
            {
                "label": each.label,
                "sides": [
                    {**side, "mark": CONDITION_STATES[side["state"]]} if side else None
                    for side in (each.before, each.after)
                ],
            }
            for each in found.conditions
        ],
        "crumbs": _crumbs(number, _("Two versions compared")),
    }
    return render(request, "desk/report_compare.html", context)


@require_POST
def renew(request: HttpRequest, number: str) -> HttpResponse:
    """Asks the departments again."""
    person, sheet = person_at(request), CaseSheet(request.POST)
    if sheet.is_valid():
        version = sheet.cleaned_data["version"]
        done = attempt(
            sheet, lambda: verify.renew_report(actor=person, at=clock.now(), case_number=number, version=version)
        )
        if done is not None:
            messages.success(request, _("The departments' data was looked up again; this is the new version."))
    for errors in sheet.errors.values():
        for text in errors:
            messages.error(request, str(text))
    return redirect("case-report", number)


@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, number: str, position: int) -> HttpResponse:
    """What the family says to one difference."""
    person, page = person_at(request), _look_at(request, number, "answer to a difference")
    line = next((each for each in page.lines if each.position == position), None)
    if line is None or not line.differs:
        raise Http404
    sheet = AnswerSheet(request.POST or None, members=member_choices(page.members), initial={"said_on": clock.today()})
    if request.method == "POST" and sheet.is_valid():
        typed = sheet.cleaned_data
        done = attempt(
            sheet,
            lambda: answer_report.answer_difference(
                actor=person, at=clock.now(), case_number=number, position=position, **typed
            ),
        )
        if done is not None:
            said = {
                "objects": _("The answer is recorded, and a re-check is asked for. Until then nobody decides."),
                "agrees": _("The answer is recorded; the rules use the figure found from now on."),
            }
            messages.success(request, said.get(typed["kind"], _("The answer is recorded.")))
            return redirect("case-report", number)
    context = _form_context(page, line, sheet, _("Answer of the family"), _("Record the answer"))
    return render(request, "desk/report_form.html", context, status=status_of(sheet))


@require_http_methods(["GET", "POST"])
def recheck(request: HttpRequest, number: str, recheck_id: int) -> HttpResponse:
    """What the re-check of a disputed figure found."""
    person, page = person_at(request), _look_at(request, number, "re-check")
    line = next((each for each in page.lines if _recheck_of(each) == recheck_id), None)
    if line is None:
        raise Http404
    definition = current_vocabulary().definition(line.rule_name)
    if definition is None:
        raise Http404
    is_answered = line.answer is not None and line.answer.recheck is not None and line.answer.recheck.answered_at
    if is_answered and request.method == "GET":
        messages.info(request, _("The re-check is answered already; the report shows what it found."))
        return redirect("case-report", number)
    sheet = RecheckSheet(request.POST or None, definition=definition)
    if request.method == "POST" and sheet.is_valid():
        typed = sheet.cleaned_data
        done = attempt(
            sheet,
            lambda: answer_report.answer_recheck(
                actor=person, at=clock.now(), case_number=number, recheck_id=recheck_id, **typed
            ),
        )
        if done is not None:
            messages.success(request, _("The re-check is on the report; the figures it rests on stay beside it."))
            return redirect("case-report", number)
    context = _form_context(page, line, sheet, _("Re-check"), _("Record what was found"))
    return render(request, "desk/report_form.html", context, status=status_of(sheet))


def _look_at(request: HttpRequest, number: str, purpose: str, version: int | None = None) -> ReportPage:
    return report_page(
        person_at(request), number, version=version, today=clock.today(), lang=language(), purpose=purpose
    )


def _recheck_of(line: LineView) -> int | None:
    return line.answer.recheck.recheck_id if line.answer and line.answer.recheck else None


def _form_context(page: ReportPage, line: LineView, sheet: Any, heading: str, button: str) -> dict[str, Any]:
    return {
        "sheet": sheet,
        "heading": heading,
        "lead": page.applicant_name,
        "button": button,
        "line": report_words.line_row(page, line),
        "back_href": reverse("case-report", args=[page.case_number]),
        "crumbs": _crumbs(page.case_number, heading),
    }


def _compare_href(page: ReportPage) -> str:
    """The version shown beside the one before it."""
    version = page.shown.version
    if version < 2:
        return ""
    return f"{reverse('case-report-compare', args=[page.case_number])}?before={version - 1}&after={version}"


def _crumbs(number: str, here: str, *, has_report: bool = True) -> list[Any]:
    way = [(_("Cases"), reverse("cases")), (number, reverse("case", args=[number]))]
    if has_report:
        way.append((_("Verification report"), reverse("case-report", args=[number])))
    return crumbs(*way, (here, ""))


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else None


def _columns() -> list[ExportColumn[dict[str, Any]]]:
    def text(name: str) -> Any:
        return lambda row: _("no data") if row[name] and row[name]["is_unknown"] else (row[name] or {}).get("text", "")

    return [
        ExportColumn(_("Department"), lambda row: row["department"]),
        ExportColumn(_("Whose"), lambda row: row["whose"]),
        ExportColumn(_("Fact"), lambda row: row["label"]),
        ExportColumn(_("Declared"), text("declared")),
        ExportColumn(_("Found by a department"), text("found")),
        ExportColumn(_("As of"), lambda row: row["found"]["day"] if row["found"] else None),
        ExportColumn(_("Seen on the visit"), text("seen")),
        ExportColumn(_("Difference"), lambda row: row["difference"]),
        ExportColumn(_("The rules use"), lambda row: row["used"]),
        ExportColumn(_("Rule"), lambda row: "；".join(rule["citation"] for rule in row["rules"])),
        ExportColumn(_("Answer of the family"), lambda row: row["answer"]["text"] if row["answer"] else ""),
    ]
