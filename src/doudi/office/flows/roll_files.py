"""Reading a roll (存量名册) and the facts of the last review by the pack's contracts, and checking whole families.

    cells     each by its type, in the confined reader                          engine/sources
    families  the rows of one family agree, one head, its account, its members  here
    facts     in the vocabulary, fit for their subject, of a family that is accepted

A family is accepted as a whole or not at all. received = accepted + quarantined + duplicate, and a row that waits says
why, by its number; no cell is quoted.
"""

import io
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, ClassVar, Final

import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict

from doudi.engine.pack.document import validate
from doudi.engine.pack.pack import Pack
from doudi.engine.pack.vocabulary import FactDefinition, Vocabulary
from doudi.engine.sources import Contract, ReaderLimits, reason_in_words
from doudi.engine.sources.confined import read_confined
from doudi.engine.values.errors import DoudiError
from doudi.engine.values.money import MoneyError, parse_yuan
from doudi.office.errors import Unacceptable
from doudi.office.evidence.terms import Value, stored

ROLL, REVIEW = "roll", "review"
_ACCOUNT_NUMBER = re.compile(r"[0-9]{12,24}")
_OF_THE_FAMILY = (
    "area_code", "address", "residence", "programme", "amount", "start_month", "decision_no", "decided_on",
    "reviewed_on", "bank_name", "account_number", "holder_id_number",
)  # fmt: skip

# Why a family or a fact waits. The words never quote a cell.
REASONS: Final[Mapping[str, tuple[str, str]]] = {
    "DD-ROLL-001": ("同一户的另一行没有通过检查", "another row of the family was refused"),
    "DD-ROLL-002": ("同一户各行的户信息不一致", "the rows of the family disagree on what concerns the whole family"),
    "DD-ROLL-003": ("户主不是恰好一人", "there is not exactly one head of the household"),
    "DD-ROLL-004": ("账户持有人不是本户成员", "the holder of the account is no member"),
    "DD-ROLL-005": ("银行账号不是12至24位数字", "the account number has not 12 to 24 digits"),
    "DD-ROLL-006": ("区划不是本县的村（社区）", "the division is no village or community of this county"),
    "DD-ROLL-007": ("该救助项目不能在本系统办理", "the programme is none that this office carries out"),
    "DD-ROLL-008": ("同一人在名册的另一户中", "a member stands in another family of the roll too"),
    "DD-ROLL-009": ("起始月份晚于原系统最后发放月份", "it starts after the last month that the old system pays"),
    "DD-ROLL-010": ("该银行账号在名册的另一户中", "the account stands at another family of the roll too"),
    "DD-ROLL-020": ("不是指标目录中的指标，或不适用于该对象", "no fact of the vocabulary, or not one of this subject"),
    "DD-ROLL-021": ("值不能识别，或超出范围", "the value can't be read, or is beyond its bounds"),
    "DD-ROLL-022": ("所属的户或成员没有被接续", "its family or member is not taken over"),
    "DD-ROLL-030": ("有成员已登记在别处", "a member is recorded elsewhere already"),
    "DD-ROLL-031": ("该户在此项目已有待遇", "the family has help under this programme already"),
    "DD-ROLL-033": ("该身份号码登记在另一姓名下", "the identity number is recorded under another name"),
    "DD-ROLL-032": ("该银行账号已是另一户的", "the account serves another household already"),
}


class RollError(DoudiError):
    """A roll can't be read at all."""

    code: ClassVar[str] = "DD-ROLL-000"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RollMember(_Part):
    """One row of the roll: a member."""

    row: int
    name: str
    id_number: str
    relation: str
    phone: str


class RollFact(_Part):
    """One fact of the last review; without `id_number`, of the family."""

    row: int
    id_number: str
    name: str
    value_int: int | None
    value_text: str | None
    known_on: date


class RollFamily(_Part):
    """One family with what it receives. `amount` is fen a month."""

    household_no: str
    area_code: str
    address: str
    residence: str
    programme: str
    amount: int
    start_month: str
    decision_no: str
    decided_on: date
    reviewed_on: date
    bank_name: str
    account_number: str
    holder_id_number: str
    members: tuple[RollMember, ...]
    facts: tuple[RollFact, ...] = ()


class RollContent(_Part):
    """What is kept, sealed, between preparation and confirmation."""

    families: tuple[RollFamily, ...]


@dataclass(frozen=True)
class Refusal:
    """A row that waits: of which file, where, and why."""

    file: str
    row: int
    column: str
    code: str


@dataclass(frozen=True)
class FileAccount:
    """received = accepted + quarantined + duplicate."""

    received: int = 0
    accepted: int = 0
    quarantined: int = 0
    duplicate: int = 0


@dataclass(frozen=True)
class ReadRoll:
    """Both files, read and checked."""

    families: tuple[RollFamily, ...]
    roll: FileAccount
    review: FileAccount
    refusals: tuple[Refusal, ...]

    def without(self, waiting: Mapping[str, str]) -> "ReadRoll":
        """The same without some families, by household book and reason; their rows and facts wait."""
        gone = [family for family in self.families if family.household_no in waiting]
        rows = [
            Refusal(ROLL, member.row, "", waiting[family.household_no]) for family in gone for member in family.members
        ]
        facts = [Refusal(REVIEW, fact.row, "", "DD-ROLL-022") for family in gone for fact in family.facts]
        return ReadRoll(
            tuple(family for family in self.families if family.household_no not in waiting),
            _moved(self.roll, len(rows)),
            _moved(self.review, len(facts)),
            (*self.refusals, *rows, *facts),
        )


def in_words(code: str, lang: str) -> str:
    """Why a row waits, in the reader's language."""
    if code in REASONS:
        return REASONS[code][1 if lang.startswith("en") else 0]
    return reason_in_words(code, "en" if lang.startswith("en") else "zh")


def read_roll(
    roll: Path,
    review: Path | None,
    *,
    pack: Pack,
    vocabulary: Vocabulary,
    county: str,
    programmes: Collection[str],
    as_of: date,
    paid_through: str,
) -> ReadRoll:
    """Read a roll and, if there is one, the facts of the last review."""
    found = _read(roll, ROLL, pack, as_of)
    broken = {row["household_no"]: "DD-ROLL-001" for row in found.partial if row["household_no"]}
    by_family: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in found.accepted:
        by_family[row["household_no"]].append(row)
    divisions = {code for code in pack.divisions() if len(code) == 12 and code.startswith(county)}
    twice = _more_than_once(found.accepted)
    waiting = dict(broken)
    for number, rows in by_family.items():
        reason = _trouble(rows, divisions, programmes, paid_through) or _shared(rows, twice)
        if reason:
            waiting.setdefault(number, reason)
    families = tuple(_family(number, rows) for number, rows in by_family.items())
    read = ReadRoll(families, found.account, FileAccount(), found.refusals).without(
        {number: reason for number, reason in waiting.items() if number in by_family}
    )
    return read if review is None else _with_facts(read, _read(review, REVIEW, pack, as_of), vocabulary)


@dataclass(frozen=True)
class _File:
    accepted: list[dict[str, Any]]
    partial: list[dict[str, Any]]
    account: FileAccount
    refusals: tuple[Refusal, ...]


def _read(path: Path, name: str, pack: Pack, as_of: date) -> _File:
    contract = validate(pack.document(f"office/rolls/{name}.yaml"), Contract)
    if path.suffix.lower() == ".xlsx":
        contract = contract.model_copy(update={"format": "xlsx", "title_rows_max": 5})
    try:
        with path.open("rb") as file:
            parts = read_confined(file, contract, batch=name, as_of=as_of, limits=ReaderLimits())
    except OSError:
        raise RollError("the file can't be opened.", advice="Name a file that is there.", where=path.name) from None
    account = parts.account
    if account.received == 0:
        raise RollError("the file has a header and not a single row.", advice="Export it again.", where=path.name)
    cells: dict[int, Refusal] = {}
    for row in _rows(parts.parts["quarantine"]):
        # One reason a row is enough to send it back; the first is shown.
        cells.setdefault(row["row"], Refusal(name, row["row"], row["column"], row["code"]))
    return _File(
        _rows(parts.parts["accepted"]),
        _rows(parts.parts["partial"]),
        FileAccount(account.received, account.accepted, account.quarantined, account.duplicate),
        tuple(cells.values()),
    )


def _rows(content: bytes) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(io.BytesIO(content)).to_pylist()
    return rows


def _moved(account: FileAccount, rows: int) -> FileAccount:
    return replace(account, accepted=account.accepted - rows, quarantined=account.quarantined + rows)


def _trouble(
    rows: Sequence[Mapping[str, Any]], divisions: Collection[str], programmes: Collection[str], paid_through: str
) -> str:
    """What is wrong with a family as a whole; nothing if it can be taken over."""
    first = rows[0]
    checks = (
        ("DD-ROLL-002", all(row[name] == first[name] for row in rows for name in _OF_THE_FAMILY)),
        ("DD-ROLL-003", sum(row["relation"] == "02" for row in rows) == 1),
        ("DD-ROLL-004", first["holder_id_number"] in {row["id_number"] for row in rows}),
        ("DD-ROLL-005", _ACCOUNT_NUMBER.fullmatch(first["account_number"].replace(" ", "")) is not None),
        ("DD-ROLL-006", first["area_code"] in divisions),
        ("DD-ROLL-007", first["programme"] in programmes),
        ("DD-ROLL-009", first["start_month"] <= paid_through),
    )
    return next((code for code, holds in checks if not holds), "")


def _more_than_once(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, frozenset[str]]:
    """People and accounts that stand at more than one family of the roll."""
    homes: dict[str, set[str]] = defaultdict(set)
    accounts: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        homes[row["id_number"]].add(row["household_no"])
        accounts[row["account_number"].replace(" ", "")].add(row["household_no"])
    return {
        "people": frozenset(key for key, found in homes.items() if len(found) > 1),
        "accounts": frozenset(key for key, found in accounts.items() if len(found) > 1),
    }


def _shared(rows: Sequence[Mapping[str, Any]], twice: Mapping[str, frozenset[str]]) -> str:
    if any(row["id_number"] in twice["people"] for row in rows):
        return "DD-ROLL-008"
    return "DD-ROLL-010" if rows[0]["account_number"].replace(" ", "") in twice["accounts"] else ""


def _family(number: str, rows: Sequence[Mapping[str, Any]]) -> RollFamily:
    members = tuple(
        RollMember(
            row=row["row"],
            name=row["name"],
            id_number=row["id_number"],
            relation=row["relation"],
            phone=row["phone"] or "",
        )
        for row in rows
    )
    own = {name: rows[0][name] for name in _OF_THE_FAMILY}
    own["account_number"] = own["account_number"].replace(" ", "")
    return RollFamily(household_no=number, members=members, **own)


def _with_facts(read: ReadRoll, found: _File, vocabulary: Vocabulary) -> ReadRoll:
    families = {family.household_no: family for family in read.families}
    people = {number: {m.id_number for m in family.members} for number, family in families.items()}
    kept: dict[str, list[RollFact]] = defaultdict(list)
    refusals: list[Refusal] = []
    for row in found.accepted:
        number, person = row["household_no"], row["id_number"] or ""
        definition = (vocabulary.person if person else vocabulary.household).get(row["fact"])
        if number not in families or (person and person not in people[number]):
            refusals.append(Refusal(REVIEW, row["row"], "", "DD-ROLL-022"))
        elif definition is None or not {"visit", "family"} & set(definition.supplied_by):
            refusals.append(Refusal(REVIEW, row["row"], "指标", "DD-ROLL-020"))
        else:
            try:
                value = stored(definition, _value(definition, row["value"]))
            except (Unacceptable, MoneyError, ValueError):
                refusals.append(Refusal(REVIEW, row["row"], "值", "DD-ROLL-021"))
                continue
            kept[number].append(
                RollFact(
                    row=row["row"],
                    id_number=person,
                    name=row["fact"],
                    value_int=value.value_int,
                    value_text=value.value_text,
                    known_on=row["known_on"],
                )
            )
    return ReadRoll(
        tuple(family.model_copy(update={"facts": tuple(kept[family.household_no])}) for family in read.families),
        read.roll,
        _moved(found.account, len(refusals)),
        (*read.refusals, *found.refusals, *refusals),
    )


def _value(definition: FactDefinition, text: str) -> Value:
    """A value as it is written: yuan, a whole number, a day, yes or no, or a code."""
    if definition.type == "fen":
        return parse_yuan(text)
    if definition.type == "bool":
        return {"是": True, "否": False}[text] if text in ("是", "否") else _refuse()
    if definition.type == "date":
        return date.fromisoformat(text)
    if definition.type == "text":
        return text
    return int(text) if re.fullmatch(r"-?[0-9]{1,9}", text) else _refuse()


def _refuse() -> Value:
    raise ValueError


def counted(refusals: Collection[Refusal]) -> Mapping[tuple[str, str], int]:
    """How many rows wait for which reason, by file and code, the commonest first."""
    return dict(Counter((each.file, each.code) for each in refusals).most_common())
