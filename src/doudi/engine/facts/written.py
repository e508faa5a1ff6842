"""Facts as they are written down: sorted by subject, some ten thousand lines at a time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
import pyarrow as pa

from doudi.engine.facts.rows import Origins
from doudi.engine.facts.subjects import Subjects
from doudi.engine.facts.summaries import Rest
from doudi.engine.pack.vocabulary import FactDefinition
from doudi.engine.tables import COMMON_FACTS, FACTS, table_from_columns

LINES_AT_A_TIME = 65_536


@dataclass
class FactBook:
    """All facts of a run by their subjects' places, and what holds of the rest. `runs` first knew them."""

    subjects: Mapping[str, Subjects]
    origins: Origins
    runs: Sequence[str]
    facts: dict[str, list[tuple[str, FactDefinition, pl.DataFrame]]] = field(default_factory=dict)
    rests: list[tuple[str, str, Rest, int]] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many facts of single subjects there are."""
        return sum(frame.height for parts in self.facts.values() for _, _, frame in parts)

    @property
    def unknown(self) -> int:
        """How many of them say that something is not known."""
        return sum(
            frame.height - frame.get_column("unknown_since").null_count()
            for parts in self.facts.values()
            for _, _, frame in parts
        )

    def add(self, entity: str, name: str, definition: FactDefinition, facts: pl.DataFrame) -> None:
        """Put down the facts of one name; `known` has the number of the run of each."""
        if facts.height:
            self.facts.setdefault(entity, []).append((name, definition, facts))

    def tables(self) -> Iterator[pa.Table]:
        """The table of facts in pieces: households first, each kind sorted by subject, name and day."""
        for entity in sorted(self.facts):
            yield from self._of(entity, self.facts[entity], self.subjects[entity])

    def common(self) -> pa.Table:
        """The table of what holds of everyone else."""
        by_number = {number: place for place, number in self.origins.known.items()}
        lines = [
            {
                "entity": entity,
                "name": name,
                "value_int": rest.value,
                "value_text": None,
                "valid_from": rest.valid_from,
                "unknown_since": rest.unknown_since,
                "known_from_run": self.runs[known],
                "source": by_number[rest.origin][0],
                "batch": by_number[rest.origin][1],
                "row": 0,
            }
            for entity, name, rest, known in sorted(self.rests, key=lambda found: found[:2])
        ]
        columns = COMMON_FACTS.schema.names
        return table_from_columns(COMMON_FACTS, {name: [line[name] for line in lines] for name in columns})

    def _of(
        self, entity: str, parts: Sequence[tuple[str, FactDefinition, pl.DataFrame]], subjects: Subjects
    ) -> Iterator[pa.Table]:
        parts = sorted(parts, key=lambda part: part[0])
        texts = [code for _, definition, _ in parts for code in definition.codes]
        first_text = np.cumsum([0, *(len(definition.codes) for _, definition, _ in parts)])
        is_text = np.array([definition.type == "text" for _, definition, _ in parts])
        origins = sorted(self.origins.known, key=lambda place: place)
        rank_of_origin = np.argsort(np.array([self.origins.known[place] for place in origins], dtype=np.int64))
        book = pl.concat(
            [
                frame.with_columns(pl.lit(number, dtype=pl.UInt16).alias("name"))
                for number, (_, _, frame) in enumerate(parts)
            ]
        )
        book = book.with_columns(
            pl.Series(subjects.ranks()).gather(book.get_column("subject")).alias("rank"),
            pl.Series(rank_of_origin.astype(np.uint16)).gather(book.get_column("origin")).alias("origin"),
        ).sort("rank", "name", "valid_from", "origin", "row")
        names = pa.array([name for name, _, _ in parts], pa.string())
        sources, batches = (pa.array([place[part] for place in origins], pa.string()) for part in (0, 1))
        runs, codes = pa.array(self.runs, pa.string()), pa.array(texts or [""], pa.string())
        for piece in book.iter_slices(LINES_AT_A_TIME):
            name, value = piece.get_column("name").to_numpy(), piece.get_column("value")
            told = is_text[name]
            number = value.to_arrow()
            origin = piece.get_column("origin").to_arrow()
            columns: dict[str, pa.Array] = {
                "subject": subjects.texts(piece.get_column("subject").to_numpy()),
                "entity": _one_of(pa.array([entity]), np.zeros(len(name), dtype=np.int8)),
                "name": _one_of(names, name),
                "value_int": pa.compute.if_else(pa.array(told), pa.scalar(None, pa.int64()), number),
                "value_text": codes.take(
                    pa.compute.if_else(
                        pa.array(told),
                        pa.compute.add(number, pa.array(first_text[name])),
                        pa.scalar(None, pa.int64()),
                    )
                ),
                "known_from_run": _one_of(runs, piece.get_column("known").to_numpy()),
                "source": _one_of(sources, origin),
                "batch": _one_of(batches, origin),
                "row": piece.get_column("row").to_arrow(),
            }
            columns |= {day: piece.get_column(day).to_arrow() for day in ("valid_from", "valid_to", "unknown_since")}
            yield table_from_columns(FACTS, columns)


def _one_of(values: pa.Array, places: object) -> pa.DictionaryArray:
    indices = places if isinstance(places, pa.Array) else pa.array(places)
    return pa.DictionaryArray.from_arrays(indices.cast(pa.int32()), values)
