"""The vocabulary 指标目录: every fact that rules may read, its type, who can supply it, and how a source gives it.

The facts stage reads the `from` part to build facts; the rules stage reads types, units and bounds to check formulas;
the office reads labels and questions to draw its forms. So it stands in the pack layer, below all three.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from doudi.engine.pack.citation import Citation, Label, Strict
from doudi.engine.pack.document import PackError, validate
from doudi.engine.pack.pack import Pack
from doudi.engine.values.money import MONEY_LIMIT_FEN

FactType = Literal["bool", "fen", "count", "date", "share", "text"]
Entity = Literal["person", "household"]
Supplier = Literal["department", "family", "visit"]
Sensitivity = Literal["nationality", "ethnicity", "religion", "health"]
"""What no rule that sends people to a door may read unless it cites the law that lets it (promise 25)."""

FEN_UNITS = ("fen", "fen_per_month", "fen_per_12_months")
"""A stock, a month's amount and a total of the last twelve months are different things: they never mix (promise 16)."""

EPOCH = datetime.date(1970, 1, 1)
FIRST_DAY = (datetime.date(1850, 1, 1) - EPOCH).days
LAST_DAY = (datetime.date(2199, 12, 31) - EPOCH).days
COUNT_BOUND = 1_000_000
SHARE_SCALE = 10_000
"""A share is a whole number of ten-thousandths (万分之): 1.5 is 15000."""
SHARE_BOUND = 100 * SHARE_SCALE


class FactFrom(Strict):
    """How the rows of one source become the fact.

    `where` keeps the rows whose columns have the given values. `summary` says what is done with the rows kept:
    `latest` takes the rows of the latest month or date that the delivery covers; `sum_over_12_months` adds the rows of
    the twelve months that it covers; `count_distinct` counts the different values of the column in the whole delivery
    (a flat that a couple owns together is one flat) and, for a yes-or-no fact, says whether there is any; with
    `counts: households` it counts, instead of the values, the office's households of which a member has one of them;
    `average_over_lookback` adds them, divides by `lookback_months` and rounds down to
    whole fen. It is the only way in which a longer period's total may reach a month (promise 16), so it is cited.
    An empty cell in a row that was kept makes the fact unknown, never zero.
    """

    source: Annotated[str, Field(min_length=1)]
    column: Annotated[str, Field(min_length=1)]
    where: dict[str, str] = Field(default_factory=dict)
    summary: Literal["latest", "sum_over_12_months", "average_over_lookback", "count_distinct"]
    lookback_months: Annotated[int, Field(ge=1, le=36)] | None = None
    of_member: Literal["head"] | None = None
    counts: Literal["values", "households"] = "values"
    citation: Citation | None = None

    @model_validator(mode="after")
    def _a_lookback_is_cited(self) -> Self:
        is_lookback = self.summary == "average_over_lookback"
        if is_lookback != (self.lookback_months is not None):
            raise ValueError("lookback_months belongs to average_over_lookback, and to it alone")
        if is_lookback and self.citation is None:
            raise ValueError("average_over_lookback needs the citation that allows it")
        if self.counts == "households" and self.summary != "count_distinct":
            raise ValueError("counts: households belongs to count_distinct")
        return self


class Comparison(Strict):
    """With which fact that people tell a register's figure is compared 比对, because the rules read what people tell.

    `equal`: both say the same; `any`: the register's count is above zero where people say yes; `within_total`: what the
    register has of all members together is not more than people say of the household.
    """

    fact: Annotated[str, Field(min_length=1)]
    how: Literal["equal", "any", "within_total"] = "equal"


class FactDefinition(Strict):
    """One fact 指标. `absent` says what no row in a delivered, covering source means."""

    model_config = ConfigDict(populate_by_name=True)

    type: FactType
    unit: str = ""
    label: Label
    question: Label | None = None
    supplied_by: tuple[Supplier, ...] = Field(min_length=1, strict=False)
    source: FactFrom | None = Field(default=None, alias="from")
    compared_with: Comparison | None = None
    absent: Literal["zero_when_covered", "unknown"] = "unknown"
    codes: dict[str, Label] = Field(default_factory=dict)
    minimum: int | None = None
    maximum: int | None = None
    asked_for: tuple[str, ...] = Field(default=(), strict=False)
    """Programmes whose forms ask for it. With none named, every form does; so a rare fact need not lengthen each."""
    can_change: bool = True
    """False for what nobody can alter (a birth date): such a fact is never named as what would change the outcome."""
    sensitive: Sensitivity | None = None

    @model_validator(mode="after")
    def _type_unit_and_bounds_agree(self) -> Self:
        if self.type == "fen" and self.unit not in FEN_UNITS:
            raise ValueError("a fact of type fen has the unit fen, fen_per_month or fen_per_12_months")
        if self.type not in ("fen", "count") and self.unit:
            raise ValueError("only facts of type fen and count have a unit")
        if (self.type == "text") != bool(self.codes):
            raise ValueError("a fact of type text lists its codes, and only such a fact does")
        low, high = self.bounds
        widest_low, widest_high = _WIDEST[self.type]
        if self.type != "text" and not widest_low <= low <= high <= widest_high:
            raise ValueError(f"minimum and maximum must lie in order between {widest_low} and {widest_high}")
        if self.source is not None and self.source.summary == "count_distinct" and self.type not in ("count", "bool"):
            raise ValueError("count_distinct gives a fact of type count or bool")
        if ("department" in self.supplied_by) != (self.source is not None):
            raise ValueError("a fact supplied by a department says `from` which source, and only such a fact does")
        return self

    @property
    def bounds(self) -> tuple[int, int]:
        """Least and greatest whole number that a known value may be; for text the places in its list of codes."""
        if self.type == "text":
            return 0, max(len(self.codes) - 1, 0)
        low, high = _WIDEST[self.type]
        return (low if self.minimum is None else self.minimum, high if self.maximum is None else self.maximum)


_WIDEST: dict[str, tuple[int, int]] = {
    "bool": (0, 1),
    "fen": (-MONEY_LIMIT_FEN, MONEY_LIMIT_FEN),
    "count": (-COUNT_BOUND, COUNT_BOUND),
    "date": (FIRST_DAY, LAST_DAY),
    "share": (-SHARE_BOUND, SHARE_BOUND),
    "text": (0, COUNT_BOUND),
}


class VocabularyFile(Strict):
    """One file of packs/cn/vocabulary: all facts of one entity."""

    entity: Entity
    facts: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,60}$")], FactDefinition]


@dataclass(frozen=True)
class Vocabulary:
    """All facts of the pack, by entity. A name belongs to one entity only."""

    person: Mapping[str, FactDefinition]
    household: Mapping[str, FactDefinition]

    def entity_of(self, name: str) -> Entity | None:
        """Whose fact it is; None for a name that no fact has."""
        if name in self.person:
            return "person"
        return "household" if name in self.household else None

    def definition(self, name: str) -> FactDefinition | None:
        """What the name means; None for a name that no fact has."""
        return self.person.get(name) or self.household.get(name)


def load_vocabulary(pack: Pack) -> Vocabulary:
    """Read every file of the pack's `vocabulary` folder; a fact defined twice is refused."""
    found: dict[Entity, dict[str, FactDefinition]] = {"person": {}, "household": {}}
    for document in pack.documents("vocabulary"):
        read = validate(document, VocabularyFile)
        for name, definition in read.facts.items():
            if name in found["person"] or name in found["household"]:
                raise PackError(
                    f"the fact {name} is defined twice.",
                    advice="Keep one of the two.",
                    where=document.where("facts", name),
                )
            found[read.entity][name] = definition
    vocabulary = Vocabulary(person=found["person"], household=found["household"])
    _refuse_comparisons_of_nothing(vocabulary)
    return vocabulary


def _refuse_comparisons_of_nothing(vocabulary: Vocabulary) -> None:
    """A register's figure is compared with a fact that people tell, of the type that the way of comparing asks."""
    for name, definition in {**vocabulary.person, **vocabulary.household}.items():
        compared = definition.compared_with
        if compared is None:
            continue
        other = vocabulary.definition(compared.fact)
        wanted = {"equal": definition.type, "any": "bool", "within_total": definition.type}[compared.how]
        if other is None or other.type != wanted or set(other.supplied_by) <= {"department"}:
            raise PackError(
                f"{name} is compared with {compared.fact}, which is no such fact that people tell.",
                advice="Name a fact of the same type (for `any` a yes-or-no one) that the family or a visit supplies.",
            )
