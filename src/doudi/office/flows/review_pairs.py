"""Doubtful pairs (疑似同一人): a night brings them, people say what they are, and the next night is bound by it (P14).

1  the night's sealed pairs are opened, audited, and come on the list of the division where the person is registered
2  somebody of the county looks at both records and says: the same, two people, or it can't be said, with a reason
3  "the same" holds only when another person of the county has looked and says so too
4  anybody of them takes a word back with a reason: the night after is as if it had never been said
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from doudi.engine.pipeline.manifest import Run
from doudi.engine.pipeline.waiting_pairs import waiting_pairs
from doudi.engine.values.keys import Keyring
from doudi.office.audit.actions import record
from doudi.office.bulk import among
from doudi.office.casework.models import Case, Finding
from doudi.office.errors import NotYours, Unacceptable
from doudi.office.evidence.models import DoubtfulPair, NightRun, PairDecision
from doudi.office.evidence.pair_actions import bring_pairs, confirm_same, say_of_pair, withdraw_word
from doudi.office.org.models import User
from doudi.office.org.permissions import require
from doudi.office.registry.crowds import people_by_key
from doudi.office.registry.models import Membership

CAPABILITY = "pair.decide"


@dataclass(frozen=True)
class PairsReport:
    """What a night's doubtful pairs did to the list."""

    opened: int
    again: int
    gone: int


@transaction.atomic
def load_pairs(*, run: Run, night: NightRun, keyring: Keyring, actor: User) -> PairsReport:
    """Open the night's pairs for the people of the loading county, and nobody else's."""
    require(actor, "night.load")
    pairs = [pair for pair in waiting_pairs(run, keyring) if pair.area.startswith(night.area)]
    if pairs:
        record(
            actor=actor,
            verb="pairs.open",
            obj=night,
            area=night.area,
            details={"run_id": run.run_id, "opened": len(pairs)},
            purpose="pairs that wait for people",
        )
    use = _use({pair.person_key for pair in pairs})
    return PairsReport(*bring_pairs(actor=actor, night=night, pairs=pairs, use=use, keyring=keyring))


@transaction.atomic
def say(*, actor: User, at: datetime, pair_id: int, verdict: str, reason: str, digest: str) -> str:
    """The first word on a pair. Gives the state in which it stands now."""
    require(actor, CAPABILITY)
    if verdict not in PairDecision.Verdict.values:
        raise Unacceptable(_("The answer is not one of the list."), advice=_("Choose the same, two people, or unsure."))
    pair = _pair(pair_id)
    say_of_pair(actor=actor, at=at, pair=pair, verdict=verdict, digest=digest, reason=_given(reason))
    return pair.state


@transaction.atomic
def confirm(*, actor: User, at: datetime, pair_id: int, reason: str, digest: str) -> None:
    """The second word on "the same"."""
    require(actor, CAPABILITY)
    confirm_same(actor=actor, at=at, pair=_pair(pair_id), digest=digest, reason=_given(reason))


@transaction.atomic
def withdraw(*, actor: User, at: datetime, pair_id: int, reason: str) -> None:
    """Take back what was said."""
    require(actor, CAPABILITY)
    withdraw_word(actor=actor, at=at, pair=_pair(pair_id), reason=_given(reason))


def _use(keys: Collection[str]) -> dict[str, int]:
    """How much hangs on each person: 2 a finding or case of the family is open, 1 the office knows the person."""
    known = people_by_key(keys)
    homes = dict(
        Membership.objects.filter(among("person", known.values()), to_date__isnull=True).values_list(
            "person_id", "household_id"
        )
    )
    busy = set(
        Finding.objects.filter(among("household", set(homes.values())), state=Finding.State.OPEN).values_list(
            "household_id", flat=True
        )
    ) | set(
        Case.objects.filter(among("household", set(homes.values())), state=Case.State.OPEN).values_list(
            "household_id", flat=True
        )
    )
    return {key: 2 if homes.get(person) in busy else 1 for key, person in known.items()}


def _pair(pair_id: int) -> DoubtfulPair:
    pair = DoubtfulPair.objects.select_for_update().filter(pk=pair_id).first()
    if pair is None:
        raise NotYours(_("There is no such pair."))
    return pair


def _given(reason: str) -> str:
    if not reason.strip():
        raise Unacceptable(_("A reason is needed, whatever the answer."), advice=_("Say what you looked at."))
    return reason.strip()
