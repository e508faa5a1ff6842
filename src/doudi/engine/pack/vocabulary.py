"""The vocabulary 指标目录: every fact that rules may read, its type, who can supply it, and how a source gives it.

The facts stage reads the `from` part to build facts; the rules stage reads types, units and bounds to check formulas;
the office reads labels and questions to draw its forms. So it stands in the pack layer, below all three.
"""

import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

FactType = Literal["bool", "fen", "count", "date", "share", "text"]
Supplier = Literal["department", "family", "visit"]

# A month's income, the total of the last twelve months, and a stock are different things: they never mix (promise 16).
FenUnit = Literal["fen", "fen_per_month", "fen_per_12_months"]

MONEY_BOUND_FEN = 10**13
EPOCH = datetime.date(1970, 1, 1)
FIRST_DAY = (datetime.date(1850, 1, 1) - EPOCH).days
LAST_DAY = (datetime.date(2199, 12, 31) - EPOCH).days
COUNT_BOUND = 1_000_000
SHARE_SCALE = 10_000
"""A share is a whole number of ten-thousandths (万分之): 1.5 is 15000."""
SHARE_BOUND = 100 * SHARE_SCALE


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Label(_Strict):
    """One text in both languages of the product."""

    zh: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]

    def text(self, lang: str) -> str:
        """Return the English text for `en` and the Chinese one for every other language."""
        return self.en if lang == "en" else self.zh


class CitationText(_Strict):
    """Where in the law a rule stands; `mark` is the confidence of our reading (verified, recalled, local, example)."""

    instrument: Annotated[str, Field(min_length=1)]
    article: str = ""
    document_number: str = ""
    mark: Literal["verified", "recalled", "local", "example"]

    def text(self) -> str:
        number = f"（{self.document_number}）" if self.document_number else ""
        return f"《{self.instrument}》{number}{self.article}"


class FactFrom(_Strict):
    """How the rows of one source become the fact.

    `where` keeps the rows whose columns have the given values. `summary` says what is done with the rows kept:
    `latest` takes the one row with the latest month or date; `sum_over_12_months` adds the rows of the twelve months that
    the delivery covers; `average_over_lookback` adds them, divides by `lookback_months` and rounds down to whole fen, and
    is the only way in which a longer period's total may reach a month (promise 16), so it must carry its citation.
    An empty cell in a row that was kept makes the fact unknown, never zero.
    """

    source: Annotated[str, Field(min_length=1)]
    column: Annotated[str, Field(min_length=1)]
    where: dict[str, str] = {}
    summary: Literal["latest", "sum_over_12_months", "average_over_lookback"]
    lookback_months: Annotated[int, Field(ge=1, le=36)] | None = None
    of_member: Literal["head"] | None = None
    citation: CitationText | None = None

    @model_validator(mode="after")
    def _a_lookback_is_cited(self) -> Self:
        is_lookback = self.summary == "average_over_lookback"
        if is_lookback != (self.lookback_months is not None):
            raise ValueError("lookback_months belongs to average_over_lookback, and to it alone")
        if is_lookback and self.citation is None:
            raise ValueError("average_over_lookback needs the citation that allows it")
        return self


class FactDefinition(_Strict):
    """One fact 指标. `absent` says what no row in a delivered, covering source means."""

    type: FactType
    unit: str = ""
    label: Label
    question: Label | None = None
    supplied_by: Annotated[tuple[Supplier, ...], Field(min_length=1)]
    source: FactFrom | None = Field(default=None, alias="from")
    absent: Literal["zero_when_covered", "unknown"] = "unknown"
    codes: dict[str, Label] = {}
    minimum: int | None = None
    maximum: int | None = None
    can_change: bool = True
    """False for what nobody can alter (a birth date): such a fact is never named as what would change the outcome."""

    @model_validator(mode="after")
    def _type_unit_and_bounds_agree(self) -> Self:
        if self.type == "fen" and self.unit not in ("fen", "fen_per_month", "fen_per_12_months"):
            raise ValueError("a fact of type fen has the unit fen, fen_per_month or fen_per_12_months")
        if self.type not in ("fen", "count") and self.unit:
            raise ValueError("only facts of type fen and count have a unit")
        if (self.type == "text") != bool(self.codes):
            raise ValueError("a fact of type text lists its codes, and only such a fact does")
        low, high = self.bounds
        widest_low, widest_high = _WIDEST[self.type]
        if self.type != "text" and not widest_low <= low <= high <= widest_high:
            raise ValueError(f"minimum and maximum must lie in order between {widest_low} and {widest_high}")
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
    "fen": (-MONEY_BOUND_FEN, MONEY_BOUND_FEN),
    "count": (-COUNT_BOUND, COUNT_BOUND),
    "date": (FIRST_DAY, LAST_DAY),
    "share": (-SHARE_BOUND, SHARE_BOUND),
    "text": (0, COUNT_BOUND),
}


class VocabularyFile(_Strict):
    """One file of packs/cn/vocabulary: all facts of one entity."""

    entity: Literal["person", "household"]
    facts: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,60}$")], FactDefinition]


class Vocabulary(_Strict):
    """All facts of the pack, by entity."""

    person: dict[str, FactDefinition]
    household: dict[str, FactDefinition]

    def entity_of(self, name: str) -> Literal["person", "household"] | None:
        if name in self.person:
            return "person"
        return "household" if name in self.household else None

    def definition(self, name: str) -> FactDefinition | None:
        return self.person.get(name) or self.household.get(name)
