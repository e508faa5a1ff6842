"""When a family is looked at again (复核), and what was found. Nothing ends because a review is late (promise P20).

    close_review(actor, at, review_id, found)        nothing changes; a change or an ending is proposed on its own page

Yearly where little changes; half-yearly where income is unsteady or a member can work (57号 art. 31).
"""

from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from doudi.engine.rules.family import Family, Member
from doudi.engine.values.period import add_months
from doudi.office.casework.procedure import refuse_near_relatives
from doudi.office.entitlements import review_actions
from doudi.office.entitlements.models import Entitlement, Review
from doudi.office.entitlements.review_actions import DueReview
from doudi.office.errors import NotYours
from doudi.office.evidence.family import build_family, current_members
from doudi.office.evidence.rulebook import current_pack, current_vocabulary
from doudi.office.flows.courses import given_reason
from doudi.office.org.models import User
from doudi.office.org.permissions import require

CASUAL_WAGE = "wage_casual_monthly"
_ABLE_AGES = range(16, 60)
_SEVERE = range(1, 3)


@transaction.atomic
def close_review(*, actor: User, at: datetime, review_id: int, found: str) -> None:
    """The family was looked at and nothing changes. The next look follows."""
    require(actor, "case.opinion")
    review = Review.objects.select_related("entitlement__household").filter(pk=review_id).first()
    if review is None:
        raise NotYours(_("There is no such review."))
    refuse_near_relatives(review.entitlement.household, actor)
    review_actions.close(actor=actor, at=at, review=review, result="unchanged", found=given_reason(found))
    schedule_review(at=at, entitlement=review.entitlement)


def close_reviews(*, actor: User, at: datetime, entitlement: Entitlement, result: str, found: str) -> None:
    """A proposal is the answer to every open review; the next look follows, whatever becomes of the proposal."""
    review_actions.close_open(actor=actor, at=at, entitlement=entitlement, result=result, found=found)
    schedule_review(at=at, entitlement=entitlement)


def schedule_review(*, at: datetime, entitlement: Entitlement) -> None:
    """Note the next look at a family, by its kind. One that is noted already stays."""
    today = localdate(at)
    members = current_members(entitlement.household, today)
    family = build_family(entitlement.household, members, vocabulary=current_vocabulary())
    due_on = next_review(today, entitlement.area, is_unsteady=is_unsteady(family, today))
    review_actions.open_reviews(at=at, reviews=[DueReview(entitlement.pk, due_on, entitlement.area)])


def next_review(last: date, area: str, *, is_unsteady: bool) -> date:
    """The day by which a family is looked at again."""
    name = "office_review_months_unstable" if is_unsteady else "office_review_months"
    return add_months(last, current_pack().parameter(name, region=area, on=last).value)


def is_unsteady(family: Family, on: date) -> bool:
    """Does somebody earn casually, or could a member work: of working age and not severely disabled?"""
    return any(_earns_casually(member) or _can_work(member, on) for member in family.members)


def _earns_casually(member: Member) -> bool:
    told = member.facts.get(CASUAL_WAGE)
    return told is not None and isinstance(told.value, int) and told.value > 0


def _can_work(member: Member, on: date) -> bool:
    born, grade = member.facts.get("birth_date"), member.facts.get("disability_grade")
    if born is None or not isinstance(born.value, date):
        return False
    is_severe = grade is not None and isinstance(grade.value, int) and grade.value in _SEVERE
    years = on.year - born.value.year - ((on.month, on.day) < (born.value.month, born.value.day))
    return years in _ABLE_AGES and not is_severe
