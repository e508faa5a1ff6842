"""The pseudonyms of a city, kept from one night to the next: nearly all of its people were there last night.

    <lake>/sealed/pseudonyms/<kind>-<key id>.sealed      the texts and their pseudonyms, encrypted

The file is as secret as the rows themselves. It holds the texts of the last night and no older ones.
"""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import polars as pl

from doudi.engine.values.keys import Keyring
from doudi.engine.values.seal import seal_stream, unseal_stream

_WORTH_KEEPING = 50_000
"""Fewer are made in less time than it takes to open the file."""


@dataclass(frozen=True)
class KeptPseudonyms:
    """Makes pseudonyms as the keyring does, and remembers them."""

    folder: Path
    keyring: Keyring
    worth_keeping: int = _WORTH_KEEPING

    def pseudonyms(self, kind: Literal["person", "household"], texts: Iterable[str]) -> list[str]:
        """The keys of some people or households. They are not remembered."""
        return self.keyring.pseudonyms(kind, texts)

    def pseudonyms_of_all(self, kind: Literal["person", "household"], texts: pl.Series) -> pl.Series:
        """The keys of all people or households of a night, in the order of `texts`, which are all different."""
        if len(texts) < self.worth_keeping:
            return self.keyring.pseudonyms_of_all(kind, texts)
        kept = self._opened(kind)
        if kept.get_column("text").equals(texts):
            return kept.get_column("key")
        found = pl.DataFrame({"text": texts}).join(kept, on="text", how="left", maintain_order="left")
        new = found.get_column("key").is_null()
        made = self.keyring.pseudonyms(kind, texts.filter(new))
        keys = found.get_column("key").scatter(new.arg_true(), pl.Series(made, dtype=pl.String))
        self._write(kind, found.with_columns(keys))
        return keys

    def _opened(self, kind: str) -> pl.DataFrame:
        path = self._path(kind)
        if not path.exists():
            return pl.DataFrame(schema={"text": pl.String, "key": pl.String})
        plain = io.BytesIO()
        with path.open("rb") as closed:
            unseal_stream(self.keyring, closed, plain, _purpose(path))
        plain.seek(0)
        return pl.read_ipc(plain)

    def _write(self, kind: str, frame: pl.DataFrame) -> None:
        path = self._path(kind)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        plain = io.BytesIO()
        frame.write_ipc(plain, compression="lz4")
        plain.seek(0)
        half = path.with_suffix(".half")
        with half.open("wb") as closed:
            seal_stream(self.keyring, plain, closed, _purpose(path))
        half.chmod(0o600)
        for earlier in self.folder.glob(f"{kind}-*.sealed"):
            earlier.unlink()
        half.rename(path)

    def _path(self, kind: str) -> Path:
        return self.folder / f"{kind}-{self.keyring.secret('pseudonym').key_id}.sealed"


def _purpose(path: Path) -> str:
    return f"pseudonyms/{path.stem}"
