"""The night's findings come into the office.

    1  open the sealed run, register it (a night is loaded once)
    2  for each finding: merge it into the open one, or open it, with household, people and a visit task
    3  findings that the night reports closed end, unless somebody is at work on them

Identity is opened only for people in findings that are newly opened, for that purpose, and audited. A finding changes
nothing but the work list: no case, decision, entitlement or payment is touched here (promise P17).
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.timezone import localdate

from doudi.engine.facts.lookup import read_person_facts
from doudi.engine.pipeline.manifest import Run, open_run, read_identity, read_table
from doudi.engine.values.keys import Keyring
from doudi.office.audit.actions import record
from doudi.office.casework.actions.findings import (
    FoundFact,
    create_task,
    end_finding,
    merge_finding,
    open_finding,
)
from doudi.office.casework.deadlines import visit_deadline
from doudi.office.casework.models import Finding, Task
from doudi.office.evidence.actions import count_night, register_night
from doudi.office.evidence.models import NightRun
from doudi.office.evidence.rulebook import current_pack
from doudi.office.org.models import User
from doudi.office.org.permissions import require
from doudi.office.registry.actions import (
    RecordedElsewhere,
    join_household,
    know_household,
    know_person,
    leave_household,
)
from doudi.office.registry.models import Household, Person

Row = Mapping[str, Any]


@dataclass
class LoadReport:
    """What a night brought. `elsewhere` are findings about families recorded outside of the loading county."""

    run_id: str
    opened: int = 0
    merged: int = 0
    ended: int = 0
    kept_open: int = 0
    answered: int = 0
    held: int = 0
    elsewhere: int = 0


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
    report, identity = LoadReport(run_id), _open_identity(night, actor, keyring)
    for row in night.findings:
        current = Finding.objects.filter(finding_id=row["finding_id"]).order_by("-pk").first()
        if row["status"] == "closed":
            _close(night, registered, current, actor, at, report)
        elif current is not None and current.state == Finding.State.OPEN:
            facts = night.reasons.get(row["finding_id"], [])
            merge_finding(actor=actor, night=registered, finding=current, priority=row["priority"], facts=facts)
            report.merged += 1
        elif current is not None and current.state != Finding.State.ENDED:
            # People have answered this one; the night does not ask them twice.
            report.answered += 1
        elif row["rule"] in night.held_rules:
            report.held += 1
        else:
            _open(night, registered, row, identity, actor, at, keyring, report)
    count_night(
        actor=actor,
        night=registered,
        opened=report.opened,
        merged=report.merged,
        ended=report.ended,
        area=actor.area_id,
    )
    return report


def _read(lake: Path, run_id: str, county: str) -> _Night:
    run = open_run(lake, run_id)
    findings = [row for row in read_table(run, "findings").to_pylist() if row["area"].startswith(county)]
    wanted = {row["finding_id"] for row in findings}
    households = {row["household_key"] for row in findings}
    reasons: dict[str, list[FoundFact]] = defaultdict(list)
    for row in read_table(run, "finding_facts").to_pylist():
        if row["finding_id"] in wanted:
            reasons[row.pop("finding_id")].append(FoundFact(**row))
    members: dict[str, list[Row]] = defaultdict(list)
    for row in read_table(run, "memberships").to_pylist():
        if row["household_key"] in households:
            members[row["household_key"]].append(row)
    return _Night(
        run=run,
        findings=findings,
        reasons=reasons,
        households={
            row["household_key"]: row
            for row in read_table(run, "households").to_pylist()
            if row["household_key"] in households
        },
        members=members,
        residences={
            row["subject"]: row["value_text"]
            for row in read_person_facts(lake, run_id, [], sorted(households)).to_pylist()
            if row["name"] == "residence" and row["value_text"]
        },
        held_rules=frozenset(held.rule for held in run.manifest.held),
    )


def _open_identity(night: _Night, actor: User, keyring: Keyring) -> Mapping[str, Row]:
    """Open the sealed identity for people of findings that are about to be opened, and nobody else."""
    known = set(
        Finding.objects.filter(finding_id__in=[row["finding_id"] for row in night.findings])
        .exclude(state=Finding.State.ENDED)
        .values_list("finding_id", flat=True)
    )
    keys = {
        member["person_key"]
        for row in night.findings
        if row["status"] != "closed" and row["finding_id"] not in known and row["rule"] not in night.held_rules
        for member in night.members.get(row["household_key"], [])
    }
    met = set(Person.objects.filter(key__in=keys).values_list("key", flat=True))
    wanted = sorted(keys - met)
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


def _close(
    night: _Night, registered: NightRun, current: Finding | None, actor: User, at: datetime, report: LoadReport
) -> None:
    if current is None or current.state != Finding.State.OPEN:
        return
    if end_finding(actor=actor, at=at, night=registered, finding=current):
        report.ended += 1
    else:
        report.kept_open += 1


def _open(
    night: _Night,
    registered: NightRun,
    row: Row,
    identity: Mapping[str, Row],
    actor: User,
    at: datetime,
    keyring: Keyring,
    report: LoadReport,
) -> None:
    try:
        with transaction.atomic():
            household = _household(night, row, identity, actor, keyring)
            finding = open_finding(
                actor=actor,
                night=registered,
                finding_id=row["finding_id"],
                rule=row["rule"],
                family=row["family"],
                household=household,
                episode_start=row["episode_start"],
                priority=row["priority"],
                facts=night.reasons.get(row["finding_id"], []),
            )
            due = visit_deadline(current_pack(), household.area, localdate(at))
            create_task(actor=actor, at=at, kind=Task.Kind.VISIT, finding=finding, role="assistant", due=due)
    except RecordedElsewhere:
        # Somebody of this family is recorded where this county can't see: counted, reported, left to the city.
        report.elsewhere += 1
        record(
            actor=actor,
            verb="finding.elsewhere",
            obj=None,
            area=actor.area_id,
            details={"finding_id": row["finding_id"], "run_id": night.run.run_id},
        )
        return
    report.opened += 1


def _household(night: _Night, row: Row, identity: Mapping[str, Row], actor: User, keyring: Keyring) -> Household:
    """The family of a finding with its people, all "known from data" unless the office knows them already."""
    key, members = row["household_key"], night.members.get(row["household_key"], [])
    known = Household.objects.filter(key=key).first()
    if known is not None and known.basis != Household.Basis.REGISTER:
        # People have said who lives there; the register no longer decides.
        return known
    head = next((identity[m["person_key"]] for m in members if m["person_key"] in identity), None)
    household = known or know_household(
        actor=actor,
        key=key,
        basis=night.households[key]["basis"] if key in night.households else Household.Basis.REGISTER,
        area=row["area"],
        address=(head or {}).get("address") or "",
        residence=night.residences.get(key, ""),
    )
    for member in members:
        _member(night, household, member, identity.get(member["person_key"]), actor, keyring)
    return household


def _member(
    night: _Night,
    household: Household,
    member: Row,
    who: Row | None,
    actor: User,
    keyring: Keyring,
) -> None:
    person = know_person(
        actor=actor,
        key=member["person_key"],
        # A row that waits for people has no certain identity: the place in the household is kept, the name is not.
        name=who["name"] if who else "",
        id_number=who["id_number"] if who else None,
        sex=who["sex"] if who else None,
        birth_date=who["birth_date"] if who else None,
        phone=who["phone"] if who else None,
        area=household.area,
        keyring=keyring,
    )
    current = person.memberships.filter(to_date__isnull=True).select_related("household").first()
    if current is not None and current.household_id == household.pk:
        return
    on = night.run.manifest.as_of
    if current is not None:
        if current.household.basis != Household.Basis.REGISTER:
            return
        leave_household(actor=actor, membership=current, on=max(on, current.from_date), reason="moved in the register")
    join_household(actor=actor, household=household, person=person, relation=member["relation"], on=on)
