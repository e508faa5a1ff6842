"""The same rules as one Polars plan. It is written for facts that are all known, as the other peers are."""

import json
import sys
from pathlib import Path

import polars as pl
from clocked import report
from polars import col

COUNTIES = json.loads(Path(__file__).with_name("counties.json").read_text("utf-8"))
DAY = (2026, 11, 20)


def plan(households: pl.LazyFrame, persons: pl.LazyFrame, outputs: list[str]) -> pl.LazyFrame:
    born = col("birth_date")
    is_before = (born.dt.month() > DAY[1]) | ((born.dt.month() == DAY[1]) & (born.dt.day() > DAY[2]))
    grade, kind = col("disability_grade"), col("disability_kind").cast(pl.String)
    age, counted = col("age"), col("is_counted")
    fee = (col("supporter_family_income_monthly") - 2 * col("supporter_family_line_monthly")).clip(0) * 45 // 100
    person = persons.with_columns(
        age=DAY[0] - born.dt.year() - is_before.cast(pl.Int32),
        is_counted=col("membership_exclusion").cast(pl.String) == "none",
        is_severely_disabled=grade.is_between(1, 2) | ((grade == 3) & kind.is_in(["intellectual", "mental"])),
        counted_wage=(col("wage_insured_monthly") - col("social_contribution_monthly")).clip(0),
        support=pl.max_horizontal("support_received_monthly", fee // col("parents_sharing_support").clip(1)),
    ).with_columns(
        income=col("counted_wage")
        + pl.when(age < 16).then(0).otherwise(col("wage_casual_monthly"))
        + col("pension_monthly")
        + col("unemployment_benefit_monthly")
        + col("support"),
        gets_supplement=counted & ((age < 18) | (age >= 60) | col("is_severely_disabled")),
        can_work=counted & age.is_between(16, 59) & ~col("is_severely_disabled"),
    )
    gathered = person.group_by("household_key").agg(
        members=counted.sum().cast(pl.Int64),
        supplements=col("gets_supplement").sum().cast(pl.Int64),
        workers=col("can_work").sum().cast(pl.Int64),
        are_all_elders=((age >= 60) | ~counted).all(),
        income=(col("income") * counted).sum(),
        wages=(col("counted_wage") * col("can_work")).sum(),
    )
    county = pl.LazyFrame(
        [
            {"area": code, **{n.removeprefix("trial_"): v for n, v in values.items()}}
            for code, values in COUNTIES.items()
        ]
    )
    line, income = col("income_line"), col("counted_income")
    reckoned = (
        households.with_columns(col("area").cast(pl.String), col("residence").cast(pl.String))
        .join(gathered, on="household_key")
        .join(county, on="area")
        .with_columns(
            income_before=col("income") + col("other_income_monthly"),
            work_allowance=pl.min_horizontal(col("wages") // 4, "work_cap"),
            standard=pl.when(col("residence") == "urban").then(col("standard_urban")).otherwise(col("standard_rural")),
        )
        .with_columns(
            counted_income=(col("income_before") - col("work_allowance")).clip(0),
            income_line=col("standard") * col("members"),
            supplement=(col("standard") * col("supplements") * col("supplement_share") + 9999) // 10000 * 100,
            edge_line=col("standard") * col("members") * col("edge_share") // 100,
            meets_vehicles_test=col("motor_vehicles") <= col("vehicles_max"),
            meets_dwellings_test=col("dwellings") <= col("dwellings_max"),
        )
        .with_columns(
            meets_income_test=income < line,
            meets_assets_test=col("financial_assets") <= line * col("assets_months"),
            gap=(line - income).clip(0),
        )
        .with_columns(
            qualifies=pl.all_horizontal(
                "meets_income_test", "meets_assets_test", "meets_vehicles_test", "meets_dwellings_test"
            )
        )
        .with_columns(
            granted=pl.when("qualifies").then((col("gap") + 99) // 100 * 100 + col("supplement")).otherwise(0),
            is_at_the_edge=~col("qualifies") & col("meets_assets_test") & (income < col("edge_line")),
        )
    )
    return reckoned.select("household_key", *outputs).sort("household_key")


def main() -> None:
    mode, folder, out, outputs = sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]), sys.argv[5].split(",")
    files = [pl.scan_parquet(folder / f"{name}.parquet") for name in ("households", "persons")]
    if mode == "files":
        report(lambda: plan(*files, outputs).collect().write_parquet(out, compression="lz4"))
        return
    frames = [file.collect().lazy() for file in files]
    report(lambda: plan(*frames, outputs).collect())


if __name__ == "__main__":
    main()
