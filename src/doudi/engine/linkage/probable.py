"""Rows without a usable number: whom each speaks of with near certainty, and which pairs wait for people.

*Probable* is a row only when everything agrees that could disagree: the same spelling of the name, the same birth
date, no other sex, and place or telephone as far as they are known; a weight that leaves no doubt; and nobody else
who comes near. A birth date that differs, a homophone, a variant character: such a pair is never merged by itself,
however much else agrees. It is *grey* when it is likely enough to be shown to people, else the row stays what it was.

A name alone never does anything. Two people of one house agree in address and telephone: that does nothing either.
"""

from dataclasses import dataclass

import polars as pl

from doudi.engine.linkage.candidates import candidate_pairs
from doudi.engine.linkage.comparisons import BIRTH, NAME, OTHERWISE, PHONE, PLACE, SEX, Field
from doudi.engine.linkage.model import Model
from doudi.engine.linkage.scoring import score

_SHOWN_AT_MOST = 3
"""So many people at most are put beside one row."""


@dataclass(frozen=True)
class Verdicts:
    """Pairs (row_id, person_id, weight, a grade per field): `probable` has each row once, `grey` the pairs to show."""

    probable: pl.DataFrame
    grey: pl.DataFrame


def judge_pairs(rows: pl.DataFrame, people: pl.DataFrame, model: Model, *, apart: pl.DataFrame) -> Verdicts:
    """Set rows without a number against known people. `apart` has the pairs that people have said to be two."""
    pairs = candidate_pairs(rows, people, model.names).join(apart, on=["row_id", "person_id"], how="anti")
    scored = score(rows, people, pairs, model).filter(_says_something())
    ranked = scored.sort("row_id", "weight", "person_id", descending=[False, True, False]).with_columns(
        pl.col("weight").max().over("row_id").alias("best"),
        pl.int_range(pl.len()).over("row_id").alias("place_in_row"),
    )
    near = ranked.filter(pl.col("weight") > pl.col("best") - model.lead)
    alone = near.filter(pl.len().over("row_id") == 1)
    probable = alone.filter(_agrees_throughout() & (pl.col("weight") >= model.certain_from))
    grey = near.join(probable, on="row_id", how="anti").filter(pl.col("place_in_row") < _SHOWN_AT_MOST)
    return Verdicts(probable.drop("best", "place_in_row"), grey.drop("best", "place_in_row"))


def _is(field: Field, *names: str) -> pl.Expr:
    grades = [len(field.levels) - 1 - place for place, level in enumerate(field.levels) if level.name in names]
    return pl.col(field.column).is_in(grades)


def _says_something() -> pl.Expr:
    """Is there more than a name, and more than a shared house?"""
    elsewhere = _is(PLACE, "address", "house", "village", "township") | _is(PHONE, "same", "one_digit")
    birth = ~_is(BIRTH, OTHERWISE) & (pl.col(BIRTH.column) >= 0)
    likely_birth = birth & ~_is(BIRTH, "same_year")
    name = ~_is(NAME, "surname", OTHERWISE) & (pl.col(NAME.column) >= 0)
    is_named = name & (likely_birth | ((birth | (pl.col(BIRTH.column) < 0)) & elsewhere))
    is_renamed = _is(BIRTH, "same") & ~_is(SEX, OTHERWISE) & elsewhere
    return is_named | is_renamed


def _agrees_throughout() -> pl.Expr:
    elsewhere = _is(PLACE, "address", "house", "village", "township", "county_known_only", "county") | _is(
        PHONE, "same"
    )
    # Of a name that hardly anybody bears, with the birth date, the weight alone can be beyond doubt.
    nothing_else = (pl.col(PLACE.column) < 0) & (pl.col(PHONE.column) < 0)
    elsewhere = elsewhere | nothing_else
    return _is(NAME, "same") & _is(BIRTH, "same") & ~_is(SEX, OTHERWISE) & elsewhere
