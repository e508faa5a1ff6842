"""One application, classified 一次申请、分类审核认定: one family's facts, all programmes in the order of the law.

The pack's `programmes/classification.yaml` declares the order. The family's tier is the first programme that it
qualifies for. An earlier programme that is still undetermined is named: until its facts are known, the tier may rise to
it, but it never falls. What is decided together with a tier (a supplement) or instead of it (a gradual exit) is
assessed as well.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from pydantic import Field

from doudi.engine.pack.citation import Citation, Strict
from doudi.engine.pack.document import Document, validate
from doudi.engine.pack.pack import Pack
from doudi.engine.rules.assessment import Assessment, assess
from doudi.engine.rules.documents import Name
from doudi.engine.rules.errors import FormulaNameError
from doudi.engine.rules.family import Family
from doudi.engine.rules.programme import Programme, load_programme, programme_ids

CLASSIFICATION = "programmes/classification.yaml"


class Tier(Strict):
    """One tier: its programme, what is decided with it, and what a family may get that no longer qualifies for it."""

    programme: Name
    together: tuple[Name, ...] = Field(default=(), alias="with", strict=False)
    instead: tuple[Name, ...] = Field(default=(), strict=False)


class Order(Strict):
    """The order of the law, from `classification.yaml`."""

    citation: Citation
    order: tuple[Tier, ...] = Field(min_length=1, strict=False)

    @property
    def programmes(self) -> tuple[str, ...]:
        """The programmes of the tiers, first one first."""
        return tuple(tier.programme for tier in self.order)


@dataclass(frozen=True)
class Classification:
    """Where a family stands: the tier, what is still open before it, and every assessment behind it.

    `additions` are the programmes that come with the tier, or in place of one, and that the family qualifies for;
    `amount_fen` is what all of it comes to, or None where nothing is paid or an amount is not known.
    """

    tier: str | None
    open_before: tuple[str, ...]
    additions: tuple[str, ...]
    amount_fen: int | None
    assessments: Mapping[str, Assessment]

    @property
    def is_settled(self) -> bool:
        """Can no unknown fact change the tier?"""
        return not self.open_before

    def to_dict(self) -> dict[str, Any]:
        """The classification as JSON-able data."""
        return {
            "tier": self.tier,
            "is_settled": self.is_settled,
            "open_before": list(self.open_before),
            "additions": list(self.additions),
            "amount_fen": self.amount_fen,
            "assessments": {name: each.to_dict() for name, each in self.assessments.items()},
        }


@lru_cache(maxsize=8)
def load_classification(pack: Pack) -> Order:
    """Read and check the order: each programme exists and stands once."""
    document = pack.document(CLASSIFICATION)
    order = validate(document, Order)
    known, seen = set(programme_ids(pack)), set[str]()
    for place, tier in enumerate(order.order):
        for name in (tier.programme, *tier.together, *tier.instead):
            _check(name, known, seen, document, place)
            seen.add(name)
    return order


def _check(name: str, known: set[str], seen: set[str], document: Document, place: int) -> None:
    where = document.where("order", place)
    if name not in known:
        raise FormulaNameError(
            f"the order names {name}, and the pack has no such programme.",
            advice=f"The programmes are: {', '.join(sorted(known))}.",
            where=where,
        )
    if name in seen:
        raise FormulaNameError(f"the order names {name} twice.", advice="Name each programme once.", where=where)


def classify(family: Family, *, pack: Pack, as_of: date) -> Classification:
    """Assess one family for every programme of the order, and say which tier is its own."""
    order = load_classification(pack)
    done: dict[str, Assessment] = {}
    for tier in order.order:
        for name in (tier.programme, *tier.together, *tier.instead):
            done[name] = assess(load_programme(pack, name), family, pack=pack, as_of=as_of)
    own = next((tier for tier in order.order if done[tier.programme].outcome == "eligible"), None)
    before = order.programmes if own is None else order.programmes[: order.programmes.index(own.programme)]
    offered = (own.together if own else ()) + tuple(name for tier in order.order for name in tier.instead)
    additions = tuple(name for name in offered if done[name].outcome == "eligible")
    return Classification(
        tier=own.programme if own else None,
        open_before=tuple(name for name in before if done[name].outcome == "undetermined"),
        additions=additions,
        amount_fen=_total([load_programme(pack, n) for n in (*((own.programme,) if own else ()), *additions)], done),
        assessments=done,
    )


def _total(granted: Sequence[Programme], done: Mapping[str, Assessment]) -> int | None:
    """What is paid in sum: a recognition without cash adds nothing, an amount that is not known leaves it open."""
    amounts = [done[programme.id].amount_fen for programme in granted if programme.amount is not None]
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known and len(known) == len(amounts) else None
