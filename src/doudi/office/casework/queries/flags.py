"""What makes a case one that wants a look of its own (须单独审批): with any of these it is not decided with others.

A flag accuses nobody. It says that somebody has to read the case before the last word is said.
"""

from collections.abc import Iterator
from typing import Literal

from doudi.office.casework.queries.case_views import CasePage

Flag = Literal[
    "not_eligible",
    "out_of_date",
    "departs",
    "set_aside",
    "not_compared",
    "differs",
    "expired",
    "objection",
    "near_relative",
    "visitors_disagree",
    "meeting",
    "papers_follow",
    "family_changed",
]


def flags_of(case: CasePage) -> tuple[Flag, ...]:
    """The flags of a case, none where everybody and every paper says the same."""
    return (*_of_the_rules(case), *_of_the_words(case), *_of_the_report(case), *_of_the_family(case))


def _of_the_rules(case: CasePage) -> Iterator[Flag]:
    if case.assessment is None or case.assessment.outcome != "eligible":
        yield "not_eligible"
    elif not case.assessment.is_up_to_date:
        yield "out_of_date"


def _of_the_words(case: CasePage) -> Iterator[Flag]:
    standing = [word for word in case.decisions if not word.is_set_aside]
    amount = case.assessment.amount_fen if case.assessment else None
    if any(word.outcome != "approve" or word.amount_fen not in (None, amount) for word in standing):
        yield "departs"
    if len(standing) < len(case.decisions):
        yield "set_aside"
    if case.meeting is not None:
        yield "meeting"


def _of_the_report(case: CasePage) -> Iterator[Flag]:
    if case.report is None:
        yield "not_compared"
        return
    if case.report.differences or case.report.open_rechecks:
        yield "differs"
    if case.report.has_expired:
        yield "expired"


def _of_the_family(case: CasePage) -> Iterator[Flag]:
    if any(round_.objections for round_ in case.publicities):
        yield "objection"
    if case.near_relatives:
        yield "near_relative"
    if any(visit.second_word is not None and not visit.second_word.agrees for visit in case.visits):
        yield "visitors_disagree"
    if case.papers_may_follow:
        yield "papers_follow"
    if case.family_is_kept:
        yield "family_changed"
