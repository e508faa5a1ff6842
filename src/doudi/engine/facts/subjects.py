"""Everyone and every household of whom a night knows something, by whole numbers.

A pseudonym has thirty-five characters, and a city has millions of facts: they are gathered, joined and sorted by a
subject's place, and only what is written down carries the pseudonym again.
"""

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

Places = npt.NDArray[np.int32]


class Subjects:
    """Keys of one kind, each with its place. Who comes later is placed behind; `ranks` gives the order of the keys."""

    def __init__(self, keys: pl.Series) -> None:
        """Of these keys, which are sorted and all different."""
        self._first = keys
        self._late = pl.DataFrame(schema={"key": pl.String, "place": pl.Int32})

    @classmethod
    def of(cls, keys: pl.Series) -> "Subjects":
        """Of these keys in any order."""
        return cls(keys.drop_nulls().unique().sort())

    def __len__(self) -> int:
        return len(self._first) + self._late.height

    @property
    def keys(self) -> pl.Series:
        """The key of each place."""
        return pl.concat([self._first, self._late.get_column("key")]) if self._late.height else self._first

    def places(self, keys: pl.Series) -> pl.Series:
        """The place of each key, null for null. A key that was not known gets a place of its own."""
        found = self.known_places(keys)
        if found.null_count() == keys.null_count():
            return found
        late = keys.filter(found.is_null()).drop_nulls().unique().sort()
        count = len(self)
        places = pl.Series(np.arange(count, count + len(late), dtype=np.int32))
        self._late = pl.concat([self._late, pl.DataFrame({"key": late, "place": places})])
        return self.known_places(keys)

    def known_places(self, keys: pl.Series) -> pl.Series:
        """The place of each key that has one, null for all others."""
        if len(keys) > len(self._first) // 8:
            # Many keys are looked up in a table of all, few by halving.
            first = pl.DataFrame({"key": self._first, "place": pl.Series(np.arange(len(self._first), dtype=np.int32))})
            wanted = pl.DataFrame({"key": keys})
            found = wanted.join(first, on="key", how="left", maintain_order="left").get_column("place")
        else:
            near = self._first.search_sorted(keys.fill_null("")).clip(0, max(len(self._first) - 1, 0)).cast(pl.Int32)
            is_it = pl.DataFrame({"near": near, "is_it": self._first.gather(near) == keys})
            found = is_it.select(pl.when("is_it").then("near")).to_series()
        if not self._late.height:
            return found
        late = pl.DataFrame({"key": keys}).join(self._late, on="key", how="left", maintain_order="left")
        return (
            pl.DataFrame({"first": found, "late": late.get_column("place")})
            .select(pl.coalesce("first", "late").alias("place"))
            .to_series()
        )

    def ranks(self) -> Places:
        """For each place its rank in the order of the keys."""
        ranks = np.arange(len(self), dtype=np.int32)
        if self._late.height:
            # The first are in their order already: the few that came late go in between.
            count = len(self._first)
            late = self._late.get_column("key")
            order = late.arg_sort().to_numpy()
            before = self._first.search_sorted(late.gather(order)).to_numpy().astype(np.int64)
            ranks[:count] += np.cumsum(np.bincount(before, minlength=count + 1), dtype=np.int32)[:count]
            ranks[count + order] = before + np.arange(len(order), dtype=np.int32)
        return ranks

    def texts(self, places: Places) -> pa.Array:
        """The keys of these places, as an Arrow column."""
        arrow = self.keys.gather(pl.Series(places)).to_arrow()
        return arrow.cast(pa.string())
