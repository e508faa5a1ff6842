"""What running help asks of each desk: reviews, return visits, and decisions that wait for their next word."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice

from django.db.models import Q, QuerySet
from django.utils.timezone import localdate

from doudi.engine.pack.pack import Pack
from doudi.engine.values.period import Month
from doudi.office.audit.actions import record_read
from doudi.office.casework.queries.work import ROWS_MAX, head_names
from doudi.office.entitlements.models import Change, Ending, Entitlement, FollowUp, Review
from doudi.office.evidence.rulebook import current_pack
from doudi.office.org.models import User
from doudi.office.org.permissions import may


@dataclass(frozen=True)
class DueRow:
    """One line of the work list. `kind` is review, standard, follow_up, or the step of a change or an ending."""

    kind: str
    is_ending: bool
    entitlement_id: int
    household_number: str
    head_name: str
    programme: str
    area: str
    due_on: date
    days_left: int


@dataclass(frozen=True)
class _Found:
    kind: str
    is_ending: bool
    entitlement: Entitlement
    due_on: date


def due_rows(user: User, *, today: date) -> tuple[DueRow, ...]:
    """What waits for this user, earliest last day first. Silence ends nothing: what is overdue stays here."""
    every = sorted(_found(user, today), key=lambda each: (each.due_on, each.entitlement.pk))
    found = list(islice(every, ROWS_MAX))
    heads = head_names([each.entitlement.household_id for each in found])
    record_read(
        actor=user,
        objects=[each.entitlement.household for each in found],
        fields=("head_name",),
        area=user.area_id,
        purpose="work list",
    )
    return tuple(
        DueRow(
            kind=each.kind,
            is_ending=each.is_ending,
            entitlement_id=each.entitlement.pk,
            household_number=each.entitlement.household.number,
            head_name=heads.get(each.entitlement.household_id, ""),
            programme=each.entitlement.programme,
            area=each.entitlement.area,
            due_on=each.due_on,
            days_left=(each.due_on - today) // timedelta(days=1),
        )
        for each in found
    )


def _found(user: User, today: date) -> Iterator[_Found]:
    mine = ~Q(entitlement__case__near_relatives__official=user)
    if may(user, "visit.record"):
        visits = FollowUp.objects.filter(~Q(ending__entitlement__case__near_relatives__official=user), done_on=None)
        for visit in visits.select_related("ending__entitlement__household").order_by("due_on")[:ROWS_MAX]:
            yield _Found("follow_up", True, visit.ending.entitlement, visit.due_on)
    if may(user, "case.opinion"):
        runs = Q(entitlement__end_month=None) | Q(entitlement__end_month__gte=str(Month.of(today)))
        reviews = Review.objects.filter(mine, runs, result="").select_related("entitlement__household")
        for review in reviews.order_by("due_on", "pk")[:ROWS_MAX]:
            kind = "review" if review.kind == Review.Kind.PERIODIC else "standard"
            yield _Found(kind, False, review.entitlement, review.due_on)
    yield from _steps(user, Change.objects.filter(mine), is_ending=False)
    yield from _steps(user, Ending.objects.filter(mine), is_ending=True)


def _steps(user: User, courses: "QuerySet[Change] | QuerySet[Ending]", *, is_ending: bool) -> Iterator[_Found]:
    """Decisions that wait for their next word, each for whoever may say it and has not spoken before."""
    pack = current_pack()
    waiting = {
        "decide": ("case.approve", Q(outcome="") if is_ending else Q(outcome="", review_outcome="approve")),
        "deliver": ("case.accept", Q(outcome="approve", delivered_on=None)),
        "answer": ("case.approve", Q(objected_on__isnull=False, answer="") & ~Q(decided_by=user)),
    }
    if not is_ending:
        waiting["review"] = ("case.review", Q(review_outcome="", outcome=""))
    for kind, (capability, where) in waiting.items():
        if may(user, capability):
            for course in courses.filter(where).select_related("entitlement__household").order_by("pk")[:ROWS_MAX]:
                yield _Found(f"{kind}_step", is_ending, course.entitlement, _last_day(pack, course))


def _last_day(pack: Pack, course: Change | Ending) -> date:
    since = localdate(course.proposed_at)
    if course.decided_at is not None:
        since = localdate(course.decided_at)
    if course.objected_on is not None:
        since = course.objected_on
    days = pack.parameter("office_change_step_days", region=course.area, on=since).value
    return pack.calendar().working_deadline(since, days).on
