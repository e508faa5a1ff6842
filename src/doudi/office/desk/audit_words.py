"""The audit in words: what kind of act an entry tells of, what kind of record it was, and why it was looked at."""

from collections.abc import Sequence
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
    "adjustment": _("change of standard"),
    "change": _("change of an entitlement"),
    "ending": _("end of an entitlement"),
    "review": _("review of an entitlement"),
    "report": _("verification report"),
    "recheck": _("re-check"),
    "county": _("request between counties"),
    "online": _("online application"),
    "follow": _("look-up of an application"),
    "paper": _("paper"),
    "pair": _("doubtful pair"),
    "pairs": _("doubtful pairs"),
    "roll": _("roll of an old system"),
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
    "answer an online application": _("answer an online application"),
    "answer to a difference": _("answer to a difference"),
    "ask another county": _("ask another county"),
    "assign a finding": _("assign a finding"),
    "change letter": _("change letter"),
    "change of an entitlement": _("change of an entitlement"),
    "change of standard": _("change of standard"),
    "compare versions of a report": _("compare versions of a report"),
    "complete the papers": _("complete the papers"),
    "confirm a doubtful pair": _("confirm a doubtful pair"),
    "county request": _("county request"),
    "end of an entitlement": _("end of an entitlement"),
    "ending letter": _("ending letter"),
    "extend a limit": _("extend a limit"),
    "give a finding back": _("give a finding back"),
    "list of county requests": _("list of county requests"),
    "list of doubtful pairs": _("list of doubtful pairs"),
    "list of online applications": _("list of online applications"),
    "look at a doubtful pair": _("look at a doubtful pair"),
    "meeting on a case": _("meeting on a case"),
    "notice of what is missing": _("notice of what is missing"),
    "pairs that wait for people": _("pairs that wait for people"),
    "papers of a case": _("papers of a case"),
    "what was typed and not saved": _("what was typed and not saved"),
    "print a verification report": _("print a verification report"),
    "re-check": _("re-check"),
    "receipt of an application": _("receipt of an application"),
    "request between counties": _("request between counties"),
    "review of an entitlement": _("review of an entitlement"),
    "stop the clock": _("stop the clock"),
    "take back a word on a doubtful pair": _("take back a word on a doubtful pair"),
    "taking over a roll": _("taking over a roll"),
    "undo a close": _("undo a close"),
    "verification report": _("verification report"),
    "visiting list": _("visiting list"),
    "withdraw an application": _("withdraw an application"),
    "write a finding down": _("write a finding down"),
}

# What of a record was shown.
FIELDS: Final[dict[str, Text]] = {
    "account": _("payee account"),
    "address": _("address"),
    "amount": _("amount"),
    "area": _("division"),
    "birth_date": _("birth date"),
    "facts": _("figures and answers"),
    "file": _("the whole file"),
    "head_name": _("name of the head"),
    "id_number": _("ID number, masked"),
    "id_number_plain": _("ID number, whole"),
    "known_name": _("name as known"),
    "name": _("name"),
    "page": _("the page"),
    "paper": _("paper"),
    "phone": _("telephone"),
    "reason": _("reason"),
    "receipt": _("receipt"),
    "relation": _("relation"),
    "reply": _("reply"),
    "rule": _("rule"),
    "sex": _("sex"),
    "story": _("what the family wrote"),
    "thumbnail": _("small picture"),
    "told": _("what was told"),
}

# The kinds of records, by the models' names.
RECORDS: Final[dict[str, Text]] = {
    "case": _("case"),
    "household": _("household"),
    "person": _("person"),
    "finding": _("finding"),
    "visit": _("visit"),
    "task": _("task"),
    "user": _("account"),
    "payrun": _("pay run"),
    "fund": _("fund"),
    "entitlement": _("entitlement"),
    "assessment": _("assessment"),
    "nightrun": _("night"),
    "paper": _("paper"),
}


def subject_of(verb: str) -> Text:
    """The kind of record that a verb is about; a verb without a word stands for itself."""
    return SUBJECTS.get(verb.split(".", 1)[0], verb)


def purpose_of(purpose: str) -> Text:
    """Why, in the reader's language where it is one of the office's own reasons."""
    step = purpose.removeprefix("step ")
    return _("a step of a case") if step != purpose else PURPOSES.get(purpose, purpose)


def fields_of(names: Sequence[str]) -> str:
    """What was shown, in words; a name without a word stands for itself."""
    return "、".join(str(FIELDS.get(name, name)) for name in names)


def record_of(object_type: str, object_id: str) -> str:
    """Which record it was: its kind in a word, and its number in the table."""
    kind = object_type.rsplit(".", 1)[-1].lower()
    return f"{RECORDS.get(kind, kind)} {object_id}"


def role_of(role: str) -> Text:
    """In which role; the office's own jobs have one too."""
    return _("a job of the office") if role == "service" else ROLES.get(role, role)
