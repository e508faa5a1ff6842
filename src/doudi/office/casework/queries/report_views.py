"""What screens are told of a verification report: plain data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from doudi.office.evidence.queries import Word
from doudi.office.registry.queries import MemberView


@dataclass(frozen=True)
class RecheckView:
    """A re-check: on whose desk and until when, or who found what. `holds` is the figure that the rules use since."""

    recheck_id: int
    due_on: date
    is_overdue: bool
    outcome: str
    authority: str
    document: str
    reply: str
    holds: str
    answered_at: datetime | None
    answered_by: str
    can_answer: bool


@dataclass(frozen=True)
class AnswerView:
    """What the family said to a figure: agrees | explains | objects."""

    kind: str
    text: str
    paper: str
    said_by: str
    said_on: date
    recorded_by: str
    recheck: RecheckView | None


@dataclass(frozen=True)
class RuleUse:
    """A condition that reads the fact: its state, value against threshold, and where it stands in the law."""

    label: str
    state: str
    value: str
    threshold: str
    citation: str


@dataclass(frozen=True)
class LineView:
    """One item of one subject. A word with `is_unknown` is "no data"; no word at all: nobody was asked."""

    position: int
    person_id: int | None
    person_name: str
    source: str
    name: str
    label: str
    # The fact that the rules read, where it is another one.
    rule_name: str
    rule_label: str
    found: Word | None
    declared: Word | None
    seen: Word | None
    used: Word | None
    used_origin: str
    differs: bool
    # Found less declared (or less seen), with its sign; None where it can't be said in a number.
    difference: int | None
    type: str
    unit: str
    rules: tuple[RuleUse, ...]
    answer: AnswerView | None

    @property
    def waits_for_family(self) -> bool:
        """Is there a difference that the family was not asked about yet?"""
        return self.differs and self.found is not None and self.answer is None


@dataclass(frozen=True)
class VersionView:
    """One version in the list of versions."""

    version: int
    number: str
    cause: str
    made_at: datetime
    made_by: str
    outcome: str
    amount_fen: int | None


@dataclass(frozen=True)
class ReportPage:
    """A version of a case's report with everything that stands on it. `can` names flows this user may use now."""

    case_number: str
    case_version: int
    programme: str
    area: str
    applicant_name: str
    shown: VersionView
    is_newest: bool
    versions: tuple[VersionView, ...]
    data_as_of: date
    valid_until: date
    validity_status: str
    has_expired: bool
    open_rechecks: int
    unheard: int
    lines: tuple[LineView, ...]
    members: tuple[MemberView, ...]
    can: frozenset[str]


@dataclass(frozen=True)
class Change:
    """A line of which two versions say different things; None on a side: the version has no such line."""

    before: LineView | None
    after: LineView | None

    @property
    def line(self) -> LineView:
        """The line for its label and subject."""
        line = self.after or self.before
        assert line is not None  # noqa: S101 - a change has at least one side
        return line


@dataclass(frozen=True)
class ConditionChange:
    """A condition of the rules that came out differently."""

    label: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


@dataclass(frozen=True)
class ReportComparison:
    """What changed between two versions, and what it did to the outcome."""

    case_number: str
    applicant_name: str
    programme: str
    before: VersionView
    after: VersionView
    changes: tuple[Change, ...]
    conditions: tuple[ConditionChange, ...]
