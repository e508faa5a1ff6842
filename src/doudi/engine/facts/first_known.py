"""In which run each fact was first known: the same row of the same file said it before, or this run is it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import polars as pl
import pyarrow as pa

from doudi.engine.facts.households import as_frame
from doudi.engine.facts.rows import Origins
from doudi.engine.facts.subjects import Subjects
from doudi.engine.facts.summaries import Rest, Summary
from doudi.engine.pack.vocabulary import Vocabulary
from doudi.engine.tables import FACTS

_SAME = ["subject", "valid_from", "origin", "row", "value"]


@dataclass(frozen=True)
class EarlierFacts:
    """The facts of the last run: of single subjects, some at a time, and of all the others."""

    facts: Callable[[], Iterable[pa.Table]]
    common: pa.Table


@dataclass
class FirstKnown:
    """What the last run knew already, by the fact's name."""

    runs: list[str]
    facts: Mapping[str, pl.DataFrame]
    rests: Mapping[str, tuple[Rest, int]]

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
        runs = {run_id: 0}
        batches = pl.DataFrame(
            [(source, batch, number) for (source, batch), number in origins.known.items()],
            schema={"source": pl.String, "batch": pl.String, "origin": pl.UInt16},
            orient="row",
        )
        parts: dict[str, list[pl.DataFrame]] = {}
        for table in earlier.facts():
            # Of a file that counts no longer it still matters of whom it spoke: their silence is new.
            frame = as_frame(table.cast(FACTS.schema)).join(batches, on=["source", "batch"], how="left")
            for run in frame.get_column("known_from_run").unique().sort():
                runs.setdefault(run, len(runs))
            for (entity, name), rows in frame.group_by("entity", "name"):
                definition = vocabulary.definition(str(name))
                if definition is not None:
                    codes = {code: place for place, code in enumerate(definition.codes)}
                    known = rows.select(
                        subjects[str(entity)].known_places(rows.get_column("subject")).alias("subject"),
                        "valid_from",
                        "origin",
                        "row",
                        pl.col("value_text").replace_strict(codes, default=None, return_dtype=pl.Int64).alias("value")
                        if definition.type == "text"
                        else pl.col("value_int").alias("value"),
                        pl.col("known_from_run").replace_strict(runs, return_dtype=pl.UInt16).alias("known"),
                    )
                    parts.setdefault(str(name), []).append(known.drop_nulls("subject"))
        rests = {}
        for line in earlier.common.to_pylist():
            place = (line["source"], line["batch"])
            if place in origins.known:
                rest = Rest(line["value_int"], line["valid_from"], line["unknown_since"], origins.known[place])
                rests[line["name"]] = rest, runs.setdefault(line["known_from_run"], len(runs))
        return cls(list(runs), {name: pl.concat(found).unique(_SAME) for name, found in parts.items()}, rests)

    def say(self, name: str, told: Summary, everyone: pl.Series) -> tuple[pl.DataFrame, int]:
        """The facts with `known`, the number of the run in which each was first known; and that of the rest.

        Who had a word of their own before, and of whom the same file now says nothing, gets the silence written down.
        """
        before, (rest, rest_known) = self.facts.get(name), self.rests.get(name, (None, 0))
        is_known_rest = told.rest is not None and told.rest == rest
        facts = told.facts
        if before is None:
            known = pl.lit(None, dtype=pl.UInt16)
        else:
            if told.rest is not None and is_known_rest:
                silent = before.select(pl.col("subject").unique()).join(facts, on="subject", how="anti")
                silent = silent.join(pl.DataFrame({"subject": everyone}), on="subject", how="semi")
                facts = pl.concat([facts, told.rest.of(silent.get_column("subject"))])
            facts = facts.join(before, on=_SAME, how="left", nulls_equal=True)
            known = pl.col("known")
        if rest is not None:
            same = (
                (pl.col("row") == 0)
                & (pl.col("origin") == rest.origin)
                & (pl.col("valid_from") == rest.valid_from)
                & pl.col("value").eq_missing(pl.lit(rest.value, dtype=pl.Int64))
            )
            if before is not None:
                same &= ~pl.col("subject").is_in(before.get_column("subject").unique().implode())
            known = pl.coalesce(known, pl.when(same).then(pl.lit(rest_known, dtype=pl.UInt16)))
        return facts.with_columns(known.fill_null(0).cast(pl.UInt16).alias("known")), rest_known if is_known_rest else 0
