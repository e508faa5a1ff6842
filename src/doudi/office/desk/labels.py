"""Words for codes: what a role, a state, a relation or an outcome is called in front of a person."""

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Text = str | Promise


@dataclass(frozen=True)
class Mark:
    """A state in a word and a tone: late, soon, now, wait or done."""

    word: Text
    tone: str


ROLES: Final[dict[str, Text]] = {
    "assistant": _("Township assistant"),
    "clerk": _("Township clerk"),
    "township_reviewer": _("Township reviewer"),
    "reviewer": _("County reviewer"),
    "approver": _("County approver"),
    "finance": _("Finance officer"),
    "analyst": _("Analyst of findings"),
    "auditor": _("Auditor"),
    "admin": _("Administrator"),
}

# GB/T 4761, as far as the household registry delivers it.
RELATIONS: Final[dict[str, Text]] = {
    "02": _("head of household"),
    "10": _("spouse"),
    "20": _("son"),
    "30": _("daughter"),
    "40": _("grandchild"),
    "50": _("parent"),
    "60": _("grandparent"),
    "70": _("sibling"),
    "99": _("other relative"),
}

RESIDENCES: Final[dict[str, Text]] = {"urban": _("urban"), "rural": _("rural")}

BASES: Final[dict[str, Text]] = {
    "register": _("household register"),
    "declared": _("declared by the family"),
    "office": _("established by the office"),
}

FINDING_FAMILIES: Final[dict[str, Text]] = {
    "in_need": _("In need"),
    "entitled_not_receiving": _("Entitled, not receiving"),
    "receiving_changed": _("Receiving, but changed"),
}

FINDING_STATES: Final[dict[str, Mark]] = {
    "open": Mark(_("Waits for a visit"), "now"),
    "confirmed": Mark(_("Confirmed by a visit"), "done"),
    "cleared": Mark(_("Cleared by a visit"), "wait"),
    "unknown": Mark(_("Could not be found out"), "soon"),
    "ended": Mark(_("Gone from the data"), "wait"),
}

# What the next night does with a rule, by how often people found it right.
RULE_VERDICTS: Final[dict[str, Mark]] = {
    "too_few_checked": Mark(_("too few checked yet"), "wait"),
    "above_floor": Mark(_("right often enough"), "done"),
    "below_floor": Mark(_("ranked lower"), "soon"),
    "switched_off": Mark(_("switched off"), "late"),
}

CASE_STATES: Final[dict[str, Mark]] = {
    "open": Mark(_("In procedure"), "now"),
    "approved": Mark(_("Approved"), "done"),
    "refused": Mark(_("Refused"), "late"),
    "withdrawn": Mark(_("Withdrawn by the family"), "wait"),
}

OUTCOMES: Final[dict[str, Text]] = {
    "eligible": _("The rules say: eligible"),
    "ineligible": _("The rules say: not eligible"),
    "undetermined": _("The rules can't tell yet"),
}

DECISIONS: Final[dict[str, Text]] = {
    "approve": pgettext_lazy("decision", "Approve"),
    "refuse": pgettext_lazy("decision", "Refuse"),
}

DECISION_STAGES: Final[dict[str, Text]] = {
    "opinion": _("Preliminary opinion of the township"),
    "review": _("Review by the county"),
    # The county decides, or the township where the law lets it.
    "confirm": pgettext_lazy("decision", "Confirmation"),
}

ORIGINS: Final[dict[str, Text]] = {
    "department": _("found by a department"),
    "visit": _("seen on a visit"),
    "declared": _("declared by the family"),
    "carried": _("found out by the old system's last review"),
    "recheck": _("found out by a re-check"),
    "county": _("answered by another county"),
}

TASK_STATES: Final[dict[str, Mark]] = {
    "not_begun": Mark(_("Not begun"), "wait"),
    "incomplete": Mark(_("Something is missing"), "soon"),
    "done": Mark(_("Done"), "done"),
    "not_yet": Mark(_("Not possible yet"), "wait"),
    "not_needed": Mark(_("Nothing more is needed"), "wait"),
}

ROLL_STATES: Final[dict[str, Mark]] = {
    "prepared": Mark(_("waits for the second person"), "now"),
    "confirmed": Mark(_("taken over"), "done"),
    "discarded": Mark(_("discarded"), "wait"),
}

RUN_STATES: Final[dict[str, Mark]] = {
    "draft": Mark(_("draft"), "wait"),
    "discarded": Mark(_("discarded"), "wait"),
    "released": Mark(_("released"), "now"),
    "sent": Mark(_("sent to the bank"), "now"),
    "reconciled": Mark(_("reconciled"), "done"),
}

PAYMENT_STATES: Final[dict[str, Mark]] = {
    "draft": Mark(_("not yet released"), "wait"),
    "withdrawn": Mark(_("withdrawn with its draft"), "wait"),
    "in_transit": Mark(_("with the bank"), "now"),
    "paid": Mark(_("paid"), "done"),
    "returned": Mark(_("returned and still owed"), "late"),
    "suspense": Mark(_("in suspense"), "soon"),
}

RETURN_WAITS: Final[dict[str, Mark]] = {
    "new_account": Mark(_("a new account is needed"), "soon"),
    "ready": Mark(_("the next run pays it"), "now"),
    "in_run": Mark(_("is in a run"), "now"),
}

DIFFERENCES: Final[dict[str, Text]] = {
    "new": _("new"),
    "gone": _("no longer in the run"),
    "changed": _("another amount"),
}

CHECK_SIDES: Final[dict[str, Text]] = {
    "run": _("Total of the run"),
    "lines": _("Sum of its lines"),
    "months": _("Sum of the entitlement's months"),
    "bank_file": _("Total of the bank file"),
    "ledger": _("Moved in the ledger"),
}

PLACES: Final[dict[str, Text]] = {
    "in_transit": _("With the bank"),
    "paid": _("Paid"),
    "returned": _("Returned, still owed"),
    "suspense": _("In suspense"),
}

VISIT_OUTCOMES: Final[dict[str, Text]] = {
    "confirmed": _("The family needs help"),
    "cleared": _("The reason does not hold"),
    "unknown": _("It could not be found out"),
}

CHANNELS: Final[dict[str, Text]] = {
    "visit": _("after a visit"),
    "window": _("at the window"),
    "phone": _("by telephone"),
    "online": _("online"),
    "neighbour": _("a neighbour asked for help"),
    "direct": _("found by the office, without an application"),
    "takeover": _("taken over from the old system"),
}

ONLINE_STATES: Final[dict[str, Mark]] = {
    "sent": Mark(_("waits for the office"), "now"),
    "asked": Mark(_("asked back"), "wait"),
    "answered": Mark(_("the citizen has answered"), "soon"),
    "accepted": Mark(_("became a case"), "done"),
    "set_aside": Mark(_("set aside"), "wait"),
}

VOTES: Final[dict[str, Text]] = {
    "for": pgettext_lazy("vote", "for"),
    "against": pgettext_lazy("vote", "against"),
    "abstained": pgettext_lazy("vote", "abstained"),
    "recused": pgettext_lazy("vote", "stepped aside"),
}

MEETING_OUTCOMES: Final[dict[str, Mark]] = {
    "agreed": Mark(_("The meeting agreed"), "done"),
    "not_agreed": Mark(_("The meeting did not agree"), "late"),
}

ENDING_CAUSES: Final[dict[str, Text]] = {
    "stop": _("the conditions are no longer met"),
    "death": _("the person died"),
    "gradual_exit": _("gradual exit after finding work"),
}
ENDING_OUTCOMES: Final[dict[str, Text]] = {"approve": _("It ends"), "refuse": _("It goes on")}
ANSWERS: Final[dict[str, Text]] = {
    "upheld": _("The ending stands"),
    "overturned": _("The ending is undone, to the fen"),
}

# How an amount is meant, by how the programme pays.
AMOUNTS: Final[dict[str, Text]] = {
    "monthly": _("Amount a month"),
    "once": _("Amount, paid once"),
    "yearly": _("Amount for the year, paid once"),
}
AMOUNTS_IN_WORDS: Final[dict[str, Text]] = {
    "monthly": _("%(amount)s yuan a month"),
    "once": _("%(amount)s yuan once"),
    "yearly": _("%(amount)s yuan for the year"),
}

CONDITION_STATES: Final[dict[str, Mark]] = {
    "met": Mark(_("met"), "done"),
    "not_met": Mark(_("not met"), "late"),
    "unknown": Mark(_("not known yet"), "soon"),
}

VERDICTS: Final[dict[str, Text]] = {
    "eligible": _("Eligible"),
    "ineligible": _("Not eligible"),
    "undetermined": _("Can't be said yet"),
}

# A number of the law that nobody has confirmed says so on the page.
PARAMETER_STATUS: Final[dict[str, Text]] = {
    "recalled": _("to be confirmed"),
    "example": _("example figure"),
    "confirmed": _("confirmed"),
}

OBJECTION_OUTCOMES: Final[dict[str, Text]] = {
    "founded": _("founded: a new opinion is due"),
    "unfounded": _("unfounded"),
}

SEXES: Final[dict[str, Text]] = {"1": _("male"), "2": _("female")}

JOIN_CAUSES: Final[dict[str, Text]] = {
    "birth": pgettext_lazy("joins", "birth"),
    "marriage": pgettext_lazy("joins", "marriage"),
    "adoption": pgettext_lazy("joins", "adoption"),
    "return": pgettext_lazy("joins", "return to the family"),
    "other": pgettext_lazy("joins", "other"),
}
LEAVE_CAUSES: Final[dict[str, Text]] = {
    "death": pgettext_lazy("leaves", "death"),
    "marriage": pgettext_lazy("leaves", "marriage"),
    "moved": pgettext_lazy("leaves", "moved away"),
    "never": pgettext_lazy("leaves", "never lived there"),
    "other": pgettext_lazy("leaves", "other"),
}

# Fixed words: the reason stands in the audit, where nobody types about people.
UNMASK_REASONS: Final[dict[str, Text]] = {
    "compare the paper": _("compare it with the card"),
    "answer the family": _("the person asks for it"),
    "letter to a department": _("letter to a department or court"),
    "bank asks": _("the bank asks about the account"),
}

CHANGE_KINDS: Final[dict[str, Text]] = {
    "split": _("Split: members founded a household of their own"),
    "merge": _("Merger of two households"),
    "move": _("Moved"),
    "move_in": _("Moved in from another township"),
    "head": _("Another head of the household"),
    "join": _("Joined the household"),
    "leave": _("Left the household"),
    "correct": _("A person's data put right"),
    "undo": _("An entry was undone"),
}

MOVE_STATES: Final[dict[str, Mark]] = {
    "asked": Mark(_("waits for the other township"), "now"),
    "accepted": Mark(_("received there"), "done"),
    "refused": Mark(_("not received"), "late"),
    "withdrawn": Mark(_("withdrawn"), "wait"),
}

CONSENT_STATES: Final[dict[str, Mark]] = {
    "valid": Mark(pgettext_lazy("consent", "in force"), "done"),
    "expired": Mark(pgettext_lazy("consent", "expired"), "late"),
    "withdrawn": Mark(pgettext_lazy("consent", "taken back"), "late"),
    "missing": Mark(pgettext_lazy("consent", "missing"), "soon"),
}
CONSENT_SCOPES: Final[dict[str, Text]] = {
    "all": _("departments and banks"),
    "departments": _("departments, no banks"),
}
OCCASIONS: Final[dict[str, Text]] = {
    "review": _("a review that was due"),
    "visit": _("found at the door"),
    "follow_up": _("a return visit"),
    "report": _("the family told it"),
}
CHANGE_OUTCOMES: Final[dict[str, Text]] = {"approve": _("The new amount"), "refuse": _("It stays as it is")}
CHANGE_ANSWERS: Final[dict[str, Text]] = {
    "upheld": _("The decision stands"),
    "overturned": _("The decision is undone, to the fen"),
}

# What running help asks of a desk, by kind.
CHANGE_STEPS: Final[dict[str, Text]] = {
    "review": _("Review of running help"),
    "standard": _("Review: a new standard would pay less"),
    "review_step": _("Review a new amount"),
    "decide_step": _("Decide on a new amount"),
    "deliver_step": _("Deliver the letter of a new amount"),
    "answer_step": _("Answer the objection to an amount"),
}
ENDING_STEPS: Final[dict[str, Text]] = {
    "follow_up": _("Return visit after gradual exit"),
    "decide_step": _("Decide on the end of help"),
    "deliver_step": _("Deliver the letter of the end"),
    "answer_step": _("Answer the objection to the end"),
}
REVIEW_RESULTS: Final[dict[str, Text]] = {
    "": _("open"),
    "unchanged": _("nothing changes"),
    "change": _("a change was proposed"),
    "ending": _("an ending was proposed"),
}

ADJUSTMENT_STATES: Final[dict[str, Mark]] = {
    "computing": Mark(_("being computed"), "soon"),
    "ready": Mark(_("waits for its release"), "soon"),
    "released": Mark(_("released"), "done"),
    "discarded": Mark(_("given up"), "wait"),
}
EFFECTS: Final[dict[str, Text]] = {
    "up": _("more"),
    "same": _("the same"),
    "down": _("less: is reviewed"),
    "lost": _("no longer met: is reviewed"),
    "unknown": _("not known: is reviewed"),
}
REPORT_CAUSES: Final[dict[str, Text]] = {
    "check": _("the departments were asked"),
    "renewal": _("the departments were asked again"),
    "answer": _("the family agreed to a figure"),
    "recheck": _("a re-check was answered"),
    "county": _("another county answered"),
}

REPORT_ANSWERS: Final[dict[str, Text]] = {
    "agrees": _("agrees: the figure found is right"),
    "explains": _("explains: both are right"),
    "objects": _("objects: the figure found is wrong"),
}

RECHECK_OUTCOMES: Final[dict[str, Text]] = {
    "stands": _("The figure found stands"),
    "corrected": _("The figure found was wrong"),
}

REQUEST_STATES: Final[dict[str, Mark]] = {
    "open": Mark(_("waits for the answer"), "now"),
    "answered": Mark(_("answered"), "done"),
    "refused": Mark(_("refused with a reason"), "late"),
    "taken_in": Mark(_("in the case"), "wait"),
}

UNSIGNED: Final[dict[str, Text]] = {
    "refused": _("refused to sign"),
    "absent": _("nobody was at home"),
    "unable": _("nobody was able to sign"),
}

PHOTOS: Final[dict[str, Text]] = {
    "sheet": _("Signed sheet"),
    "home": _("The home"),
    "belonging": _("A vehicle, animals, something of worth"),
    "paper": _("A paper that was shown"),
    "other": _("Something else"),
}
