"""The office as one more department: what it knows, written for the next night.

Households that the office established replace the register's; facts are those that count at the counter too; receipts
are the entitlements' months; findings carry what became of them, so that the night neither repeats nor forgets them;
what people said of doubtful pairs binds it.
"""

import shutil
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.db import transaction
from django.utils.timezone import localdate

from doudi.engine.pipeline.snapshot import read_snapshot
from doudi.engine.tables import (
    OFFICE_FACTS,
    OFFICE_FINDINGS,
    OFFICE_HOUSEHOLDS,
    OFFICE_MEMBERS,
    OFFICE_PAIR_DECISIONS,
    OFFICE_RECEIPTS,
    Table,
    table_from_columns,
)
from doudi.engine.values.period import Month
from doudi.engine.values.region import Region
from doudi.office.audit.actions import record
from doudi.office.bulk import among
from doudi.office.casework.queries.quality import outcome_rows
from doudi.office.entitlements.amounts import amount_in, words_about
from doudi.office.entitlements.models import Entitlement
from doudi.office.evidence.family import living_on, newest_words
from doudi.office.evidence.models import Fact
from doudi.office.evidence.pair_queries import binding_words
from doudi.office.org.models import User
from doudi.office.org.permissions import require
from doudi.office.registry.models import Household, Membership

Rows = Sequence[Mapping[str, Any]]


@transaction.atomic
def export_snapshot(*, out: Path, county: str, actor: User, at: datetime) -> str:
    """Write the six tables into the folder `out`, all or nothing. Returns the snapshot's id, a digest."""
    require(actor, "night.export")
    Region(county)
    today = localdate(at)
    # Without a residence no standard applies; the register speaks for such a family until somebody records it.
    households = list(
        Household.objects.filter(basis=Household.Basis.OFFICE, area__gte=county, area__lt=f"{county}:")
        .exclude(residence="")
        .order_by("pk")
    )
    living, told_of = _members(households, today), _facts_about(households)
    members: list[dict[str, Any]] = []
    facts: list[dict[str, Any]] = []
    shown: list[dict[str, Any]] = []
    for household in households:
        rows = living[household.pk]
        own = [fact for row in rows for fact in told_of.get((None, row.person_id), ())]
        told = newest_words([*told_of.get((household.pk, None), ()), *own])
        shown.append({"household_key": household.key, "area": household.area, "residence": household.residence})
        keys: dict[int | None, str] = {row.person_id: row.person.key for row in rows} | {None: household.key}
        members += [
            {"household_key": household.key, "person_key": row.person.key, "relation": row.relation} for row in rows
        ]
        facts += [
            _fact(keys[subject], words.chosen)
            for (subject, _name), words in told.items()
            if words.chosen is not None and words.chosen.origin not in (Fact.Origin.DEPARTMENT, Fact.Origin.COUNTY)
        ]
    tables = {
        OFFICE_HOUSEHOLDS: shown,
        OFFICE_MEMBERS: members,
        OFFICE_FACTS: facts,
        OFFICE_RECEIPTS: _receipts(county, Month.of(today)),
        OFFICE_FINDINGS: outcome_rows(county),
        OFFICE_PAIR_DECISIONS: binding_words(county),
    }
    _write(out, {table.name: _table(table, rows) for table, rows in tables.items()})
    snapshot_id = read_snapshot(out).id
    record(
        actor=actor,
        verb="snapshot.export",
        obj=None,
        area=county,
        details={"snapshot": snapshot_id, "rows": {table.name: len(rows) for table, rows in tables.items()}},
        purpose="next night",
    )
    return snapshot_id


def _members(households: Sequence[Household], today: date) -> Mapping[int, list[Membership]]:
    """Who belongs to each household today. One question for all: a county's families are thousands."""
    rows: dict[int, list[Membership]] = {household.pk: [] for household in households}
    for row in Membership.objects.filter(among("household", rows)).select_related("person"):
        rows[row.household_id].append(row)
    return {household: living_on(memberships, today) for household, memberships in rows.items()}


def _facts_about(households: Sequence[Household]) -> Mapping[tuple[int | None, int | None], list[Fact]]:
    """Every fact about the households and about whoever ever belonged to them, by household or person."""
    ids = [household.pk for household in households]
    people = Membership.objects.filter(among("household", ids)).values_list("person_id", flat=True)
    facts: dict[tuple[int | None, int | None], list[Fact]] = defaultdict(list)
    for rows in (Fact.objects.filter(among("household", ids)), Fact.objects.filter(among("person", set(people)))):
        for fact in rows:
            facts[fact.household_id, fact.person_id].append(fact)
    return facts


def _fact(subject: str, fact: Fact) -> dict[str, Any]:
    return {
        "subject": subject,
        "entity": "person" if fact.person_id else "household",
        "name": fact.name,
        "value_int": fact.value_int,
        "value_text": fact.value_text,
        "valid_from": fact.valid_from,
        "row": fact.pk,
    }


def _receipts(county: str, this_month: Month) -> Rows:
    """Months of entitlements up to the next one: who was granted this month receives from the next on."""
    rows = []
    granted = Entitlement.objects.select_related("household").order_by("pk")
    running = list(granted.filter(area__gte=county, area__lt=f"{county}:"))
    said_later = words_about([each.pk for each in running])
    for each in running:
        words = said_later.get(each.pk, ())
        month, last = Month.parse(each.start_month), this_month.next()
        if each.end_month is not None:
            last = min(last, Month.parse(each.end_month))
        while month <= last:
            rows.append(
                {
                    "household_key": each.household.key,
                    "programme": each.programme,
                    "month": str(month),
                    "amount_fen": amount_in(str(month), each.amount_fen, words),
                    "row": each.pk,
                }
            )
            month = month.next()
    return rows


def _table(table: Table, rows: Rows) -> pa.Table:
    return table_from_columns(
        table, {c.name: pa.array([row[c.name] for row in rows], type=c.type) for c in table.columns}
    )


def _write(out: Path, tables: Mapping[str, pa.Table]) -> None:
    """Write beside the folder and give it its name when everything is there: no reader meets half a snapshot."""
    fresh, old = out.with_name(f".{out.name}.new"), out.with_name(f".{out.name}.old")
    for left in (fresh, old):
        if left.exists():
            shutil.rmtree(left)
    fresh.mkdir(mode=0o700, parents=True)
    for name, table in tables.items():
        pq.write_table(table, fresh / f"{name}.parquet", compression="zstd")
    if out.exists():
        out.rename(old)
    fresh.rename(out)
    if old.exists():
        shutil.rmtree(old)
