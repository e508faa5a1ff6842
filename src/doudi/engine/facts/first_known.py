"""In which run each fact was first known: the same row of the same file said it before, or this run is it."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl
import pyarrow as pa

from doudi.engine.facts.households import as_frame
from doudi.engine.facts.rows import Origins
from doudi.engine.facts.subjects import Subjects
from doudi.engine.facts.summaries import FACT_SCHEMA, Rest, Summary, nothing
from doudi.engine.pack.vocabulary import Vocabulary

_SAME = ["subject", "valid_from", "origin", "row", "value"]
_NOTHING = pl.DataFrame(
    schema={
        "name": pl.String,
        "subject": pl.Int32,
        "valid_from": pl.Date,
        "origin": pl.UInt16,
        "row": pl.Int64,
        "value": pl.Int64,
        "known": pl.UInt16,
    }
)
_ENCODED = pa.dictionary(pa.int32(), pa.string())


@dataclass(frozen=True)
class EarlierFacts:
    """The facts of the last run: of single subjects, some at a time, and of all the others.

    `standing` gives for keys of that run those under which the same people stand tonight. `made_of` has, by the fact's
    name, the digest of everything that it was made of.
    """

    facts: Callable[[], Iterable[pa.Table]]
    common: pa.Table
    standing: Callable[[pl.Series], pl.Series]
    made_of: Mapping[str, str] = field(default_factory=dict)


@dataclass
class FirstKnown:
    """What the last run knew already, by the fact's name."""

    runs: list[str]
    facts: Mapping[str, pl.DataFrame]
    rests: Mapping[str, tuple[Rest, int]]
    _taken_over: dict[str, tuple[pl.DataFrame, pl.Series]] = field(default_factory=dict, repr=False)

    @classmethod
    def nothing_before(cls, run_id: str) -> "FirstKnown":
        """On the first night everything is known from this run on."""
        return cls([run_id], {}, {})

    @classmethod
    def of(
        cls,
        earlier: EarlierFacts,
        run_id: str,
        *,
        vocabulary: Vocabulary,
        subjects: Mapping[str, Subjects],
        origins: Origins,
    ) -> "FirstKnown":
        """Take in the last run's facts; `origin` is null where they come from files that no longer count."""
        reading = _Reading({run_id: 0}, earlier.standing, vocabulary, subjects, origins)
        parts = [reading.numbers(table) for table in earlier.facts()]
        runs = reading.runs
        facts = {
            str(name): rows.drop("name")
            for (name,), rows in pl.concat([_NOTHING, *parts]).partition_by("name", as_dict=True).items()
        }
        rests = {}
        for line in earlier.common.to_pylist():
            place = (line["source"], line["batch"])
            if place in origins.known:
                rest = Rest(line["value_int"], line["valid_from"], line["unknown_since"], origins.known[place])
                rests[line["name"]] = rest, runs.setdefault(line["known_from_run"], len(runs))
        return cls(list(runs), facts, rests)

    def again(self, name: str, origins: Collection[int]) -> Summary:
        """What rows of these origins said of single subjects and by their silence, taken over from the last run."""
        rest, _ = self.rests.get(name, (None, 0))
        before = self.facts.get(name)
        if before is None:
            return Summary(nothing(), rest)
        is_own = pl.col("origin").is_in(sorted(origins)).fill_null(False)
        own = before.filter(is_own if rest is None else is_own & ~rest.is_said()).with_columns(
            pl.lit(None, dtype=pl.Date).alias("valid_to"),
            pl.when(pl.col("value").is_null()).then("valid_from").alias("unknown_since"),
        )
        facts = own.select(*FACT_SCHEMA)
        self._taken_over[name] = facts, own.get_column("known")
        return Summary(facts, rest)

    def say(self, name: str, told: Summary, everyone: pl.Series) -> tuple[pl.DataFrame, int]:
        """The facts with `known`, the number of the run in which each was first known; and that of the rest.

        Who had a word of their own before, and of whom the same file now says nothing, gets the silence written down.
        """
        before, (rest, rest_known) = self.facts.get(name), self.rests.get(name, (None, 0))
        is_known_rest = told.rest is not None and told.rest == rest
        facts = self._with_known(name, told.facts)
        if before is not None and told.rest is not None and is_known_rest:
            silent = before.select(pl.col("subject").unique()).join(facts, on="subject", how="anti")
            silent = silent.join(pl.DataFrame({"subject": everyone}), on="subject", how="semi")
            facts = pl.concat([facts, _joined(told.rest.of(silent.get_column("subject")), before)])
        if rest is not None and facts.select(rest.is_said().any()).item():
            same = rest.is_said()
            if before is not None:
                same &= ~pl.col("subject").is_in(before.get_column("subject").unique().implode())
            by_rest = pl.when(same).then(pl.lit(rest_known, dtype=pl.UInt16))
            facts = facts.with_columns(pl.coalesce("known", by_rest).alias("known"))
        return facts.with_columns(pl.col("known").fill_null(0)), rest_known if is_known_rest else 0

    def _with_known(self, name: str, facts: pl.DataFrame) -> pl.DataFrame:
        """The facts, each with the run in which the same one was known before."""
        taken_over, known = self._taken_over.pop(name, (None, None))
        if taken_over is facts and known is not None:
            return facts.with_columns(known)
        before = self.facts.get(name)
        if before is None:
            return facts.with_columns(pl.lit(None, dtype=pl.UInt16).alias("known"))
        return _joined(facts, before)


def _joined(facts: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    joined = facts.join(before, on=_SAME, how="left", nulls_equal=True)
    if joined.height > facts.height:
        # Two people of then are one tonight, and the same was said of both.
        return facts.join(before.unique(_SAME), on=_SAME, how="left", nulls_equal=True)
    return joined


@dataclass
class _Reading:
    """Turning a run's lines into whole numbers: of texts that repeat only the different ones are looked at."""

    runs: dict[str, int]
    standing: Callable[[pl.Series], pl.Series]
    vocabulary: Vocabulary
    subjects: Mapping[str, Subjects]
    origins: Origins

    def numbers(self, table: pa.Table) -> pl.DataFrame:
        """Some lines of facts, sorted by subject as they were written, in the columns of `_NOTHING`."""
        names, name = _codes(table, "name")
        entities, entity = _codes(table, "entity")
        runs, run = _codes(table, "known_from_run")
        for known in sorted(runs):
            self.runs.setdefault(known, len(self.runs))
        frame = pl.DataFrame(
            {
                "name": pl.Series(names, dtype=pl.String).gather(name),
                "subject": self._subjects(table, entities, entity),
                "valid_from": as_frame(table.select(["valid_from"])).to_series(),
                "origin": self._origins(table),
                "row": as_frame(table.select(["row"])).to_series(),
                "value": self._values(table, names, name),
                "known": pl.Series([self.runs[each] for each in runs], dtype=pl.UInt16).gather(run),
            },
            schema=_NOTHING.schema,
        )
        is_in_use = pl.Series([self.vocabulary.definition(each) is not None for each in names], dtype=pl.Boolean)
        return frame.filter(is_in_use.gather(name) & pl.col("subject").is_not_null())

    def _subjects(self, table: pa.Table, entities: list[str], entity: pl.Series) -> pl.Series:
        """Each line's subject by its place, null for one that is nobody's tonight."""
        spans = as_frame(table.select(["subject"])).to_series().rle().struct.unnest()
        starts = (spans.get_column("len").cum_sum() - spans.get_column("len")).cast(pl.UInt32)
        keys, kinds = self.standing(spans.get_column("value")), entity.gather(starts)
        places = pl.repeat(None, len(keys), dtype=pl.Int32, eager=True)
        for number, kind in enumerate(entities):
            is_kind = kinds == number
            found = self.subjects[kind].known_places(keys.filter(is_kind))
            places = places.scatter(is_kind.arg_true(), found)
        return places.gather(pl.Series(np.repeat(np.arange(len(keys)), spans.get_column("len").to_numpy())))

    def _origins(self, table: pa.Table) -> pl.Series:
        """Of a file that counts no longer it still matters of whom it spoke: their silence is new."""
        sources, source = _codes(table, "source")
        batches, batch = _codes(table, "batch")
        numbers = [self.origins.known.get((one, other)) for one in sources for other in batches]
        return pl.Series(numbers, dtype=pl.UInt16).gather(source * len(batches) + batch)

    def _values(self, table: pa.Table, names: list[str], name: pl.Series) -> pl.Series:
        """The value as a whole number; a text is its place in the vocabulary's codes."""
        texts, text = _codes(table, "value_text")
        number = as_frame(table.select(["value_int"])).to_series()
        if not texts:
            return number
        definitions = [self.vocabulary.definition(each) for each in names]
        codes = [[] if definition is None else list(definition.codes) for definition in definitions]
        places = [each.index(told) if told in each else None for each in codes for told in texts]
        return number.zip_with(text.is_null(), pl.Series(places, dtype=pl.Int64).gather(name * len(texts) + text))


def _codes(table: pa.Table, column: str) -> tuple[list[str], pl.Series]:
    """The different texts of a column, and for each line the place of its own, null for none."""
    encoded = table.column(column)
    if not pa.types.is_dictionary(encoded.type):
        encoded = encoded.dictionary_encode()
    whole = encoded.cast(_ENCODED).unify_dictionaries().combine_chunks()
    if isinstance(whole, pa.ChunkedArray):  # Arrow keeps a column without any chunk as it is.
        return [], pl.Series(dtype=pl.Int64)
    return whole.dictionary.to_pylist(), pl.Series(whole.indices.cast(pa.int64()))
