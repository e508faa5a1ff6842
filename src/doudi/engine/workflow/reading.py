"""Reads a programme's `procedure.yaml`, writes repeated steps out, and refuses what nobody could follow."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from pydantic import Field, model_validator

from doudi.engine.pack.citation import Label
from doudi.engine.pack.document import Document, validate
from doudi.engine.pack.pack import Pack
from doudi.engine.workflow.procedure import TOTAL, Limit, Procedure, ProcedureError, Step, TotalLimit, WrittenStep

_NUMERALS = "一二三四五六七八九"


class ProcedureFile(Procedure):
    """A `procedure.yaml` as written: a repeated step stands once."""

    steps: tuple[WrittenStep, ...] = Field(strict=False, min_length=1)

    @model_validator(mode="after")
    def _has_each_id_once(self) -> "ProcedureFile":
        for what, ids in (
            ("a step", [step.id for step in self.steps]),
            ("a stop of the clock", [stop.id for stop in self.clock_stops]),
            ("an extension", [extension.id for extension in self.extensions]),
        ):
            if len(set(ids)) != len(ids):
                raise ValueError(f"{what} stands twice")
        return self


@lru_cache(maxsize=64)
def load_procedure(pack: Pack, programme: str) -> Procedure:
    """Read and check the procedure of a programme."""
    document = pack.document(f"programmes/{programme}/procedure.yaml")
    file = validate(document, ProcedureFile)
    if file.programme != programme:
        raise ProcedureError(
            f"the procedure says it is of {file.programme}.",
            advice="Name the programme after its folder.",
            where=document.where("programme"),
        )
    known = {step.id for step in file.steps}
    _refuse_unknown_steps(document, file, known)
    _refuse_circles(document, file)
    _refuse_later_references(document, file)
    last = {step.id: _round_id(step, step.repeat.times) for step in file.steps if step.repeat}
    steps = tuple(each for step in file.steps for each in _rounds(step, last))
    if sum(step.kind == "apply" for step in steps) != 1 or not any(step.kind == "confirm" for step in steps):
        raise ProcedureError(
            "a procedure begins with one step of kind apply and ends in one of kind confirm.",
            advice="Add the step that is missing.",
            where=document.where("steps"),
        )
    return Procedure.model_construct(
        programme=file.programme,
        label=file.label,
        total=_total(file.total, last),
        total_special=_total(file.total_special, last),
        steps=steps,
        clock_stops=file.clock_stops,
        extensions=file.extensions,
    )


def _total(limit: TotalLimit, last: Mapping[str, str]) -> TotalLimit:
    return limit.model_copy(
        update={"until": _lasting(limit.until, last), "counted_from": _lasting(limit.counted_from, last)}
    )


def _rounds(step: WrittenStep, last: Mapping[str, str]) -> Iterable[Step]:
    """A step as often as it is taken. Who requires it waits for its last round; each round for the one before."""
    plain = {name: getattr(step, name) for name in Step.model_fields}
    plain["deadline"] = _from_last(step.deadline, last)
    plain["requires"] = _lasting(step.requires, last)
    plain["four_eyes_with"] = tuple(
        each for name in step.four_eyes_with for each in (*_earlier_rounds(name, last), last.get(name, name))
    )
    if step.repeat is None:
        yield Step.model_construct(**plain)
        return
    ids: list[str] = []
    for number in range(1, step.repeat.times + 1):
        before = tuple(ids[-1:])
        yield Step.model_construct(
            **plain
            | {
                "id": _round_id(step, number),
                "label": _round_label(step.label, number),
                "requires": before or plain["requires"],
                "four_eyes_with": (*plain["four_eyes_with"], *(ids if step.repeat.by_others else ())),
            }
        )
        ids.append(_round_id(step, number))


def _from_last(limit: Limit | None, last: Mapping[str, str]) -> Limit | None:
    if limit is None:
        return None
    return limit.model_copy(update={"counted_from": _lasting(limit.counted_from, last)})


def _lasting(names: tuple[str, ...], last: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(last.get(name, name) for name in names)


def _round_id(step: WrittenStep, number: int) -> str:
    return step.id if number == 1 else f"{step.id}_{number}"


def _earlier_rounds(name: str, last: Mapping[str, str]) -> tuple[str, ...]:
    if name not in last:
        return ()
    times = int(last[name].rsplit("_", maxsplit=1)[1])
    return (name, *(f"{name}_{number}" for number in range(2, times)))


def _round_label(label: Label, number: int) -> Label:
    return Label(zh=f"{label.zh}（第{_NUMERALS[number - 1]}次）", en=f"{label.en} ({number})")


def _refuse_unknown_steps(document: Document, file: ProcedureFile, known: set[str]) -> None:
    named: list[tuple[str, tuple[str | int, ...]]] = []
    for key, limit in (("total", file.total), ("total_special", file.total_special)):
        named += [(name, (key, "from")) for name in limit.counted_from]
        named += [(name, (key, "until")) for name in limit.until]
    for place, stop in enumerate(file.clock_stops):
        named += [(name, ("clock_stops", place, "steps")) for name in stop.steps]
    for place, extension in enumerate(file.extensions):
        named += [] if extension.of == TOTAL else [(extension.of, ("extensions", place, "of"))]
    for place, step in enumerate(file.steps):
        named += [(name, ("steps", place, "requires")) for name in step.requires]
        named += [(name, ("steps", place, "four_eyes_with")) for name in step.four_eyes_with]
        if step.deadline is not None:
            named += [(name, ("steps", place, "deadline")) for name in step.deadline.counted_from]
    for name, where in named:
        if name not in known:
            raise ProcedureError(
                f"there is no step {name}: a step {name} that does not exist is named.",
                advice=f"The steps are: {', '.join(step.id for step in file.steps)}.",
                where=document.where(*where),
            )
    limited = {step.id for step in file.steps if step.deadline is not None and step.repeat is None}
    for place, extension in enumerate(file.extensions):
        if extension.of != TOTAL and extension.of not in limited:
            raise ProcedureError(
                f"the step {extension.of} has no limit of its own that could be extended.",
                where=document.where("extensions", place, "of"),
            )


def _refuse_circles(document: Document, file: ProcedureFile) -> None:
    finished: set[str] = set()

    def visit(step_id: str, path: tuple[str, ...]) -> None:
        if step_id in path:
            circle = " -> ".join([*path[path.index(step_id) :], step_id])
            raise ProcedureError(
                f"steps wait for each other: {circle}.", advice="Break the circle.", where=document.where("steps")
            )
        if step_id not in finished:
            for needed in file.by_id[step_id].requires:
                visit(needed, (*path, step_id))
            finished.add(step_id)

    for step in file.steps:
        visit(step.id, ())


def _refuse_later_references(document: Document, file: ProcedureFile) -> None:
    for place, step in enumerate(file.steps):
        upstream = file.upstream(step.id)
        later = [("four_eyes_with", name) for name in step.four_eyes_with if name not in upstream]
        if step.deadline is not None:
            later += [("deadline", name) for name in step.deadline.counted_from if name not in upstream]
        for key, name in later:
            raise ProcedureError(
                f"step {step.id} looks back to {name}, which need not have come before it.",
                advice=f"Let {step.id} require {name}, directly or through other steps.",
                where=document.where("steps", place, key),
            )
