"""How formulas and programmes are written in YAML: the models of `formulas.yaml`, `programme.yaml` and an alert."""

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from doudi.engine.pack.citation import Citation, Label, Strict

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,60}$")]


class FormulaText(Strict):
    """One formula 公式 as written: whose it is, its type and unit, what it is called, where it stands, and its text."""

    entity: Literal["person", "household"]
    type: Literal["bool", "fen", "count", "date", "share"]
    unit: str = ""
    label: Label
    citation: Citation
    formula: str


class FormulasFile(Strict):
    """A `formulas.yaml`: formulas by name."""

    formulas: dict[Name, FormulaText]


class ZeroSentence(Strict):
    """What is said instead when the condition is met and the named fact is zero: nobody "has 0 vehicles"."""

    of: Name
    sentence: Label


class Sentences(Strict):
    """What a citizen reads about one condition, by its state. `{name}` stands for the value of that name."""

    met: Label
    not_met: Label
    unknown: Label
    met_at_zero: ZeroSentence | None = None


class ConditionText(Strict):
    """One condition of a programme: the formula that must hold, and how it is told."""

    formula: Name
    sentences: Sentences


class ProgrammeFile(Strict):
    """A `programme.yaml`: what is granted, on which conditions, how much."""

    id: Name
    label: Label
    citation: Citation
    conditions: tuple[ConditionText, ...] = Field(min_length=1, strict=False)
    amount: Name | None = None
    amount_sentence: Label | None = None
    fit_for: Label
    not_fit_for: Label
    pays: Literal["monthly", "once", "yearly"] = "monthly"
    """How the amount is paid: month after month, once, or the help of a year in one sum."""
    also_computed: tuple[Name, ...] = Field(default=(), strict=False)
    """Formulas that no condition reads but the procedure asks: a limit of who may decide, a way through the steps."""
    cap_per_year: Name | None = None
    """The parameter that says what one person may be granted in a calendar year at most, whatever the purpose."""
    valid_months: Name | None = None
    """The parameter that says for how many months a recognition holds; without it, until somebody decides otherwise."""
    issuer: Label | None = None
    """Who writes the letters, with the place of `{county}`; civil affairs unless it says otherwise."""
    office: bool = True
    """Does the office take applications for it? A supplement or a way out is decided with another programme."""

    @model_validator(mode="after")
    def _an_amount_is_told(self) -> Self:
        if (self.amount is None) != (self.amount_sentence is None):
            raise ValueError("amount and amount_sentence go together; a recognition without cash has neither")
        return self


class AlertRule(Strict):
    """The part of an alert that is rules; whatever else stands in its file belongs to the screening."""

    model_config = ConfigDict(extra="ignore")

    programme: Name | None = None
    formulas: dict[Name, FormulaText] = Field(default_factory=dict)
    when: str
