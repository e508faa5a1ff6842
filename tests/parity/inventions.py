"""Invented formulas and families: what hypothesis draws to set the executors against each other.

Formulas are drawn as text, by type and unit, so that they pass through the parser and the checks like any other.
"""

from datetime import date
from pathlib import Path

from hypothesis import strategies as st

from doudi.engine.pack.document import parse_document
from doudi.engine.pack.pack import Pack, load_pack
from doudi.engine.pack.vocabulary import FactDefinition, load_vocabulary
from doudi.engine.rules.errors import FormulaOverflowError, FormulaTextError
from doudi.engine.rules.family import FactValue, Family, Member
from doudi.engine.rules.formula_set import FormulaSet, build_formula_set, read_formulas

AS_OF = date(2026, 11, 23)
REGION = "419901101001"

_PARAMETERS = """
parameters:
  trial_line:
    label: {zh: 线, en: line}
    unit: fen_per_person_month
    values:
      - {effective_from: 2020-01-01, value: 42000, status: example, citation: {instrument: 试, article: 一, mark: L}}
  trial_share:
    label: {zh: 份额, en: share}
    unit: percent
    values:
      - {effective_from: 2020-01-01, value: 37, status: example, citation: {instrument: 试, article: 一, mark: L}}
"""


def trial_pack(folder: Path) -> Pack:
    """A pack with the shipped vocabulary and two parameters, one of them a share."""
    shipped = Path(load_pack().document("pack.yaml").path).parent
    (folder / "vocabulary").mkdir()
    (folder / "programmes" / "trial").mkdir(parents=True)
    (folder / "pack.yaml").write_bytes((shipped / "pack.yaml").read_bytes())
    for file in (shipped / "vocabulary").glob("*.yaml"):
        (folder / "vocabulary" / file.name).write_bytes(file.read_bytes())
    (folder / "programmes" / "trial" / "parameters.yaml").write_text(_PARAMETERS, "utf-8")
    return load_pack(folder)


COMPARISONS = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])
SMALL = st.integers(0, 12).map(str)

_person_money = st.sampled_from(["wage_casual_monthly", "pension_monthly", "wage_insured_monthly"])
_person_facts: st.SearchStrategy[str] = st.deferred(lambda: person_bool)
person_money = st.recursive(
    _person_money,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-"]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(st.sampled_from(["greatest", "least"]), inner, inner).map(lambda t: f"{t[0]}({t[1]}, {t[2]})"),
        st.tuples(_person_facts, inner, inner).map(lambda t: f"case when {t[0]} then {t[1]} else {t[2]} end"),
        st.tuples(inner, st.integers(-3, 3)).map(lambda t: f"({t[0]} // ({t[1]}))"),
        inner.map(lambda m: f"round_up_to_yuan(-({m}))"),
    ),
    max_leaves=3,
)
_person_bool = st.one_of(
    st.tuples(person_money, COMPARISONS, person_money).map(" ".join),
    st.tuples(COMPARISONS, SMALL).map(lambda t: f"full_years(birth_date, as_of) {t[0]} {t[1]} * 6"),
    st.sampled_from(["days_between(birth_date, as_of) > 9000", "disability_kind in ('mental', 'limb')"]),
    st.tuples(COMPARISONS, SMALL).map(lambda t: f"disability_grade {t[0]} {t[1]}"),
    st.sampled_from(["membership_exclusion = 'none'", "residence = 'urban'", "true", "false"]),
)
person_bool: st.SearchStrategy[str] = st.recursive(
    _person_bool,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        inner.map(lambda b: f"(not {b})"),
    ),
    max_leaves=3,
)
_filter = st.one_of(st.just(""), person_bool.map(lambda b: f" filter (where {b})"))


@st.composite
def households_money(draw: st.DrawFn, names: tuple[str, ...] = ()) -> str:
    """Money per month of a household; `names` are earlier formulas of that kind."""
    leaf = st.one_of(
        st.sampled_from(["other_income_monthly", "dibao_received_monthly", "0", *names]),
        st.tuples(person_money, _filter).map(lambda t: f"sum({t[0]}){t[1]}"),
        st.tuples(st.sampled_from(["max", "min"]), person_money, _filter).map(lambda t: f"{t[0]}({t[1]}){t[2]}"),
        _filter.map(lambda f: f"trial_line * (count(*){f})"),
    )
    rounding = st.sampled_from(["up_to_yuan", "down_to_yuan", "up_to_fen", "down_to_fen", "half_up_to_fen"])
    return draw(
        st.recursive(
            leaf,
            lambda inner: st.one_of(
                st.tuples(inner, st.sampled_from(["+", "-"]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
                st.tuples(st.sampled_from(["greatest", "least"]), inner, inner).map(
                    lambda t: f"{t[0]}({t[1]}, {t[2]})"
                ),
                st.tuples(households_bool(), inner, inner).map(
                    lambda t: f"(case when {t[0]} then {t[1]} else {t[2]} end + other_income_monthly)"
                ),
                st.tuples(rounding, inner).map(
                    lambda t: f"round_{t[0]}(trial_share * (other_income_monthly - {t[1]}))"
                ),
                st.tuples(inner, st.integers(-9, 9)).map(lambda t: f"((other_income_monthly + {t[0]}) // ({t[1]}))"),
            ),
            max_leaves=4,
        )
    )


@st.composite
def households_bool(draw: st.DrawFn, names: tuple[str, ...] = ()) -> str:
    """A yes or no of a household."""
    line = "other_income_monthly + dibao_received_monthly"
    leaf = st.one_of(
        st.tuples(COMPARISONS, person_money, _filter).map(lambda t: f"sum({t[1]}){t[2]} {t[0]} {line}"),
        st.tuples(COMPARISONS, person_money).map(lambda t: f"sum({t[1]}) {t[0]} trial_share * ({line})"),
        st.tuples(st.sampled_from(["any", "all"]), person_bool, _filter).map(lambda t: f"{t[0]}({t[1]}){t[2]}"),
        st.tuples(COMPARISONS, SMALL).map(lambda t: f"max(full_years(birth_date, as_of)) {t[0]} 5 * {t[1]}"),
        st.sampled_from(["residence = 'rural'", "motor_vehicles between 1 and 3", "min(birth_date) < as_of", *names]),
    )
    return draw(
        st.recursive(
            leaf,
            lambda inner: st.one_of(
                st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
                inner.map(lambda b: f"(not {b})"),
            ),
            max_leaves=4,
        )
    )


@st.composite
def formula_sets(draw: st.DrawFn, pack: Pack, size: int) -> FormulaSet:
    """A set of formulas that build on each other, as a pack gives them; what the checks refuse is left out."""
    texts: list[tuple[str, str, str, str]] = [
        ("person_total", "person", "fen", draw(person_money)),
        ("person_counts", "person", "bool", draw(person_bool)),
        ("total", "household", "fen", "sum(person_total) filter (where person_counts)"),
        ("anybody", "household", "bool", "any(person_counts and person_total > 0)"),
    ]
    money, bools = ["total"], ["anybody"]
    for number in range(size):
        if draw(st.booleans()):
            texts.append((f"money_{number}", "household", "fen", draw(households_money(tuple(money)))))
            money.append(f"money_{number}")
        else:
            texts.append((f"bool_{number}", "household", "bool", draw(households_bool(tuple(bools)))))
            bools.append(f"bool_{number}")
    while True:
        try:
            return _built(pack, texts)
        except (FormulaOverflowError, FormulaTextError):
            if len(texts) == 4:
                raise
            texts.pop()


def _built(pack: Pack, texts: list[tuple[str, str, str, str]]) -> FormulaSet:
    lines = ["formulas:"]
    for name, entity, kind, text in texts:
        unit = "fen_per_month" if kind == "fen" else ""
        lines.append(
            f'  {name}: {{entity: {entity}, type: {kind}, unit: "{unit}", label: {{zh: 试, en: t}}, '
            f'citation: {{instrument: 试, article: 一, mark: L}}, formula: "{text}"}}'
        )
    given = read_formulas(parse_document("\n".join(lines), path=Path("trial.yaml"), relative="trial.yaml"))
    vocabulary, roots = load_vocabulary(pack), [one.name for one in given]
    return build_formula_set(given, vocabulary=vocabulary, parameters=pack.parameters, roots=roots)


def _facts(definition: FactDefinition) -> st.SearchStrategy[FactValue]:
    low, high = definition.bounds
    if definition.type == "text":
        known: st.SearchStrategy[int | str] = st.sampled_from(list(definition.codes))
    elif definition.type == "date":
        known = st.integers(-20_000, 20_772)
    else:
        near = st.integers(max(low, -500), min(high, 500))
        known = st.one_of(near, st.integers(low, high), st.sampled_from([low, high]))
    return st.one_of(known, known, known, st.none()).map(FactValue)


@st.composite
def families(draw: st.DrawFn, formulas: FormulaSet) -> Family:
    """A family of up to five members of whom any fact may be unknown."""
    members = tuple(
        Member(f"m{place}", "20", {name: draw(_facts(d)) for name, d in formulas.member_facts.items()})
        for place in range(draw(st.integers(0, 5)))
    )
    own = {name: draw(_facts(definition)) for name, definition in formulas.household_facts.items()}
    return Family("trial", REGION, "office", own, members)
