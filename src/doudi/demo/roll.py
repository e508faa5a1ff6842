"""The roll of the old system (存量名册): whoever receives already, as a bureau would export it for the take-over."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from doudi.demo.extracts import yuan
from doudi.demo.office_snapshot import REVIEWED_ON, review_facts
from doudi.demo.people import Household
from doudi.engine.values.period import Month

ROLL, REVIEW = "存量名册.csv", "复核指标.csv"
_HEADERS = (
    "户号", "区划代码", "住址", "城乡类别", "救助项目", "户月保障金额(元)", "享受起始月份", "审批文号", "审批日期",
    "最近复核日期", "开户银行", "银行账号", "账户持有人身份证号", "姓名", "公民身份号码", "与户主关系", "联系电话",
)  # fmt: skip
_FIRST_MONTH = Month(2023, 1)
# Facts of the last review that are amounts, and so stand in yuan.
_IS_MONEY = ("_monthly", "financial_assets")

Row = tuple[str, ...]


@dataclass
class RollRows:
    """Rows of the roll, and of what the last review found out; those of a city's parts are put together."""

    families: list[Row] = field(default_factory=list)
    facts: list[Row] = field(default_factory=list)

    def add(self, other: "RollRows") -> None:
        """Take in the rows of another part."""
        self.families += other.families
        self.facts += other.facts


def roll_rows(households: Sequence[Household], *, first_id: int = 1) -> RollRows:
    """One row for each member of a family that is paid dibao, and the facts known of it."""
    rows = RollRows()
    receiving = [household for household in households if household.receives_fen and not household.recognised_as]
    for place, household in enumerate(receiving, start=first_id):
        own = _of_the_family(household, place)
        rows.families += [(*own, p.name, p.id_number, p.relation, p.phone) for p in household.members]
        rows.facts += [
            (household.number, person.id_number if person else "", name, _text(name, value), str(REVIEWED_ON))
            for person, name, value in review_facts(household)
        ]
    return rows


def write_roll(folder: Path, rows: RollRows) -> None:
    """Write both files as old systems do: GB18030, separated by commas."""
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / ROLL, _HEADERS, rows.families)
    _write(folder / REVIEW, ("户号", "公民身份号码", "指标", "值", "核实日期"), rows.facts)


def _of_the_family(household: Household, place: int) -> Row:
    start = _FIRST_MONTH.plus(place % 36)
    return (
        household.number,
        household.area_code,
        household.address,
        "城镇" if household.is_urban else "农村",
        "低保",
        yuan(household.receives_fen),
        str(start),
        f"清民低保〔{start.year}〕{place:04d}号",
        f"{start.plus(-1)}-15",
        str(REVIEWED_ON),
        "示范农商银行",
        f"62280041990{place:08d}",
        household.members[0].id_number,
    )


def _text(name: str, value: int | str) -> str:
    if isinstance(value, int) and name.endswith(_IS_MONEY):
        return f"-{yuan(-value)}" if value < 0 else yuan(value)
    return str(value)


def _write(path: Path, headers: Row, rows: Sequence[Row]) -> None:
    with path.open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(headers)
        writer.writerows(rows)
