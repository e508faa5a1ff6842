"""A million invented households as two Parquet files, persons sorted by household: the same bytes for every engine."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

SEED = 4199
AS_OF = np.datetime64("2026-11-20")
COUNTIES: dict[str, dict[str, int]] = json.loads(Path(__file__).with_name("counties.json").read_text("utf-8"))
SIZES, SIZE_SHARES = (1, 2, 3, 4, 5, 6, 7), (0.25, 0.28, 0.23, 0.14, 0.06, 0.03, 0.01)
EXCLUSIONS = ("none", "serving_sentence", "compulsory_detox", "declared_missing", "clergy_living_apart")
DISABILITIES = ("none", "visual", "hearing", "speech", "limb", "intellectual", "mental", "multiple")
ROW_GROUP = 131_072


def write_households(folder: Path, count: int) -> int:
    """Write `households.parquet` and `persons.parquet`; returns the number of persons. Money is fen."""
    rng = np.random.default_rng(SEED)
    sizes = rng.choice(SIZES, count, p=SIZE_SHARES)
    household = np.arange(count, dtype=np.int64)
    persons = int(sizes.sum())

    def money(share: float, high: int, n: int) -> np.ndarray:
        return np.where(rng.random(n) < share, rng.integers(0, high, n), 0).astype(np.int64)

    def texts(codes: tuple[str, ...], shares: tuple[float, ...], n: int) -> pa.DictionaryArray:
        places = rng.choice(len(codes), n, p=shares).astype(np.int8)
        return pa.DictionaryArray.from_arrays(pa.array(places), pa.array(codes))

    of_household = {
        "household_key": household,
        "area": texts(tuple(COUNTIES), (0.1,) * 10, count),
        "basis": texts(("declared",), (1.0,), count),
        "residence": texts(("urban", "rural"), (0.4, 0.6), count),
        "other_income_monthly": money(0.3, 120_000, count),
        "financial_assets": money(0.6, 9_000_000, count),
        "motor_vehicles": rng.choice((0, 1, 2), count, p=(0.7, 0.25, 0.05)).astype(np.int64),
        "dwellings": rng.choice((0, 1, 2, 3), count, p=(0.05, 0.8, 0.12, 0.03)).astype(np.int64),
    }
    born = (AS_OF - rng.integers(0, 95 * 365, persons)).astype("datetime64[D]")
    grade = np.where(rng.random(persons) < 0.08, rng.integers(1, 5, persons), 0).astype(np.int64)
    of_person = {
        "household_key": np.repeat(household, sizes),
        "birth_date": pa.array(born, pa.date32()),
        "membership_exclusion": texts(EXCLUSIONS, (0.97, 0.01, 0.01, 0.005, 0.005), persons),
        "disability_kind": texts(DISABILITIES, (0.92, 0.01, 0.01, 0.01, 0.02, 0.01, 0.01, 0.01), persons),
        "disability_grade": grade,
        "wage_insured_monthly": money(0.35, 700_000, persons),
        "social_contribution_monthly": money(0.35, 60_000, persons),
        "wage_casual_monthly": money(0.2, 200_000, persons),
        "pension_monthly": money(0.2, 250_000, persons),
        "unemployment_benefit_monthly": money(0.03, 150_000, persons),
        "support_received_monthly": money(0.1, 80_000, persons),
        "supporter_family_income_monthly": money(0.15, 1_500_000, persons),
        "supporter_family_line_monthly": money(0.9, 300_000, persons),
        "parents_sharing_support": rng.integers(0, 4, persons),
    }
    for name, columns in (("households", of_household), ("persons", of_person)):
        pq.write_table(pa.table(columns), folder / f"{name}.parquet", compression="lz4", row_group_size=ROW_GROUP)
    return persons
