"""Doubtful pairs for people to look at: the list, the two records side by side, and what the next night is told."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, QuerySet
from django.db.models.functions import Left
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from doudi.engine.values.identity import mask_id, mask_phone
from doudi.office.audit.actions import record_read
from doudi.office.errors import NotYours
from doudi.office.evidence.models import DoubtfulPair, PairDecision
from doudi.office.org.models import User
from doudi.office.org.permissions import require
from doudi.office.registry.listing import Listing
from doudi.office.registry.models import Person


@dataclass(frozen=True)
class PairRow:
    """One line of the list: both names, what is doubtful, and why it stands where it stands."""

    pair_id: int
    name: str
    known_name: str
    kind: str
    source: str
    delivered: str
    rows: int
    use: int
    weight: int | None
    state: str
    area: str
    last_seen: date


@dataclass(frozen=True)
class FieldSaid:
    """What both sides say in one field. `agrees`: True, False, or None where one side says nothing."""

    field: str
    in_row: str
    known: str
    verdict: str
    agrees: bool | None


@dataclass(frozen=True)
class WordSaid:
    """What somebody said of a pair, and what became of it."""

    verdict: str
    reason: str
    decided_by_id: int
    decided_by: str
    decided_at: datetime
    confirmed_by: str
    confirmed_at: datetime | None
    confirm_reason: str
    withdrawn_by: str
    withdrawn_at: datetime | None
    withdraw_reason: str


@dataclass(frozen=True)
class PairDetail:
    """One pair with both records, everything said of it, and the person's other pairs.

    `digest` stands for the records as they were shown: a word is only taken for these.
    """

    row: PairRow
    batch: str
    record_row: int
    known_source: str
    known_delivered: str
    person_id: int | None
    fields: tuple[FieldSaid, ...]
    words: tuple[WordSaid, ...]
    others: tuple[PairRow, ...]
    digest: str


@dataclass(frozen=True)
class PairCounts:
    """How many pairs of one state lie in the reader's area, by kind, department and township."""

    kinds: Mapping[str, int]
    sources: Mapping[str, int]
    townships: Mapping[str, int]


def list_pairs(
    user: User, *, state: str = "open", kind: str = "", source: str = "", area: str = ""
) -> Listing[DoubtfulPair, PairRow]:
    """Pairs of the reader's area, the most useful first: what hangs on them, how many rows wait, how likely."""
    require(user, "pair.see")
    query = DoubtfulPair.objects.select_related("last_run")
    for name, value in (("state", state), ("kind", kind), ("source", source)):
        query = query.filter(**{name: value}) if value else query
    if area:
        query = query.filter(area__gte=area, area__lt=f"{area}:")

    def build(page: list[DoubtfulPair]) -> list[PairRow]:
        _note(user, page, "list of doubtful pairs", ("name", "known_name"))
        return [_row(pair) for pair in page]

    return Listing(in_order(query), build)


def in_order(query: QuerySet[DoubtfulPair]) -> QuerySet[DoubtfulPair]:
    """The most useful first."""
    return query.order_by("-use", "-rows", "-weight", "pk")


def count_pairs(user: User, *, state: str) -> PairCounts:
    """For the filters of the list."""
    require(user, "pair.see")
    query = DoubtfulPair.objects.filter(state=state) if state else DoubtfulPair.objects.all()
    rows = query.values_list("kind", "source", Left("area", 9)).annotate(count=Count("pk"))
    kinds, sources, townships = Counter[str](), Counter[str](), Counter[str]()
    for kind, source, township, count in rows:
        kinds[kind] += count
        sources[source] += count
        townships[township] += count
    return PairCounts(kinds, sources, townships)


def pair_detail(user: User, pair_id: int, *, purpose: str) -> PairDetail:
    """One pair side by side. Identity numbers and telephones are masked; the look is recorded."""
    require(user, "pair.see")
    pair = DoubtfulPair.objects.select_related("last_run").filter(pk=pair_id).first()
    if pair is None:
        raise NotYours(_("There is no such pair."))
    others = list(
        in_order(
            DoubtfulPair.objects.select_related("last_run")
            .filter(person_key=pair.person_key)
            .exclude(pk=pair.pk)
            .exclude(state=DoubtfulPair.State.GONE)
        )[:20]
    )
    _note(user, [pair, *others], purpose, ("name", "id_number", "birth_date", "sex", "area", "address", "phone"))
    words = pair.decisions.select_related("decided_by", "confirmed_by", "withdrawn_by").order_by("-pk")
    return PairDetail(
        row=_row(pair),
        batch=pair.batch,
        record_row=pair.row,
        known_source=pair.known_source,
        known_delivered=pair.known_delivered,
        person_id=Person.objects.filter(key=pair.person_key).values_list("pk", flat=True).first(),
        fields=tuple(_field(each) for each in json.loads(pair.said)),
        words=tuple(_word(each) for each in words),
        others=tuple(_row(other) for other in others),
        digest=pair.digest,
    )


def next_pair(user: User, *, after: int) -> int | None:
    """The pair that comes first on the list and is not this one."""
    require(user, "pair.see")
    waiting = in_order(DoubtfulPair.objects.filter(state=DoubtfulPair.State.OPEN).exclude(pk=after))
    return waiting.values_list("pk", flat=True).first()


def binding_words(county: str) -> list[dict[str, Any]]:
    """What the next night is bound by, as `tables.OFFICE_PAIR_DECISIONS` has it: "the same" only where two say so."""
    words = (
        PairDecision.objects.filter(withdrawn_at__isnull=True, area__gte=county, area__lt=f"{county}:")
        .exclude(verdict=PairDecision.Verdict.UNSURE)
        .exclude(verdict=PairDecision.Verdict.SAME, confirmed_at__isnull=True)
        .select_related("pair")
        .order_by("pk")
    )
    return [
        {
            "claim_key": word.pair.claim_key,
            "person_key": word.pair.person_key,
            "verdict": word.verdict,
            "decided_on": localdate(word.confirmed_at or word.decided_at),
            "row": word.pk,
        }
        for word in words
    ]


def _note(user: User, pairs: list[DoubtfulPair], purpose: str, fields: tuple[str, ...]) -> None:
    record_read(actor=user, objects=pairs, fields=fields, area=user.area_id, purpose=purpose)


def _row(pair: DoubtfulPair) -> PairRow:
    names = next(each for each in json.loads(pair.said) if each["field"] == "name")
    return PairRow(
        pair_id=pair.pk,
        name=names["in_row"] or "",
        known_name=names["known"] or "",
        kind=pair.kind,
        source=pair.source,
        delivered=pair.delivered,
        rows=pair.rows,
        use=pair.use,
        weight=pair.weight,
        state=pair.state,
        area=pair.area,
        last_seen=pair.last_run.as_of,
    )


def _field(said: Mapping[str, str | None]) -> FieldSaid:
    field, in_row, known = str(said["field"]), said["in_row"] or "", said["known"] or ""
    agrees = None if not (in_row and known) else said["verdict"] == "same" or in_row == known
    hide = {"id_number": mask_id, "phone": mask_phone}.get(field, str)
    return FieldSaid(
        field=field,
        in_row=hide(in_row) if in_row else "",
        known=hide(known) if known else "",
        verdict=str(said["verdict"]),
        agrees=agrees,
    )


def _word(said: PairDecision) -> WordSaid:
    return WordSaid(
        verdict=said.verdict,
        reason=said.reason,
        decided_by_id=said.decided_by_id,
        decided_by=said.decided_by.display_name,
        decided_at=said.decided_at,
        confirmed_by=said.confirmed_by.display_name if said.confirmed_by else "",
        confirmed_at=said.confirmed_at,
        confirm_reason=said.confirm_reason,
        withdrawn_by=said.withdrawn_by.display_name if said.withdrawn_by else "",
        withdrawn_at=said.withdrawn_at,
        withdraw_reason=said.withdraw_reason,
    )
