"""Two families of the office in one household book are told of each other; the register's own are left out."""

import polars as pl

from doudi.engine.facts.sharing import households_sharing


def about(*rows: tuple[int, str | None]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "_subject": [subject for subject, _ in rows],
            "household_no": [book for _, book in rows],
            "_origin": [0] * len(rows),
            "row": list(range(len(rows))),
        },
        schema={"_subject": pl.Int32, "household_no": pl.String, "_origin": pl.UInt16, "row": pl.Int64},
    )


HOMES = pl.DataFrame(
    {"household": [1, 2, 3, 4], "basis": ["office", "office", "office", "register"]},
    schema={"household": pl.Int32, "basis": pl.String},
)


def counted(*rows: tuple[int, str | None]) -> dict[int, int]:
    shared = households_sharing(about(*rows), "household_no", HOMES)
    groups = shared.group_by("_subject").agg(pl.col("household_no").n_unique())
    return {int(subject): int(count) for subject, count in groups.iter_rows()}


def test_two_families_in_one_book_count_each_other() -> None:
    assert counted((1, "A"), (1, "A"), (2, "A"), (3, "C")) == {1: 2, 2: 2, 3: 1}


def test_a_family_in_two_books_shares_with_whoever_stands_in_either() -> None:
    assert counted((1, "A"), (1, "B"), (2, "B"), (3, "A")) == {1: 3, 2: 2, 3: 2}


def test_a_family_that_only_the_register_knows_is_no_second_family() -> None:
    assert counted((1, "A"), (4, "A")) == {1: 1}


def test_a_book_that_could_not_be_read_stays_unknown_in_its_row() -> None:
    shared = households_sharing(about((1, "A"), (1, None), (2, None)), "household_no", HOMES)
    assert shared.filter(pl.col("_subject") == 1).get_column("household_no").null_count() == 1
    assert shared.filter(pl.col("_subject") == 2).get_column("household_no").to_list() == [None]
