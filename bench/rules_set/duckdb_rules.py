"""The same rules as one DuckDB query. It is written for facts that are all known, as the other peers are."""

import json
import sys
from pathlib import Path

import duckdb
from clocked import report

COUNTIES = json.loads(Path(__file__).with_name("counties.json").read_text("utf-8"))
PERSON = """
    select
      p.household_key,
      membership_exclusion = 'none' as is_counted,
      date_sub('year', birth_date, date '2026-11-20') as age,
      disability_grade between 1 and 2
        or disability_grade = 3 and disability_kind in ('intellectual', 'mental') as is_severely_disabled,
      greatest(0, wage_insured_monthly - social_contribution_monthly) as counted_wage,
      counted_wage + case when age < 16 then 0 else wage_casual_monthly end
        + pension_monthly + unemployment_benefit_monthly
        + greatest(support_received_monthly,
            greatest(0, supporter_family_income_monthly - 2 * supporter_family_line_monthly)
              * 45 // 100 // greatest(1, parents_sharing_support)) as income,
      is_counted and (age < 18 or age >= 60 or is_severely_disabled) as gets_supplement,
      is_counted and age between 16 and 59 and not is_severely_disabled as can_work
    from {persons} p
"""
QUERY = """
  with person as ({person}),
  gathered as (
    select
      household_key,
      count(*) filter (where is_counted) as members,
      count(*) filter (where gets_supplement) as supplements,
      count(*) filter (where can_work) as workers,
      coalesce(bool_and(age >= 60) filter (where is_counted), true) as are_all_elders,
      coalesce(sum(income) filter (where is_counted), 0)::bigint as income,
      coalesce(sum(counted_wage) filter (where can_work), 0)::bigint as wages
    from person group by household_key
  ),
  reckoned as (
    select
      h.household_key, members, supplements, workers, are_all_elders,
      income + other_income_monthly as income_before,
      least(wages // 4, work_cap) as work_allowance,
      greatest(0, income_before - work_allowance) as counted_income,
      case when residence = 'urban' then standard_urban else standard_rural end as standard,
      standard * members as income_line,
      counted_income < income_line as meets_income_test,
      financial_assets <= income_line * assets_months as meets_assets_test,
      motor_vehicles <= vehicles_max as meets_vehicles_test,
      dwellings <= dwellings_max as meets_dwellings_test,
      meets_income_test and meets_assets_test and meets_vehicles_test and meets_dwellings_test as qualifies,
      greatest(0, income_line - counted_income) as gap,
      (standard * supplements * supplement_share + 9999) // 10000 * 100 as supplement,
      case when qualifies then (gap + 99) // 100 * 100 + supplement else 0 end as granted,
      standard * members * edge_share // 100 as edge_line,
      not qualifies and meets_assets_test and counted_income < edge_line as is_at_the_edge
    from {households} h join gathered using (household_key) join county using (area)
  )
  select household_key, {outputs} from reckoned order by household_key
"""


def main() -> None:
    mode, folder, out, outputs = sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]), sys.argv[5]
    connection = duckdb.connect()
    names = [name.removeprefix("trial_") for name in next(iter(COUNTIES.values()))]
    connection.execute(f"create table county (area varchar, {', '.join(f'{name} bigint' for name in names)})")
    marks = ", ".join("?" * (len(names) + 1))
    connection.executemany(
        f"insert into county values ({marks})", [[code, *values.values()] for code, values in COUNTIES.items()]
    )
    files = {name: f"read_parquet('{folder / name}.parquet')" for name in ("households", "persons")}
    if mode == "files":
        query = QUERY.format(person=PERSON.format(**files), outputs=outputs, **files)
        report(lambda: connection.execute(f"copy ({query}) to '{out}' (format parquet, compression lz4)"))
        return
    for name, file in files.items():
        connection.execute(f"create table {name} as from {file}")
    tables = {name: name for name in files}
    query = QUERY.format(person=PERSON.format(**tables), outputs=outputs, **tables)
    report(lambda: connection.execute(f"create table result as {query}"))


if __name__ == "__main__":
    main()
