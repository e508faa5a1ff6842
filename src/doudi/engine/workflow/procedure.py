"""What a procedure is: the contents of a programme's `procedure.yaml`.

A step's `kind` says what is done in it, and the office has a screen for each kind; its `id` is the pack's own. So a
programme that needs no new kind of step needs no code.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field, model_validator

from doudi.engine.pack.citation import Citation, Label, Strict
from doudi.engine.pack.document import PackError

DayUnit = Literal["working_days", "calendar_days"]
Role = Literal["assistant", "clerk", "township_reviewer", "reviewer", "approver", "finance"]
Kind = Literal[
    "apply", "accept", "relatives", "visit", "check", "opinion", "publicity", "meeting", "review", "confirm", "notify",
    "papers", "record",
]  # fmt: skip
"""What is done in a step: an application taken, accepted; near relatives registered; a home visit; the departments'
data asked for; the preliminary opinion; publicity; a meeting 一事一议; review; the decision; the notice to the family;
papers that were allowed to follow; anything else that is written down in a few words (a return visit, a call)."""

StepId = Annotated[str, Field(pattern=r"^[a-z][a-z_]*$")]
ConditionText = Annotated[str, Field(pattern=r"^(?:[a-z][a-z0-9_]*|amount > [a-z][a-z0-9_]*)$")]
"""A condition: a yes-or-no formula of the programme, a condition that the office judges (`near_relatives_registered`,
`approved`), or `amount > <money formula>`, which compares the amount that was proposed last."""

TOTAL = "total"
OFFICE_CONDITIONS = frozenset({"near_relatives_registered", "approved"})
"""Conditions that the office judges: a near relative of an official is registered; the decision was an approval."""
AMOUNT = "amount > "
"""How a condition on the proposed amount begins; the name of a money formula follows."""


class ProcedureError(PackError):
    """A procedure that nobody could follow: an unknown step, a circle, a deadline counted from something later."""

    code: ClassVar[str] = "DD-PROCEDURE-001"


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


OneOrMore = Annotated[tuple[str, ...], BeforeValidator(_as_list)]


class Limit(Strict):
    """A time limit 期限, counted from the day on which another step was completed; that day is not counted.

    Where a case can go one of two ways, `from` names the step of each.
    """

    n: int = Field(ge=0)
    unit: DayUnit
    counted_from: Annotated[tuple[str, ...], BeforeValidator(_as_list)] = Field(
        alias="from", strict=False, min_length=1
    )
    roll_last_day: bool = True
    citation: Citation


class TotalLimit(Limit):
    """The limit for everything up to and including the step `until`; where a case can end in one of two, for both."""

    until: OneOrMore = Field(strict=False, min_length=1)


class Evidence(Strict):
    """A paper or record 证据 that the step leaves in the case."""

    id: str
    label: Label


class Repeat(Strict):
    """A step that is taken several times, one after the other; `by_others` asks for different people each time."""

    times: int = Field(ge=2, le=9)
    by_others: bool = True


class ClockStop(Strict):
    """A reason for which the clock stands still 不计入期限: that of the steps named, or of the whole case."""

    id: StepId
    label: Label
    steps: tuple[str, ...] = Field(default=(), strict=False)
    citation: Citation


class Extension(Strict):
    """A reason for which a limit is extended 延长.

    `of: total` puts the case under `total_special`; a step gets `n` more days, of its own limit's unit.
    """

    id: StepId
    label: Label
    of: str
    n: int | None = Field(default=None, ge=1)
    citation: Citation

    @model_validator(mode="after")
    def _the_total_has_its_own_number(self) -> "Extension":
        if (self.of == TOTAL) != (self.n is None):
            raise ValueError("an extension of a step says by how many days (n); that of the total is total_special")
        return self


class Step(Strict):
    """One step 环节. A step with publicity days is done when the publicity starts, and completed when it has ended.

    A step with a `guard` belongs to a case only while that condition holds there, one with `unless` only while it does
    not. An `optional` step may be taken but nothing waits for it. `later_if` lets papers follow an acceptance.
    """

    id: str
    label: Label
    kind: Kind
    role: Role
    people: int = Field(default=1, ge=1)
    requires: tuple[str, ...] = Field(default=(), strict=False)
    deadline: Limit | None = None
    evidence: tuple[Evidence, ...] = Field(default=(), strict=False)
    four_eyes_with: tuple[str, ...] = Field(default=(), strict=False)
    publicity_days: int | None = Field(default=None, ge=1)
    publicity_unit: DayUnit = "calendar_days"
    guard: ConditionText | None = None
    unless: ConditionText | None = None
    later_if: ConditionText | None = None
    optional: bool = False
    citation: Citation

    @model_validator(mode="after")
    def _fits_its_kind(self) -> "Step":
        if (self.kind == "publicity") != (self.publicity_days is not None):
            raise ValueError("publicity_days belongs to a step of kind publicity, and to it alone")
        if self.later_if is not None and self.kind != "accept":
            raise ValueError("later_if belongs to the acceptance")
        return self

    @property
    def conditions(self) -> tuple[str, ...]:
        """Every condition that this step names."""
        return tuple(each for each in (self.guard, self.unless, self.later_if) if each is not None)


class WrittenStep(Step):
    """A step as the file has it: an id of letters, and how often it is taken."""

    id: StepId
    repeat: Repeat | None = None


class Procedure(Strict):
    """The steps of a programme in the order in which they are shown, and the limit for the whole."""

    programme: str
    label: Label
    total: TotalLimit
    total_special: TotalLimit
    steps: tuple[Step, ...] = Field(strict=False, min_length=1)
    clock_stops: tuple[ClockStop, ...] = Field(default=(), strict=False)
    extensions: tuple[Extension, ...] = Field(default=(), strict=False)

    def step(self, step_id: str) -> Step:
        """The step of that id."""
        found = self.by_id.get(step_id)
        if found is None:
            raise ProcedureError(f"{self.programme} has no step {step_id}.", advice="Use an id of its procedure.yaml.")
        return found

    @property
    def by_id(self) -> dict[str, Step]:
        """The steps by their ids."""
        return {step.id: step for step in self.steps}

    def of_kind(self, kind: Kind) -> tuple[Step, ...]:
        """The steps in which this is done, in order."""
        return tuple(step for step in self.steps if step.kind == kind)

    def upstream(self, step_id: str) -> frozenset[str]:
        """Every step that must have been completed before this one, however far back."""
        by_id, found = self.by_id, set[str]()
        open_ids = list(by_id[step_id].requires)
        while open_ids:
            current = open_ids.pop()
            if current not in found:
                found.add(current)
                open_ids.extend(by_id[current].requires)
        return frozenset(found)

    def downstream(self, step_id: str) -> frozenset[str]:
        """Every step that comes after this one."""
        return frozenset(step.id for step in self.steps if step_id in self.upstream(step.id))

    @property
    def conditions(self) -> frozenset[str]:
        """Every condition that a step names."""
        return frozenset(name for step in self.steps for name in step.conditions)
