"""Where the change or the end of running help stands: whose turn it is, in a word."""

from typing import Final, Protocol

from django.utils.translation import gettext_lazy as _

from doudi.office.desk.labels import Mark

TO_REVIEW: Final = Mark(_("waits for the county's review"), "now")
TO_DECIDE: Final = Mark(_("waits for the county's decision"), "now")
NOT_AGREED: Final = Mark(_("not agreed to"), "wait")
TO_DELIVER: Final = Mark(_("waits for the delivery of its notice"), "now")
TO_ANSWER: Final = Mark(_("objected to, waits for an answer"), "soon")
ANSWERED: Final = Mark(_("objection answered"), "done")
DELIVERED: Final = Mark(_("delivered"), "done")


class Course(Protocol):
    """What a change and an ending have in common."""

    @property
    def outcome(self) -> str: ...
    @property
    def delivered_on(self) -> object: ...
    @property
    def objected_on(self) -> object: ...
    @property
    def answer(self) -> str: ...


def standing_of(row: Course, *, review_outcome: str = "approve") -> Mark:
    """The word for it. An ending is decided without a review of its own."""
    if not review_outcome:
        return TO_REVIEW
    if "refuse" in (review_outcome, row.outcome):
        return NOT_AGREED
    if not row.outcome:
        return TO_DECIDE
    if row.delivered_on is None:
        return TO_DELIVER
    if row.objected_on is None:
        return DELIVERED
    return ANSWERED if row.answer else TO_ANSWER
