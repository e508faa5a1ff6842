"""A change of standard (调标): one act for a county, seen line by line before it is released by a second person.

    begin_adjustment(actor, at, programme, from_month, reason) -> Adjustment      by the county's reviewer
    compute_part(actor, at, adjustment_id, limit) -> Adjustment                   until ready; it may be broken off
    release_adjustment(actor, at, adjustment_id, reason) -> Released              by the county's approver
    discard_adjustment(actor, at, adjustment_id, reason)

The rules run at the new numbers on what is known of each family today. What rises is paid from the month in which the
new numbers are in force, and months written already are supplemented. What would fall, or end, or is not known, stays
as it is and becomes a review: no list takes anything away from anybody (promise P17).
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Max, Q, QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from doudi.engine.rules.assessment import assess
from doudi.engine.rules.programme import load_programme
from doudi.engine.values.money import Fen
from doudi.engine.values.period import Month
from doudi.office.bulk import among
from doudi.office.entitlements import adjustment_actions
from doudi.office.entitlements.adjustment_actions import NewLine
from doudi.office.entitlements.amounts import Words, last_amount, words_about
from doudi.office.entitlements.models import Adjustment, AdjustmentLine, Change, Ending, Entitlement
from doudi.office.entitlements.month_actions import NewAmount, write_amounts
from doudi.office.entitlements.paying import paying_of
from doudi.office.entitlements.review_actions import DueReview, open_reviews
from doudi.office.errors import NotYours, Refused, Unacceptable
from doudi.office.evidence.family import families_of
from doudi.office.evidence.rulebook import asked_vocabulary, current_pack, office_programmes
from doudi.office.flows.courses import given_reason
from doudi.office.org.models import User
from doudi.office.org.permissions import require
from doudi.office.registry.models import Household

PART = 1_000
_REVIEW_WITHIN = timedelta(days=30)
_COUNTY_DIGITS = 6


@dataclass(frozen=True)
class Released:
    """How many amounts rose and by how much a month in all; how many families are to be looked at instead."""

    raised: int
    raised_fen: Fen
    to_review: int


@transaction.atomic
def begin_adjustment(*, actor: User, at: datetime, programme: str, from_month: Month, reason: str) -> Adjustment:
    """Begin for the actor's own county. The new numbers stand in the pack already, dated, with their document."""
    require(actor, "case.review")
    if len(actor.area_id) != _COUNTY_DIGITS:
        raise NotYours(_("There is no such record in your area."))
    if programme not in office_programmes() or not paying_of(programme).is_monthly:
        raise Unacceptable(_("This programme pays nothing month after month."), advice=_("Choose another programme."))
    if from_month > Month.of(localdate(at)).next():
        raise Unacceptable(_("This month is too far ahead."), advice=_("Begin in the month before."))
    pack = current_pack()
    return adjustment_actions.begin(
        actor=actor,
        at=at,
        county=actor.area_id,
        programme=programme,
        from_month=from_month,
        reason=given_reason(reason),
        pack_release=pack.release,
        pack_hash=pack.hash,
        entitlements=_affected(actor.area_id, programme, str(from_month)).count(),
    )


@transaction.atomic
def compute_part(*, actor: User, at: datetime, adjustment_id: int, limit: int = PART) -> Adjustment:
    """Compute the next entitlements in order. Broken off and taken up again it goes on where it was."""
    require(actor, "case.review")
    adjustment = _held(actor, adjustment_id)
    if adjustment.state != Adjustment.State.COMPUTING:
        return adjustment
    _refuse_other_pack(adjustment)
    done_up_to = adjustment.lines.aggregate(last=Max("entitlement"))["last"] or 0
    rest = _affected(adjustment.county, adjustment.programme, adjustment.from_month).filter(pk__gt=done_up_to)
    part = list(rest.select_related("household").order_by("pk")[:limit])
    lines = _lines(adjustment, part, at)
    adjustment_actions.add_lines(actor=actor, adjustment=adjustment, lines=lines, is_last=len(part) < limit)
    return adjustment


@transaction.atomic
def release_adjustment(*, actor: User, at: datetime, adjustment_id: int, reason: str) -> Released:
    """Let what rises be paid, and have the rest looked at. Another person than who prepared it, and once."""
    require(actor, "case.approve")
    adjustment = _held(actor, adjustment_id)
    if adjustment.prepared_by_id == actor.pk:
        raise Refused(_("Who prepared it cannot release it."), advice=_("Ask a colleague to release it."))
    if adjustment.state == Adjustment.State.READY and adjustment.seal != adjustment_actions.seal_of(adjustment):
        raise Refused(_("The lines are not those that were sealed."), advice=_("Give it up and compute it anew."))
    _refuse_other_pack(adjustment)
    adjustment_actions.settle(
        actor=actor,
        at=at,
        adjustment=adjustment,
        state=Adjustment.State.RELEASED,
        reason=given_reason(reason),
        from_states={Adjustment.State.READY},
    )
    return _apply(actor, at, adjustment)


@transaction.atomic
def discard_adjustment(*, actor: User, at: datetime, adjustment_id: int, reason: str) -> None:
    """Give it up before its release. Nothing was changed by it."""
    require(actor, "case.review")
    adjustment_actions.settle(
        actor=actor,
        at=at,
        adjustment=_held(actor, adjustment_id),
        state=Adjustment.State.DISCARDED,
        reason=given_reason(reason),
        from_states={Adjustment.State.COMPUTING, Adjustment.State.READY},
    )


def _affected(county: str, programme: str, from_month: str) -> "QuerySet[Entitlement]":
    """Monthly help of the county that still pays in the month from which the new standard counts."""
    pays = Q(end_month__isnull=True) | Q(end_month__gte=from_month)
    return Entitlement.objects.filter(pays, programme=programme, area__gte=county, area__lt=f"{county}:")


def _lines(adjustment: Adjustment, part: list[Entitlement], at: datetime) -> list[NewLine]:
    pack, programme = current_pack(), load_programme(current_pack(), adjustment.programme)
    words = words_about([each.pk for each in part])
    busy = _under_way([each.pk for each in part], at)
    as_of = Month.parse(adjustment.from_month).first_day()
    households: list[Household] = [each.household for each in part]
    families = {
        household.pk: family
        for household, family in families_of(
            households, on=localdate(at), vocabulary=asked_vocabulary(adjustment.programme)
        )
    }
    lines = []
    for each in part:
        family, old = families[each.household_id], last_amount(each.amount_fen, words.get(each.pk, ()))
        found = assess(programme, family, pack=pack, as_of=as_of)
        effect = _effect(old, found.amount_fen, found.outcome, is_busy=each.pk in busy)
        new = found.amount_fen if effect in ("up", "same", "down") else None
        lines.append(NewLine(each.pk, old, new, effect, asdict(family), each.area))
    return lines


def _effect(old: Fen, new: Fen | None, outcome: str, *, is_busy: bool) -> str:
    if outcome == "ineligible":
        return AdjustmentLine.Effect.LOST
    if is_busy or new is None or new <= 0:
        return AdjustmentLine.Effect.UNKNOWN
    if new == old:
        return AdjustmentLine.Effect.SAME
    return AdjustmentLine.Effect.UP if new > old else AdjustmentLine.Effect.DOWN


def _under_way(entitlement_ids: list[int], at: datetime) -> set[int]:
    """Whose amount or end is being decided, or can still be objected to: a new amount would get in its way."""
    of_these, today = among("entitlement", entitlement_ids), localdate(at)
    waits = Q(from_month__isnull=True) | Q(objected_on__isnull=False, answer="")
    may_object = Q(object_until__gte=today, answer="", new_amount_fen__lt=F("old_amount_fen"))
    changes = Change.objects.filter(of_these, waits | may_object).exclude(outcome="refuse")
    endings = Ending.objects.filter(of_these).exclude(outcome="refuse").exclude(answer="overturned")
    standing = changes.exclude(review_outcome="refuse").values_list("entitlement_id", flat=True)
    return {*standing, *endings.values_list("entitlement_id", flat=True)}


def _apply(actor: User, at: datetime, adjustment: Adjustment) -> Released:
    """Every line again as it is on the day of the release: what has changed since is looked at by people."""
    lines = list(adjustment.lines.exclude(effect="same").select_related("entitlement").defer("family").order_by("pk"))
    ids = [line.entitlement_id for line in lines]
    words, busy = words_about(ids), _under_way(ids, at)
    raised: list[NewAmount] = []
    reviews: list[DueReview] = []
    raised_fen, due_on = 0, localdate(at) + _REVIEW_WITHIN
    for line in lines:
        said: Words = words.get(line.entitlement_id, ())
        is_as_seen = last_amount(line.entitlement.amount_fen, said) == line.old_amount_fen
        if line.new_amount_fen is not None and line.effect == "up" and is_as_seen and line.entitlement_id not in busy:
            raised.append(_new_amount(adjustment, line, said))
            raised_fen += line.new_amount_fen - line.old_amount_fen
        else:
            reviews.append(DueReview(line.entitlement_id, due_on, line.area, line.pk))
    write_amounts(actor=actor, at=at, amounts=raised)
    open_reviews(at=at, reviews=reviews)
    return Released(len(raised), raised_fen, len(reviews))


def _new_amount(adjustment: Adjustment, line: AdjustmentLine, said: Words) -> NewAmount:
    """Never before the help began, nor before the last decision about its amount."""
    begins = max([adjustment.from_month, line.entitlement.start_month, *(month for month, _amount in said)])
    return NewAmount(line.entitlement_id, begins, line.new_amount_fen or 0, line.area, line_id=line.pk)


def _held(actor: User, adjustment_id: int) -> Adjustment:
    adjustment = Adjustment.objects.select_for_update().filter(pk=adjustment_id, county=actor.area_id).first()
    if adjustment is None:
        raise NotYours(_("There is no such record in your area."))
    return adjustment


def _refuse_other_pack(adjustment: Adjustment) -> None:
    if adjustment.pack_hash != current_pack().hash:
        raise Refused(
            _("It was computed by another release of the rules."), advice=_("Give it up and compute it anew.")
        )
