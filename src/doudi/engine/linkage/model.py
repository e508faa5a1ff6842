"""The stored linkage model 比对模型: how much each grade of agreement says, and from which weight on it is believed.

The model is data in the pack (`linkage/model.yaml`) with its origin and date. The night reads it and never trains:
what it concludes tonight it concludes tomorrow from the same rows. `scripts/train_linkage.py` makes it anew from
invented people. Probabilities stand there in parts per thousand million, weights in hundredths of a bit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar

from pydantic import Field as Bounded

from doudi.engine.linkage.comparisons import FIELD_LEVELS, FIELDS, MISSING, Field
from doudi.engine.linkage.name_forms import NameReader
from doudi.engine.pack.citation import Strict
from doudi.engine.pack.document import PackError, validate
from doudi.engine.pack.pack import Pack

MODEL = "linkage/model.yaml"
VARIANTS = "linkage/variants.yaml"
_PER = 1_000_000_000
Chance = Annotated[int, Bounded(ge=1, le=_PER)]


class ModelError(PackError):
    """The linkage model in the pack does not fit what the engine compares."""

    code: ClassVar[str] = "DD-LINK-001"


class _Chances(Strict):
    """Of a grade: how often it is found between two rows of one person, and of two people."""

    one_person: Chance
    two_people: Chance


class _Origin(Strict):
    """Where the numbers come from."""

    trained_on: date
    data: str
    command: str


class _Bands(Strict):
    """The weights that part certain, grey and unrelated pairs, and the lead over the next best person."""

    certain_from: int
    grey_from: int
    lead: int


class _ModelFile(Strict):
    origin: _Origin
    one_in: Annotated[int, Bounded(ge=2)]
    bands: _Bands
    grades: dict[str, dict[str, _Chances]]


class _VariantsFile(Strict):
    variants: dict[str, str]


@dataclass(frozen=True)
class Model:
    """What linkage needs: Splink's settings, the bands in bits, and the reader of names."""

    settings: Mapping[str, Any]
    certain_from: float
    grey_from: float
    lead: float
    namesakes: float
    """How often two people who have nothing to do with each other bear one name."""
    names: NameReader


def load_model(pack: Pack) -> Model:
    """Read the model of a pack. Raises ModelError unless it has every grade that the engine compares, and no other."""
    document = pack.document(MODEL)
    read = validate(document, _ModelFile)
    grades = {field: tuple(levels) for field, levels in read.grades.items()}
    if grades != dict(FIELD_LEVELS):
        raise ModelError(
            "the linkage model has other fields or grades than the engine compares.",
            advice="Train it with this release: python scripts/train_linkage.py",
            where=document.where("grades"),
        )
    bands = read.bands
    if not bands.grey_from < bands.certain_from:
        raise ModelError("`grey_from` must lie below `certain_from`.", where=document.where("bands"))
    chances = {
        field: {name: (level.one_person / _PER, level.two_people / _PER) for name, level in levels.items()}
        for field, levels in read.grades.items()
    }
    return Model(
        settings=splink_settings(chances, one_in=read.one_in),
        certain_from=bands.certain_from / 100,
        grey_from=bands.grey_from / 100,
        lead=bands.lead / 100,
        namesakes=chances["name"]["same"][1],
        names=read_names(pack),
    )


def read_names(pack: Pack) -> NameReader:
    """The reader of names with the pack's variant characters."""
    usual = validate(pack.document(VARIANTS), _VariantsFile).variants
    return NameReader({variant: form for form, variants in usual.items() for variant in variants})


def splink_settings(
    chances: Mapping[str, Mapping[str, tuple[float, float]]] | None = None, *, one_in: int
) -> dict[str, Any]:
    """Splink's settings with the chances of a model, or without any for training.

    `one_in`: of so many pairs of a row and a person, one is a pair of one person.
    """
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "compared_id",
        "probability_two_random_records_match": 1 / one_in,
        "blocking_rules_to_generate_predictions": [],
        "comparisons": [_comparison(field, None if chances is None else chances[field.name]) for field in FIELDS],
        "retain_matching_columns": True,
        "retain_intermediate_calculation_columns": False,
    }


def _comparison(field: Field, chances: Mapping[str, tuple[float, float]] | None) -> dict[str, Any]:
    levels: list[dict[str, Any]] = [
        {"sql_condition": field.is_missing, "label_for_charts": MISSING, "is_null_level": True}
    ]
    for level in field.levels:
        about: dict[str, Any] = {"sql_condition": level.condition, "label_for_charts": level.name}
        if level.is_by_frequency:
            about |= {"tf_adjustment_column": "spelling", "tf_adjustment_weight": 1.0}
        if chances is not None:
            about["m_probability"], about["u_probability"] = chances[level.name]
        levels.append(about)
    return {"output_column_name": field.name, "comparison_levels": levels}
