"""Doubtful pairs: the list, and two records side by side for one person, then another, to say what they are."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from doudi.office import clock
from doudi.office.desk import pair_words as words
from doudi.office.desk.lists import EXPORT_ROWS_MAX, ExportColumn, is_export, page_of
from doudi.office.desk.packwords import place, source_label
from doudi.office.desk.pair_sheets import PairSheet, PairWordSheet
from doudi.office.desk.replies import attempt, crumbs, status_of
from doudi.office.desk.sheets import Sheet
from doudi.office.desk.workbook import workbook_reply
from doudi.office.evidence.pair_queries import (
    FieldSaid,
    PairDetail,
    PairRow,
    WordSaid,
    count_pairs,
    list_pairs,
    next_pair,
    pair_detail,
)
from doudi.office.flows import review_pairs
from doudi.office.org.models import User
from doudi.office.org.permissions import may, require
from doudi.office.org.presence import person_at


@require_GET
def pairs(request: HttpRequest) -> HttpResponse:
    """The pairs of the area, the most useful first, narrowed down by kind of doubt, department and township."""
    person = person_at(request)
    asked = request.GET.get("state", "open")
    state = "" if asked == "all" else asked if asked in words.STATES else "open"
    counts = count_pairs(person, state=state)
    chosen = {
        name: value if (value := request.GET.get(name, "")) in known else ""
        for name, known in (("kind", counts.kinds), ("source", counts.sources), ("town", counts.townships))
    }
    rows = list_pairs(person, state=state, kind=chosen["kind"], source=chosen["source"], area=chosen["town"])
    if is_export(request):
        kept = rows[: EXPORT_ROWS_MAX + 1]
        return workbook_reply(request, name="pairs", title=_heading(), columns=_columns(), rows=kept)
    context = {
        "page": page_of(request, rows, shown=_shown),
        **chosen,
        "state": state,
        "kinds": [(key, words.KINDS[key], count) for key, count in sorted(counts.kinds.items())],
        "sources": [(key, source_label(key), count) for key, count in sorted(counts.sources.items())],
        "towns": [(code, place(code), count) for code, count in sorted(counts.townships.items())],
        "states": [(key, mark.word) for key, mark in words.STATES.items()],
        "is_narrowed": any(chosen.values()) or state != "open",
        "crumbs": crumbs((_("Findings"), reverse("findings")), (_heading(), "")),
    }
    return render(request, "desk/pairs.html", context)


@require_http_methods(["GET", "POST"])
def pair(request: HttpRequest, pair_id: int) -> HttpResponse:
    """Both records, and the first word on them."""
    person = person_at(request)
    found = pair_detail(person, pair_id, purpose="look at a doubtful pair")
    sheet = PairSheet(request.POST or None, initial={"digest": found.digest})
    if request.method == "POST":
        require(person, review_pairs.CAPABILITY)
        if sheet.is_valid():
            given = sheet.cleaned_data
            state = attempt(sheet, lambda: review_pairs.say(actor=person, at=clock.now(), pair_id=pair_id, **given))
            if state is not None:
                messages.success(request, _("Noted: %(word)s.") % {"word": words.STATES[state].word})
                return _onward(person, pair_id)
    return _page(request, person, found, sheet)


@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest, pair_id: int) -> HttpResponse:
    """The second word on "the same"."""
    person = person_at(request)
    require(person, review_pairs.CAPABILITY)
    found = pair_detail(person, pair_id, purpose="confirm a doubtful pair")
    sheet = PairWordSheet(request.POST or None, initial={"digest": found.digest})
    if request.method == "POST" and sheet.is_valid():
        given = sheet.cleaned_data

        def act() -> bool:
            review_pairs.confirm(actor=person, at=clock.now(), pair_id=pair_id, **given)
            return True

        if attempt(sheet, act):
            messages.success(request, _("Both of you say so: from the next night on the two records are one person."))
            return _onward(person, pair_id)
    return _page(request, person, found, sheet)


@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, pair_id: int) -> HttpResponse:
    """Takes back what was said."""
    person = person_at(request)
    require(person, review_pairs.CAPABILITY)
    found = pair_detail(person, pair_id, purpose="take back a word on a doubtful pair")
    sheet = PairWordSheet(request.POST or None, initial={"digest": found.digest})
    if request.method == "POST" and sheet.is_valid():
        reason = sheet.cleaned_data["reason"]

        def act() -> bool:
            review_pairs.withdraw(actor=person, at=clock.now(), pair_id=pair_id, reason=reason)
            return True

        if attempt(sheet, act):
            messages.success(request, _("Taken back: the next night is as if it had never been said."))
            return redirect("pair", pair_id)
    back = reverse("pair", args=[pair_id])
    context = {
        "sheet": sheet,
        "heading": _("Take back what was said"),
        "lead": _("The pair waits for a look again. What was said stays in its history."),
        "button": _("Take it back"),
        "back_href": back,
        "crumbs": crumbs((_heading(), reverse("pairs")), (found.row.known_name, back), (_("Take back"), "")),
    }
    return render(request, "desk/form_page.html", context, status=status_of(sheet))


def _page(request: HttpRequest, person: User, found: PairDetail, sheet: Sheet) -> HttpResponse:
    state, standing = found.row.state, _standing(found)
    may_decide = may(person, review_pairs.CAPABILITY)
    is_asked = state == "asked" and standing is not None
    # Whoever said it first sees that a colleague is waited for.
    confirms = may_decide and is_asked and standing is not None and standing.decided_by_id != person.pk
    if confirms and isinstance(sheet, PairSheet):
        sheet = PairWordSheet(initial={"digest": found.digest})
    context = {
        "pair": _shown(found.row),
        "fields": [_field(each) for each in found.fields],
        "agreeing": _agreeing(found),
        "row_source": source_label(found.row.source),
        "row_from": _row_words(found),
        "known_source": source_label(found.known_source) if found.known_source else _("an earlier night"),
        "known_delivered": found.known_delivered,
        "person_id": found.person_id,
        "words": [_word(each) for each in found.words],
        "others": [_shown(other) for other in found.others],
        "sheet": sheet if (confirms or (may_decide and state in ("open", "unsure"))) else None,
        "form_action": reverse("pair-confirm" if confirms else "pair", args=[found.row.pair_id]),
        "form_heading": _("Second look: are they the same person?") if confirms else _("Are they the same person?"),
        "button": _("Yes, the same person") if confirms else _("Say so and go on"),
        "waits_for_colleague": is_asked and not confirms,
        "withdraw_href": reverse("pair-withdraw", args=[found.row.pair_id]) if may_decide and standing else "",
        "crumbs": crumbs(
            (_("Findings"), reverse("findings")), (_heading(), reverse("pairs")), (found.row.known_name, "")
        ),
    }
    return render(request, "desk/pair.html", context, status=status_of(sheet))


def _standing(found: PairDetail) -> WordSaid | None:
    return next((each for each in found.words if each.withdrawn_at is None), None)


def _onward(person: User, pair_id: int) -> HttpResponse:
    """To the next pair that waits, else back to the list."""
    following = next_pair(person, after=pair_id)
    return redirect("pairs") if following is None else redirect("pair", following)


def _heading() -> str:
    return _("Doubtful pairs")


def _row_words(found: PairDetail) -> str:
    said = ngettext("%(count)s row says this", "%(count)s rows say this", found.row.rows) % {"count": found.row.rows}
    newest = _("newest: file %(batch)s, row %(row)s") % {"batch": found.batch[:8], "row": found.record_row}
    return f"{said}; {newest}"


def _agreeing(found: PairDetail) -> str:
    both = [each.agrees for each in found.fields if each.agrees is not None]
    return _("%(same)s of %(all)s fields that both sides name agree.") % {"same": sum(both), "all": len(both)}


def _field(said: FieldSaid) -> dict[str, Any]:
    return {
        "label": words.FIELDS[said.field],
        "in_row": _value(said.field, said.in_row),
        "known": _value(said.field, said.known),
        "mark": words.AGREES[said.agrees] if said.in_row or said.known else words.NEITHER,
        "grade": words.GRADES.get(said.verdict, "") if said.agrees is False else "",
        "differs": said.agrees is False,
        "is_masked": said.field in ("id_number", "phone"),
    }


def _value(field: str, value: str) -> str:
    if field == "area_code" and value:
        return place(value)
    return str(words.SEXES.get(value, value)) if field == "sex" else value


def _word(said: WordSaid) -> dict[str, Any]:
    return {**vars(said), "verdict": words.VERDICTS[said.verdict]}


def _shown(row: PairRow) -> dict[str, Any]:
    return {
        "href": reverse("pair", args=[row.pair_id]),
        "name": row.name or "—",
        "known_name": row.known_name,
        "kind": words.KINDS[row.kind],
        "source": source_label(row.source),
        "delivered": row.delivered,
        "rows": row.rows,
        "use": words.USES[row.use],
        "state": words.STATES[row.state],
        "village": place(row.area),
    }


def _columns() -> list[ExportColumn[PairRow]]:
    return [
        ExportColumn(_("Name in the record"), lambda row: row.name),
        ExportColumn(_("Known as"), lambda row: row.known_name),
        ExportColumn(_("What is doubtful"), lambda row: words.KINDS[row.kind]),
        ExportColumn(_("Department"), lambda row: source_label(row.source)),
        ExportColumn(_("Delivered"), lambda row: row.delivered),
        ExportColumn(_("Rows that wait"), lambda row: row.rows, "number"),
        ExportColumn(_("Village"), lambda row: place(row.area)),
        ExportColumn(_("What hangs on it"), lambda row: words.USES[row.use]),
        ExportColumn(_("State"), lambda row: words.STATES[row.state].word),
    ]
