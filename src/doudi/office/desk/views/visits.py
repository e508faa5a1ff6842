"""The visit form: two visitors, what was seen of each member and of the household, what it comes to, who signed."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from doudi.office import clock
from doudi.office.casework.queries import VisitForm, visit_form
from doudi.office.desk.case_sheets import VisitSheet
from doudi.office.desk.families import family_card, member_choices
from doudi.office.desk.labels import RELATIONS, ROLES
from doudi.office.desk.packwords import place
from doudi.office.desk.questions import QuestionSheet, Subject
from doudi.office.desk.replies import attempt, crumbs, language, status_of
from doudi.office.desk.visit_sheets import PhotosPart
from doudi.office.evidence.rulebook import visit_vocabulary
from doudi.office.evidence.terms import Seen
from doudi.office.flows.visit import VisitDone, record_visit, take_up
from doudi.office.org.presence import person_at
from doudi.office.registry.queries import MemberView


@dataclass(frozen=True)
class VisitPage:
    """What a visit is made for, and where its page leads."""

    form: VisitForm
    back_href: str
    task_id: int | None = None
    case_number: str | None = None


@require_http_methods(["GET", "POST"])
def task(request: HttpRequest, task_id: int) -> HttpResponse:
    """The form of a visit that a finding asks for."""
    form = visit_form(
        person_at(request), task_id=task_id, today=clock.today(), lang=language(), purpose="prepare a visit"
    )
    if form.case_number:
        return redirect("case-visit", form.case_number)
    back = reverse("finding", args=[form.finding_pk]) if form.finding_pk else reverse("work")
    return visit_page(request, VisitPage(form, back, task_id=task_id))


@require_POST
def take_up_task(request: HttpRequest, task_id: int) -> HttpResponse:
    """Says: I am on my way."""
    take_up(actor=person_at(request), at=clock.now(), task_id=task_id)
    messages.success(request, _("You have taken this visit up."))
    return redirect("task", task_id)


def visit_page(request: HttpRequest, page: VisitPage, *, earlier: list[dict[str, Any]] | None = None) -> HttpResponse:
    """Shows the form, or records it and goes on to what follows."""
    person, form = person_at(request), page.form
    sheet = VisitSheet(
        request.POST or None,
        visitors=[(each.user_id, f"{each.name}（{ROLES[each.role]}）") for each in form.visitors],
        members=member_choices(form.members, only_adults=True),
        initial={"visited_on": clock.today()},
    )
    questions = QuestionSheet(
        request.POST or None,
        vocabulary=visit_vocabulary(form.programme),
        supplier="visit",
        subjects=subjects_of(form),
        may_be_unclear=True,
        known={(line.person_id, line.name): line.seen.value for line in form.facts if line.seen},
    )
    photos = PhotosPart(request.POST or None, request.FILES or None)
    if request.method == "POST" and sheet.is_valid() and questions.is_valid() and photos.is_valid():
        typed, taken = sheet.visit(), photos.new_photos()
        seen = [Seen(answer.name, answer.value, answer.person_id) for answer in questions.answers()]
        done = attempt(
            sheet,
            lambda: record_visit(
                actor=person,
                at=clock.now(),
                seen=seen,
                task_id=page.task_id,
                case_number=page.case_number,
                photos=taken,
                lang=language(),
                **typed,
            ),
        )
        if done is not None:
            _tell(request, done)
            if done.contradictions:
                return redirect("visit", done.visit_id)
            return redirect("case", form.case_number) if form.case_number else redirect(page.back_href)
    context = {
        "sheet": sheet,
        "questions": questions,
        "photos": photos,
        "form": form,
        "village": place(form.area),
        "take_up_href": reverse("task-take-up", args=[page.task_id]) if page.task_id and not form.taken_up_by else "",
        "earlier": earlier or [],
        "household": family_card(
            household_id=form.household_id, number=form.household_number, members=form.members, address=form.address
        ),
        "back_href": page.back_href,
        "crumbs": crumbs((_("Work list"), reverse("work")), (_("Home visit"), "")),
    }
    return render(request, "desk/visit.html", context, status=status_of(sheet))


def subjects_of(form: VisitForm) -> list[Subject]:
    """The household first, then each member."""
    return [
        Subject(None, _("The household as a whole")),
        *(Subject(member.person_id, member.name, _relation_and_age(member)) for member in form.members),
    ]


def _relation_and_age(member: MemberView) -> str:
    relation = str(RELATIONS[member.relation])
    if member.age is None:
        return relation
    return _("%(relation)s, %(age)s years old") % {"relation": relation, "age": member.age}


def _tell(request: HttpRequest, done: VisitDone) -> None:
    messages.success(request, _("The visit is recorded."))
    if done.contradictions:
        count = len(done.contradictions)
        text = ngettext(
            "%(count)s fact differs between visit, department and family. The case page shows them side by side.",
            "%(count)s facts differ between visit, department and family. The case page shows them side by side.",
            count,
        )
        messages.warning(request, text % {"count": count})
    if done.finding_state == "confirmed":
        messages.info(request, _("The finding is confirmed. The next step is the application."))
