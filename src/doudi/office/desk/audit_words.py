"""The audit in words: what kind of act an entry tells of, what kind of record it was, and why it was looked at."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from doudi.office.desk.labels import ROLES, Text

KINDS: Final[dict[str, Text]] = {
    "read": _("Looks at people"),
    "act": _("Acts"),
    "export": _("Lists and files taken away"),
    "user": _("Log-ins and accounts"),
    "alert": _("Alerts"),
    "audit": _("Looks at the audit"),
}

# The first part of a verb such as `case.accept`.
SUBJECTS: Final[dict[str, Text]] = {
    "read": _("look"),
    "list": _("workbook"),
    "alert": _("alert"),
    "audit": _("audit"),
    "user": _("account"),
    "area": _("division"),
    "case": _("case"),
    "decision": _("decision"),
    "notice": _("decision letter"),
    "publicity": _("publicity"),
    "objection": _("objection"),
    "meeting": _("meeting"),
    "clock": _("deadline"),
    "visit": _("visit"),
    "task": _("task"),
    "finding": _("finding"),
    "person": _("person"),
    "household": _("household"),
    "identity": _("sealed identity"),
    "facts": _("answers"),
    "assessment": _("assessment"),
    "entitlement": _("entitlement"),
    "fund": _("fund"),
    "run": _("pay run"),
    "payee": _("payee account"),
    "payment": _("payment"),
    "return": _("return file"),
    "suspense": _("doubtful money"),
    "night": _("night"),
    "snapshot": _("snapshot"),
}

PURPOSES: Final[dict[str, Text]] = {
    "work on a case": _("work on a case"),
    "list of cases": _("list of cases"),
    "list of findings": _("list of findings"),
    "look at a finding": _("look at a finding"),
    "close a finding": _("close a finding"),
    "work list": _("work list"),
    "home visit": _("home visit"),
    "prepare a visit": _("prepare a visit"),
    "visit form": _("visit form"),
    "household file": _("household file"),
    "search in the registry": _("search in the registry"),
    "open an application": _("open an application"),
    "accept an application": _("accept an application"),
    "fill in an application": _("fill in an application"),
    "declaration": _("declaration"),
    "classification": _("classification"),
    "information check": _("information check"),
    "explanation of the result": _("explanation of the result"),
    "register of near relatives": _("register of near relatives"),
    "publicity": _("publicity"),
    "result of a step": _("result of a step"),
    "decision letter": _("decision letter"),
    "deliver the decision": _("deliver the decision"),
    "pay run": _("pay run"),
    "bank file": _("bank file"),
    "payee account": _("payee account"),
    "new payee account": _("new payee account"),
    "returned payments": _("returned payments"),
    "entitlements of a household": _("entitlements of a household"),
    "payments of a household": _("payments of a household"),
    "loaded finding": _("loaded finding"),
    "people in loaded findings": _("people in loaded findings"),
    "next night": _("next night"),
    "read by a program": _("read by a program"),
    "change a household": _("change a household"),
    "household that moves in": _("household that moves in"),
    "review of the members": _("review of the members"),
    "is somebody known already": _("is somebody known already"),
    "compare the paper": _("compare it with the card"),
    "answer the family": _("the person asks for it"),
    "letter to a department": _("letter to a department or court"),
    "bank asks": _("the bank asks about the account"),
    "a visit as it was written down": _("a visit as it was written down"),
    "open a photo of a visit": _("open a photo of a visit"),
    "open a paper of a case": _("open a paper of a case"),
    "who looked at this person": _("who looked at this person"),
}


def subject_of(verb: str) -> Text:
    """The kind of record that a verb is about; a verb without a word stands for itself."""
    return SUBJECTS.get(verb.split(".", 1)[0], verb)


def purpose_of(purpose: str) -> Text:
    """Why, in the reader's language where it is one of the office's own reasons."""
    return PURPOSES.get(purpose, purpose)


def role_of(role: str) -> Text:
    """In which role; the office's own jobs have one too."""
    return _("a job of the office") if role == "service" else ROLES.get(role, role)
