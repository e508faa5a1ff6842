"""Writes of evidence: facts, nights and assessments are only ever added."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from doudi.office.audit.actions import Note, record, record_many
from doudi.office.bulk import insert_rows
from doudi.office.errors import Refused
from doudi.office.evidence.models import Assessment, Fact, HeldRelease, NightRun
from doudi.office.evidence.terms import Stored
from doudi.office.org.models import User
from doudi.office.registry.models import Household, Person


@dataclass(frozen=True)
class NewFact:
    """A fact to be recorded. `person` or, for the household's own facts, none."""

    name: str
    stored: Stored
    valid_from: date
    origin: Fact.Origin
    source: str
    person: Person | None = None
    batch: str = ""
    row: int = 0
    visit_id: int | None = None
    case_id: int | None = None


@transaction.atomic
def record_facts(
    *, actor: User, at: datetime, household: Household, facts: Sequence[NewFact], purpose: str
) -> list[Fact]:
    """Record facts about a household and its members."""
    rows = Fact.objects.bulk_create(
        [
            Fact(
                person=new.person,
                household=household if new.person is None else None,
                name=new.name,
                value_int=new.stored.value_int,
                value_text=new.stored.value_text,
                is_unknown=new.stored.is_unknown,
                valid_from=new.valid_from,
                origin=new.origin,
                source=new.source,
                batch=new.batch,
                row=new.row,
                visit_id=new.visit_id,
                case_id=new.case_id,
                recorded_at=at,
                recorded_by=actor,
                area=household.area,
            )
            for new in facts
        ]
    )
    record(
        actor=actor,
        verb="facts.record",
        obj=household,
        area=household.area,
        details={"facts": [row.pk for row in rows], "names": sorted({row.name for row in rows})},
        purpose=purpose,
    )
    return rows


@dataclass(frozen=True)
class CarriedFact:
    """A fact of an old system's last review: of a person, or without one of the household."""

    household_id: int
    person_id: int | None
    name: str
    value_int: int | None
    value_text: str | None
    known_on: date
    row: int
    area: str


@transaction.atomic
def carry_facts(*, actor: User, at: datetime, facts: Sequence[CarriedFact], source: str, batch: str) -> None:
    """Record what an old system's last review found out, with the day on which it did."""
    insert_rows(
        Fact,
        ("person_id", "household_id", "name", "value_int", "value_text", "is_unknown", "valid_from", "origin", "source",
         "batch", "row", "recorded_at", "recorded_by_id", "area"),
        [
            (each.person_id, None if each.person_id else each.household_id, each.name, each.value_int, each.value_text,
             False, each.known_on, Fact.Origin.CARRIED, source, batch, each.row, at, actor.pk, each.area)
            for each in facts
        ],
    )  # fmt: skip
    counts = Counter((each.household_id, each.area) for each in facts)
    notes = [Note(household, area, {"facts": count, "batch": batch}) for (household, area), count in counts.items()]
    record_many(actor=actor, verb="facts.carry", model=Household, notes=notes, purpose="taking over a roll")


@transaction.atomic
def register_night(
    *, actor: User, at: datetime, run_id: str, as_of: date, pack_release: str, pack_hash: str, lake: Path, area: str
) -> NightRun:
    """Register a night before its findings are loaded; a night is loaded once."""
    try:
        with transaction.atomic():
            night = NightRun.objects.create(
                run_id=run_id,
                area=area,
                as_of=as_of,
                pack_release=pack_release,
                pack_hash=pack_hash,
                lake=str(lake.absolute()),
                loaded_at=at,
            )
    except IntegrityError:
        earlier = NightRun.objects.get(run_id=run_id, area=area)
        raise Refused(
            _("The night %(run)s was loaded already, at %(when)s.")
            % {"run": run_id, "when": f"{localtime(earlier.loaded_at):%Y-%m-%d %H:%M}"},
            advice=_("Nothing was done again; look at the findings."),
        ) from None
    record(actor=actor, verb="night.load", obj=night, area=area, details={"run_id": run_id})
    return night


@transaction.atomic
def count_night(*, actor: User, night: NightRun, opened: int, merged: int, ended: int, area: str) -> None:
    """Write down what the night brought."""
    NightRun.objects.filter(pk=night.pk).update(findings_opened=opened, findings_merged=merged, findings_ended=ended)
    record(
        actor=actor,
        verb="night.count",
        obj=night,
        area=area,
        details={"opened": opened, "merged": merged, "ended": ended},
    )


@transaction.atomic
def ask_for_release(*, actor: User, at: datetime, night: NightRun, rule: str, reason: str) -> HeldRelease:
    """The first of two people wants what the brake holds to be loaded."""
    try:
        with transaction.atomic():
            release = HeldRelease.objects.create(
                night=night, rule=rule, asked_by=actor, asked_at=at, ask_reason=reason, area=night.area
            )
    except IntegrityError:
        raise Refused(
            _("The release was asked for already."), advice=_("Another person confirms it, or withdraws it.")
        ) from None
    details = {"run_id": night.run_id, "rule": rule}
    record(actor=actor, verb="night.ask_release", obj=release, area=night.area, details=details)
    return release


@transaction.atomic
def confirm_release(*, actor: User, at: datetime, release: HeldRelease, reason: str) -> None:
    """The second of two people, never the one who asked."""
    if release.asked_by_id == actor.pk:
        raise Refused(_("Whoever asked for the release can't confirm it."), advice=_("A colleague confirms it."))
    changed = HeldRelease.objects.filter(pk=release.pk, confirmed_at__isnull=True, withdrawn_at__isnull=True).update(
        confirmed_by=actor, confirmed_at=at, confirm_reason=reason
    )
    if not changed:
        raise Refused(_("The release was confirmed or withdrawn already."), advice=_("Open the night again."))
    details = {"run_id": release.night.run_id, "rule": release.rule}
    record(actor=actor, verb="night.confirm_release", obj=release, area=release.night.area, details=details)


@transaction.atomic
def withdraw_release(*, actor: User, at: datetime, release: HeldRelease) -> None:
    """Nobody has confirmed it yet: what is held stays held."""
    changed = HeldRelease.objects.filter(pk=release.pk, confirmed_at__isnull=True, withdrawn_at__isnull=True).update(
        withdrawn_by=actor, withdrawn_at=at
    )
    if not changed:
        raise Refused(_("The release was confirmed or withdrawn already."), advice=_("Open the night again."))
    details = {"run_id": release.night.run_id, "rule": release.rule}
    record(actor=actor, verb="night.withdraw_release", obj=release, area=release.night.area, details=details)


@transaction.atomic
def store_assessment(
    *,
    actor: User,
    at: datetime,
    household: Household,
    case_id: int | None,
    programme: str,
    as_of: date,
    outcome: str,
    amount_fen: int | None,
    pack_release: str,
    pack_hash: str,
    inputs: Mapping[str, Any],
    result: Mapping[str, Any],
    explanation_zh: Mapping[str, Any],
    explanation_en: Mapping[str, Any],
) -> Assessment:
    """Keep an assessment whole, with what it was made of and why it came out so."""
    assessment = Assessment.objects.create(
        household=household,
        case_id=case_id,
        programme=programme,
        as_of=as_of,
        outcome=outcome,
        amount_fen=amount_fen,
        pack_release=pack_release,
        pack_hash=pack_hash,
        inputs=dict(inputs),
        result=dict(result),
        explanation_zh=dict(explanation_zh),
        explanation_en=dict(explanation_en),
        made_at=at,
        made_by=actor,
        area=household.area,
    )
    record(
        actor=actor,
        verb="assessment.make",
        obj=assessment,
        area=household.area,
        details={"case": case_id, "outcome": outcome},
    )
    return assessment
