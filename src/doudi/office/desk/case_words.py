"""A case in words: its steps, what comes next, the parts of the application, and the facts side by side."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from doudi.engine.values.money import format_yuan
from doudi.engine.workflow.procedure import Kind
from doudi.office.casework.queries import CasePage, StepView
from doudi.office.desk.labels import (
    AMOUNTS_IN_WORDS,
    DECISION_STAGES,
    DECISIONS,
    MEETING_OUTCOMES,
    ORIGINS,
    OUTCOMES,
    ROLES,
    TASK_STATES,
    VOTES,
    Mark,
)
from doudi.office.desk.packwords import clock_reasons, pays, programme_label, source_label
from doudi.office.desk.replies import language
from doudi.office.evidence.queries import FactLine, Word
from doudi.office.evidence.rulebook import current_vocabulary

# The page that holds the form of a step, by the kind of step: every programme's steps are of these kinds.
STEP_PAGES: Mapping[Kind, str] = {
    "accept": "case-answers",
    "relatives": "case-relatives",
    "visit": "case-visit",
    "check": "case-check",
    "opinion": "case-opinion",
    "publicity": "case-publicity",
    "meeting": "case-meeting",
    "review": "case-review",
    "confirm": "case-confirm",
    "notify": "case-notice",
    "papers": "case-papers",
    "record": "case-note",
}
# Pages of kinds of which several steps may be open at once: they are told which.
_PAGES_OF_ONE_STEP = frozenset({"case-note"})


def step_page(number: str, kind: Kind, step: str) -> str:
    """Where the form of a step is; an application is opened elsewhere, so its step leads to the case."""
    page = STEP_PAGES.get(kind, "case")
    return reverse(page, args=[number, step] if page in _PAGES_OF_ONE_STEP else [number])


def done_heading(kind: str) -> str | None:
    """What the result page says after a step of a kind; None for a kind that there is not."""
    return {
        "apply": _("The case is open"),
        "accept": _("The application is accepted"),
        "relatives": _("The register of near relatives is filled in"),
        "visit": _("The home visit counts"),
        "check": _("The departments' data is in the case"),
        "opinion": _("The preliminary opinion is given"),
        "publicity": _("The publicity has begun"),
        "meeting": _("The meeting is on the case"),
        "review": _("The review is done"),
        "confirm": _("The decision is made"),
        "notify": _("The delivery is recorded"),
        "papers": _("The papers are complete"),
        "record": _("It is noted"),
        "withdraw": _("The application is withdrawn"),
    }.get(kind)


def applicant_name(found: CasePage) -> str:
    """The applicant's name, as the file knows it."""
    return next((member.name for member in found.members if member.person_id == found.applicant_id), "—")


def steps(found: CasePage) -> list[dict[str, Any]]:
    """The bar of steps."""
    return [
        {
            "label": step.label.in_language(language()),
            "is_done": step.state == "done",
            "is_open": step.state in ("open", "waiting"),
            "is_overdue": step.is_overdue,
            "done_on": step.done_on,
            "due_on": step.due_on,
        }
        for step in found.steps
    ]


def next_steps(found: CasePage) -> list[dict[str, Any]]:
    """The steps whose turn has come, with whose desk they lie on; mine have a link."""
    return [_next_step(found, step) for step in found.steps if step.state in ("open", "waiting")]


def _next_step(found: CasePage, step: StepView) -> dict[str, Any]:
    note = ""
    if step.state == "waiting" and step.allowed_from:
        note = _("from %(day)s on") % {"day": step.allowed_from.isoformat()}
    elif step.can_do:
        note = _("yours to do")
    state = Mark(_("overdue"), "late") if step.is_overdue else Mark(_("open"), "now")
    if step.state == "waiting":
        state = TASK_STATES["not_yet"]
    if step.stands_still:
        state = Mark(_("clock stopped"), "soon")
    return {
        "step": step.step,
        "label": step.label.in_language(language()),
        "whose": ROLES[step.role],
        "note": note,
        "href": step_page(found.case_number, step.kind, step.step) if step.can_do else "",
        "due_on": step.due_on,
        "is_provisional": step.due_is_provisional,
        "since": step.since,
        "evidence": [label.in_language(language()) for label in step.evidence],
        "state": state,
    }


def missing_words(found: CasePage) -> list[str]:
    """The one notice of everything that is missing (一次性告知), in words."""
    names = {member.person_id: member.name for member in found.members}
    vocabulary = current_vocabulary()
    said = []
    for paper in found.missing:
        whose = names.get(paper.person_id, "") if paper.person_id else _("the household")
        if paper.kind == "fact":
            definition = vocabulary.definition(paper.fact)
            what = definition.label.in_language(language()) if definition else paper.fact
        else:
            what = {
                "consent": _("signed authorisation of the means check"),
                "id_number": _("ID number"),
                "payee_account": _("payee account"),
            }[paper.kind]
        said.append(_("%(whose)s: %(what)s") % {"whose": whose, "what": what})
    return said


def comparison(found: CasePage) -> dict[str, Any] | None:
    """Declared, found and seen side by side, one group a person; what nobody said anything about is left out."""
    if not found.facts:
        return None
    names = {member.person_id: member.name for member in found.members}
    telling: dict[str, list[dict[str, Any]]] = {}
    quiet: dict[str, list[dict[str, Any]]] = {}
    for line in found.facts:
        whose = names.get(line.person_id, "") if line.person_id else _("The household")
        (telling if _is_telling(line) else quiet).setdefault(whose, []).append(_fact_row(line))
    differing = sum(line.is_contradicted for line in found.facts)
    return {
        "groups": [{"whose": whose, "rows": rows} for whose, rows in telling.items()],
        "quiet": [{"whose": whose, "rows": rows} for whose, rows in quiet.items()],
        "quiet_count": sum(len(rows) for rows in quiet.values()),
        "note": _("%(count)s differ") % {"count": differing} if differing else _("nothing differs"),
    }


def _is_telling(line: FactLine) -> bool:
    """Worth a first look: contradicted, not known, or something other than zero and none."""
    words = [word for word in (line.declared, line.found, line.seen) if word is not None]
    if line.is_contradicted or any(word.is_unknown for word in words):
        return True
    return line.type != "date" and any(word.value not in (0, False, "none") for word in words)


def _fact_row(line: FactLine) -> dict[str, Any]:
    is_known = line.chosen is not None and not line.chosen.is_unknown
    return {
        "label": line.label,
        "declared": _cell(line.declared),
        "found": _cell(line.found, with_source=True),
        "seen": _cell(line.seen),
        "differs": line.is_contradicted,
        "used": ORIGINS[line.chosen_origin] if is_known else _("nobody knows: it is asked for, never taken as zero"),
    }


def _cell(word: Word | None, *, with_source: bool = False) -> dict[str, Any] | None:
    if word is None:
        return None
    return {
        "text": word.text,
        "is_unknown": word.is_unknown,
        "day": word.as_of,
        "source": source_label(word.source) if with_source else "",
        "row": word.row or "",
    }


def words_said(found: CasePage) -> list[dict[str, Any]]:
    """Each officer's word, in order."""
    return [
        {
            **vars(each),
            "stage": DECISION_STAGES[each.stage],
            "outcome": DECISIONS[each.outcome],
            "amount": amount_words(found.programme, each.amount_fen),
            # Of what was taken over the rules have said nothing.
            "recommended": OUTCOMES.get(each.recommended, ""),
        }
        for each in found.decisions
    ]


def amount_words(programme: str, amount_fen: int | None) -> str:
    """An amount with what it is for: a month, once, or the year."""
    if amount_fen is None or not pays(programme):
        return ""
    return str(AMOUNTS_IN_WORDS[pays(programme)]) % {"amount": format_yuan(amount_fen)}


def meeting(found: CasePage) -> dict[str, Any] | None:
    """The meeting on the case, with everybody's vote in words."""
    held = found.meeting
    if held is None:
        return None
    return {
        **vars(held),
        "state": MEETING_OUTCOMES[held.outcome],
        "amount": amount_words(found.programme, held.amount_fen),
        "members": [{"name": name, "vote": VOTES[vote], "why": why} for name, vote, why in held.members],
    }


def clocks(found: CasePage) -> dict[str, Any]:
    """What moved the clock of the case, and what may move it now."""
    stops, extensions = clock_reasons(found.programme)
    number = found.case_number
    is_still = any(stop.until is None for stop in found.clock_stops)
    may_stop = "stop_clock" in found.can
    return {
        "stops": found.clock_stops,
        "extensions": found.extensions,
        "stop_href": reverse("case-stop", args=[number]) if may_stop and stops and not is_still else "",
        "resume_href": reverse("case-resume", args=[number]) if may_stop and is_still else "",
        "extend_href": reverse("case-extend", args=[number]) if "extend_clock" in found.can and extensions else "",
        "withdraw_href": reverse("case-withdraw", args=[number]) if "withdraw" in found.can else "",
        "version": found.version,
    }


def classification(found: CasePage) -> dict[str, Any] | None:
    """Which programme was chosen, beside what the rules had found."""
    last = found.classification
    if last is None:
        return None
    return {
        **vars(last),
        "recommended": programme_label(last.recommended) if last.recommended else "",
        "chosen": programme_label(last.chosen),
    }


def latest_publicity(found: CasePage) -> dict[str, Any] | None:
    """The last round of publicity."""
    if not found.publicities:
        return None
    last = found.publicities[-1]
    if last.is_withdrawn:
        state = Mark(_("withdrawn"), "late")
    elif last.is_running:
        state = Mark(_("on display"), "now")
    else:
        state = Mark(_("ended"), "done")
    return {**vars(last), "state": state, "href": reverse("case-publicity", args=[found.case_number])}
