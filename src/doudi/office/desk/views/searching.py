"""The one search box: people by name, pinyin, number or place; a case by its number."""

import re
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from doudi.office import clock, crypto
from doudi.office.casework.queries import cases_of_households, list_cases
from doudi.office.desk.labels import CASE_STATES
from doudi.office.desk.packwords import place, programme_label
from doudi.office.org.presence import person_at
from doudi.office.registry.search import search as search_registry

_CASE = re.compile(r"[0-9]{6}-[0-9]{4}-[0-9]{6}")
_TYPED_MAX = 60


@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """People who fit what was typed, each with the household and its cases. What is elsewhere is not there at all."""
    person, typed = person_at(request), request.GET.get("q", "").strip()[:_TYPED_MAX]
    if _CASE.fullmatch(typed) and list(list_cases(person, today=clock.today(), state="", text=typed)[:1]):
        return redirect("case", number=typed)
    found = search_registry(person, typed, keyring=crypto.keyring(), after=request.GET.get("after", ""))
    cases = cases_of_households(person, [hit.household_id for hit in found.hits if hit.household_id is not None])
    rows = [
        {
            "name": hit.name,
            "masked_id": hit.masked_id,
            "birth_year": hit.birth_year,
            "village": place(hit.area),
            "household_number": hit.household_number,
            "href": reverse("household", args=[hit.household_id]) if hit.household_id else "",
            "cases": [
                {
                    "number": case.case_number,
                    "programme": programme_label(case.programme),
                    "state": CASE_STATES[case.state],
                    "href": reverse("case", args=[case.case_number]),
                }
                for case in cases.get(hit.household_id or 0, ())
            ],
        }
        for hit in found.hits
    ]
    context = {
        "q": typed,
        "rows": rows,
        "is_later": bool(request.GET.get("after")),
        "first_href": "?" + urlencode({"q": typed}),
        "next_href": "?" + urlencode({"q": typed, "after": found.after}) if found.after else "",
    }
    return render(request, "desk/search.html", context)
