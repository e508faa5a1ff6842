"""The rows that three departments hold of the city's people, before anything went wrong in them."""

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Literal

from doudi.demo.people import Household, Person
from doudi.engine.values.money import Fen
from doudi.engine.values.period import Month

Expected = Literal["accepted", "quarantined", "duplicate", "grey"]

REGISTRY_HEADERS = (
    "户号", "姓名", "性别", "公民身份号码", "出生日期", "与户主关系", "户口性质", "区划代码", "住址", "联系电话",
)  # fmt: skip
WAGES_HEADERS = ("流水号", "姓名", "证件号码", "单位名称", "所属月份", "类别", "应发金额(元)", "个人缴费(元)")
HOSPITAL_HEADERS = (
    "结算单号", "姓名", "身份证号", "医疗机构", "入院日期", "出院日期", "结算日期", "总费用", "基金支付", "个人自付",
)  # fmt: skip
_KINDS = {"wage": "工资", "pension": "养老金", "unemployment": "失业金"}
MONTHS_COVERED = 12


@dataclass
class Row:
    """One row as it will be delivered, whom it really speaks of, and what was done to it."""

    cells: dict[str, str]
    person: Person
    kind: str = ""
    expected: Expected = "accepted"
    is_of_story: bool = False


@dataclass
class Extract:
    """One department's file, or the part of it from one part of the city, before it is written.

    `mark` stands in the numbers that the department gives its rows, so that no two parts have the same.
    """

    source: str
    file_name: str
    headers: tuple[str, ...]
    rows: list[Row] = field(default_factory=list)
    mark: str = ""


def registry(households: list[Household], month: Month, mark: str = "") -> Extract:
    """户籍: everyone, by household book."""
    extract = Extract("household_registry", f"户籍_{month.year}{month.month:02d}.csv", REGISTRY_HEADERS, mark=mark)
    for household in households:
        for person in household.members:
            values = (
                person.registered_in or household.number,
                person.name,
                "男" if person.sex == "1" else "女",
                person.id_number,
                person.birth_date.isoformat(),
                "户主" if person.registered_in else person.relation,
                "非农业" if household.is_urban else "农业",
                household.area_code,
                household.address,
                person.phone,
            )
            extract.rows.append(_row(REGISTRY_HEADERS, values, household, person))
    return extract


def wages(households: list[Household], month: Month, seed: int, mark: str = "") -> Extract:
    """工资养老金: one row per person, month and kind, for the twelve months up to the delivery's."""
    extract = Extract("wages_pensions", f"工资养老金_{month.year}{month.month:02d}.csv", WAGES_HEADERS, mark=mark)
    for back in range(MONTHS_COVERED - 1, -1, -1):
        covered = month.plus(-back)
        name = str(covered)
        for household in households:
            for person in household.members:
                for income in person.incomes:
                    if not income.first_month <= name <= income.last_month:
                        continue
                    gross = _gross(income.gross_fen, person, name, seed) if income.kind == "wage" else income.gross_fen
                    contribution = yuan(gross * 105 // 1000) if income.kind == "wage" else ""
                    values = (
                        f"{covered.year}{covered.month:02d}{mark}{len(extract.rows) + 1:06d}",
                        person.name,
                        person.id_number,
                        income.employer,
                        name,
                        _KINDS[income.kind],
                        yuan(gross),
                        contribution,
                    )
                    extract.rows.append(_row(WAGES_HEADERS, values, household, person))
    return extract


def hospital(households: list[Household], month: Month, mark: str = "") -> Extract:
    """医保结算: what the insurance settled in the twelve months up to the delivery's."""
    file_name = f"医保结算_{month.year}{month.month:02d}.xlsx"
    extract = Extract("hospital_settlements", file_name, HOSPITAL_HEADERS, mark=mark)
    first, last = month.plus(1 - MONTHS_COVERED).first_day(), month.last_day()
    settled = sorted(
        (
            (stay.settled_on, person.id_number, stay, household, person)
            for household in households
            for person in household.members
            for stay in person.stays
            if first <= stay.settled_on <= last
        ),
        key=lambda found: found[:2],
    )
    for _, _, stay, household, person in settled:
        values = (
            f"JS{stay.settled_on:%Y%m%d}{mark}{len(extract.rows) + 1:04d}",
            person.name,
            person.id_number,
            stay.hospital,
            stay.admitted_on.isoformat(),
            stay.discharged_on.isoformat() if stay.discharged_on else "",
            stay.settled_on.isoformat(),
            yuan(stay.total_fen),
            yuan(stay.fund_paid_fen),
            yuan(stay.self_paid_fen),
        )
        extract.rows.append(_row(HOSPITAL_HEADERS, values, household, person))
    return extract


def yuan(fen: Fen) -> str:
    """An amount as departments write it: two decimals, no separators."""
    return f"{fen // 100}.{fen % 100:02d}"


def _row(headers: tuple[str, ...], values: tuple[str, ...], household: Household, person: Person) -> Row:
    return Row(dict(zip(headers, values, strict=True)), person, is_of_story=household.is_spared)


def _gross(usual: Fen, person: Person, month: str, seed: int) -> Fen:
    """A month's wage: the usual one, a little overtime in some months, rounded to ten yuan."""
    # Drawn for each person and month alone: a later delivery says the same of the months that it repeats. A digest is
    # much quicker than a generator of its own.
    drawn = int.from_bytes(blake2b(f"{seed}:{person.id_number}:{month}".encode(), digest_size=8).digest())
    if person.role or drawn % 10 < 6:
        return usual
    return usual + (1 + drawn // 10 % 39) * 1_000
