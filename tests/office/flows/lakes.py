"""A small sealed lake, written by the engine's own writers: one family of three, its facts, and findings about it."""

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from doudi.engine.pipeline.manifest import Held, Manifest, PackUsed, Run, publish, write_sealed, write_table
from doudi.engine.tables import TABLES, table_from_columns
from doudi.engine.values.identity import check_digit
from doudi.engine.values.keys import Keyring

VILLAGE = "419901101002"
OTHER_VILLAGE = "419901102001"
AS_OF = date(2026, 11, 20)
BILL_FEN = 6_812_345


def id_number(born: str, sequence: int) -> str:
    """A number of the invented city, with its right check digit."""
    head = f"419901{born}{sequence:03d}"
    return head + check_digit(head)


@dataclass(frozen=True)
class Somebody:
    """A person of the lake."""

    name: str
    born: date
    sequence: int
    relation: str
    pension_fen: int = 0
    hospital_fen: int = 0

    @property
    def id_number(self) -> str:
        return id_number(f"{self.born:%Y%m%d}", self.sequence)

    def key(self, keyring: Keyring) -> str:
        return keyring.pseudonym("person", self.id_number)


# Story A1: the father had a stroke; the son is ill; the mother is old.
FATHER = Somebody("赵有田", date(1964, 3, 5), 11, "02", hospital_fen=BILL_FEN)
MOTHER = Somebody("钱桂兰", date(1958, 8, 1), 22, "10", pension_fen=12_000)
SON = Somebody("赵小山", date(1990, 2, 28), 31, "20")
FAMILY = (FATHER, MOTHER, SON)


@dataclass
class Lake:
    """What one night shall hold. Change it, then `seal`."""

    root: Path
    keyring: Keyring
    as_of: date = AS_OF
    village: str = VILLAGE
    people: tuple[Somebody, ...] = FAMILY
    rule: str = "large_hospital_bill"
    family: str = "in_need"
    status: str = "new"
    episode_start: date = date(2026, 10, 9)
    finding_id: str = "f1a1f1a1f1a1f1a1"
    has_finding: bool = True
    wages_are_known: bool = True
    # A department that delivered nothing of late: since then nobody knows what it would have said.
    silent: str = ""
    held: tuple[Held, ...] = ()
    extra_findings: list[dict[str, Any]] = field(default_factory=list)
    # Further figures of registers: source and value by name, of the household and of each member.
    household_facts: dict[str, tuple[str, int]] = field(default_factory=dict)
    person_facts: dict[str, tuple[str, int]] = field(default_factory=dict)

    @property
    def household_key(self) -> str:
        return self.keyring.pseudonym("household", f"register:{self.people[0].id_number}")

    def seal(self, name: str = "") -> Run:
        """Write the night as the engine would."""
        run_id = f"{self.as_of.isoformat()}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
        tables, sealed = self.root / "work" / run_id, self.root / "work" / f"{run_id}-sealed"
        tables.mkdir(parents=True)
        sealed.mkdir()
        lake_rows = {
            "households": [{"household_key": self.household_key, "basis": "register", "area": self.village}],
            "memberships": [
                {"household_key": self.household_key, "person_key": one.key(self.keyring), "relation": one.relation}
                for one in self.people
            ],
            "facts": [self._heard(row) for row in self._told(run_id)],
            "findings": [self._finding()] * self.has_finding + self.extra_findings,
            "finding_facts": self._reasons() if self.has_finding else [],
        }
        digests = {
            table: write_table(tables, TABLES[table], [_arrow(table, rows)]) for table, rows in lake_rows.items()
        }
        identity = write_sealed(sealed, TABLES["identity"], _arrow("identity", self._identity()), self.keyring, run_id)
        manifest = Manifest(
            run_id=run_id,
            as_of=self.as_of,
            sealed_at=datetime.fromisoformat(f"{self.as_of}T23:00:00+08:00"),
            inputs_hash=run_id,
            engine_version="test",
            pack=PackUsed(release="test", hash="0" * 64),
            snapshot=None,
            previous_run=None,
            inputs=(),
            tables=digests,
            sealed={"identity": identity},
            counts={},
            held=self.held,
        )
        return publish(self.root, manifest, tables, sealed)

    def _facts(self, one: Somebody, run_id: str) -> list[dict[str, Any]]:
        amounts = {
            "wage_insured_monthly": 0,
            "wage_insured_latest_monthly": 0,
            "social_contribution_monthly": 0,
            "pension_monthly": one.pension_fen,
            "unemployment_benefit_monthly": 0,
        }
        rows = []
        for name, amount in amounts.items():
            row = _fact_row(one.key(self.keyring), name, run_id, "wages_pensions")
            known = {"value_int": amount} if self.wages_are_known else {"unknown_since": date(2026, 5, 31)}
            rows.append(row | known)
        bill = _fact_row(one.key(self.keyring), "hospital_self_paid_12m", run_id, "hospital_settlements")
        return [*rows, bill | {"value_int": one.hospital_fen}]

    def _told(self, run_id: str) -> list[dict[str, Any]]:
        persons = [row for one in self.people for row in self._facts(one, run_id)]
        return [*persons, self._residence(run_id), *self._further(run_id)]

    def _heard(self, row: dict[str, Any]) -> dict[str, Any]:
        nothing = {"value_int": None, "value_text": None, "unknown_since": date(2026, 5, 31)}
        return row | nothing if row["source"] == self.silent else row

    def _further(self, run_id: str) -> list[dict[str, Any]]:
        rows = [
            _fact_row(self.household_key, name, run_id, source) | {"entity": "household", "value_int": value}
            for name, (source, value) in self.household_facts.items()
        ]
        return rows + [
            _fact_row(one.key(self.keyring), name, run_id, source) | {"value_int": value}
            for one in self.people
            for name, (source, value) in self.person_facts.items()
        ]

    def _residence(self, run_id: str) -> dict[str, Any]:
        row = _fact_row(self.household_key, "residence", run_id, "household_registry")
        return row | {"entity": "household", "value_text": "rural"}

    def _finding(self) -> dict[str, Any]:
        return {
            "finding_id": self.finding_id,
            "rule": self.rule,
            "family": self.family,
            "household_key": self.household_key,
            "area": self.village,
            "episode_start": self.episode_start,
            "status": self.status,
            "priority": 34,
        }

    def _reasons(self) -> list[dict[str, Any]]:
        return [
            {
                "finding_id": self.finding_id,
                "subject": self.people[0].key(self.keyring),
                "name": "hospital_self_paid_12m",
                "value_int": self.people[0].hospital_fen,
                "value_text": None,
                "as_of": self.episode_start,
                "source": "hospital_settlements",
                "batch": "b" * 16,
                "row": 7,
            }
        ]

    def _identity(self) -> list[dict[str, Any]]:
        return [
            {
                "person_key": one.key(self.keyring),
                "name": one.name,
                "id_number": one.id_number,
                "sex": "1" if one.sequence % 2 else "2",
                "birth_date": one.born,
                "area": self.village,
                "address": "柳林村三组12号",
                "phone": "13812345678",
            }
            for one in self.people
        ]


def _fact_row(subject: str, name: str, run_id: str, source: str) -> dict[str, Any]:
    return {
        "subject": subject,
        "entity": "person",
        "name": name,
        "value_int": None,
        "value_text": None,
        "valid_from": date(2026, 10, 31),
        "valid_to": None,
        "unknown_since": None,
        "known_from_run": run_id,
        "source": source,
        "batch": "b" * 16,
        "row": 7,
    }


def _arrow(table: str, rows: list[dict[str, Any]]) -> pa.Table:
    described = TABLES[table]
    return table_from_columns(
        described, {c.name: pa.array([row[c.name] for row in rows], type=c.type) for c in described.columns}
    )
