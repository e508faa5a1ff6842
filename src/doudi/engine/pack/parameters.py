"""Parameters 参数: numbers with a birthday, a unit, a source and a region. Never edited, only succeeded.

A parameter is declared once, nationally, in a `parameters.yaml` outside `regions/`, with its unit and, where the nation
sets one, its values. `regions/<code>/parameters.yaml` gives a division's own values. The deepest division that has a
value of its own decides; on a day for which it has none, it must say whom it follows (`extends`), or there is an error.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from doudi.engine.pack.citation import Citation, Label, Strict
from doudi.engine.pack.document import Document, PackError, validate
from doudi.engine.values.region import Region

NATION = "nation"
Unit = Literal[
    "fen",
    "fen_per_month",
    "fen_per_12_months",
    "fen_per_person_month",
    "count",
    "months",
    "days",
    "years",
    "percent",
    "permille",
]
Status = Literal["confirmed", "recalled", "example"]


class ValueFrom(Strict):
    """One value and the first day on which it holds; it holds until the next one, or through `last_day`."""

    effective_from: date
    last_day: date | None = None
    value: int
    status: Status
    citation: Citation


class _Dated(Strict):
    values: tuple[ValueFrom, ...] = Field(default=(), strict=False)

    @model_validator(mode="after")
    def _is_in_order(self) -> "_Dated":
        for earlier, later in zip(self.values, self.values[1:], strict=False):
            if later.effective_from <= (earlier.last_day or earlier.effective_from):
                raise ValueError("values must follow each other in time and may not overlap")
        if any(v.last_day is not None and v.last_day < v.effective_from for v in self.values):
            raise ValueError("a value ends before it begins")
        return self


class Declaration(_Dated):
    """What a parameter is, for the whole country."""

    label: Label
    unit: Unit


class LocalValues(_Dated):
    """What one division sets for a parameter, and whose value holds on days for which it sets none."""

    extends: str | None = None


class NationalParameters(Strict):
    """A `parameters.yaml` outside `regions/`."""

    parameters: dict[str, Declaration]


class RegionalParameters(Strict):
    """A `regions/<code>/parameters.yaml`."""

    parameters: dict[str, LocalValues]


@dataclass(frozen=True)
class DatedValue:
    """A parameter's value on a day in a place, and where it comes from. `layer` is a division code, or `nation`."""

    name: str
    value: int
    unit: Unit
    citation: Citation
    status: Status
    effective_from: date
    layer: str
    where: str


@dataclass(frozen=True)
class _Layer:
    code: str
    document: Document
    dated: _Dated


class Parameters:
    """All parameters of a pack, ready to be asked."""

    def __init__(self, national: Iterable[Document], regional: Iterable[tuple[str, Document]]) -> None:
        self.declarations: dict[str, Declaration] = {}
        self._layers: dict[str, dict[str, _Layer]] = {}
        self._divisions: set[str] = set()
        for document in national:
            for name, declared in validate(document, NationalParameters).parameters.items():
                if name in self.declarations:
                    raise PackError(
                        f"parameter {name} is declared twice.",
                        advice=f"The other one is in {self._layers[name][NATION].document.relative}.",
                        where=document.where("parameters", name),
                    )
                self.declarations[name] = declared
                self._layers[name] = {NATION: _Layer(NATION, document, declared)}
        for code, document in regional:
            for name, local in validate(document, RegionalParameters).parameters.items():
                self._add_local(code, document, name, local)

    def names(self) -> list[str]:
        """Every declared parameter."""
        return sorted(self.declarations)

    def value(self, name: str, *, region: str, on: date) -> DatedValue:
        """The value in force in a place on a day, or an error that says what to add and where."""
        layers = self._layers.get(name)
        if layers is None:
            raise PackError(f"there is no parameter {name}.", advice="Declare it in the programme's parameters.yaml.")
        code = next((c for c in reversed(Region(region).ancestors()) if c in layers), NATION)
        visited = [code]
        while True:
            layer = layers[code]
            found = _in_force(layer.dated.values, on)
            if found is not None:
                place, value = found
                where = layer.document.where("parameters", name, "values", place)
                unit = self.declarations[name].unit
                return DatedValue(
                    name, value.value, unit, value.citation, value.status, value.effective_from, code, where
                )
            follows = layer.dated.extends if isinstance(layer.dated, LocalValues) else None
            if follows is None or follows in visited or follows not in layers:
                raise _missing(name, region, on, layer)
            code = follows
            visited.append(code)

    def deciding(self, region: str) -> str:
        """The deepest division around a place that sets anything of its own: its numbers are the place's numbers.

        A city's thousands of villages have no numbers of their own; whoever computes for all asks once for each.
        """
        around = Region(region).ancestors()
        return next((code for code in reversed(around) if code in self._divisions), around[0])

    def _add_local(self, code: str, document: Document, name: str, local: LocalValues) -> None:
        where = document.where("parameters", name)
        if name not in self._layers:
            raise PackError(
                f"parameter {name} is not declared.",
                advice="Declare it with its unit in the programme's parameters.yaml, or correct the name.",
                where=where,
            )
        if code in self._layers[name]:
            raise PackError(
                f"division {code} gives parameter {name} twice.",
                advice=f"The other one is in {self._layers[name][code].document.relative}.",
                where=where,
            )
        if local.extends is not None and local.extends not in [*Region(code).ancestors()[:-1], NATION]:
            raise PackError(
                f"division {code} can't follow {local.extends}.",
                advice="`extends` names a division around it, or nation.",
                where=where,
            )
        self._layers[name][code] = _Layer(code, document, local)
        self._divisions.add(code)


def _in_force(values: tuple[ValueFrom, ...], on: date) -> tuple[int, ValueFrom] | None:
    begun = [(place, value) for place, value in enumerate(values) if value.effective_from <= on]
    if not begun or (begun[-1][1].last_day is not None and begun[-1][1].last_day < on):
        return None
    return begun[-1]


def _missing(name: str, region: str, on: date, layer: _Layer) -> PackError:
    begun = [value for value in layer.dated.values if value.effective_from <= on]
    if not layer.dated.values:
        history = "No value is given there."
    elif begun:
        history = f"The last one ended on {begun[-1].last_day}."
    else:
        history = f"The first one begins on {layer.dated.values[0].effective_from}."
    if layer.code == NATION:
        advice = f"Add a dated value with its document number to regions/{region[:6]}/parameters.yaml."
    else:
        parent = next(iter(Region(layer.code).ancestors()[-2:-1]), NATION)
        advice = f'Add a dated value with its document number, or set `extends: "{parent}"`.'
    return PackError(
        f"no value of {name} for region {region} on {on}. {history}",
        advice=advice,
        where=layer.document.where("parameters", name),
    )
