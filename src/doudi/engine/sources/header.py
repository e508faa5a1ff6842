"""Finding the header of a table: below title rows, over one or two merged rows, under any of the agreed names.

What is found is a match with the contract; what is not is named by the contract's own words. Cells of the file are
never quoted before the header is known: the first row could be a person.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from doudi.engine.sources.contract import Contract, Unit, plain_header
from doudi.engine.sources.errors import ColumnsMissingError, ColumnTwiceError, UnclearUnitError, WrongDeliveryError

_UNIT_BEHIND = re.compile(r"[(（](?:单位[:：]?)?(?:人民币)?(万元|元)[)）]\s*$")
_UNIT_ALONE = re.compile(r"单位\s*[:：]\s*(?:人民币)?\s*(万元|元)")
_UNITS: Mapping[str, Unit] = {"元": "yuan", "万元": "wan_yuan"}
_SHOWABLE = re.compile(r"[^0-9]{1,30}")


@dataclass(frozen=True)
class Header:
    """Where each column of the contract stands in the file, in which unit, and where the rows begin."""

    positions: Mapping[str, int]
    width: int
    units: Mapping[str, Unit]
    ignored: tuple[str, ...]
    rows_begin: int
    """Place, among the rows searched, of the first row below the header."""


@dataclass(frozen=True)
class _Candidate:
    cells: tuple[str, ...]
    unit_texts: tuple[str, ...]
    first: int
    last: int
    found: Mapping[int, str]


def find_header(contract: Contract, rows: Sequence[Sequence[str]], *, others: Sequence[Contract] = ()) -> Header:
    """Find the header among the first rows of a file, or say what is missing.

    `others` are the contracts of all sources: with them a refusal can name the department whose file this is.
    """
    required = {name for name, spec in contract.columns.items() if spec.required}
    candidates = list(_candidates(contract, rows))
    best = max(candidates, key=lambda c: (len(required & set(c.found.values())), -c.last, c.first), default=None)
    if best is None or not required <= set(best.found.values()):
        raise _refusal(contract, required, best, rows, others)
    names = list(best.found.values())
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ColumnTwiceError(
            f"{contract.id}: two columns of the file mean {_headers(contract, twice)}.",
            advice="Deliver one of them, or give the other a name of its own.",
        )
    return Header(
        positions={name: position for position, name in best.found.items()},
        width=len(best.cells),
        units=_units(contract, rows, best),
        ignored=_ignored(best),
        rows_begin=best.last + 1,
    )


def _candidates(contract: Contract, rows: Sequence[Sequence[str]]) -> list[_Candidate]:
    names = {plain_header(header): name for name, spec in contract.columns.items() for header in spec.headers}
    found = []
    for place in range(min(len(rows), contract.title_rows_max + 1)):
        single = tuple(rows[place])
        found.append(_candidate(names, single, single, place, place))
        if contract.title_rows_max and place + 1 < len(rows):
            joined, unit_texts = _join(rows[place], rows[place + 1])
            found.append(_candidate(names, joined, unit_texts, place, place + 1))
    return found


def _candidate(
    names: Mapping[str, str], cells: tuple[str, ...], unit_texts: tuple[str, ...], first: int, last: int
) -> _Candidate:
    matched = {position: names[plain] for position, cell in enumerate(cells) if (plain := plain_header(cell)) in names}
    return _Candidate(cells, unit_texts, first, last, matched)


def _join(upper: Sequence[str], lower: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Two header rows as one: the lower name where there is one; a merged upper cell lends its unit to all below it."""
    width = max(len(upper), len(lower))
    top = [*upper, *[""] * (width - len(upper))]
    bottom = [*lower, *[""] * (width - len(lower))]
    group, names, units = "", [], []
    for above, below in zip(top, bottom, strict=True):
        group = above or (group if below else "")
        names.append(below or above)
        units.append(below if _UNIT_BEHIND.search(below) else group)
    return tuple(names), tuple(units)


def _units(contract: Contract, rows: Sequence[Sequence[str]], header: _Candidate) -> dict[str, Unit]:
    above = {_UNITS[found[1]] for row in rows[: header.first] for cell in row for found in _UNIT_ALONE.finditer(cell)}
    units: dict[str, Unit] = {}
    for position, name in header.found.items():
        if contract.columns[name].type != "money":
            continue
        behind = _UNIT_BEHIND.search(header.unit_texts[position])
        said = {_UNITS[behind[1]]} if behind else set()
        if len(said | above) > 1:
            raise UnclearUnitError(
                f"{contract.id}: the file gives two units of money for {_headers(contract, [name])}.",
                advice="Name one unit, above the table or behind the header.",
            )
        for unit in said | above:
            units[name] = unit
    return units


def _ignored(header: _Candidate) -> tuple[str, ...]:
    rest = [cell for position, cell in enumerate(header.cells) if position not in header.found and cell.strip()]
    return tuple(plain if _SHOWABLE.fullmatch(plain := plain_header(cell)) else "?" for cell in rest)


def _refusal(
    contract: Contract,
    required: set[str],
    best: _Candidate | None,
    rows: Sequence[Sequence[str]],
    others: Sequence[Contract],
) -> ColumnsMissingError | WrongDeliveryError:
    matched = set(best.found.values()) if best else set()
    missing = sorted(required - matched, key=list(contract.columns).index)
    if len(matched & required) * 2 >= len(required):
        return ColumnsMissingError(
            f"{contract.id}: required columns are missing or were renamed: {_headers(contract, missing)}.",
            advice="Ask the department for them, or add the new name to `headers` in the contract.",
        )
    owner = next((other for other in others if other.id != contract.id and _fits(other, rows)), None)
    if owner is not None:
        return WrongDeliveryError(
            f"{contract.id}: this is a file of {owner.department.zh} ({owner.id}), by its columns.",
            advice="Deliver it under that source.",
        )
    return WrongDeliveryError(
        f"{contract.id}: the first rows hold no header of this source; not found: {_headers(contract, missing)}.",
        advice="Check that it is the right department's file and that its header row was exported.",
    )


def _fits(contract: Contract, rows: Sequence[Sequence[str]]) -> bool:
    required = {name for name, spec in contract.columns.items() if spec.required}
    return any(required <= set(candidate.found.values()) for candidate in _candidates(contract, rows))


def _headers(contract: Contract, names: Sequence[str]) -> str:
    return "、".join(contract.columns[name].headers[0] for name in names)
