"""The reviews of running help: what is due, what was found, and the way to a change or an ending."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from doudi.office import clock
from doudi.office.desk.change_sheets import ReviewSheet
from doudi.office.desk.labels import CHANGE_STEPS, REVIEW_RESULTS
from doudi.office.desk.packwords import programme_label
from doudi.office.desk.replies import attempt, crumbs, status_of
from doudi.office.desk.views.cases import look_at
from doudi.office.entitlements.change_queries import reviews_of
from doudi.office.entitlements.queries import entitlement
from doudi.office.flows.reviews import close_review
from doudi.office.org.permissions import may, require
from doudi.office.org.presence import person_at


@require_http_methods(["GET", "POST"])
def reviews(request: HttpRequest, entitlement_id: int) -> HttpResponse:
    """What is due of this family. Whoever found nothing new says so here; else a change or an ending is proposed."""
    person = person_at(request)
    require(person, "case.see")
    granted = entitlement(entitlement_id)
    if granted is None:
        raise Http404
    look_at(request, granted.case_number, "review of an entitlement")
    rows = reviews_of(entitlement_id)
    due = next((row for row in reversed(rows) if not row.result), None)
    sheet = ReviewSheet(request.POST or None) if due is not None and may(person, "case.opinion") else None
    if request.method == "POST" and sheet is not None and due is not None and sheet.is_valid():
        given = {"actor": person, "at": clock.now(), "review_id": due.review_id, **sheet.cleaned_data}
        if attempt(sheet, lambda: close_review(**given) or True) is not None:
            messages.success(request, _("The review is recorded; the next one is noted."))
            return redirect("reviews", entitlement_id)
    here = reverse("case", args=[granted.case_number])
    context = {
        "granted": granted,
        "programme": programme_label(granted.programme),
        "rows": [
            {
                **vars(row),
                "what": CHANGE_STEPS["review" if row.kind == "periodic" else "standard"],
                "result": REVIEW_RESULTS[row.result],
                "is_late": not row.result and row.due_on < clock.today(),
            }
            for row in rows
        ],
        "sheet": sheet,
        "back_href": here,
        "crumbs": crumbs((_("Cases"), reverse("cases")), (granted.case_number, here), (_("Reviews"), "")),
    }
    return render(request, "desk/reviews.html", context, status=status_of(sheet) if sheet is not None else 200)
