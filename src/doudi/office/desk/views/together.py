"""Confirming several cases in one act: those without any flag, and beside them why the others are read one by one."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from doudi.office import clock
from doudi.office.casework.queries.together import Candidate, cases_to_confirm
from doudi.office.desk import case_words
from doudi.office.desk.case_sheets import TogetherSheet
from doudi.office.desk.flag_words import FLAGS
from doudi.office.desk.packwords import place, programme_label
from doudi.office.desk.replies import attempt, crumbs, language, status_of
from doudi.office.flows.decide_together import Chosen, confirm_together
from doudi.office.org.permissions import may
from doudi.office.org.presence import person_at


@require_http_methods(["GET", "POST"])
def together(request: HttpRequest) -> HttpResponse:
    """The cases that wait for this officer's confirmation."""
    person = person_at(request)
    if not (may(person, "case.approve") or may(person, "case.township")):
        raise PermissionDenied
    found, more = cases_to_confirm(person, today=clock.today(), lang=language())
    plain = [each for each in found if not each.flags]
    sheet = TogetherSheet(request.POST or None)
    sheet.choose("chosen", [(_key(each), each.case.case_number) for each in plain])
    if request.method == "POST" and sheet.is_valid():
        cases = [
            Chosen(number, int(version)) for number, version in (key.split(":") for key in sheet.cleaned_data["chosen"])
        ]
        reason = sheet.cleaned_data["reason"]
        done = attempt(sheet, lambda: confirm_together(actor=person, at=clock.now(), cases=cases, reason=reason))
        if done is not None:
            words = ngettext("%(count)s case was approved.", "%(count)s cases were approved.", len(done))
            messages.success(request, words % {"count": len(done)})
            return redirect("decide-together")
    context = {
        "sheet": sheet,
        "plain": [_shown(each) for each in plain],
        "chosen": request.POST.getlist("chosen") if sheet.is_bound else [_key(each) for each in plain],
        "flagged": [_shown(each) for each in found if each.flags],
        "more": more,
        "crumbs": crumbs((_("Cases"), reverse("cases")), (_("Confirm together"), "")),
    }
    return render(request, "desk/together.html", context, status=status_of(sheet))


def _key(each: Candidate) -> str:
    return f"{each.case.case_number}:{each.case.version}"


def _shown(each: Candidate) -> dict[str, Any]:
    case = each.case
    return {
        "key": _key(each),
        "number": case.case_number,
        "applicant": case_words.applicant_name(case),
        "programme": programme_label(case.programme),
        "village": place(case.area),
        "members": len(case.members),
        "amount_fen": each.amount_fen,
        "why_href": reverse("case-why", args=[case.case_number]),
        "href": reverse("case-confirm", args=[case.case_number]),
        "flags": [FLAGS[flag] for flag in each.flags],
    }
