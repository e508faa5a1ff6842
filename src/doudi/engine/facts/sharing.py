"""Which of the office's households stand in one register entry, such as two families in one household book.

The office keeps them apart; that the register does not is a reason to ask whether they have merged (合户).
"""

import polars as pl


def households_sharing(about: pl.DataFrame, column: str, households: pl.DataFrame) -> pl.DataFrame:
    """The rows about the office's households, each once for every one of them that has the same value in `column`.

    `about` has `_subject`, the place of the household for which a member's row speaks; in `column` comes the other
    household, or itself. A family that only the register knows is in one entry by definition and is left out.
    """
    of_office = households.filter(pl.col("basis") == "office").select(pl.col("household").alias("_subject"))
    own = about.join(of_office, on="_subject", how="semi", maintain_order="left")
    sharing = own.select(column, pl.col("_subject").alias("_shares")).drop_nulls(column).unique()
    shared = own.join(sharing, on=column, how="left", maintain_order="left").sort("_origin", "row", "_shares")
    return shared.with_columns(pl.col("_shares").alias(column)).drop("_shares")
