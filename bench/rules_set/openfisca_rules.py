"""The same rules for OpenFisca-Core: vectors over all persons and households, as its guide shows.

Its whole numbers have 32 bits, so products with shares are widened by hand. It runs in two ways: `documented` builds
the simulation and looks up the county's parameters by its own means (`SimulationBuilder`, fancy indexing of the tree of
parameters); `tuned` goes past both, with plain arrays, which no user is told to do but which is much quicker.
"""

import json
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from clocked import report
from openfisca_core.entities import build_entity
from openfisca_core.indexed_enums import Enum, EnumArray
from openfisca_core.parameters import ParameterNode
from openfisca_core.periods import DateUnit
from openfisca_core.simulations import Simulation, SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

PERIOD = "2026-11"
AS_OF = np.datetime64("2026-11-20")
COUNTIES = json.loads(Path(__file__).with_name("counties.json").read_text("utf-8"))
Person = build_entity(key="person", plural="persons", label="person", is_person=True)
Household = build_entity(
    key="household", plural="households", label="household", roles=[{"key": "member", "plural": "members"}]
)


class Exclusion(Enum):
    none = "none"
    serving_sentence = "serving_sentence"
    compulsory_detox = "compulsory_detox"
    declared_missing = "declared_missing"
    clergy_living_apart = "clergy_living_apart"


class Disability(Enum):
    none = "none"
    visual = "visual"
    hearing = "hearing"
    speech = "speech"
    limb = "limb"
    intellectual = "intellectual"
    mental = "mental"
    multiple = "multiple"


class Residence(Enum):
    urban = "urban"
    rural = "rural"


County = Enum("County", {f"c{code}": code for code in COUNTIES})
IS_TUNED = sys.argv[1] == "tuned"


def county(household, period, parameters, name: str) -> np.ndarray:
    """A parameter of each household's county."""
    if IS_TUNED:
        of_counties = np.array([values[name] for values in COUNTIES.values()], dtype=np.int64)
        return of_counties[household("area", period)]
    return parameters(period)[name][household("area", period)]


def percent(amount: np.ndarray, share: np.ndarray | int) -> np.ndarray:
    """Money times a share of percent, exact, in hundredths of a fen."""
    return amount.astype(np.int64) * share


def up_to_yuan(hundredths: np.ndarray, scale: int) -> np.ndarray:
    return -(-hundredths // (100 * scale)) * 100


class age(Variable):
    value_type, entity, definition_period = int, Person, DateUnit.MONTH

    def formula(person, period):
        born = person("birth_date", period)
        months = AS_OF.astype("datetime64[M]").astype(int) - born.astype("datetime64[M]").astype(int)
        day = (born - born.astype("datetime64[M]")).astype(int)
        is_before = day > (AS_OF - AS_OF.astype("datetime64[M]")).astype(int)
        return (months - is_before) // 12


class is_minor(Variable):
    value_type, entity, definition_period = bool, Person, DateUnit.MONTH

    def formula(person, period):
        return person("age", period) < 18


class is_elder(Variable):
    value_type, entity, definition_period = bool, Person, DateUnit.MONTH

    def formula(person, period):
        return person("age", period) >= 60


class is_severely_disabled(Variable):
    value_type, entity, definition_period = bool, Person, DateUnit.MONTH

    def formula(person, period):
        grade, kind = person("disability_grade", period), person("disability_kind", period)
        is_of_mind = (kind == Disability.intellectual) | (kind == Disability.mental)
        return (grade >= 1) & (grade <= 2) | (grade == 3) & is_of_mind


class is_counted(Variable):
    value_type, entity, definition_period = bool, Person, DateUnit.MONTH

    def formula(person, period):
        return person("membership_exclusion", period) == Exclusion.none


class can_work(Variable):
    value_type, entity, definition_period = bool, Person, DateUnit.MONTH

    def formula(person, period):
        years = person("age", period)
        is_able = (years >= 16) & (years <= 59) & ~person("is_severely_disabled", period)
        return person("is_counted", period) & is_able


class counted_wage(Variable):
    value_type, entity, definition_period = int, Person, DateUnit.MONTH

    def formula(person, period):
        return np.maximum(0, person("wage_insured_monthly", period) - person("social_contribution_monthly", period))


class counted_casual(Variable):
    value_type, entity, definition_period = int, Person, DateUnit.MONTH

    def formula(person, period):
        return np.where(person("age", period) < 16, 0, person("wage_casual_monthly", period))


class imputed_support(Variable):
    value_type, entity, definition_period = int, Person, DateUnit.MONTH

    def formula(person, period):
        income, line = (person(f"supporter_family_{name}_monthly", period) for name in ("income", "line"))
        share = person.household("support_share", period)
        fee = percent(np.maximum(0, income - 2 * line), share) // 100
        return fee // np.maximum(1, person("parents_sharing_support", period))


class counted_support(Variable):
    value_type, entity, definition_period = int, Person, DateUnit.MONTH

    def formula(person, period):
        return np.maximum(person("support_received_monthly", period), person("imputed_support", period))


class income_of_member(Variable):
    value_type, entity, definition_period = int, Person, DateUnit.MONTH

    def formula(person, period):
        own = person("counted_wage", period) + person("counted_casual", period) + person("pension_monthly", period)
        return own + person("unemployment_benefit_monthly", period) + person("counted_support", period)


class gets_supplement(Variable):
    value_type, entity, definition_period = bool, Person, DateUnit.MONTH

    def formula(person, period):
        is_in_need = person("is_minor", period) | person("is_elder", period) | person("is_severely_disabled", period)
        return person("is_counted", period) & is_in_need


class support_share(Variable):
    value_type, entity, definition_period = int, Household, DateUnit.MONTH

    def formula(household, period, parameters):
        return county(household, period, parameters, "trial_support_share")


class members(Variable):
    value_type, entity, definition_period = int, Household, DateUnit.MONTH

    def formula(household, period):
        return household.sum(household.members("is_counted", period))


class supplements(Variable):
    value_type, entity, definition_period = int, Household, DateUnit.MONTH

    def formula(household, period):
        return household.sum(household.members("gets_supplement", period))


class workers(Variable):
    value_type, entity, definition_period = int, Household, DateUnit.MONTH

    def formula(household, period):
        return household.sum(household.members("can_work", period))


class are_all_elders(Variable):
    value_type, entity, definition_period = bool, Household, DateUnit.MONTH

    def formula(household, period):
        is_younger = household.members("is_counted", period) & ~household.members("is_elder", period)
        return household.sum(is_younger) == 0


class income_before(Variable):
    value_type, entity, definition_period = int, Household, DateUnit.MONTH

    def formula(household, period):
        counted = household.members("income_of_member", period) * household.members("is_counted", period)
        return household.sum(counted) + household("other_income_monthly", period)


class work_allowance(Variable):
    value_type, entity, definition_period = int, Household, DateUnit.MONTH

    def formula(household, period, parameters):
        wages = household.sum(household.members("counted_wage", period) * household.members("can_work", period))
        return np.minimum(wages // 4, county(household, period, parameters, "trial_work_cap"))


class counted_income(Variable):
    value_type, entity, definition_period = int, Household, DateUnit.MONTH

    def formula(household, period):
        return np.maximum(0, household("income_before", period) - household("work_allowance", period))


class standard(Variable):
    value_type, entity, definition_period = int, Household, DateUnit.MONTH

    def formula(household, period, parameters):
        urban, rural = (county(household, period, parameters, f"trial_standard_{kind}") for kind in ("urban", "rural"))
        return np.where(household("residence", period) == Residence.urban, urban, rural)


class income_line(Variable):
    value_type, entity, definition_period = int, Household, DateUnit.MONTH

    def formula(household, period):
        return household("standard", period) * household("members", period)


class meets_income_test(Variable):
    value_type, entity, definition_period = bool, Household, DateUnit.MONTH

    def formula(household, period):
        return household("counted_income", period) < household("income_line", period)


class meets_assets_test(Variable):
    value_type, entity, definition_period = bool, Household, DateUnit.MONTH

    def formula(household, period, parameters):
        limit = household("income_line", period) * county(household, period, parameters, "trial_assets_months")
        return household("financial_assets", period) <= limit


class meets_vehicles_test(Variable):
    value_type, entity, definition_period = bool, Household, DateUnit.MONTH

    def formula(household, period, parameters):
        return household("motor_vehicles", period) <= county(household, period, parameters, "trial_vehicles_max")


class meets_dwellings_test(Variable):
    value_type, entity, definition_period = bool, Household, DateUnit.MONTH

    def formula(household, period, parameters):
        return household("dwellings", period) <= county(household, period, parameters, "trial_dwellings_max")


class qualifies(Variable):
    value_type, entity, definition_period = bool, Household, DateUnit.MONTH

    def formula(household, period):
        means = household("meets_income_test", period) & household("meets_assets_test", period)
        return means & household("meets_vehicles_test", period) & household("meets_dwellings_test", period)


class gap(Variable):
    value_type, entity, definition_period = int, Household, DateUnit.MONTH

    def formula(household, period):
        return np.maximum(0, household("income_line", period) - household("counted_income", period))


class supplement(Variable):
    value_type, entity, definition_period = int, Household, DateUnit.MONTH

    def formula(household, period, parameters):
        base = household("standard", period) * household("supplements", period)
        return up_to_yuan(percent(base, county(household, period, parameters, "trial_supplement_share")), 100)


class granted(Variable):
    value_type, entity, definition_period = int, Household, DateUnit.MONTH

    def formula(household, period):
        amount = up_to_yuan(household("gap", period), 1) + household("supplement", period)
        return np.where(household("qualifies", period), amount, 0)


class edge_line(Variable):
    value_type, entity, definition_period = int, Household, DateUnit.MONTH

    def formula(household, period, parameters):
        base = household("standard", period) * household("members", period)
        return percent(base, county(household, period, parameters, "trial_edge_share")) // 100


class is_at_the_edge(Variable):
    value_type, entity, definition_period = bool, Household, DateUnit.MONTH

    def formula(household, period):
        is_below = household("counted_income", period) < household("edge_line", period)
        return ~household("qualifies", period) & household("meets_assets_test", period) & is_below


def _input(name: str, entity, value_type: type, **more: object) -> type[Variable]:
    return type(
        name, (Variable,), {"value_type": value_type, "entity": entity, "definition_period": DateUnit.MONTH, **more}
    )


TEXTS = {"area": County, "membership_exclusion": Exclusion, "disability_kind": Disability, "residence": Residence}


def _inputs(schema: pa.Schema, entity) -> list[type[Variable]]:
    made = []
    for field in schema:
        if field.name in TEXTS:
            codes = TEXTS[field.name]
            made.append(_input(field.name, entity, Enum, possible_values=codes, default_value=next(iter(codes))))
        elif field.name == "birth_date":
            made.append(_input(field.name, entity, date))
        elif field.name not in ("household_key", "basis"):
            made.append(_input(field.name, entity, int))
    return made


def system(folder: Path) -> TaxBenefitSystem:
    made = TaxBenefitSystem([Person, Household])
    names = next(iter(COUNTIES.values()))
    made.parameters = ParameterNode(
        "",
        data={
            name: {f"c{code}": {"values": {"2026-01-01": values[name]}} for code, values in COUNTIES.items()}
            for name in names
        },
    )
    formulas = [value for value in globals().values() if isinstance(value, type) and issubclass(value, Variable)]
    for variable in formulas:
        if variable is not Variable:
            made.add_variable(variable)
    for name, entity in (("households", Household), ("persons", Person)):
        for variable in _inputs(pq.read_schema(folder / f"{name}.parquet"), entity):
            made.add_variable(variable)
    return made


def simulation_of(rules: TaxBenefitSystem, households: pa.Table, persons: pa.Table) -> Simulation:
    owners = persons["household_key"].to_numpy()
    if IS_TUNED:
        populations = rules.instantiate_entities()
        populations["person"].count, populations["household"].count = len(owners), households.num_rows
        populations["household"].members_entity_id = owners
        simulation = Simulation(rules, populations)
    else:
        builder = SimulationBuilder()
        builder.create_entities(rules)
        builder.declare_person_entity("person", np.arange(len(owners)))
        group = builder.declare_entity("household", households["household_key"].to_numpy())
        builder.join_with_persons(group, owners, roles=np.array(["member"] * len(owners)))
        simulation = builder.build(rules)
    for table in (households, persons):
        for name in table.column_names:
            if name not in ("household_key", "basis"):
                simulation.set_input(name, PERIOD, _values(name, table[name].combine_chunks()))
    return simulation


def _values(name: str, column: pa.Array) -> np.ndarray:
    if not pa.types.is_dictionary(column.type):
        return column.to_numpy(zero_copy_only=False)
    codes = TEXTS[name]
    order = [item.value for item in codes]
    places = np.array([order.index(code) for code in column.dictionary.to_pylist()], dtype=np.uint8)
    return EnumArray(places[column.indices.to_numpy()], codes)


def compute(simulation: Simulation, outputs: list[str]) -> dict[str, np.ndarray]:
    return {name: simulation.calculate(name, PERIOD) for name in outputs}


def main() -> None:
    mode, folder, out, outputs = sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]), sys.argv[5].split(",")
    rules = system(folder)

    def read() -> tuple[pa.Table, pa.Table]:
        return pq.read_table(folder / "households.parquet"), pq.read_table(folder / "persons.parquet")

    def from_file_to_file() -> None:
        households, persons = read()
        found = compute(simulation_of(rules, households, persons), outputs)
        columns = {name: pa.array(values) for name, values in found.items()}
        table = pa.table({"household_key": households["household_key"], **columns})
        pq.write_table(table, out, compression="lz4", use_dictionary=False)

    if mode == "files":
        report(from_file_to_file)
    else:
        simulation = simulation_of(rules, *read())
        report(lambda: compute(simulation, outputs))


if __name__ == "__main__":
    main()
