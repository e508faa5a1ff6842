"""A programme 救助项目 as loaded: its checked formulas, its conditions in order, its amount and its sentences."""

import re
from dataclasses import dataclass
from functools import lru_cache

from doudi.engine.pack.citation import Citation, Label
from doudi.engine.pack.document import Document, validate
from doudi.engine.pack.pack import Pack
from doudi.engine.pack.vocabulary import load_vocabulary
from doudi.engine.rules.borrowed import formulas_with_borrowed
from doudi.engine.rules.documents import ProgrammeFile, Sentences
from doudi.engine.rules.errors import FormulaNameError, FormulaTypeError, SentenceError
from doudi.engine.rules.expression import Kind
from doudi.engine.rules.formula_set import FormulaSet, build_formula_set

PLACE = re.compile(r"\{([a-z][a-z0-9_]*)\}")
MISSING = "missing"
AMOUNT_UNITS = {"monthly": "fen_per_month", "once": "fen", "yearly": "fen_per_12_months"}
"""In which unit a programme's amount is, by how it is paid."""


@dataclass(frozen=True)
class Condition:
    """One condition: the formula that must hold, and the sentences that tell of it."""

    formula: str
    sentences: Sentences


@dataclass(frozen=True, eq=False)
class Programme:
    """A programme ready to be assessed."""

    id: str
    label: Label
    citation: Citation
    conditions: tuple[Condition, ...]
    amount: str | None
    amount_sentence: Label | None
    fit_for: Label
    not_fit_for: Label
    formulas: FormulaSet
    is_office: bool = True
    pays: str = "monthly"
    cap_per_year: str | None = None
    valid_months: str | None = None
    issuer: Label | None = None


@lru_cache(maxsize=64)
def load_programme(pack: Pack, programme_id: str) -> Programme:
    """Read, check and order the formulas of a programme, or refuse it with file and line."""
    document = pack.document(f"programmes/{programme_id}/programme.yaml")
    file = validate(document, ProgrammeFile)
    if file.id != programme_id:
        raise FormulaNameError(
            f"the folder {programme_id} holds a programme that calls itself {file.id}.",
            advice="Give the folder and the programme the same name.",
            where=document.where("id"),
        )
    given = formulas_with_borrowed(pack, programme_id)
    roots = [*(condition.formula for condition in file.conditions), *([file.amount] if file.amount else [])]
    # What a sentence tells is computed too, even where no condition reads it.
    roots += sorted((_told(file) & {one.name for one in given} | set(file.also_computed)) - set(roots))
    formulas = build_formula_set(
        given,
        vocabulary=load_vocabulary(pack),
        parameters=pack.parameters,
        roots=roots,
    )
    for position, condition in enumerate(file.conditions):
        _want(formulas, condition.formula, "bool", "", document.where("conditions", position, "formula"))
    if file.amount is not None:
        _want(formulas, file.amount, "fen", AMOUNT_UNITS[file.pays], document.where("amount"))
    _check_sentences(file, formulas, document)
    return Programme(
        id=file.id,
        label=file.label,
        citation=file.citation,
        conditions=tuple(Condition(condition.formula, condition.sentences) for condition in file.conditions),
        amount=file.amount,
        amount_sentence=file.amount_sentence,
        fit_for=file.fit_for,
        not_fit_for=file.not_fit_for,
        formulas=formulas,
        is_office=file.office,
        pays=file.pays,
        issuer=file.issuer,
        cap_per_year=_declared(pack, file.cap_per_year, document.where("cap_per_year")),
        valid_months=_declared(pack, file.valid_months, document.where("valid_months")),
    )


def programme_ids(pack: Pack) -> tuple[str, ...]:
    """Every programme of the pack, by its folder's name."""
    paths = (document.relative for document in pack.documents("programmes"))
    return tuple(path.split("/")[1] for path in paths if path.endswith("/programme.yaml"))


def _want(formulas: FormulaSet, name: str, kind_type: str, unit: str, where: str) -> None:
    formula = formulas.formulas.get(name)
    if formula is None:
        raise FormulaNameError(
            f"there is no formula {name}.", advice="Write it in formulas.yaml, or correct the name.", where=where
        )
    if formula.entity != "household" or (formula.kind.type, formula.kind.unit) != (kind_type, unit):
        wanted = Kind("fen" if kind_type == "fen" else "bool", 0, 0, unit).words()
        raise FormulaTypeError(
            f"{name} is a {formula.entity}'s {formula.kind.words()}; a household's {wanted} is needed here.",
            advice="Correct its entity, type and unit, or name another formula.",
            where=where,
        )


def _declared(pack: Pack, name: str | None, where: str) -> str | None:
    if name is not None and name not in pack.parameters.declarations:
        raise FormulaNameError(
            f"there is no parameter {name}.", advice="Declare it in parameters.yaml, or correct the name.", where=where
        )
    return name


def _told(file: ProgrammeFile) -> set[str]:
    labels = [label for c in file.conditions for label in (c.sentences.met, c.sentences.not_met, c.sentences.unknown)]
    labels += [c.sentences.met_at_zero.sentence for c in file.conditions if c.sentences.met_at_zero]
    labels += [file.amount_sentence] if file.amount_sentence else []
    return {name for label in labels for text in (label.zh, label.en) for name in PLACE.findall(text)}


def _check_sentences(file: ProgrammeFile, formulas: FormulaSet, document: Document) -> None:
    household = {formula.name for formula in formulas.of_household}
    readable = household | set(formulas.household_facts) | set(formulas.parameters)
    for position, condition in enumerate(file.conditions):
        for state in ("met", "not_met", "unknown"):
            allowed = readable | {MISSING} if state == "unknown" else readable
            label: Label = getattr(condition.sentences, state)
            _check_places(label, allowed, document.where("conditions", position, "sentences", state))
        if zero := condition.sentences.met_at_zero:
            where = document.where("conditions", position, "sentences", "met_at_zero")
            _check_places(zero.sentence, readable, where)
            if zero.of not in readable:
                raise SentenceError(
                    f"the sentence for zero is about {zero.of}, which the programme doesn't read.",
                    advice="Name a fact or formula of the household, or a parameter.",
                    where=where,
                )
    if file.amount_sentence is not None:
        _check_places(file.amount_sentence, readable, document.where("amount_sentence"))


def _check_places(label: Label, allowed: set[str], where: str) -> None:
    for text in (label.zh, label.en):
        strangers = sorted(set(PLACE.findall(text)) - allowed)
        if strangers or set(PLACE.sub("", text)) & set("{}"):
            raise SentenceError(
                f"the sentence names what the programme doesn't read: {', '.join(strangers) or 'an unclosed brace'}.",
                advice="Name facts and formulas of the household, or parameters, as {name}.",
                where=where,
            )
