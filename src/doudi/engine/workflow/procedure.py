"""What a procedure is: the contents of a programme's `procedure.yaml`, checked as a whole."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from doudi.engine.pack.citation import Citation, Label, Strict
from doudi.engine.pack.document import Document, PackError, validate
from doudi.engine.pack.pack import Pack

DayUnit = Literal["working_days", "calendar_days"]
Role = Literal["assistant", "clerk", "reviewer", "approver", "finance"]


class ProcedureError(PackError):
    """A procedure that nobody could follow: an unknown step, a circle, a deadline counted from something later."""

    code: ClassVar[str] = "DD-PROCEDURE-001"


class Limit(Strict):
    """A time limit 期限, counted from the day on which another step was completed; that day is not counted."""

    n: int = Field(ge=0)
    unit: DayUnit
    counted_from: str = Field(alias="from")
    roll_last_day: bool = True
    citation: Citation


class TotalLimit(Limit):
    """The limit for everything up to and including the step `until`."""

    until: str


class Evidence(Strict):
    """A paper or record 证据 that the step leaves in the case."""

    id: str
    label: Label


class Step(Strict):
    """One step 环节. A step with publicity days is done when the publicity starts, and completed when it has ended.

    A step with a `guard` belongs to a case only while the condition of that name holds there.
    """

    id: str = Field(pattern=r"^[a-z][a-z_]*$")
    label: Label
    role: Role
    people: int = Field(default=1, ge=1)
    requires: tuple[str, ...] = Field(default=(), strict=False)
    deadline: Limit | None = None
    evidence: tuple[Evidence, ...] = Field(default=(), strict=False)
    four_eyes_with: tuple[str, ...] = Field(default=(), strict=False)
    publicity_days: int | None = Field(default=None, ge=1)
    guard: str | None = None
    citation: Citation


class Procedure(Strict):
    """The steps of a programme in the order in which they are shown, and the limit for the whole."""

    programme: str
    label: Label
    total: TotalLimit
    total_special: TotalLimit
    steps: tuple[Step, ...] = Field(strict=False, min_length=1)

    @model_validator(mode="after")
    def _has_each_step_once(self) -> "Procedure":
        ids = [step.id for step in self.steps]
        if len(set(ids)) != len(ids):
            raise ValueError("a step id stands twice")
        return self

    def step(self, step_id: str) -> Step:
        """The step of that id."""
        for step in self.steps:
            if step.id == step_id:
                return step
        raise ProcedureError(f"{self.programme} has no step {step_id}.", advice="Use an id of its procedure.yaml.")

    def upstream(self, step_id: str) -> frozenset[str]:
        """Every step that must have been completed before this one, however far back."""
        by_id = {step.id: step for step in self.steps}
        found: set[str] = set()
        open_ids = list(by_id[step_id].requires)
        while open_ids:
            current = open_ids.pop()
            if current not in found:
                found.add(current)
                open_ids.extend(by_id[current].requires)
        return frozenset(found)


def load_procedure(pack: Pack, programme: str) -> Procedure:
    """Read and check the procedure of a programme."""
    document = pack.document(f"programmes/{programme}/procedure.yaml")
    procedure = validate(document, Procedure)
    if procedure.programme != programme:
        raise ProcedureError(
            f"the procedure says it is of {procedure.programme}.",
            advice="Name the programme after its folder.",
            where=document.where("programme"),
        )
    by_id = {step.id: step for step in procedure.steps}
    _refuse_unknown_steps(document, procedure, by_id)
    _refuse_circles(document, procedure, by_id)
    _refuse_later_references(document, procedure)
    return procedure


def _refuse_unknown_steps(document: Document, procedure: Procedure, by_id: Mapping[str, Step]) -> None:
    for key, limit in (("total", procedure.total), ("total_special", procedure.total_special)):
        for name, entry in ((limit.counted_from, "from"), (limit.until, "until")):
            if name not in by_id:
                raise ProcedureError(f"there is no step {name}.", where=document.where(key, entry))
    for place, step in enumerate(procedure.steps):
        named = [("requires", name) for name in step.requires]
        named += [("four_eyes_with", name) for name in step.four_eyes_with]
        if step.deadline is not None:
            named.append(("deadline", step.deadline.counted_from))
        for key, name in named:
            if name not in by_id:
                raise ProcedureError(
                    f"step {step.id} names a step {name} that does not exist.",
                    advice=f"The steps are: {', '.join(by_id)}.",
                    where=document.where("steps", place, key),
                )


def _refuse_circles(document: Document, procedure: Procedure, by_id: Mapping[str, Step]) -> None:
    finished: set[str] = set()

    def visit(step_id: str, path: tuple[str, ...]) -> None:
        if step_id in path:
            circle = " -> ".join([*path[path.index(step_id) :], step_id])
            raise ProcedureError(
                f"steps wait for each other: {circle}.", advice="Break the circle.", where=document.where("steps")
            )
        if step_id not in finished:
            for needed in by_id[step_id].requires:
                visit(needed, (*path, step_id))
            finished.add(step_id)

    for step in procedure.steps:
        visit(step.id, ())


def _refuse_later_references(document: Document, procedure: Procedure) -> None:
    for place, step in enumerate(procedure.steps):
        upstream = procedure.upstream(step.id)
        later = [("four_eyes_with", name) for name in step.four_eyes_with if name not in upstream]
        if step.deadline is not None and step.deadline.counted_from not in upstream:
            later.append(("deadline", step.deadline.counted_from))
        for key, name in later:
            raise ProcedureError(
                f"step {step.id} looks back to {name}, which need not have come before it.",
                advice=f"Let {step.id} require {name}, directly or through other steps.",
                where=document.where("steps", place, key),
            )
