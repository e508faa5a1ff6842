"""The contract 数据约定 of a source: what a department delivers, by column, and what a row or its absence means.

A contract is data in the pack (`sources/<id>/contract.yaml`); adding a department needs no Python. This page is the
whole language of contracts: `sources/_template/contract.yaml` explains each line.
"""

import fnmatch
import hashlib
import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Literal, Self

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from doudi.engine.pack.citation import Label
from doudi.engine.pack.vocabulary import Sensitivity
from doudi.engine.sources.errors import UnclearMonthError
from doudi.engine.values.period import Month

ColumnType = Literal["text", "name", "id_number", "date", "month", "money", "count", "code", "area_code", "phone"]
Unit = Literal["yuan", "wan_yuan"]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Words = Annotated[str, StringConstraints(min_length=1, max_length=200)]

READER_VERSION = 1
"""Raised when the reader would read the same file otherwise: a file is then parsed again."""

_ARROW: Mapping[str, pa.DataType] = {"date": pa.date32(), "money": pa.int64(), "count": pa.int64()}
_MONTH_IN_NAME = re.compile(r"(?<![0-9])(20[0-9]{2})[-_年]?(0[1-9]|1[0-2])(?![0-9])")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ColumnSpec(_Strict):
    """One column: under which headers it comes, what type it has, and what is plausible in it."""

    headers: Annotated[tuple[Words, ...], Field(min_length=1)]
    label: Label
    type: ColumnType
    required: bool = True
    may_be_empty: bool = False
    """The column must be delivered; a cell of it may be empty, as a newborn's identity number."""
    empty: tuple[str, ...] = ()
    codes: dict[str, str] = {}
    unit: Unit | None = None
    min: int | None = None
    max: int | None = None
    earliest: date = date(1900, 1, 1)
    may_be_future: bool = False
    length_max: Annotated[int, Field(ge=1, le=4000)] = 200
    digits: tuple[int, ...] = (12,)
    sensitive: Sensitivity | None = None
    """A fact that reads this column, under whatever name, has to say the same of itself (promise 25)."""

    @model_validator(mode="after")
    def _only_what_the_type_knows(self) -> Self:
        if (self.type == "code") != bool(self.codes):
            raise ValueError("a column of type code needs its list `codes`; no other type has one")
        if (self.type == "money") != (self.unit is not None):
            raise ValueError("a column of type money needs its `unit` (yuan or wan_yuan); no other type has one")
        if self.max is not None and self.type not in ("money", "count"):
            raise ValueError("`max` belongs to money (in yuan) and count")
        if self.min is not None and self.type not in ("money", "count"):
            raise ValueError("`min` belongs to money (in yuan) and count")
        return self

    @property
    def needs_value(self) -> bool:
        """Does an empty cell send its row to the quarantine?"""
        return self.required and not self.may_be_empty

    @property
    def arrow_type(self) -> pa.DataType:
        """The type in which accepted values are kept: fen and counts int64, dates date32, all else text."""
        return _ARROW.get(self.type, pa.string())


class Absence(_Strict):
    """What it means that a person has no row in a covered month."""

    means: Literal["zero_when_covered", "unknown"]
    label: Label


class Coverage(_Strict):
    """The months that one delivery speaks of: so many, ending with the month in its file name.

    Where each month must have rows, a month without any is not covered: what is missing there is unknown, never zero.
    """

    months: Annotated[int, Field(ge=1, le=120)]
    month_column: Name | None = None
    every_month_has_rows: bool = False

    @model_validator(mode="after")
    def _rows_are_counted_by_a_column(self) -> Self:
        if self.every_month_has_rows and self.month_column is None:
            raise ValueError("every_month_has_rows needs month_column, by which the rows are counted")
        return self


class Drift(_Strict):
    """How far a delivery may shrink against the last accepted one before it is stopped."""

    of_last_min_percent: Annotated[int, Field(ge=0, le=100)]


class Contract(_Strict):
    """What one department delivers 数据约定."""

    id: Name
    label: Label
    department: Label
    files: Words
    format: Literal["csv", "xlsx", "parquet"]
    encodings: tuple[Literal["utf-8", "gb18030"], ...] = ("utf-8", "gb18030")
    delimiter: Literal[",", "\t", ";"] = ","
    title_rows_max: Annotated[int, Field(ge=0, le=20)] = 0
    ignored_sheets: tuple[str, ...] = ()
    each_row: Label
    absent_row: Absence
    each_delivery: Literal["replaces", "adds"] = "replaces"
    coverage: Coverage
    freshness_days: Annotated[int, Field(ge=1, le=800)]
    drift: Drift
    key: tuple[Name, ...]
    in_order: tuple[tuple[Name, Name], ...] = ()
    columns: Annotated[dict[Name, ColumnSpec], Field(min_length=1)]

    @model_validator(mode="after")
    def _names_exist_and_headers_are_clear(self) -> Self:
        named = {*self.key, *(name for pair in self.in_order for name in pair)}
        if self.coverage.month_column:
            named.add(self.coverage.month_column)
        unknown = sorted(named - set(self.columns))
        if unknown:
            raise ValueError(f"no such column: {', '.join(unknown)}")
        reserved = sorted({"batch", "row"} & set(self.columns))
        if reserved:
            raise ValueError(f"reserved for the origin of a row: {', '.join(reserved)}")
        headers = [plain_header(header) for spec in self.columns.values() for header in spec.headers]
        twice = sorted({header for header in headers if headers.count(header) > 1})
        if twice:
            raise ValueError(f"the same header stands for two columns: {', '.join(twice)}")
        return self

    @property
    def schema(self) -> pa.Schema:
        """Columns of the accepted table: the contract's own, then batch and row."""
        fields = [pa.field(name, spec.arrow_type, nullable=not spec.needs_value) for name, spec in self.columns.items()]
        return pa.schema([*fields, pa.field("batch", pa.string(), False), pa.field("row", pa.int64(), False)])

    @property
    def hash(self) -> str:
        """Digest of the contract and the reader: a file read under another one is parsed again."""
        return hashlib.sha256(f"{READER_VERSION}\0{self.model_dump_json()}".encode()).hexdigest()[:16]

    def takes(self, file_name: str) -> bool:
        """Is this the name of a file of this source?"""
        return fnmatch.fnmatchcase(file_name, self.files)

    def delivered_month(self, file_name: str) -> Month:
        """The month of the delivery, as its file name says it: `户籍_202610.csv`."""
        found = _MONTH_IN_NAME.findall(file_name)
        if len(found) != 1:
            raise UnclearMonthError(
                f"{self.id}: the file's name must hold the month of the delivery exactly once.",
                advice=f"Name it by the pattern {self.files} with the month as 202610.",
            )
        return Month(int(found[0][0]), int(found[0][1]))

    def covered_months(self, delivered: Month) -> tuple[str, ...]:
        """The months that a delivery is to speak of, oldest first."""
        return tuple(str(delivered.plus(back)) for back in range(1 - self.coverage.months, 1))

    def fresh_until(self, delivered: Month) -> date:
        """The last day on which facts of this delivery still hold; after it they are unknown, never zero."""
        return delivered.last_day() + timedelta(days=self.freshness_days)


def plain_header(text: str) -> str:
    """A header as it is compared: without blanks, in ASCII brackets, without a unit of money behind it."""
    folded = re.sub(r"\s+", "", text.replace("（", "(").replace("）", ")").replace("\ufeff", ""))
    return re.sub(r"\((?:单位[::]?)?(?:人民币)?(?:万元|元)\)$", "", folded)
