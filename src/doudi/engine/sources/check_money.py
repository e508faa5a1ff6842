"""Checking money 金额 and counts by the column: strict text to whole fen, without a float on the way."""

import polars as pl

from doudi.engine.sources.cells import Cells, mask
from doudi.engine.sources.contract import ColumnSpec, Unit
from doudi.engine.values.money import MONEY_LIMIT_FEN

_NOT_A_NUMBER = r"(?i)^[+-]?(?:nan|inf(?:inity)?|[0-9.,]+e[+-]?[0-9]+)$"
_NEGATIVE = r"^[-−(].*[0-9]"
_AMOUNT = (
    r"^[¥￥]?(?P<whole>0|[1-9][0-9]{0,14}|[1-9][0-9]{0,2}(?:,[0-9]{3}){1,4})(?:\.(?P<part>[0-9]{1,12}))?"
    r"(?P<unit>万元|元)?$"
)
_PLAIN_AMOUNT = r"^[0-9]+(?:\.[0-9]+)?$"
_DECIMALS: dict[Unit, int] = {"yuan": 2, "wan_yuan": 6}
_SCALE = 10**6


def check_money(cells: Cells, spec: ColumnSpec, unit: Unit) -> pl.Series:
    """Read amounts in the column's unit, or in the one written behind the amount, as whole fen."""
    cells.fold_width()
    cells.refuse_where(_NOT_A_NUMBER, "DD-CELL-032")
    cells.refuse_where(_NEGATIVE, "DD-CELL-031")
    cells.refuse_unless(_AMOUNT, "DD-CELL-030")
    groups = cells.text.set(pl.Series(~cells.open), None).str.extract_groups(_AMOUNT).struct.unnest()
    own = groups["unit"]
    is_wan = (own == "万元").fill_null(unit == "wan_yuan")
    part = groups["part"].fill_null("").str.strip_chars_end("0")
    most = pl.select(
        pl.when(is_wan).then(pl.lit(_DECIMALS["wan_yuan"])).otherwise(pl.lit(_DECIMALS["yuan"]))
    ).to_series()
    cells.refuse(cells.open & mask(part.str.len_bytes().cast(pl.Int64) > most), "DD-CELL-034")
    whole = groups["whole"].str.replace_all(",", "", literal=True).cast(pl.Int64).fill_null(0)
    cells.refuse(cells.open & mask(whole > MONEY_LIMIT_FEN // 100), "DD-CELL-033")
    whole = pl.select(pl.when(pl.Series(cells.open)).then(whole).otherwise(pl.lit(0, pl.Int64))).to_series()
    millionths = part.str.slice(0, 6).str.pad_end(6, "0").cast(pl.Int64)
    # whole and part in one unit: 万元 has 10^6 fen, a yuan 10^2; a part is in millionths of it.
    fen_in_wan, fen_in_yuan = whole * _SCALE + millionths, whole * 100 + millionths // (_SCALE // 100)
    fen = pl.select(pl.when(is_wan).then(fen_in_wan).otherwise(fen_in_yuan)).to_series()
    least, greatest = (spec.min or 0) * 100, min((spec.max * 100) if spec.max else MONEY_LIMIT_FEN, MONEY_LIMIT_FEN)
    cells.refuse(cells.open & mask((fen < least) | (fen > greatest)), "DD-CELL-033")
    cells.changed |= cells.open & ~mask(cells.text.str.contains(_PLAIN_AMOUNT))
    return pl.select(pl.when(pl.Series(cells.open)).then(fen)).to_series()


def check_counts(cells: Cells, spec: ColumnSpec) -> pl.Series:
    """Read whole numbers without sign, point or leading zeros."""
    cells.fold_width()
    cells.refuse_unless(r"^(?:0|[1-9][0-9]{0,9})$", "DD-CELL-040")
    numbers = cells.text.set(pl.Series(~cells.open), None).cast(pl.Int64)
    greatest = spec.max if spec.max is not None else 1_000_000
    cells.refuse(cells.open & mask((numbers < (spec.min or 0)) | (numbers > greatest)), "DD-CELL-041")
    return pl.select(pl.when(pl.Series(cells.open)).then(numbers)).to_series()
