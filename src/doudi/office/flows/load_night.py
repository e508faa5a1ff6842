"""The night's findings come into the office.

    1  open the sealed run, register it (a night is loaded once)
    2  for each finding: merge it into the open one, or open it, with household, people and a visit task
    3  findings that the night reports closed end, unless somebody is at work on them
    4  the pairs that wait for people come on their list (review_pairs.py)

Identity is opened only for people in findings that are newly opened, for that purpose, and audited. A finding changes
nothing but the work list: no case, decision, entitlement or payment is touched here (promise P17).
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction
from django.utils.timezone import localdate

from doudi.engine.facts.lookup import read_person_facts
from doudi.engine.pipeline.brake import ALL_ADVERSE
from doudi.engine.pipeline.manifest import Run, open_run, read_identity, read_table
from doudi.engine.values.calendar import Deadline
from doudi.engine.values.keys import Keyring
from doudi.office.audit.actions import record
from doudi.office.bulk import among_texts
from doudi.office.casework.actions.nights import FoundFact, NewFinding, end_findings, merge_findings, open_findings
from doudi.office.casework.deadlines import visit_deadline
from doudi.office.casework.models import Finding
from doudi.office.evidence.actions import count_night, register_night
from doudi.office.evidence.models import NightRun
from doudi.office.evidence.rulebook import current_pack
from doudi.office.flows.night_families import NightFamily, record_families
from doudi.office.flows.review_pairs import load_pairs
from doudi.office.org.models import User
from doudi.office.org.permissions import require
from doudi.office.registry.crowds import people_by_key
from doudi.office.registry.models import Household

Row = Mapping[str, Any]


@dataclass
class LoadReport:
    """What a night brought. `elsewhere` are findings about families recorded outside of the loading county; `pairs` are
    doubtful pairs that came on the list or came back."""

    run_id: str
    opened: int = 0
    merged: int = 0
    ended: int = 0
    kept_open: int = 0
    answered: int = 0
    held: int = 0
    elsewhere: int = 0
    pairs: int = 0


@dataclass(frozen=True)
class _Night:
    """What is read of a run before anything is written."""

    run: Run
    findings: list[Row]
    reasons: Mapping[str, list[FoundFact]]
    households: Mapping[str, Row]
    members: Mapping[str, list[Row]]
    residences: Mapping[str, str]
    held_rules: frozenset[str] = field(default_factory=frozenset)


@transaction.atomic
def load_night(*, lake: Path, run_id: str, keyring: Keyring, actor: User, at: datetime) -> LoadReport:
    """Load the findings of one night for the county that the actor works for."""
    require(actor, "night.load")
    night = _read(lake, run_id, actor.area_id)
    manifest = night.run.manifest
    registered = register_night(
        actor=actor,
        at=at,
        run_id=run_id,
        as_of=manifest.as_of,
        pack_release=manifest.pack.release,
        pack_hash=manifest.pack.hash,
        lake=lake,
        area=actor.area_id,
    )
    report = LoadReport(run_id)
    known = _known_findings(night)
    closed, repeated, fresh = [], [], []
    for row in night.findings:
        current = known.get(row["finding_id"])
        if row["status"] == "closed":
            if _is_whole_side_held(row, night.held_rules):
                report.held += 1
            elif current is not None and current.state == Finding.State.OPEN:
                closed.append(current)
        elif current is not None and current.state == Finding.State.OPEN:
            repeated.append((current, row["priority"]))
        elif current is not None and current.state != Finding.State.ENDED:
            # People have answered this one; the night does not ask them twice.
            report.answered += 1
        elif row["rule"] in night.held_rules or _is_whole_side_held(row, night.held_rules):
            report.held += 1
        else:
            fresh.append(row)
    report.ended, report.kept_open = end_findings(actor=actor, at=at, night=registered, findings=closed)
    merge_findings(actor=actor, night=registered, findings=repeated, facts=night.reasons)
    report.merged = len(repeated)
    _open(night, registered, fresh, actor, at, keyring, report)
    brought = load_pairs(run=night.run, night=registered, keyring=keyring, actor=actor)
    report.pairs = brought.opened + brought.again
    count_night(
        actor=actor,
        night=registered,
        opened=report.opened,
        merged=report.merged,
        ended=report.ended,
        area=actor.area_id,
    )
    return report


@transaction.atomic
def load_released(*, night: NightRun, rule: str, keyring: Keyring, actor: User, at: datetime) -> LoadReport:
    """Load what the brake held: of one rule, or everything against families. Two people have released it before."""
    read = _read(Path(night.lake), night.run_id, night.area)
    report, known = LoadReport(night.run_id), _known_findings(read)
    released = [row for row in read.findings if row["rule"] == rule or _is_whole_side_held(row, {rule})]
    fresh = [row for row in released if row["status"] == "new" and _may_open(known.get(row["finding_id"]))]
    gone = [known[row["finding_id"]] for row in released if row["status"] == "closed" and row["finding_id"] in known]
    closed = [finding for finding in gone if finding.state == Finding.State.OPEN]
    report.ended, report.kept_open = end_findings(actor=actor, at=at, night=night, findings=closed)
    _open(read, night, fresh, actor, at, keyring, report)
    return report


def _is_whole_side_held(row: Row, held: Collection[str]) -> bool:
    """Does the brake hold everything that the night says against families, and this is a part of it?"""
    return ALL_ADVERSE in held and row["family"] == "receiving_changed"


def _may_open(current: Finding | None) -> bool:
    return current is None or current.state == Finding.State.ENDED


def _read(lake: Path, run_id: str, county: str) -> _Night:
    run = open_run(lake, run_id)
    every = read_table(run, "findings")
    findings = every.filter(pc.starts_with(every.column("area"), pattern=county)).to_pylist()
    wanted = {row["finding_id"] for row in findings}
    households = {row["household_key"] for row in findings}
    reasons: dict[str, list[FoundFact]] = defaultdict(list)
    facts = _part_of(run, "finding_facts", "finding_id", wanted)
    cells = [facts.column(name).to_pylist() for name in FoundFact._fields]
    for finding_id, fact in zip(facts.column("finding_id").to_pylist(), map(FoundFact, *cells), strict=True):
        reasons[finding_id].append(fact)
    members: dict[str, list[Row]] = defaultdict(list)
    for row in _rows_of(run, "memberships", "household_key", households):
        members[row["household_key"]].append(row)
    return _Night(
        run=run,
        findings=findings,
        reasons=reasons,
        households={row["household_key"]: row for row in _rows_of(run, "households", "household_key", households)},
        members=members,
        residences={
            row["subject"]: row["value_text"]
            for row in read_person_facts(lake, run_id, [], sorted(households)).to_pylist()
            if row["name"] == "residence" and row["value_text"]
        },
        held_rules=frozenset(held.rule for held in run.manifest.held),
    )


def _rows_of(run: Run, table: str, column: str, keys: Collection[str]) -> list[dict[str, Any]]:
    """The rows of a table about these keys. Of a city's memberships only those few become Python's."""
    rows: list[dict[str, Any]] = _part_of(run, table, column, keys).to_pylist()
    return rows


def _part_of(run: Run, table: str, column: str, keys: Collection[str]) -> pa.Table:
    every = read_table(run, table)
    wanted = pa.array(sorted(keys), type=pa.string())
    return every.filter(pc.is_in(every.column(column), value_set=wanted))


def _known_findings(night: _Night) -> Mapping[str, Finding]:
    """The latest record of each of the night's findings, locked: nobody closes one under the load's hands."""
    ids = [row["finding_id"] for row in night.findings]
    return {
        row.finding_id: row
        for row in Finding.objects.select_for_update().filter(among_texts("finding_id", ids)).order_by("pk")
    }


def _open_identity(night: _Night, fresh: Collection[Row], actor: User, keyring: Keyring) -> Mapping[str, Row]:
    """Open the sealed identity for people of findings that are about to be opened, and nobody else."""
    keys = {member["person_key"] for row in fresh for member in night.members.get(row["household_key"], [])}
    wanted = sorted(keys - people_by_key(keys).keys())
    if not wanted:
        return {}
    rows = read_identity(night.run, keyring, wanted).to_pylist()
    record(
        actor=actor,
        verb="identity.open",
        obj=None,
        area=actor.area_id,
        details={"run_id": night.run.run_id, "asked": len(wanted), "opened": len(rows), "person_keys": wanted},
        purpose="people in loaded findings",
    )
    return {row["person_key"]: row for row in rows}


def _open(
    night: _Night,
    registered: NightRun,
    fresh: Collection[Row],
    actor: User,
    at: datetime,
    keyring: Keyring,
    report: LoadReport,
) -> None:
    """Put the new findings on the list, with their families and a visit each."""
    identity = _open_identity(night, fresh, actor, keyring)
    families = {row["household_key"]: _family(night, row, identity) for row in fresh}
    households = record_families(
        actor=actor, at=at, families=list(families.values()), on=night.run.manifest.as_of, keyring=keyring
    )

    @cache
    def due(area: str) -> Deadline:
        return visit_deadline(current_pack(), area, localdate(at))

    new: list[NewFinding] = []
    for row in fresh:
        household = households.get(row["household_key"])
        if household is None:
            # Somebody of this family is recorded where this county can't see: counted, reported, left to the city.
            report.elsewhere += 1
            details = {"finding_id": row["finding_id"], "run_id": night.run.run_id}
            record(actor=actor, verb="finding.elsewhere", obj=None, area=actor.area_id, details=details)
            continue
        facts = night.reasons.get(row["finding_id"], [])
        new.append(_new_finding(row, household, facts, due(household.area)))
    open_findings(actor=actor, at=at, night=registered, findings=new)
    report.opened = len(new)


def _new_finding(row: Row, household: Household, facts: list[FoundFact], due: Deadline) -> NewFinding:
    return NewFinding(
        finding_id=row["finding_id"],
        rule=row["rule"],
        family=row["family"],
        household_id=household.pk,
        episode_start=row["episode_start"],
        priority=row["priority"],
        area=household.area,
        facts=facts,
        due=due,
    )


def _family(night: _Night, row: Row, identity: Mapping[str, Row]) -> NightFamily:
    key = row["household_key"]
    return NightFamily(
        key=key,
        basis=night.households[key]["basis"] if key in night.households else Household.Basis.REGISTER,
        area=row["area"],
        residence=night.residences.get(key, ""),
        members=night.members.get(key, []),
        identities=identity,
    )
