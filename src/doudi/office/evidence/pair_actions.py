"""Doubtful pairs as a night brings them, and what people say of them. Every word stays; it can only be taken back."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

import polars as pl
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from doudi.engine.linkage.decisions import PairDecisionError, standing_keys
from doudi.engine.pipeline.waiting_pairs import WaitingPair
from doudi.engine.values.keys import Keyring
from doudi.office.audit.actions import Note, record, record_many
from doudi.office.bulk import among, among_texts, insert_rows, take_ids
from doudi.office.crypto import blind_index
from doudi.office.errors import Refused
from doudi.office.evidence.models import DoubtfulPair, NightRun, PairDecision
from doudi.office.org.models import User

_ONE_JUDGEMENT_AT_A_TIME = 0x70616972
_ASKED_TONIGHT = (DoubtfulPair.State.OPEN, DoubtfulPair.State.ASKED, DoubtfulPair.State.UNSURE)
_TOLD = ("kind", "source", "batch", "row", "delivered", "rows", "known_source", "known_delivered", "weight", "area")


@transaction.atomic
def bring_pairs(
    *, actor: User, night: NightRun, pairs: Sequence[WaitingPair], use: Mapping[str, int], keyring: Keyring
) -> tuple[int, int, int]:
    """The night's pairs come on the list. Gives how many are new, how many came back, how many nobody asks any more.

    `use` says for a person's key how much hangs on the pair (see the model). What people have decided stays decided;
    what they could not say is asked again when a record has changed.
    """
    known = {
        (each.claim_key, each.person_key): each
        for each in DoubtfulPair.objects.select_for_update().filter(
            among_texts("claim_key", [pair.claim_key for pair in pairs])
        )
    }
    fresh = [pair for pair in pairs if (pair.claim_key, pair.person_key) not in known]
    opened = _insert(actor, night, fresh, use, keyring)
    again = 0
    for pair in pairs:
        row = known.get((pair.claim_key, pair.person_key))
        if row is not None:
            again += _refresh(actor, night, row, pair, use.get(pair.person_key, 0), keyring)
    silent = DoubtfulPair.objects.filter(state__in=_ASKED_TONIGHT).exclude(last_run=night)
    notes = [Note(pk, area, {"night": night.run_id}) for pk, area in silent.values_list("pk", "area")]
    DoubtfulPair.objects.filter(among("pk", [note.object_id for note in notes])).update(state=DoubtfulPair.State.GONE)
    record_many(actor=actor, verb="pair.gone", model=DoubtfulPair, notes=notes)
    return opened, again, len(notes)


def _insert(
    actor: User, night: NightRun, pairs: Sequence[WaitingPair], use: Mapping[str, int], keyring: Keyring
) -> int:
    ids = take_ids(DoubtfulPair, len(pairs))
    rows = []
    for number, pair in zip(ids, pairs, strict=True):
        said = _said(pair)
        told = [getattr(pair, name) for name in _TOLD]
        rows.append(
            (number, pair.claim_key, pair.person_key, *told, said, _digest(keyring, said), use.get(pair.person_key, 0),
             night.pk, night.pk, DoubtfulPair.State.OPEN)
        )  # fmt: skip
    columns = ("id", "claim_key", "person_key", *_TOLD, "said", "digest", "use", "first_run_id", "last_run_id", "state")
    # A pair that another county has on its list is left to that county.
    insert_rows(DoubtfulPair, columns, rows, leaving_taken=True)
    there = dict(DoubtfulPair.objects.filter(among("pk", ids)).values_list("pk", "area"))
    notes = [Note(number, area, {"night": night.run_id}) for number, area in there.items()]
    record_many(actor=actor, verb="pair.open", model=DoubtfulPair, notes=notes)
    return len(there)


def _refresh(actor: User, night: NightRun, row: DoubtfulPair, pair: WaitingPair, use: int, keyring: Keyring) -> bool:
    """Take over what tonight's record says. Tells whether the pair is asked again."""
    said = _said(pair)
    digest = _digest(keyring, said)
    has_changed, row.last_run, row.use, row.said, row.digest = digest != row.digest, night, use, said, digest
    for name in _TOLD:
        setattr(row, name, getattr(pair, name))
    is_again = row.state == DoubtfulPair.State.GONE or (has_changed and row.state == DoubtfulPair.State.UNSURE)
    if is_again:
        standing = row.decisions.filter(withdrawn_at__isnull=True).first()
        if standing is None:
            row.state = DoubtfulPair.State.OPEN
        elif standing.verdict == PairDecision.Verdict.SAME:
            row.state = DoubtfulPair.State.ASKED
        else:
            row.state = DoubtfulPair.State.OPEN if has_changed else DoubtfulPair.State.UNSURE
    row.save()
    if is_again:
        record(actor=actor, verb="pair.again", obj=row, area=row.area, details={"night": night.run_id})
    return is_again


@transaction.atomic
def say_of_pair(
    *, actor: User, at: datetime, pair: DoubtfulPair, verdict: str, digest: str, reason: str
) -> PairDecision:
    """One person says what the pair is. An earlier "unsure" gives way; "the same" waits for a second person."""
    _lock()
    pair.refresh_from_db()
    _refuse_stale(pair, digest)
    if pair.state not in (DoubtfulPair.State.OPEN, DoubtfulPair.State.UNSURE):
        raise Refused(_("This pair is not waiting for a word."), advice=_("Open it again and see what was said."))
    PairDecision.objects.filter(pair=pair, withdrawn_at__isnull=True, verdict=PairDecision.Verdict.UNSURE).update(
        withdrawn_by=actor, withdrawn_at=at, withdraw_reason=reason
    )
    if verdict != PairDecision.Verdict.UNSURE:
        _refuse_contradiction(pair, verdict)
    try:
        with transaction.atomic():
            said = PairDecision.objects.create(
                pair=pair,
                verdict=verdict,
                reason=reason,
                digest=digest,
                decided_by=actor,
                decided_at=at,
                area=pair.area,
            )
    except IntegrityError:
        raise Refused(
            _("Somebody said something of this pair just now."), advice=_("Open it again and see what was said.")
        ) from None
    state = DoubtfulPair.State.ASKED if verdict == PairDecision.Verdict.SAME else DoubtfulPair.State(verdict)
    _put(pair, state)
    record(actor=actor, verb="pair.say", obj=pair, area=pair.area, details={"verdict": verdict, "decision": said.pk})
    return said


@transaction.atomic
def confirm_same(*, actor: User, at: datetime, pair: DoubtfulPair, digest: str, reason: str) -> None:
    """A second person says "the same" too: from the next night on it holds."""
    _lock()
    pair.refresh_from_db()
    _refuse_stale(pair, digest)
    said = standing_word(pair)
    if said is None or pair.state != DoubtfulPair.State.ASKED:
        raise Refused(_("Nobody has asked for a second word."), advice=_("Open it again and see what was said."))
    if said.decided_by_id == actor.pk:
        raise Refused(_("Whoever said it first can't confirm it."), advice=_("A colleague looks and confirms."))
    if said.digest != pair.digest:
        raise Refused(
            _("A record has changed since the first person looked."),
            advice=_("Take the first word back, look again, and start anew."),
        )
    changed = PairDecision.objects.filter(pk=said.pk, withdrawn_at__isnull=True, confirmed_at__isnull=True).update(
        confirmed_by=actor, confirmed_at=at, confirm_reason=reason
    )
    if not changed:
        raise Refused(_("Nobody has asked for a second word."), advice=_("Open it again and see what was said."))
    _put(pair, DoubtfulPair.State.SAME)
    record(actor=actor, verb="pair.confirm", obj=pair, area=pair.area, details={"decision": said.pk})


@transaction.atomic
def withdraw_word(*, actor: User, at: datetime, pair: DoubtfulPair, reason: str) -> None:
    """Take back what was said, whoever said it: the next night is as if it had never been said."""
    _lock()
    pair.refresh_from_db()
    said = standing_word(pair)
    if said is None:
        raise Refused(_("Nothing stands that could be taken back."), advice=_("Open it again and see what was said."))
    PairDecision.objects.filter(pk=said.pk, withdrawn_at__isnull=True).update(
        withdrawn_by=actor, withdrawn_at=at, withdraw_reason=reason
    )
    _put(pair, DoubtfulPair.State.OPEN)
    details = {"decision": said.pk, "verdict": said.verdict, "was_confirmed": said.confirmed_at is not None}
    record(actor=actor, verb="pair.withdraw", obj=pair, area=pair.area, details=details)


def standing_word(pair: DoubtfulPair) -> PairDecision | None:
    """What was said and not taken back."""
    return PairDecision.objects.filter(pair=pair, withdrawn_at__isnull=True).first()


def _lock() -> None:
    """Words of two pairs can contradict each other, so that they are said one after the other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_JUDGEMENT_AT_A_TIME])


def _put(pair: DoubtfulPair, state: str) -> None:
    DoubtfulPair.objects.filter(pk=pair.pk).update(state=state)
    pair.state = state


def _refuse_stale(pair: DoubtfulPair, digest: str) -> None:
    if pair.digest != digest:
        raise Refused(
            _("A night has brought newer records since this page was opened."),
            advice=_("Look at them and say it again."),
        )


def _refuse_contradiction(pair: DoubtfulPair, verdict: str) -> None:
    """One record is one person, and words that contradict each other would stop the next night."""
    words = PairDecision.objects.filter(withdrawn_at__isnull=True).exclude(verdict=PairDecision.Verdict.UNSURE)
    standing = list(words.values_list("pair__claim_key", "pair__person_key", "verdict"))
    if verdict == PairDecision.Verdict.SAME and any(
        claim == pair.claim_key and said == PairDecision.Verdict.SAME for claim, _person, said in standing
    ):
        raise Refused(
            _("This record was called the same as another person already."),
            advice=_("Take that back first, if it was wrong."),
        )
    said: list[tuple[Any, ...]] = [*standing, (pair.claim_key, pair.person_key, verdict)]
    columns = {"claim_key": pl.String, "person_key": pl.String, "verdict": pl.String}
    try:
        standing_keys(pl.DataFrame(said, schema=columns, orient="row"))
    except PairDecisionError:
        raise Refused(
            _("This contradicts what was said of other pairs of the same people."),
            advice=_("See the other pairs below, and take back what is wrong."),
        ) from None


def _said(pair: WaitingPair) -> str:
    return json.dumps([asdict(each) for each in pair.said], ensure_ascii=False)


def _digest(keyring: Keyring, said: str) -> str:
    return blind_index(keyring, f"pair:{said}")
