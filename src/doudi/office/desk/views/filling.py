"""The application, part by part: members, what the family declares, signatures, account; then checked and accepted."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from doudi.office import clock
from doudi.office.casework.queries import CasePage, draft_of
from doudi.office.desk import case_words
from doudi.office.desk.case_sheets import (
    AccountSheet,
    CaseSheet,
    ConsentSheet,
    LeaveSheet,
    MemberSheet,
    WithdrawConsentSheet,
)
from doudi.office.desk.families import consent_row, member_choices, member_row
from doudi.office.desk.looking import look_first
from doudi.office.desk.paper_words import paper_row
from doudi.office.desk.parts import ASKING, known_already, vocabulary_of
from doudi.office.desk.parts import parts as parts_of
from doudi.office.desk.questions import DeclareSheet, Subject
from doudi.office.desk.replies import attempt, crumbs, status_of
from doudi.office.desk.sheets import Sheet
from doudi.office.desk.views.cases import look_at
from doudi.office.evidence.terms import Seen
from doudi.office.flows import apply as flow
from doudi.office.flows import consent
from doudi.office.flows.newcomers import Papers
from doudi.office.flows.papers import keep_draft
from doudi.office.org.presence import person_at


@require_http_methods(["GET", "POST"])
def members(request: HttpRequest, number: str) -> HttpResponse:
    """Who lives together. One can be added here; who does not live there is taken out with a reason."""
    person, found = person_at(request), look_at(request, number, "fill in an application")
    sheet = MemberSheet(request.POST or None, initial={"version": found.version})
    shown = None
    if request.method == "POST" and sheet.is_valid():
        shown = look_first(person, sheet, Papers(sheet.cleaned_data["name"], sheet.cleaned_data["id_number"]))
    if request.method == "POST" and sheet.is_valid() and shown is None:
        typed = sheet.cleaned_data
        done = attempt(sheet, lambda: flow.add_member(actor=person, at=clock.now(), case_number=number, **typed))
        if done is not None:
            messages.success(request, _("The member is entered."))
            return redirect("case-members", number)
    context = {
        **_frame_of(found, sheet, _("Family members"), _("Enter the member")),
        **(shown or {}),
        "members": [member_row(member) for member in found.members],
        "applicant_id": found.applicant_id,
        "leave_href": reverse("case-leave", args=[number]),
        "situation_href": reverse("case-declare", args=[number, "members"]),
        "version": found.version,
    }
    return render(request, "desk/members.html", context, status=status_of(sheet))


@require_POST
def leave(request: HttpRequest, number: str) -> HttpResponse:
    """Takes a member out who does not live with the family."""
    person, sheet = person_at(request), LeaveSheet(request.POST)
    if sheet.is_valid():
        typed = sheet.cleaned_data
        done = attempt(sheet, lambda: flow.end_membership(actor=person, at=clock.now(), case_number=number, **typed))
        if done is not None:
            messages.success(request, _("The member is taken out; the reason stays in the file."))
            return redirect("case-members", number)
    for errors in sheet.errors.values():
        for text in errors:
            messages.error(request, str(text))
    return redirect("case-members", number)


@require_http_methods(["GET", "POST"])
def declare(request: HttpRequest, number: str, part: str) -> HttpResponse:
    """One part of what the family says. What a department supplies is shown with its source and not asked."""
    if part not in ASKING:
        raise Http404
    person, found = person_at(request), look_at(request, number, "fill in an application")
    sheet = _questions(request, found, part)
    if request.method == "POST" and sheet.is_valid():
        answers = [Seen(answer.name, answer.value, answer.person_id) for answer in sheet.answers()]
        version = sheet.cleaned_data["version"]
        done = attempt(
            sheet,
            lambda: flow.declare_facts(
                actor=person, at=clock.now(), case_number=number, version=version, facts=answers, part=part
            ),
        )
        if done is not None:
            messages.success(request, _("%(part)s: saved.") % {"part": ASKING[part]})
            return redirect("case", number)
    kept_at = None
    if request.method == "POST" and "add_paper" in found.can:
        # Whatever was refused, a stale form above all: what was typed waits here for the person who typed it.
        keep_draft(actor=person, at=clock.now(), case_number=number, part=part, fields=_typed(request.POST))
    else:
        kept_at = _fill_from_draft(sheet, *draft_of(person, number, part))
    context = {
        **_frame_of(found, sheet, str(ASKING[part]), _("Save")),
        "lead": _("Ask the family. Leave empty what it does not know: empty is not zero."),
        "known": known_already(found, part),
        "kept_at": kept_at,
        "draft_href": reverse("case-draft", args=[number, part]),
        "is_asking": bool(sheet.asked),
    }
    return render(request, "desk/part.html", context, status=status_of(sheet))


@require_POST
def draft(request: HttpRequest, number: str, part: str) -> HttpResponse:
    """Keeps what is being typed, after each answer; or throws it away when asked to."""
    if part not in ASKING:
        raise Http404
    is_dropped = "drop" in request.POST
    keep_draft(
        actor=person_at(request),
        at=clock.now(),
        case_number=number,
        part=part,
        fields={} if is_dropped else _typed(request.POST),
    )
    if is_dropped:
        return redirect("case-declare", number, part)
    return render(request, "desk/pieces/draft.html", {"kept_at": clock.now(), "is_fresh": True})


def _questions(request: HttpRequest, found: CasePage, part: str) -> DeclareSheet:
    subjects = [Subject(None, _("The household as a whole"))]
    subjects += [
        Subject(member.person_id, member.name, f"{member_row(member)['relation']}") for member in found.members
    ]
    return DeclareSheet(
        request.POST or None,
        vocabulary=vocabulary_of(found.programme, part),
        supplier="family",
        leave_out="department",
        subjects=subjects,
        known={(line.person_id, line.name): line.declared.value for line in found.facts if line.declared},
        initial={"version": found.version},
    )


def _typed(sent: QueryDict) -> dict[str, list[str]]:
    """What was typed, without what belongs to the form and not to the family."""
    return {
        name: [str(value) for value in values]
        for name, values in sent.lists()
        if name not in ("csrfmiddlewaretoken", "version") and any(values)
    }


def _fill_from_draft(
    sheet: DeclareSheet, fields: Mapping[str, Sequence[str]], kept_at: datetime | None
) -> datetime | None:
    """Puts what was typed and not saved back into a fresh form. Returns since when it waits."""
    if sheet.is_bound or kept_at is None:
        return None
    for name, values in fields.items():
        if name in sheet.fields:
            is_many = isinstance(sheet.fields[name], forms.MultipleChoiceField)
            sheet.fields[name].initial = list(values) if is_many else values[0]
    return kept_at


@require_http_methods(["GET", "POST"])
def consents(request: HttpRequest, number: str) -> HttpResponse:
    """Which adults signed the authorisation of the means check."""
    found = look_at(request, number, "fill in an application")
    sheet = ConsentSheet(
        request.POST or None,
        members=member_choices(found.members, only_adults=True),
        initial={
            "version": found.version,
            "signed_on": clock.today(),
            "person_ids": [row.person_id for row in found.consents if row.state != "valid"],
        },
    )
    person = person_at(request)
    if request.method == "POST" and sheet.is_valid():
        typed = sheet.cleaned_data
        done = attempt(
            sheet, lambda: consent.record_consents(actor=person, at=clock.now(), case_number=number, **typed)
        )
        if done is not None:
            messages.success(request, _("The signatures are noted."))
            return redirect("case", number)
    context = {
        **_frame_of(found, sheet, _("Authorisation of the means check"), _("Save")),
        "consents": [consent_row(row) for row in found.consents],
        "number": number,
        "version": found.version,
    }
    return render(request, "desk/consents.html", context, status=status_of(sheet))


@require_POST
def withdraw_consent(request: HttpRequest, number: str) -> HttpResponse:
    """A member takes the authorisation back; the check then waits for a new one."""
    person, sheet = person_at(request), WithdrawConsentSheet(request.POST)
    if sheet.is_valid():
        typed = {**sheet.cleaned_data, "withdrawn_on": clock.today()}
        done = attempt(
            sheet, lambda: consent.withdraw_consent(actor=person, at=clock.now(), case_number=number, **typed)
        )
        if done is not None:
            messages.success(request, _("The authorisation is taken back. Nobody is asked about this person any more."))
            return redirect("case-consents", number)
    for errors in sheet.errors.values():
        for text in errors:
            messages.error(request, str(text))
    return redirect("case-consents", number)


@require_http_methods(["GET", "POST"])
def account(request: HttpRequest, number: str) -> HttpResponse:
    """The account that the money would go to."""
    found = look_at(request, number, "fill in an application")
    sheet = AccountSheet(
        request.POST or None,
        members=member_choices(found.members),
        initial={"version": found.version, "holder_id": found.applicant_id},
    )
    return _part_page(request, found, sheet, _("Payee account"), flow.set_payee_account, _("The account is noted."))


@require_http_methods(["GET", "POST"])
def answers(request: HttpRequest, number: str) -> HttpResponse:
    """Check the answers (核对填写内容), then accept; or one notice of all that is missing."""
    person, found = person_at(request), look_at(request, number, "accept an application")
    sheet = CaseSheet(request.POST or None, initial={"version": found.version})
    if request.method == "POST" and sheet.is_valid():
        version = sheet.cleaned_data["version"]
        done = attempt(
            sheet, lambda: flow.accept_case(actor=person, at=clock.now(), case_number=number, version=version)
        )
        if done is not None and done.is_accepted:
            return redirect("case-done", number, "accept")
        if done is not None:
            messages.warning(
                request, _("Not accepted yet: the list below is the one notice of everything that is missing.")
            )
            return redirect("case-answers", number)
    context = {
        **_frame_of(found, sheet, _("Check the answers"), _("Accept the application")),
        "members": [member_row(member) for member in found.members],
        "comparison": case_words.comparison(found),
        "account": found.account,
        "signed": [row.person_name for row in found.consents if row.state == "valid"],
        "missing": case_words.missing_words(found),
        "notified_at": found.missing_notified_at,
        "can_accept": "accept_case" in found.can,
        "notice_href": reverse("case-missing", args=[number]),
        "papers": [paper_row(found, paper) for paper in found.papers if paper.withdrawn_at is None],
        "parts": parts_of(found),
    }
    return render(request, "desk/answers.html", context, status=status_of(sheet))


def _part_page(
    request: HttpRequest, found: CasePage, sheet: Sheet, heading: str, act: Callable[..., Any], said: str
) -> HttpResponse:
    person, number = person_at(request), found.case_number
    if request.method == "POST" and sheet.is_valid():
        typed = sheet.cleaned_data
        done = attempt(sheet, lambda: act(actor=person, at=clock.now(), case_number=number, **typed))
        if done is not None:
            messages.success(request, said)
            return redirect("case", number)
    return render(request, "desk/form_page.html", _frame_of(found, sheet, heading, _("Save")), status=status_of(sheet))


def _frame_of(found: CasePage, sheet: Sheet, heading: str, button: str) -> dict[str, Any]:
    number = found.case_number
    here = reverse("case", args=[number])
    return {
        "sheet": sheet,
        "heading": heading,
        "lead": case_words.applicant_name(found),
        "button": button,
        "back_href": here,
        "crumbs": crumbs((_("Cases"), reverse("cases")), (number, here), (heading, "")),
    }
