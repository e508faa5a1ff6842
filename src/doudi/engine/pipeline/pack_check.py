"""Everything that can be said of a pack without a single delivery: is it whole, and do its cases hold?"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from doudi.engine.pack.pack import Pack
from doudi.engine.pack.vocabulary import load_vocabulary
from doudi.engine.pipeline.alert_cases import load_alert_cases
from doudi.engine.pipeline.brake import load_brake
from doudi.engine.pipeline.presumption import load_presumption
from doudi.engine.pipeline.sensitive import check_declared
from doudi.engine.rules.assessment import assess
from doudi.engine.rules.cases import Case, compiled_values, load_cases, reference_values
from doudi.engine.rules.classification import load_classification
from doudi.engine.rules.kernel import run_family
from doudi.engine.rules.programme import Programme, load_programme, programme_ids
from doudi.engine.screening.ranking import load_ranking
from doudi.engine.sources.acceptance import load_contracts
from doudi.engine.workflow.procedure import AMOUNT, OFFICE_CONDITIONS, Procedure, ProcedureError
from doudi.engine.workflow.reading import load_procedure


@dataclass(frozen=True)
class CaseResult:
    """How one case ended: what it belongs to, where it stands, and in which words it failed, if it did."""

    owner: str
    name: str
    where: str
    failure: str = ""


def check_pack(pack: Pack) -> dict[str, int]:
    """Read and check every part of a pack, or raise the first fault as advice. Returns how much there is of each."""
    vocabulary = load_vocabulary(pack)
    contracts = load_contracts(pack)
    check_declared(vocabulary, contracts, pack)
    load_presumption(pack)
    load_ranking(pack)
    load_brake(pack)
    pack.calendar()
    documents = {document.relative for document in pack.documents("programmes")}
    programmes = programme_ids(pack)
    for programme in programmes:
        # A supplement or a way out is decided with the programme it belongs to, and has no procedure of its own.
        if load_programme(pack, programme).is_office or f"programmes/{programme}/procedure.yaml" in documents:
            _check_conditions(pack, load_programme(pack, programme), load_procedure(pack, programme))
    load_classification(pack)
    return {
        "documents": len(pack.all_documents()),
        "facts": len(vocabulary.person) + len(vocabulary.household),
        "parameters": len(pack.parameters.declarations),
        "sources": len(contracts),
        "programmes": len(programmes),
        "alerts": len({case.alert.id for case in load_alert_cases(pack)}),
        "divisions": len(pack.divisions()),
    }


def _check_conditions(pack: Pack, programme: Programme, procedure: Procedure) -> None:
    """A condition that the programme doesn't compute would leave its step neither due nor passed over, for ever."""
    kinds = {formula.name: formula.kind for formula in programme.formulas.of_household}
    for condition in sorted(procedure.conditions - OFFICE_CONDITIONS):
        wanted = "fen" if condition.startswith(AMOUNT) else "bool"
        kind = kinds.get(condition.removeprefix(AMOUNT))
        if kind is None or kind.type != wanted:
            document = pack.document(f"programmes/{programme.id}/procedure.yaml")
            raise ProcedureError(
                f"a step depends on “{condition}”, and the programme computes no such {wanted} of a household.",
                advice="Name a formula of the programme and list it under also_computed, or one of: "
                f"{', '.join(sorted(OFFICE_CONDITIONS))}.",
                where=document.where("steps"),
            )


def run_cases(pack: Pack) -> Iterator[CaseResult]:
    """Run every case of every programme and alert; a programme's on both executors, the quick one in both its ways."""
    for name in programme_ids(pack):
        programme = load_programme(pack, name)
        cases = load_cases(pack, programme)
        compiled = compiled_values(programme, cases, pack)
        for case in cases:
            differences = [*_differences(programme, case, pack), *_disagreements(programme, case, compiled, pack)]
            yield CaseResult(name, case.name, case.where, "; ".join(differences))
    for alert in load_alert_cases(pack):
        found = alert.compiled.speaks(alert.family, pack=pack, as_of=alert.as_of, receives=alert.receives)
        failure = "" if found is alert.speaks else f"speaks is {_word(found)}, expected {_word(alert.speaks)}"
        yield CaseResult(alert.alert.id, alert.name, alert.where, failure)


def unconfirmed_parameters(pack: Pack, region: str, on: date) -> list[str]:
    """Names of the parameters whose value in a place on a day is an example or only recalled."""
    values = (pack.parameter(name, region=region, on=on) for name in sorted(pack.parameters.declarations))
    return [value.name for value in values if value.status != "confirmed"]


def shown_parameter(pack: Pack, name: str, region: str, on: date) -> dict[str, Any]:
    """What a parameter is worth in a place on a day, and where that stands, as JSON-able data."""
    value = asdict(pack.parameter(name, region=region, on=on))
    value["citation"] = str(value["citation"])
    return {key: str(part) if isinstance(part, date) else part for key, part in value.items()}


def shown_pack(pack: Pack) -> dict[str, Any]:
    """The pack and the names of its parameters, as JSON-able data."""
    labels = {key: declared.label.zh for key, declared in sorted(pack.parameters.declarations.items())}
    return {"release": pack.release, "hash": pack.hash, "label": pack.label.zh, "parameters": labels}


def _disagreements(
    programme: Programme, case: Case, compiled: Mapping[str, Mapping[str, int | None]], pack: Pack
) -> Iterator[str]:
    """Where the executors do not say the same: that is a fault of Doudi, not of the pack."""
    quick = run_family(programme.formulas, case.family, pack=pack, as_of=case.as_of)
    ways = {"the reference": reference_values(programme, case, pack), "the compiled kernel": compiled[case.name]}
    for way, values in ways.items():
        for name in quick:
            if values[name] != quick[name]:
                yield f"{name} is {quick[name]}, but {values[name]} for {way}"


def _differences(programme: Programme, case: Case, pack: Pack) -> Iterator[str]:
    """Where the result is not what the case expects."""
    result = assess(programme, case.family, pack=pack, as_of=case.as_of)
    wanted = case.expected
    if result.outcome != wanted.outcome:
        yield f"outcome is {result.outcome}, expected {wanted.outcome}"
    if result.amount_fen != wanted.amount_fen:
        yield f"amount_fen is {result.amount_fen}, expected {wanted.amount_fen}"
    for name, value in wanted.values.items():
        if result.values.get(name) != value:
            yield f"{name} is {result.values.get(name)}, expected {value}"
    if wanted.missing is not None and (found := {fact.name for fact in result.missing}) != set(wanted.missing):
        yield f"missing is {sorted(found)}, expected {sorted(wanted.missing)}"


def _word(speaks: bool | None) -> str:
    return {True: "true", False: "false", None: "not known"}[speaks]
