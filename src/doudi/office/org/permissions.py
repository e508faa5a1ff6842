"""What each role may do: one table, read by screens (what to offer) and by flows (what to refuse)."""

from collections.abc import Mapping
from typing import Protocol

from django.utils.translation import gettext as _

from doudi.office.errors import NotAllowed

_SEE = frozenset({"finding.see", "task.see", "household.see", "case.see"})
_FIELD = _SEE | {"finding.write", "task.visit", "visit.record", "case.apply", "case.declare"}

CAPABILITIES: Mapping[str, frozenset[str]] = {
    # 村、乡镇协理员: knocks on doors, writes down what is found and said.
    "assistant": _FIELD,
    # 乡镇经办: the window of the township.
    "clerk": _FIELD
    | {
        "finding.assign",
        "finding.close",
        "case.accept",
        "case.check",
        "case.assess",
        "case.opinion",
        "case.publicise",
        "case.object",
        "case.recheck",
        "county.ask",
        "letter.print",
        "household.change",
        "household.unmask",
    },
    # 乡镇审核: decides for the township what the county has left to it, and what a clerk there has prepared.
    "township_reviewer": _SEE | {"case.township", "case.recheck", "letter.print", "household.unmask"},
    # 县级审核
    "reviewer": _SEE
    | {
        "night.release",
        "pair.see",
        "pair.decide",
        "case.review",
        "case.recheck",
        "county.reply",
        "visit.county",
        "letter.print",
        "roll.see",
        "roll.prepare",
        "household.unmask",
        "standard.see",
    },
    # 县级确认
    "approver": _SEE
    | {
        "night.release",
        "pair.see",
        "pair.decide",
        "case.approve",
        "case.recheck",
        "visit.county",
        "letter.print",
        "money.see",
        "standard.see",
        "roll.see",
        "roll.confirm",
    },
    # 财务: one prepares, another releases; the same person can't do both for one run.
    "finance": frozenset({"money.see", "money.prepare", "money.release", "money.send", "money.returns", "money.repay"}),
    # 预警分析: watches what the nights find, by rule and township, and hands it out; decides and records nothing.
    "analyst": frozenset({"finding.see", "finding.assign"}),
    # 审计: reads everything of the area, each look noted, and the audit itself; changes nothing.
    "auditor": frozenset(
        {"finding.see", "pair.see", "household.see", "case.see", "money.see", "letter.print", "audit.see"}
    ),
    # 系统管理: who works here, in which role, where. Sees no family: the database shows this role no row of anybody.
    "admin": frozenset({"user.manage"}),
    # The office's own jobs: the night's findings come in, the snapshot goes out. Never a decision (promise P17).
    "service": frozenset({"night.load", "night.export"}),
}


# Roles that nobody holds at the same time, not even for a colleague who is away. Reviewing for an approver is left out:
# there each case asks anew whether this person had a part in it.
_SEPARATE = ("admin", "auditor", "service")
_ENTERING, _DECIDING, _PAYING = {"assistant", "clerk"}, {"township_reviewer", "reviewer", "approver"}, {"finance"}


class HasRole(Protocol):
    """Whoever acts in a role."""

    @property
    def role(self) -> str: ...


def are_incompatible(one: str, other: str) -> bool:
    """Whether nobody may act in both: who enters decides nothing, who decides pays nothing."""
    if one == other:
        return one in _SEPARATE
    if one in _SEPARATE or other in _SEPARATE:
        return True
    groups = [group for group in (_ENTERING, _DECIDING, _PAYING) if one in group or other in group]
    return len(groups) > 1


def may(user: HasRole, capability: str) -> bool:
    """Whether this user's role includes the capability. A name that no role has is a mistake of ours."""
    if not any(capability in known for known in CAPABILITIES.values()):
        raise KeyError(capability)
    return capability in CAPABILITIES[user.role]


def require(user: HasRole, capability: str) -> None:
    """Refuse with plain words unless the user's role includes the capability."""
    if not may(user, capability):
        raise NotAllowed(
            _("Your role does not include this step."),
            advice=_("Hand it to a colleague whose work it is."),
            where=capability,
        )
