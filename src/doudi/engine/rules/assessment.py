"""Assess 测算: what a programme's rules say of a family, or of all families of a night. Never a decision."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from doudi.engine.pack.pack import Pack
from doudi.engine.rules.columns import FamilyColumns, IntArray
from doudi.engine.rules.family import UNKNOWN, Basis, Family
from doudi.engine.rules.kernel import run_family
from doudi.engine.rules.missing import MissingFact, find_missing
from doudi.engine.rules.night import Way, run_columns_and_missing
from doudi.engine.rules.programme import Programme

Outcome = Literal["eligible", "ineligible", "undetermined"]
OUTCOMES: tuple[Outcome, ...] = ("ineligible", "eligible", "undetermined")
"""By the codes that `AssessedColumns.outcome` holds."""


@dataclass(frozen=True)
class Assessment:
    """The result for one family.

    On the basis of the household register alone (`is_likely`), the outcome is a likelihood and there is no amount: the
    law's unit is who lives together, and only people can find that out.
    """

    programme: str
    as_of: date
    basis: Basis
    outcome: Outcome
    amount_fen: int | None
    missing: tuple[MissingFact, ...]
    cheapest_question: MissingFact | None
    values: Mapping[str, int | None]
    pack_release: str
    pack_hash: str

    @property
    def is_likely(self) -> bool:
        """Is the outcome a likelihood only?"""
        return self.basis == "register" and self.outcome != "undetermined"

    def to_dict(self) -> dict[str, Any]:
        """The result as JSON-able data; the day as ISO text, missing facts by name and member."""
        return {
            "programme": self.programme,
            "as_of": self.as_of.isoformat(),
            "basis": self.basis,
            "outcome": self.outcome,
            "is_likely": self.is_likely,
            "amount_fen": self.amount_fen,
            "missing": [fact.to_dict() for fact in self.missing],
            "cheapest_question": self.cheapest_question.to_dict() if self.cheapest_question else None,
            "values": dict(self.values),
            "pack_release": self.pack_release,
            "pack_hash": self.pack_hash,
        }


def assess(programme: Programme, family: Family, *, pack: Pack, as_of: date) -> Assessment:
    """Run the rules on one family, interpreted. Facts that are not known are named, with the one to ask for first."""
    values = run_family(programme.formulas, family, pack=pack, as_of=as_of)
    outcome = outcome_of(programme, values)
    amount = values[programme.amount] if programme.amount else None
    is_amount_open = outcome == "eligible" and programme.amount is not None and amount is None
    wants_more = outcome == "undetermined" or is_amount_open
    missing, question = (
        find_missing(programme, family, values=values, pack=pack, as_of=as_of) if wants_more else ((), None)
    )
    pays = outcome == "eligible" and family.basis != "register"
    return Assessment(
        programme=programme.id,
        as_of=as_of,
        basis=family.basis,
        outcome=outcome,
        amount_fen=amount if pays else None,
        missing=missing,
        cheapest_question=question,
        values=values,
        pack_release=pack.release,
        pack_hash=pack.hash,
    )


def outcome_of(programme: Programme, values: Mapping[str, int | None]) -> Outcome:
    """All conditions must hold; one that fails decides, whatever else is unknown."""
    states = [values[condition.formula] for condition in programme.conditions]
    if 0 in states:
        return "ineligible"
    return "undetermined" if None in states else "eligible"


@dataclass(frozen=True)
class AssessedColumns:
    """The results for a night's households, in their order.

    `outcome` holds places in OUTCOMES. `amount_fen` is UNKNOWN unless the household is eligible and stands on the
    office's or a declared basis. `values` has the conditions, the amount, and what else was to be kept.
    """

    outcome: npt.NDArray[np.int8]
    amount_fen: IntArray
    values: Mapping[str, IntArray]
    missing_bits: IntArray
    fact_names: tuple[str, ...]

    def outcome_column(self) -> pa.DictionaryArray:
        """The outcomes in words, as the table of assessments wants them."""
        return pa.DictionaryArray.from_arrays(pa.array(self.outcome), pa.array(OUTCOMES, pa.string()))

    def amount_column(self) -> pa.Array:
        """The amounts in fen, null where there is none."""
        return known_column(self.amount_fen)

    def missing_column(self) -> pa.Array:
        """For each household the list of facts that would have to be asked for; there are few different ones."""
        encoded = pa.array(self.missing_bits).dictionary_encode()
        lists = [
            [name for place, name in enumerate(self.fact_names) if bits >> place & 1]
            for bits in encoded.dictionary.to_pylist()
        ]
        return pa.array(lists, pa.list_(pa.string())).take(encoded.indices)

    def missing(self) -> list[tuple[str, ...]]:
        """The same as plain lists, for few households."""
        return [tuple(names) for names in self.missing_column().to_pylist()]

    def outcomes(self) -> Iterator[Outcome]:
        """The outcomes in words, for few households."""
        return (OUTCOMES[code] for code in self.outcome.tolist())


def known_column(values: IntArray) -> pa.Array:
    """Whole numbers as an Arrow column, null where not known."""
    is_unknown = values == UNKNOWN
    return pa.array(values, mask=is_unknown) if is_unknown.any() else pa.array(values)


def assess_columns(
    programme: Programme,
    columns: FamilyColumns,
    *,
    pack: Pack,
    as_of: date,
    cache: Path | None = None,
    threads: int = 1,
    compile_from: int = 0,
    keep: Sequence[str] = (),
) -> AssessedColumns:
    """Run the rules on all households of a night with the compiled kernel.

    Gives what `assess` gives for each of them, to the fen (a property test says so). `cache`, `threads` and
    `compile_from` are those of `Way`. `values` has the conditions, the amount, and the formulas named in `keep`.
    """
    formulas = programme.formulas
    conditions = [condition.formula for condition in programme.conditions]
    decisive = [*conditions, *([programme.amount] if programme.amount else [])]
    way = Way(cache, threads, compile_from)
    values, gaps = run_columns_and_missing(
        formulas, columns, pack=pack, as_of=as_of, way=way, only=[*decisive, *keep], missing_of=decisive
    )
    fails, is_open = _any(values, conditions, 0), _any(values, conditions, UNKNOWN)
    outcome = np.where(fails, 0, np.where(is_open, 2, 1)).astype(np.int8)
    nothing, no_gap = np.full(len(columns), UNKNOWN, dtype=np.int64), np.zeros(len(columns), dtype=np.int64)
    granted = values[programme.amount] if programme.amount else nothing
    amount = np.where((outcome == 1) & ~columns.is_register, granted, UNKNOWN)
    # What a condition lacks matters only while the outcome is open; what the amount lacks, once it is eligible.
    of_conditions = np.bitwise_or.reduce([gaps[name] for name in conditions])
    gap = gaps[programme.amount] if programme.amount else no_gap
    missing = np.where(outcome == 2, of_conditions, np.where(outcome == 1, gap, 0))
    names = (*formulas.household_facts, *formulas.member_facts)
    return AssessedColumns(outcome=outcome, amount_fen=amount, values=values, missing_bits=missing, fact_names=names)


def _any(values: Mapping[str, IntArray], names: Sequence[str], state: int) -> npt.NDArray[np.bool_]:
    found: npt.NDArray[np.bool_] = values[names[0]] == state
    for name in names[1:]:
        found |= values[name] == state
    return found
