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
        first = keys.drop_nulls().unique().sort()
        self._known = pl.DataFrame({"key": first, "place": pl.Series(np.arange(len(first), dtype=np.int32))})

    def __len__(self) -> int:
        return self._known.height

    @property
    def keys(self) -> pl.Series:
        """The key of each place."""
        return self._known.get_column("key")

    def places(self, keys: pl.Series) -> pl.Series:
        """The place of each key, null for null. A key that was not known gets a place of its own."""
        wanted = pl.DataFrame({"key": keys})
        found = wanted.join(self._known, on="key", how="left", maintain_order="left").get_column("place")
        if found.null_count() == keys.null_count():
            return found
        late = keys.filter(found.is_null()).drop_nulls().unique().sort()
        count = len(self)
        places = pl.Series(np.arange(count, count + len(late), dtype=np.int32))
        self._known = pl.concat([self._known, pl.DataFrame({"key": late, "place": places})])
        return wanted.join(self._known, on="key", how="left", maintain_order="left").get_column("place")

    def known_places(self, keys: pl.Series) -> pl.Series:
        """The place of each key that has one, null for all others."""
        wanted = pl.DataFrame({"key": keys})
        return wanted.join(self._known, on="key", how="left", maintain_order="left").get_column("place")

    def ranks(self) -> Places:
        """For each place its rank in the order of the keys."""
        ranks = np.empty(len(self), dtype=np.int32)
        ranks[self.keys.arg_sort().to_numpy()] = np.arange(len(self), dtype=np.int32)
        return ranks

    def texts(self, places: Places) -> pa.Array:
        """The keys of these places, as an Arrow column."""
        arrow = self.keys.gather(pl.Series(places)).to_arrow()
        return arrow.cast(pa.string())
