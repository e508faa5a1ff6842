"""Alert formulas 预警规则: the same language and the same executors as a programme's, with one yes-or-no result."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from doudi.engine.pack.document import Document, validate
from doudi.engine.pack.pack import Pack
from doudi.engine.pack.vocabulary import load_vocabulary
from doudi.engine.rules.borrowed import formulas_with_borrowed
from doudi.engine.rules.columns import FamilyColumns, IntArray
from doudi.engine.rules.documents import AlertRule
from doudi.engine.rules.family import Family
from doudi.engine.rules.formula_set import FormulaSet, Given, build_formula_set
from doudi.engine.rules.kernel import run_family
from doudi.engine.rules.night import Way, run_columns

WHEN = "when"


@dataclass(frozen=True)
class PredicateColumns:
    """`when` per household: 1 holds, 0 doesn't, UNKNOWN; `values` has the alert's own formulas of the household."""

    when: IntArray
    values: Mapping[str, IntArray]


@dataclass(frozen=True)
class Predicate:
    """A compiled alert formula. `inputs` are the facts it reads, so that a finding can name what it rests on."""

    formulas: FormulaSet
    own: tuple[str, ...]
    """The alert's own formulas of the household, whose values a finding tells."""

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the facts, of persons and of the household, that the result depends on."""
        return (*self.formulas.household_facts, *self.formulas.member_facts)

    def evaluate_columns(
        self,
        columns: FamilyColumns,
        *,
        pack: Pack,
        as_of: date,
        cache: Path | None = None,
        threads: int = 1,
        compile_from: int = 0,
    ) -> PredicateColumns:
        """Evaluate every household at once; `cache`, `threads` and `compile_from` are those of `Way`."""
        way = Way(cache, threads, compile_from)
        only = (WHEN, *self.own)
        values = run_columns(self.formulas, columns, pack=pack, as_of=as_of, way=way, only=only)
        return PredicateColumns(when=values[WHEN], values={name: values[name] for name in self.own})

    def evaluate(self, family: Family, *, pack: Pack, as_of: date) -> bool | None:
        """Evaluate one family, interpreted: True, False, or None when it can't be known."""
        when = run_family(self.formulas, family, pack=pack, as_of=as_of)[WHEN]
        return None if when is None else bool(when)


def compile_predicate(pack: Pack, document: Document) -> Predicate:
    """Compile the rule part of an alert's YAML document; its other entries are left alone.

    The document has three entries for us::

        programme: dibao          # optional: its formulas, and those it borrows, may then be read by name
        formulas:                 # optional: formulas of the alert's own, written as in a programme's formulas.yaml
          department_income_monthly:
            entity: household
            type: fen
            unit: fen_per_month
            label: {zh: 部门数据中的家庭月收入, en: monthly income known from departments}
            citation: {instrument: 最低生活保障审核确认办法, article: 第十三条, mark: V}
            formula: sum(wage_insured_monthly + pension_monthly)
        when: department_income_monthly > dibao_standard_rural * count(*)

    `when` is one yes-or-no formula of the household. Names in formulas are facts of the vocabulary, parameters that
    the pack declares, formulas, and `as_of`; persons' names may be read by the household only inside `sum`, `count`,
    `any`, `all`, `max` or `min`. All are checked here (text, types, units, periods, overflow, circles); what is wrong
    is refused with file and line, so `doudi pack check` needs only to call this.

    Columns: `predicate.evaluate_columns(FamilyColumns(...), pack=pack, as_of=as_of)` gives `.when` (1, 0 or UNKNOWN per
    household, in the order of the columns) and `.values` (its own formulas). Only `when == 1` makes a finding:
    UNKNOWN is never a reason to accuse or to help. One family: `predicate.evaluate(family, pack=pack, as_of=as_of)`
    gives True, False or None. Parameters are looked up per household's region on `as_of`.
    """
    rule = validate(document, AlertRule)
    given: list[Given] = []
    if rule.programme is not None:
        given += formulas_with_borrowed(pack, rule.programme)
    given += [Given(name, text, document, ("formulas", name, "formula")) for name, text in rule.formulas.items()]
    given.append(Given.condition(WHEN, rule.when, document))
    roots = (WHEN, *rule.formulas)
    formulas = build_formula_set(given, vocabulary=load_vocabulary(pack), parameters=pack.parameters, roots=roots)
    of_household = {formula.name for formula in formulas.of_household}
    return Predicate(formulas, tuple(name for name in rule.formulas if name in of_household))
