"""What the newest night checked and raised, counted from its sealed tables, and the visiting list that came of it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from doudi.engine.pipeline.manifest import Input, Run, open_run, read_table
from doudi.engine.pipeline.visiting import choose_visits
from doudi.office.audit.actions import record_read
from doudi.office.bulk import among_texts
from doudi.office.casework.models import Finding
from doudi.office.casework.queries.work import head_names
from doudi.office.evidence.queries import latest_night
from doudi.office.evidence.rulebook import current_pack
from doudi.office.org.models import User
from doudi.office.org.permissions import require


@dataclass(frozen=True)
class NightFigures:
    """One night in the reader's area. `people` and `households` were checked; `warnings` were raised, by rule.

    `inputs` are the departments' files as they were received for the whole run. `waiting` of the warnings are not on
    the office's list: the brake holds them, or people have answered them before.
    """

    run_id: str
    as_of: date
    people: int
    households: int
    warnings: int
    by_rule: Mapping[str, int]
    waiting: int
    inputs: tuple[Input, ...]


@dataclass(frozen=True)
class PlaceRow:
    """One household of the visiting list: its place, the points that make it, and what became of its findings."""

    place: int
    finding_pk: int
    head_name: str
    area: str
    points: int
    because: tuple[str, ...]
    rules: tuple[str, ...]
    reasons: tuple[str, ...]
    states: tuple[str, ...]
    close_reason: str
    is_by_lot: bool


def night_figures(user: User) -> NightFigures | None:
    """The newest night's figures; None before the first night. Nothing is kept: each is counted when it is shown."""
    require(user, "finding.see")
    run = _newest(user)
    if run is None:
        return None
    households = _in_area(read_table(run, "households"), user.area_id)
    members = read_table(run, "memberships")
    own = pc.is_in(members.column("household_key"), value_set=households.column("household_key").combine_chunks())
    findings = _in_area(read_table(run, "findings"), user.area_id).to_pylist()
    raised = [row for row in findings if row["status"] != "closed"]
    listed = Finding.objects.filter(among_texts("finding_id", [row["finding_id"] for row in raised]))
    return NightFigures(
        run_id=run.run_id,
        as_of=run.manifest.as_of,
        people=len(pc.unique(members.filter(own).column("person_key"))),
        households=households.num_rows,
        warnings=len(raised),
        by_rule=Counter(row["rule"] for row in raised),
        waiting=len(raised) - listed.values("finding_id").distinct().count(),
        inputs=run.manifest.inputs,
    )


def visiting_list(user: User, *, lang: str, visits: int) -> list[PlaceRow]:
    """The first so many places of each township of the reader's area, with the reason for each place."""
    require(user, "finding.see")
    run = _newest(user)
    if run is None:
        return []
    chosen = [
        each
        for each in choose_visits(run, current_pack(), lang=lang, visits=visits, per="township")
        if each.area.startswith(user.area_id)
    ]
    wanted = [finding for each in chosen for finding in each.findings]
    listed = {row.finding_id: row for row in Finding.objects.filter(among_texts("finding_id", wanted)).order_by("pk")}
    heads = head_names([row.household_id for row in listed.values()])
    record_read(
        actor=user, objects=list(listed.values()), fields=("head_name",), area=user.area_id, purpose="visiting list"
    )
    rows = []
    for each in sorted(chosen, key=lambda visit: visit.place):
        own = [listed[finding] for finding in each.findings if finding in listed]
        if own:
            rows.append(
                PlaceRow(
                    place=each.place,
                    finding_pk=own[0].pk,
                    head_name=heads.get(own[0].household_id, ""),
                    area=each.area,
                    points=each.points,
                    because=each.because,
                    rules=each.rules,
                    reasons=each.reasons,
                    states=tuple(row.state for row in own),
                    close_reason=own[0].close_reason,
                    is_by_lot=each.is_by_lot,
                )
            )
    return rows


def _newest(user: User) -> Run | None:
    night = latest_night(user.area_id)
    return None if night is None else open_run(Path(night.lake), night.run_id)


def _in_area(table: pa.Table, area: str) -> pa.Table:
    return table.filter(pc.starts_with(table.column("area"), pattern=area))
