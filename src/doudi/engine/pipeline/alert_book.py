"""The alert rules of a pack, compiled and ready to speak: for one family, and for all families of a night.

An alert speaks where its `when` holds. One of the family *entitled but not receiving* speaks where, besides, its
programme's rules say "eligible"; or where they say "undetermined", the alert's `likely_when` holds, and they would say
"eligible" if each fact that only people can tell, and nobody has told, were as the pack presumes. So whatever a
department could know must speak for the family, and what is left to ask is named. Everything else is three-valued as
in the rules: what can't be known makes no finding.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

import numpy as np

from doudi.engine.pack.document import Document
from doudi.engine.pack.pack import Pack
from doudi.engine.pack.vocabulary import load_vocabulary
from doudi.engine.pipeline.presumption import load_presumption, taken
from doudi.engine.pipeline.sensitive import refuse_sensitive_facts
from doudi.engine.rules.assessment import OUTCOMES, assess, assess_columns
from doudi.engine.rules.columns import FamilyColumns, IntArray
from doudi.engine.rules.family import UNKNOWN, Family
from doudi.engine.rules.kernel import run_family
from doudi.engine.rules.predicate import Predicate, compile_predicate
from doudi.engine.rules.programme import Programme, load_programme
from doudi.engine.screening import Alert, load_alerts
from doudi.engine.screening.alert import AlertError
from doudi.engine.sources.acceptance import load_contracts

ELIGIBLE, UNDETERMINED = OUTCOMES.index("eligible"), OUTCOMES.index("undetermined")


@dataclass(frozen=True)
class Spoken:
    """An alert's verdict on each household: 1 it speaks, 0 it does not, UNKNOWN; and its formulas' values there."""

    speaks: IntArray
    values: Mapping[str, IntArray]


@dataclass(frozen=True, eq=False)
class CompiledAlert:
    """One alert with its compiled formula, and the programme to which it says that a family may be entitled."""

    alert: Alert
    predicate: Predicate
    programme: Programme | None

    def speaks(self, family: Family, *, pack: Pack, as_of: date, receives: frozenset[str] = frozenset()) -> bool | None:
        """Does it speak of this family, which receives these programmes? None when that can't be known."""
        when = self.predicate.evaluate(family, pack=pack, as_of=as_of)
        entitled = self.alert.rule.entitled
        if self.programme is None or entitled is None:
            return when
        if receives & set(entitled.unless_receiving):
            return False
        if when is not True:
            return when
        outcome = assess(self.programme, family, pack=pack, as_of=as_of).outcome
        if outcome != "undetermined":
            return outcome == "eligible"
        likely = run_family(self.predicate.formulas, family, pack=pack, as_of=as_of)[entitled.likely_when]
        if likely != 1:
            return None if likely is None else False
        presumed = load_presumption(pack).of_family(family)
        answered = assess(self.programme, presumed, pack=pack, as_of=as_of).outcome
        return None if answered == "undetermined" else answered == "eligible"

    def speaks_of_all(
        self,
        columns: FamilyColumns,
        *,
        pack: Pack,
        as_of: date,
        outcomes: IntArray | None = None,
        receiving: IntArray | None = None,
        cache: Path | None = None,
        compile_from: int = 0,
    ) -> Spoken:
        """The same for all families of a night.

        `outcomes` are the programme's, by the codes of OUTCOMES, where the night has assessed it already. `receiving`
        says whether a household receives one of the programmes that leave it alone: 1, 0 or UNKNOWN; None for nobody.
        """
        found = self.predicate.evaluate_columns(columns, pack=pack, as_of=as_of, cache=cache, compile_from=compile_from)
        entitled = self.alert.rule.entitled
        if self.programme is None or entitled is None:
            return Spoken(found.when, found.values)
        if outcomes is None:
            known = assess_columns(
                self.programme, columns, pack=pack, as_of=as_of, cache=cache, compile_from=compile_from
            )
            outcomes = known.outcome.astype(np.int64)
        likely = found.values[entitled.likely_when]
        speaks = found.when.copy()
        if receiving is not None:
            speaks[(receiving == UNKNOWN) & (speaks == 1)] = UNKNOWN
            speaks[receiving == 1] = 0
        is_asked = (speaks == 1) & (outcomes != ELIGIBLE)
        speaks[is_asked] = 0
        is_open = is_asked & (outcomes == UNDETERMINED)
        speaks[is_open & (likely == UNKNOWN)] = UNKNOWN
        places = np.flatnonzero(is_open & (likely == 1))
        if len(places):
            presumed = load_presumption(pack).of_columns(taken(columns, places), self.programme.formulas)
            answered = assess_columns(
                self.programme, presumed, pack=pack, as_of=as_of, cache=cache, compile_from=compile_from
            ).outcome
            speaks[places] = np.select([answered == ELIGIBLE, answered == UNDETERMINED], [1, UNKNOWN], 0)
        return Spoken(speaks, found.values)


@lru_cache(maxsize=4)
def load_alert_book(pack: Pack) -> tuple[CompiledAlert, ...]:
    """Every alert of the pack, checked and compiled, or the first fault as advice with file and line."""
    contracts, vocabulary = load_contracts(pack), load_vocabulary(pack)
    book = []
    for alert, document in load_alerts(pack):
        predicate = compile_predicate(pack, document)
        entitled = alert.rule.entitled
        programme = None if entitled is None else load_programme(pack, entitled.programme)
        if entitled is not None:
            _check_gate(predicate, entitled.likely_when, document)
        refuse_sensitive_facts(
            alert, document, predicate=predicate, programme=programme, vocabulary=vocabulary, contracts=contracts
        )
        book.append(CompiledAlert(alert, predicate, programme))
    return tuple(book)


def _check_gate(predicate: Predicate, name: str, document: Document) -> None:
    formula = predicate.formulas.formulas[name]
    if formula.entity != "household" or formula.kind.type != "bool":
        raise AlertError(
            f"likely_when names {name}, which is no yes-or-no formula of the household.",
            advice="Name one, or correct its entity and type.",
            where=document.where("entitled", "likely_when"),
        )
