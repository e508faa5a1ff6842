"""Promise 25: nationality, ethnicity, religion and health may be read by an alert only under a law that it cites.

What counts is what reaches the result, by whatever way: through formulas, through formulas lent by a programme, through
a fact with another name that reads a sensitive column of a department's file, through a filter on such a column.
"""

from collections.abc import Iterator, Mapping
from typing import ClassVar

from doudi.engine.pack.document import Document
from doudi.engine.pack.pack import Pack
from doudi.engine.pack.vocabulary import FactDefinition, Sensitivity, Vocabulary
from doudi.engine.rules.formula_set import FormulaSet
from doudi.engine.rules.predicate import WHEN, Predicate
from doudi.engine.rules.programme import Programme
from doudi.engine.screening import Alert
from doudi.engine.sources.contract import Contract
from doudi.engine.values.errors import DoudiError


class SensitiveFactError(DoudiError):
    """An alert reads nationality, ethnicity, religion or health, and cites no law that lets it."""

    code: ClassVar[str] = "DD-ALERT-002"


def kinds_of(definition: FactDefinition, contracts: Mapping[str, Contract]) -> set[Sensitivity]:
    """What is sensitive about a fact: what it says of itself, and what the columns that it reads say."""
    kinds = {definition.sensitive} if definition.sensitive else set()
    origin = definition.source
    if origin is not None and origin.source in contracts:
        columns = contracts[origin.source].columns
        read = (origin.column, *origin.where)
        kinds |= {kind for name in read if name in columns and (kind := columns[name].sensitive) is not None}
    return kinds


def refuse_sensitive_facts(
    alert: Alert,
    document: Document,
    *,
    predicate: Predicate,
    programme: Programme | None,
    vocabulary: Vocabulary,
    contracts: Mapping[str, Contract],
) -> None:
    """Refuse the alert if a sensitive fact reaches it and no law is cited for that kind; name the way and the line."""
    cited = alert.rule.reads_sensitive
    for fact, path, where in _reads(alert, document, predicate, programme):
        definition = vocabulary.definition(fact)
        for kind in sorted(kinds_of(definition, contracts) if definition else ()):
            if kind not in cited:
                raise SensitiveFactError(
                    f"the alert {alert.id} reads {kind}: {' → '.join(path)}.",
                    advice=f"Leave it out, or cite under reads_sensitive.{kind} the law that lets this rule read it.",
                    where=where,
                )


def check_declared(vocabulary: Vocabulary, contracts: Mapping[str, Contract], pack: Pack) -> None:
    """Refuse a fact that reads a sensitive column under another name and does not say so itself."""
    for name, definition in (*vocabulary.person.items(), *vocabulary.household.items()):
        undeclared = kinds_of(definition, contracts) - {definition.sensitive}
        if undeclared:
            raise SensitiveFactError(
                f"the fact {name} reads a column about {', '.join(sorted(undeclared))} and does not say so.",
                advice="Mark it with `sensitive`; a fact of two such kinds becomes two facts.",
                where=_where_declared(pack, name),
            )


def _where_declared(pack: Pack, name: str) -> str:
    for document in pack.documents("vocabulary"):
        if ("facts", name) in document.lines:
            return document.where("facts", name)
    return "vocabulary"


def _reads(
    alert: Alert, document: Document, predicate: Predicate, programme: Programme | None
) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Each fact that reaches the alert: by which way, and the line of the alert at which the way begins."""
    rule, formulas = alert.rule, predicate.formulas
    for root in (WHEN, *rule.formulas):
        where = document.where(root) if root == WHEN else document.where("formulas", root, "formula")
        for fact, path in _facts_below(formulas, root):
            yield fact, path, where
    if programme is not None:
        for root in [condition.formula for condition in programme.conditions]:
            for fact, path in _facts_below(programme.formulas, root):
                yield fact, (programme.id, *path), document.where("entitled", "programme")
    for fact in rule.reason_facts:
        yield fact, ("reason_facts", fact), document.where("reason_facts")
    if rule.episode.fact is not None:
        yield rule.episode.fact, ("episode", rule.episode.fact), document.where("episode")


def _facts_below(formulas: FormulaSet, root: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The facts under a formula, each with the shortest way to it."""
    facts = {*formulas.household_facts, *formulas.member_facts}
    waiting: list[tuple[str, ...]] = [(root,)]
    seen = {root}
    while waiting:
        path = waiting.pop(0)
        for name in sorted(set(formulas.formulas[path[-1]].tree.names) - seen):
            seen.add(name)
            if name in facts:
                yield name, (*path, name)
            elif name in formulas.formulas:
                waiting.append((*path, name))
