"""What a procedure asks besides the ordinary steps: a note, papers that follow, clocks, a meeting, tiers."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from doudi.office import clock
from doudi.office.casework.queries import CasePage
from doudi.office.desk import case_words
from doudi.office.desk.case_sheets import CaseSheet
from doudi.office.desk.families import member_choices
from doudi.office.desk.labels import ROLES, VERDICTS
from doudi.office.desk.packwords import clock_reasons, programme_label
from doudi.office.desk.parts import parts as parts_of
from doudi.office.desk.procedure_sheets import (
    ExtendSheet,
    MeetingSheet,
    NoteSheet,
    PapersSheet,
    StopSheet,
    TierSheet,
    WithdrawSheet,
)
from doudi.office.desk.replies import attempt, language, status_of
from doudi.office.desk.views.cases import look_at
from doudi.office.desk.views.steps import step_context
from doudi.office.flows import apply, classify, keep_time, meet, note
from doudi.office.org.presence import person_at
from doudi.office.org.queries import people_in_role


@require_http_methods(["GET", "POST"])
def note_step(request: HttpRequest, number: str, step: str) -> HttpResponse:
    """A step that is written down in a few words."""
    person, found = person_at(request), look_at(request, number, f"step {step}")
    this = next((each for each in found.steps if each.step == step and each.kind == "record"), None)
    if this is None:
        raise Http404
    sheet = NoteSheet(request.POST or None, initial={"version": found.version})
    if request.method == "POST" and sheet.is_valid():
        typed = sheet.cleaned_data
        done = attempt(
            sheet, lambda: note.note_step(actor=person, at=clock.now(), case_number=number, step=step, **typed)
        )
        if done is not None:
            return redirect("case-done", number, "record")
    context = step_context(found, sheet, this.label.in_language(language()), _("Note it"))
    return render(request, "desk/form_page.html", context, status=status_of(sheet))


@require_http_methods(["GET", "POST"])
def papers(request: HttpRequest, number: str) -> HttpResponse:
    """Papers that were allowed to follow: what is still missing, and that all have come."""
    person, found = person_at(request), look_at(request, number, "complete the papers")
    sheet = PapersSheet(request.POST or None, initial={"version": found.version})
    if request.method == "POST" and sheet.is_valid():
        typed = sheet.cleaned_data
        done = attempt(sheet, lambda: apply.complete_papers(actor=person, at=clock.now(), case_number=number, **typed))
        if done is not None:
            return redirect("case-done", number, "papers")
    context = {
        **step_context(found, sheet, _("Papers that follow"), _("All papers have come")),
        "missing": case_words.missing_words(found),
        "parts": parts_of(found),
    }
    return render(request, "desk/papers.html", context, status=status_of(sheet))


@require_http_methods(["GET", "POST"])
def meeting(request: HttpRequest, number: str) -> HttpResponse:
    """A meeting on the single case (一事一议): agenda, votes, who stepped aside, minutes, amount."""
    person, found = person_at(request), look_at(request, number, "meeting on a case")
    colleagues = [
        (each.pk, f"{each.display_name}（{word}）")
        for role, word in ROLES.items()
        for each in people_in_role(role, found.area)
    ]
    said = next((each for each in reversed(found.decisions) if not each.is_set_aside), None)
    sheet = MeetingSheet(
        request.POST or None,
        colleagues=colleagues,
        initial={
            "version": found.version,
            "held_on": clock.today(),
            "amount_fen": said.amount_fen if said else None,
        },
    )
    if request.method == "POST" and sheet.is_valid():
        typed = {name: sheet.cleaned_data[name] for name in ("version", "held_on", "agenda", "minutes", "amount_fen")}
        done = attempt(
            sheet,
            lambda: meet.hold_meeting(actor=person, at=clock.now(), case_number=number, called=sheet.called(), **typed),
        )
        if done is not None:
            return redirect("case-done", number, "meeting")
    context = step_context(found, sheet, _("Meeting on the case"), _("Record the meeting"))
    return render(request, "desk/meeting.html", context, status=status_of(sheet))


@require_http_methods(["GET", "POST"])
def tiers(request: HttpRequest, number: str) -> HttpResponse:
    """One application, classified: what the rules say of each tier, and which one an officer chooses."""
    person, found = person_at(request), look_at(request, number, "classification")
    shown = classify.look_up_tiers(actor=person, at=clock.now(), case_number=number, lang=language())
    sheet = TierSheet(
        request.POST or None,
        programmes=[(line.programme, programme_label(line.programme)) for line in shown.lines],
        initial={"version": found.version, "programme": shown.tier or found.programme},
    )
    if request.method == "POST" and sheet.is_valid():
        typed = sheet.cleaned_data
        done = attempt(
            sheet, lambda: classify.choose_programme(actor=person, at=clock.now(), case_number=number, **typed)
        )
        if done is not None:
            messages.success(
                request,
                _("The application is for: %(programme)s.") % {"programme": programme_label(typed["programme"])},
            )
            return redirect("case", number)
    context = {
        **step_context(found, sheet, _("Which programme it is for"), _("Confirm")),
        "lines": [
            {
                "programme": programme_label(line.programme),
                "verdict": VERDICTS[line.outcome],
                "amount_fen": line.amount_fen,
                "missing": line.missing,
                "is_the_tier": line.is_the_tier,
                "is_the_cases": line.programme == found.programme,
            }
            for line in shown.lines
        ],
        "tier": programme_label(shown.tier) if shown.tier else "",
        "open_before": [programme_label(each) for each in shown.open_before],
        "can_choose": "choose_programme" in found.can,
    }
    return render(request, "desk/tiers.html", context, status=status_of(sheet))


@require_http_methods(["GET", "POST"])
def stop(request: HttpRequest, number: str) -> HttpResponse:
    """Lets the clock stand still."""
    found = look_at(request, number, "stop the clock")
    stops, _extensions = clock_reasons(found.programme)
    sheet = StopSheet(request.POST or None, stops=stops, initial={"version": found.version})
    return _clock_page(
        request, found, sheet, _("Stop the clock"), keep_time.stop_clock, _("The clock stands still from today on.")
    )


@require_http_methods(["GET", "POST"])
def extend(request: HttpRequest, number: str) -> HttpResponse:
    """Extends a limit."""
    found = look_at(request, number, "extend a limit")
    _stops, extensions = clock_reasons(found.programme)
    sheet = ExtendSheet(request.POST or None, extensions=extensions, initial={"version": found.version})
    return _clock_page(request, found, sheet, _("Extend a limit"), keep_time.extend_limit, _("The limit is extended."))


@require_POST
def resume(request: HttpRequest, number: str) -> HttpResponse:
    """Lets the clock run again."""
    person, sheet = person_at(request), CaseSheet(request.POST)
    if sheet.is_valid():
        typed = sheet.cleaned_data
        done = attempt(sheet, lambda: keep_time.resume_clock(actor=person, at=clock.now(), case_number=number, **typed))
        if done is not None:
            messages.success(request, _("The clock runs again from tomorrow on."))
    for errors in sheet.errors.values():
        for text in errors:
            messages.error(request, str(text))
    return redirect("case", number)


@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, number: str) -> HttpResponse:
    """The family takes its application back."""
    person, found = person_at(request), look_at(request, number, "withdraw an application")
    sheet = WithdrawSheet(
        request.POST or None,
        members=member_choices(found.members, only_adults=True),
        initial={"version": found.version, "signed_on": clock.today(), "signed_by_id": found.applicant_id},
    )
    if request.method == "POST" and sheet.is_valid():
        typed = sheet.cleaned_data
        done = attempt(sheet, lambda: keep_time.withdraw(actor=person, at=clock.now(), case_number=number, **typed))
        if done is not None:
            return redirect("case-done", number, "withdraw")
    context = step_context(found, sheet, _("The family withdraws"), _("Record the withdrawal"))
    context["is_grave"] = True
    context["lead"] = _("Only at the family's own wish and over its signature. It can apply anew at any time.")
    return render(request, "desk/form_page.html", context, status=status_of(sheet))


def _clock_page(
    request: HttpRequest, found: CasePage, sheet: CaseSheet, heading: str, act: Callable[..., Any], said: str
) -> HttpResponse:
    person, number = person_at(request), found.case_number
    if request.method == "POST" and sheet.is_valid():
        typed = sheet.cleaned_data
        done = attempt(sheet, lambda: act(actor=person, at=clock.now(), case_number=number, **typed))
        if done is not None:
            messages.success(request, said)
            return redirect("case", number)
    context = step_context(found, sheet, heading, heading)
    context["back_href"] = reverse("case", args=[number])
    return render(request, "desk/form_page.html", context, status=status_of(sheet))
