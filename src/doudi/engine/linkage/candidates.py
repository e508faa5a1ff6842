"""Which known people a row could speak of at all: the pairs that are worth a comparison.

A pair is looked at when one of these is so; everything else is two people.

    the same birth date, and a syllable of the name in common
    the same sound of the whole name, and the same birth year, or the same day and month, or the same township
    the same telephone number, or the same address

Telephones and addresses of more people than a family has (a factory, a home) lead nowhere and are left out. The first
rule has no such limit: whoever shares name and birth date with a row is always among its candidates, so that a row with
two such people is never taken for the one of them that was seen.
"""

import polars as pl

from doudi.engine.linkage.name_forms import NameReader, syllables

SHARED_BY_AT_MOST = 40
"""A telephone number or address of more people says nothing of a person."""


def candidate_pairs(rows: pl.DataFrame, people: pl.DataFrame, names: NameReader) -> pl.DataFrame:
    """Pairs (row_id, person_id), each once. Both frames have compared_id, spelling, born, area, address and phone.

    `born` is the date as eight digits, or null.
    """
    spellings = pl.concat([rows.get_column("spelling"), people.get_column("spelling")]).drop_nulls().unique().sort()
    sounds = [names.sounds(spelling) for spelling in spellings]
    sound_of = _exploded(spellings, sounds, "sound")
    syllable_of = _exploded(spellings, [syllables(each) for each in sounds], "syllable")
    found = [
        *_by_name(rows, people, syllable_of, [["syllable", "born"]]),
        *_by_name(rows, people, sound_of, [["sound", "year"], ["sound", "day"], ["sound", "township"]]),
        *(_by_equal(rows, people, column) for column in ("phone", "address")),
    ]
    return pl.concat(found).unique().sort("row_id", "person_id")


def _exploded(spellings: pl.Series, parts: list[list[str]], name: str) -> pl.DataFrame:
    """One line per spelling and part, the parts as small numbers: what is joined a million times should be short."""
    lists = pl.Series(name, ["|".join(part) for part in parts], dtype=pl.String).str.split("|")
    frame = pl.DataFrame([spellings.alias("spelling"), lists]).explode(name)
    return frame.with_columns(pl.col(name).rank("dense").cast(pl.UInt32))


def _by_name(
    rows: pl.DataFrame, people: pl.DataFrame, part_of: pl.DataFrame, rules: list[list[str]]
) -> list[pl.DataFrame]:
    left, right = _placed(rows, part_of), _placed(people, part_of)
    return [_joined(left, right, on) for on in rules]


def _placed(frame: pl.DataFrame, part_of: pl.DataFrame) -> pl.DataFrame:
    number = pl.col("born").cast(pl.Int32)
    return (
        frame.select(
            "compared_id",
            "spelling",
            number,
            (number // 10_000).alias("year"),
            (number % 10_000).alias("day"),
            pl.when(pl.col("area").str.len_chars() >= 9)
            .then(pl.col("area").str.slice(0, 9))
            .cast(pl.Int32)
            .alias("township"),
        )
        .join(part_of, on="spelling", how="inner")
        .drop("spelling")
    )


def _by_equal(rows: pl.DataFrame, people: pl.DataFrame, column: str) -> pl.DataFrame:
    right = people.filter(pl.col(column).is_not_null()).filter(pl.len().over(column) <= SHARED_BY_AT_MOST)
    return _joined(rows.select("compared_id", column), right.select("compared_id", column), [column])


def _joined(left: pl.DataFrame, right: pl.DataFrame, on: list[str]) -> pl.DataFrame:
    left = left.select("compared_id", *on).drop_nulls().unique().rename({"compared_id": "row_id"})
    right = right.select("compared_id", *on).drop_nulls().unique().rename({"compared_id": "person_id"})
    right = right.join(left.select(on).unique(), on=on, how="semi")
    return left.join(right, on=on, how="inner").select("row_id", "person_id").unique()
