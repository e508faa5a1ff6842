"""Scoring pairs with Splink and the stored model: how many bits speak for one person, and what each field says.

Splink compares exactly the pairs that `candidates.py` found; it neither blocks nor learns here. A name that few people
bear speaks louder than a common one: how common it is, is counted among the people known tonight.
"""

import logging
from typing import Any

import duckdb
import polars as pl
from splink import DuckDBAPI, Linker

from doudi.engine.linkage.comparisons import FIELDS
from doudi.engine.linkage.model import Model
from doudi.engine.linkage.name_forms import NameReader
from doudi.engine.linkage.names import normalised_name

_PAIRS_AT_A_TIME = 2_000_000
_THREADS = 2


def score(rows: pl.DataFrame, people: pl.DataFrame, pairs: pl.DataFrame, model: Model) -> pl.DataFrame:
    """Each pair with `weight` in bits and one grade per field; pairs below the grey band are left out.

    `rows` and `people` have compared_id, spelling, born (eight digits), sex, area, address and phone.
    """
    # Among few people one bearer says little of how common a name is; then it counts as common as names are on average.
    one = min(1 / max(people.height, 1), model.namesakes)
    others = (pl.len() - 1) / max(people.height, 1)
    frequency = people.drop_nulls("spelling").group_by("spelling").agg((others + one).alias("tf_spelling"))
    parts = []
    for place in range(0, pairs.height, _PAIRS_AT_A_TIME):
        some = pairs.slice(place, _PAIRS_AT_A_TIME)
        both = pl.concat(
            [
                rows.join(some, left_on="compared_id", right_on="row_id", how="semi"),
                people.join(some, left_on="compared_id", right_on="person_id", how="semi"),
            ]
        )
        table = compared_columns(both, model.names).join(frequency, on="spelling", how="left")
        parts.append(_predicted(table, some, model))
    return pl.concat(parts) if parts else _nothing()


def as_people(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with name, birth_date, sex, area_code, address and phone as they are compared, numbered from 0."""
    return rows.select(
        pl.int_range(pl.len(), dtype=pl.Int64).alias("compared_id"),
        normalised_name("name").alias("spelling"),
        pl.col("birth_date").dt.strftime("%Y%m%d").alias("born"),
        "sex",
        pl.col("area_code").alias("area"),
        pl.col("address").str.normalize("NFKC").str.replace_all(r"\s", "").alias("address"),
        "phone",
    )


def compared_columns(people: pl.DataFrame, names: NameReader) -> pl.DataFrame:
    """The columns over which `comparisons.py` speaks."""
    spellings = people.get_column("spelling").drop_nulls().unique().sort()
    born = pl.col("born")
    turned = pl.concat_str(born.str.slice(0, 4), born.str.slice(6, 2), born.str.slice(4, 2))
    day = born.str.to_date("%Y%m%d", strict=False).to_physical()
    return people.join(names.forms(spellings.to_list()), on="spelling", how="left").with_columns(
        turned.alias("born_turned"),
        born.str.split("").list.sort().list.join("").alias("born_sorted"),
        day.alias("born_day"),
        _one_off("born", 8).alias("born_one_off"),
        _one_off("phone", 11).alias("phone_one_off"),
        _house().alias("house"),
    )


def connection() -> duckdb.DuckDBPyConnection:
    """A database in memory that reaches nothing outside."""
    return duckdb.connect(
        ":memory:",
        config={"threads": _THREADS, "enable_external_access": False, "autoinstall_known_extensions": False},
    )


def _predicted(table: pl.DataFrame, pairs: pl.DataFrame, model: Model) -> pl.DataFrame:
    with connection() as database:
        api = DuckDBAPI(connection=database)
        known = api.register(table.to_arrow(), table_name="compared")
        linker = Linker(known, dict(model.settings), log_level=logging.ERROR, validate_settings=False)
        keys = pairs.select(
            pl.lit("0").alias("match_key"),
            pl.col("row_id").alias("join_key_l"),
            pl.col("person_id").alias("join_key_r"),
        )
        blocked = api.register(keys.to_arrow(), table_name="pairs")
        linker.table_management.register_blocked_pairs_for_predict(blocked)
        predicted = linker.inference.predict(threshold_match_weight=model.grey_from, warning_mode="never")
        scored: pl.DataFrame = predicted.as_duckdbpyrelation().pl()
    return scored.select(
        pl.col("compared_id_l").alias("row_id"),
        pl.col("compared_id_r").alias("person_id"),
        pl.col("match_weight").alias("weight"),
        *(pl.col(field.column).cast(pl.Int8) for field in FIELDS),
    )


def _one_off(column: str, length: int) -> pl.Expr:
    """The digits with one of them hidden, for each place; null where there are none."""
    text = pl.col(column)
    hidden = [pl.concat_str(text.str.slice(0, i), pl.lit("_"), text.str.slice(i + 1)) for i in range(length)]
    return pl.when(text.is_not_null()).then(pl.concat_list(hidden))


def _house() -> pl.Expr:
    """The numbers of an address (组, 号, 楼, 室) behind the last word before them; null without any number."""
    numbers = pl.col("address").str.extract_all(r"[0-9]+")
    word = pl.col("address").str.extract(r"([^0-9]{1,2})[0-9]", 1)
    return pl.when(numbers.list.len() > 0).then(pl.concat_str(word, numbers.list.join("-"), separator=":"))


def _nothing() -> pl.DataFrame:
    schema: dict[str, Any] = {"row_id": pl.Int64, "person_id": pl.Int64, "weight": pl.Float64}
    return pl.DataFrame(schema=schema | {field.column: pl.Int8 for field in FIELDS})
