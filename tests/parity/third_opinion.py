"""DuckDB as the third opinion: our semantics rewritten in SQL, so that arithmetic none of us wrote checks ours.

SQL means other things in many places, and each is rewritten here: its sums and extremes skip what is unknown, its
`case` takes an unknown condition for false, its // cuts off towards zero, and dividing by zero is an error or infinity.
"""

from collections.abc import Sequence
from datetime import date, timedelta

import duckdb
import pyarrow as pa

from doudi.engine.pack.vocabulary import EPOCH, FactDefinition
from doudi.engine.rules.expression import AGGREGATES, COMPARISONS, ROUNDINGS, Expr
from doudi.engine.rules.family import UNKNOWN, Family
from doudi.engine.rules.formula_set import AS_OF, FormulaSet, aggregates_of, fact_kind
from doudi.engine.rules.kernel import family_numbers

Answer = int | bool | date | None
_TYPES = {"bool": pa.bool_(), "date": pa.date32(), "text": pa.string()}
_SIGNS = {"eq": "=", "ne": "<>", "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "add": "+", "sub": "-", "mul": "*"}


def third_opinion(
    formulas: FormulaSet, families: Sequence[Family], parameters: Sequence[int], as_of: date
) -> list[dict[str, Answer]]:
    """The household's formulas for each family, by DuckDB alone. The families share one region."""
    with duckdb.connect() as connection:
        for name, table in _tables(formulas, families).items():
            connection.register(name, table)
        rows = connection.execute(_query(formulas, parameters, as_of)).fetchall()
    names = [formula.name for formula in formulas.of_household]
    return [dict(zip(names, row, strict=True)) for row in rows]


def _tables(formulas: FormulaSet, families: Sequence[Family]) -> dict[str, pa.Table]:
    numbers = [family_numbers(formulas, family) for family in families]
    sizes = [count for _, _, count in numbers]
    household = {
        name: _column(definition, [own[place][0] for own, _, _ in numbers])
        for place, (name, definition) in enumerate(formulas.household_facts.items())
    }
    member = {
        name: _column(definition, [n for _, people, _ in numbers for n in people[place]])
        for place, (name, definition) in enumerate(formulas.member_facts.items())
    }
    owners = [place for place, size in enumerate(sizes) for _ in range(size)]
    return {
        "households": pa.table({"hid": pa.array(range(len(families)), pa.int64()), **household}),
        "members": pa.table({"hid": pa.array(owners, pa.int64()), "mid": pa.array(range(len(owners))), **member}),
    }


def _column(definition: FactDefinition, numbers: list[int]) -> pa.Array:
    codes = fact_kind(definition).codes

    def plain(number: int) -> int | bool | str | date | None:
        if number == UNKNOWN:
            return None
        if definition.type == "text":
            return codes[number]
        if definition.type == "date":
            return EPOCH + timedelta(days=number)
        return bool(number) if definition.type == "bool" else number

    return pa.array([plain(number) for number in numbers], _TYPES.get(definition.type, pa.int64()))


def _query(formulas: FormulaSet, parameters: Sequence[int], as_of: date) -> str:
    """One step for each formula: a person's adds a column to the members, a household's to the households."""
    given = "".join(
        f", {number}::bigint as {name}" for name, number in zip(formulas.parameters, parameters, strict=True)
    )
    steps = [
        f"h0 as (select *, date '{as_of}' as {AS_OF}{given} from households)",
        "m0 as (select * from members)",
    ]
    h = m = 0
    for formula in formulas.formulas.values():
        if formula.entity == "person":
            value = _sql(formula.tree, {})
            steps.append(f"m{m + 1} as (select m.*, {value} as {formula.name} from m{m} m join h{h} using (hid))")
            m += 1
            continue
        places = {aggregate: f"a{place}" for place, aggregate in enumerate(aggregates_of(formula.tree))}
        columns = "".join(f", {_aggregate(aggregate)} as {name}" for aggregate, name in places.items())
        gathered = f"(select hid{columns} from h{h} left join m{m} using (hid) group by hid)"
        value = _sql(formula.tree, places)
        steps.append(f"h{h + 1} as (select h.*, {value} as {formula.name} from h{h} h join {gathered} using (hid))")
        h += 1
    names = ", ".join(formula.name for formula in formulas.of_household)
    return f"with {', '.join(steps)} select {names} from h{h} order by hid"


def _aggregate(tree: Expr) -> str:
    value, condition = (_sql(arg, {}) for arg in tree.args)
    here = "mid is not null"
    if tree.op in ("any", "all"):
        joined = f"({value} and {condition})" if tree.op == "any" else f"({value} or not {condition})"
        decides, other = ("true", "false") if tree.op == "any" else ("false", "true")
        return (
            f"case when count(*) filter (where {here} and {joined} = {decides}) > 0 then {decides} "
            f"when count(*) filter (where {here} and {joined} is null) > 0 then null else {other} end"
        )
    unknown = f"({condition}) is null" + ("" if tree.op == "count" else f" or ({condition}) and ({value}) is null")
    total = {"count": "count(*)", "sum": f"coalesce(sum({value})", "max": f"max({value})", "min": f"min({value})"}[
        tree.op
    ]
    total += f" filter (where {here} and {condition})" + (", 0)::bigint" if tree.op == "sum" else "")
    return f"case when count(*) filter (where {here} and ({unknown})) > 0 then null else {total} end"


def _sql(tree: Expr, places: dict[Expr, str]) -> str:
    if tree.op in AGGREGATES:
        return places[tree]
    if tree.op in ("name", "number"):
        return str(tree.value) if tree.op == "name" else f"{tree.value}::bigint"
    if tree.op == "text":
        return f"'{tree.value}'"
    if tree.op == "bool":
        return "true" if tree.value else "false"
    args = [_sql(arg, places) for arg in tree.args]
    if tree.op in COMPARISONS:
        scales = [arg.known_kind.scale for arg in tree.args]
        args = [
            arg if scale == max(scales) else f"({arg}) * {max(scales) // scale}"
            for arg, scale in zip(args, scales, strict=True)
        ]
    if tree.op in _SIGNS:
        return f"({args[0]} {_SIGNS[tree.op]} {args[1]})"
    if tree.op in ("and", "or"):
        return f"({args[0]} {tree.op} {args[1]})"
    if tree.op in ROUNDINGS:
        return _rounded(tree, args[0])
    return _OTHERS[tree.op](args)


def _floor(a: str, b: str) -> str:
    """The floor of a quotient; unknown by zero. DuckDB's % has the sign of what is divided."""
    return (
        f"case when ({b}) = 0 then null else ({a}) // ({b}) - "
        f"case when ({a}) % ({b}) <> 0 and (({a}) < 0) <> (({b}) < 0) then 1 else 0 end end"
    )


def _rounded(tree: Expr, amount: str) -> str:
    unit = 100 if tree.op.endswith("yuan") else 1
    step = tree.args[0].known_kind.scale * unit
    if tree.op.startswith("round_half_up"):
        return f"({_floor(f'2 * ({amount}) + {step}', str(2 * step))})"
    if tree.op.startswith("round_up"):
        return f"(-({_floor(f'-({amount})', str(step))}) * {unit})"
    return f"(({_floor(amount, str(step))}) * {unit})"


def _extreme(function: str, args: list[str]) -> str:
    unknown = " or ".join(f"({arg}) is null" for arg in args)
    return f"case when {unknown} then null else {function}({', '.join(args)}) end"


def _case(args: list[str]) -> str:
    branches = [
        f"when ({condition}) is null then null when {condition} then {value}"
        for condition, value in zip(args[:-1:2], args[1:-1:2], strict=True)
    ]
    return f"(case {' '.join(branches)} else {args[-1]} end)"


def _full_years(args: list[str]) -> str:
    """Article 202: who was born on Feb 29 completes a year on Feb 28 where there is no other."""
    born, on = args
    is_leap_day = f"month({born}) = 2 and day({born}) = 29 and month({on}) = 2 and day({on}) = 28"
    ends_february = f"{is_leap_day} and day(last_day({on})) = 28"
    years = f"case when {ends_february} then year({on}) - year({born}) else date_sub('year', {born}, {on}) end"
    return f"(case when {on} < {born} then null else {years} end)"


_OTHERS = {
    "not": lambda a: f"(not {a[0]})",
    "neg": lambda a: f"(-({a[0]}))",
    "floor_divide": lambda a: f"({_floor(a[0], a[1])})",
    "greatest": lambda a: f"({_extreme('greatest', a)})",
    "least": lambda a: f"({_extreme('least', a)})",
    "case": _case,
    "full_years": _full_years,
    "days_between": lambda a: f"(({a[1]}) - ({a[0]}))",
    "over_12_months": lambda a: f"(({a[0]}) * 12)",
}
