"""The page docs/reference/formula-language.md, line by line, on every executor."""

from datetime import date
from pathlib import Path

import pytest
from tests.engine.rules.families import columns_of, dibao_family

from doudi.engine.pack.document import parse_document
from doudi.engine.pack.pack import load_pack
from doudi.engine.rules.family import UNKNOWN
from doudi.engine.rules.kernel import run_family
from doudi.engine.rules.night import Way, run_columns
from doudi.engine.rules.predicate import Predicate, compile_predicate
from doudi.engine.rules.reference import evaluate

PACK = load_pack()
AS_OF = date(2026, 11, 23)
FAMILY = dibao_family(
    {"wage_casual_monthly": None, "pension_monthly": 500, "disability_kind": "limb", "birth_date": date(2008, 2, 29)},
    {"wage_casual_monthly": 300, "pension_monthly": 700, "disability_kind": "none", "birth_date": date(2027, 1, 1)},
    household={"other_income_monthly": -750, "motor_vehicles": None, "dwellings": 2, "dibao_received_monthly": 1050},
)

# Each line is a statement that must hold (True), must not (False), or can't be known (None).
STATEMENTS: list[tuple[str, bool | None]] = [
    ("(0 - 7) // 2 = 0 - 4", True),
    ("7 // (0 - 2) = 0 - 4", True),
    ("7 // 0 = 0", None),
    ("round_down_to_yuan(other_income_monthly) < other_income_monthly", True),
    ("round_up_to_yuan(other_income_monthly) > other_income_monthly", True),
    ("motor_vehicles > 0 and dwellings > 5", False),
    ("motor_vehicles > 0 and dwellings > 1", None),
    ("motor_vehicles > 0 or dwellings > 1", True),
    ("motor_vehicles > 0 or dwellings > 5", None),
    ("not motor_vehicles > 0", None),
    ("case when dwellings = 2 then true else motor_vehicles > 0 end", True),
    ("case when motor_vehicles > 0 then true else true end", None),
    ("sum(wage_casual_monthly) > 0", None),
    ("sum(wage_casual_monthly) filter (where pension_monthly > dibao_received_monthly) = 0", True),
    ("sum(pension_monthly) > dibao_received_monthly", True),
    ("max(wage_casual_monthly) > 0", None),
    ("max(pension_monthly) filter (where false) > 0", None),
    ("sum(pension_monthly) filter (where false) = 0", True),
    ("count(*) = 2", True),
    ("count(*) filter (where wage_casual_monthly > 0) > 0", None),
    ("any(wage_casual_monthly > 0)", True),
    ("any(wage_casual_monthly > dibao_received_monthly)", None),
    ("all(wage_casual_monthly > dibao_received_monthly)", False),
    ("all(wage_casual_monthly > 0)", None),
    ("all(wage_casual_monthly > 0) filter (where disability_kind = 'none')", True),
    ("any(pension_monthly > 0) filter (where false)", False),
    ("all(pension_monthly < 0) filter (where false)", True),
    ("greatest(motor_vehicles, motor_vehicles) > 0", None),
    ("max(full_years(birth_date, as_of)) filter (where disability_kind in ('limb', 'mental')) = 18", True),
    ("max(full_years(birth_date, as_of)) > 0", None),
    ("max(days_between(birth_date, as_of)) filter (where disability_kind = 'none') = 0 - 39", True),
    ("over_12_months(other_income_monthly) < 0", True),
    ("over_12_months(sum(wage_casual_monthly)) > 0", None),
    ("residence <> 'urban'", True),
    ("dwellings between 2 and 2", True),
]  # fmt: skip


def predicate(formula: str) -> Predicate:
    text = 'when: "' + formula + '"'
    return compile_predicate(PACK, parse_document(text, path=Path("trial.yaml"), relative="trial.yaml"))


@pytest.mark.parametrize(("formula", "expected"), STATEMENTS, ids=[formula[:60] for formula, _ in STATEMENTS])
def test_the_language_means_what_its_page_says(formula: str, expected: bool | None) -> None:
    formulas = predicate(formula).formulas
    assert evaluate(formulas, FAMILY, parameters={}, as_of=AS_OF).value("when") is expected
    assert run_family(formulas, FAMILY, pack=PACK, as_of=AS_OF)["when"] == expected


def test_the_compiled_kernel_means_the_same() -> None:
    lines = ["formulas:"]
    for number, (formula, _) in enumerate(STATEMENTS):
        lines.append(
            f"  line_{number}: {{entity: household, type: bool, label: {{zh: 试, en: t}}, "
            f'citation: {{instrument: 试, article: 一, mark: L}}, formula: "{formula}"}}'
        )
    lines.append("when: line_0")
    document = parse_document("\n".join(lines), path=Path("trial.yaml"), relative="trial.yaml")
    formulas = compile_predicate(PACK, document).formulas
    night = run_columns(formulas, columns_of([FAMILY], formulas), pack=PACK, as_of=AS_OF, way=Way())
    said = [int(night[f"line_{number}"][0]) for number in range(len(STATEMENTS))]
    assert said == [UNKNOWN if expected is None else int(expected) for _, expected in STATEMENTS]
