"""From home: apply without an account, and follow the way of an application by its receipt."""

from typing import Any, Final

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from doudi.office import clock
from doudi.office.casework.queries import FollowView
from doudi.office.errors import Refused
from doudi.office.evidence.rulebook import current_pack, office_programmes
from doudi.office.flows import intake as flow
from doudi.office.org.accounts import address_of
from doudi.office.portal.sheets import AnswerForm, FollowForm, OnlineForm
from doudi.office.portal.views import unkept

_TO_PUT_RIGHT = 422
_VILLAGE_DIGITS = 12
# The way in the citizen's words: 受理 → 核对 → 入户 → 公示 → 确认.
STAGES: Final = {
    "accept": pgettext_lazy("way of an application", "Accepted"),
    "check": pgettext_lazy("way of an application", "Compared with the departments"),
    "visit": pgettext_lazy("way of an application", "Visited at home"),
    "publicity": pgettext_lazy("way of an application", "On display"),
    "confirm": pgettext_lazy("way of an application", "Decided"),
}
STATES: Final = {
    "waiting": gettext_lazy("The office has it and will answer."),
    "asked": gettext_lazy("The office asks you something, see below."),
    "set_aside": gettext_lazy(
        "The office could not take this up; the reason stands below. You can come to the window at any time."
    ),
    "open": gettext_lazy("It is on its way."),
    "decided": gettext_lazy("The decision is made; the letter from the office tells it, and how to object."),
    "withdrawn": gettext_lazy("It was withdrawn. You can apply anew at any time."),
}


@require_http_methods(["GET", "POST"])
def apply(request: HttpRequest) -> HttpResponse:
    """An application from home: who, where, what happened. The answer never says whether anybody is known here."""
    sheet = OnlineForm(request.POST or None, areas=_areas(), programmes=_programmes())
    if request.method == "POST" and sheet.is_valid():
        typed = {name: value for name, value in sheet.cleaned_data.items() if name != "consent"}
        try:
            with transaction.atomic():
                number, code = flow.send_online(at=clock.now(), place=address_of(request), **typed)
        except Refused as refused:
            _put(sheet, refused)
        else:
            return unkept(render(request, "portal/sent.html", {"number": number, "code": code}))
    return unkept(render(request, "portal/apply.html", {"sheet": sheet}, status=_status(sheet)))


@require_http_methods(["GET", "POST"])
def follow(request: HttpRequest) -> HttpResponse:
    """The way of an application, like that of a parcel. A wrong code and an unknown number are told the same."""
    is_answer = "answer" in request.POST
    initial = {"number": request.GET.get("number", "")[:80]}
    sheet: FollowForm = (AnswerForm if is_answer else FollowForm)(request.POST or None, initial=initial)
    found, said, answering = None, "", None
    if request.method == "POST" and sheet.is_valid():
        typed = dict(sheet.cleaned_data)
        given: dict[str, Any] = {"at": clock.now(), "place": address_of(request)}
        try:
            if is_answer:
                with transaction.atomic():
                    flow.answer_online(**given, **typed)
                said, typed = _("Your answer is with the office."), {k: v for k, v in typed.items() if k != "answer"}
            found = flow.follow_up(**given, **typed)
        except Refused as refused:
            _put(sheet, refused)
        else:
            if found is None:
                sheet.add_error(None, _("Nothing is found: compare number, last four signs and code."))
            elif found.state == "asked" and found.answered_at is None:
                answering = AnswerForm(initial=typed)
    if found is not None:
        context = {"way": _words(found), "said": said, "answering": answering}
        return unkept(render(request, "portal/way.html", context))
    return unkept(render(request, "portal/follow.html", {"sheet": sheet}, status=_status(sheet)))


def _words(found: FollowView) -> dict[str, Any]:
    pack, lang = current_pack(), _lang()
    return {
        **vars(found),
        "programme": _label(found.programme, lang) if found.programme else "",
        "township": pack.region_name(found.township, lang),
        "state_words": STATES[found.state],
        "stages": [{**vars(stage), "label": STAGES[stage.kind]} for stage in found.stages],
    }


def _areas() -> list[tuple[str, str]]:
    """Villages with their townships and counties, as somebody from there says them."""
    pack, lang = current_pack(), _lang()
    named = set(pack.divisions())
    villages = [code for code in sorted(named) if len(code) == _VILLAGE_DIGITS]
    shown = [
        (code, " ".join(dict.fromkeys(pack.region_name(c, lang) for c in (code[:6], code[:9], code) if c in named)))
        for code in villages
    ]
    return [("", _("choose")), *shown]


def _programmes() -> list[tuple[str, str]]:
    return [
        ("", _("I am not sure: the office finds out")),
        *((each, _label(each, _lang())) for each in office_programmes()),
    ]


def _label(programme: str, lang: str) -> str:
    label: dict[str, str] = current_pack().document(f"programmes/{programme}/programme.yaml").data["label"]
    return label[lang]


def _lang() -> str:
    return "en" if (get_language() or "").startswith("en") else "zh"


def _put(sheet: forms.Form, refused: Refused) -> None:
    sheet.add_error(None, refused.message)
    if refused.advice:
        sheet.add_error(None, refused.advice)


def _status(sheet: forms.Form) -> int:
    return _TO_PUT_RIGHT if sheet.is_bound else 200
