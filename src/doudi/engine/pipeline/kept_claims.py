"""What a source's rows claim, kept from one night to the next: as long as its files are the same, so are its claims.

    <lake>/sealed/claims/<source>/<digest>.sealed      encrypted, only the last of each source

The digest is that of everything the claims are made of. They hold names and numbers as delivered, and are sealed as
the rows themselves are.
"""

import hashlib
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from doudi.engine.linkage import SourceClaims
from doudi.engine.values.keys import Keyring
from doudi.engine.values.seal import seal, unseal

_FORM = 2
"""Counts the ways in which claims were ever made and written; another one makes them anew."""

_LENGTH_BYTES = 8


@dataclass(frozen=True)
class KeptClaims:
    """The claims of each source, sealed. Those of one are written before the next are made: two would be in memory."""

    folder: Path
    keyring: Keyring

    def of(
        self,
        source: str,
        *,
        trust_rank: int,
        states_members: bool,
        made_of: object,
        make: Callable[[], SourceClaims],
    ) -> SourceClaims:
        """The claims of a source, opened or made. `made_of` tells the rows that make them apart from all others."""
        digest = hashlib.sha256(
            json.dumps([_FORM, source, states_members, made_of], sort_keys=True).encode()
        ).hexdigest()
        path = self.folder / source / f"{digest}.sealed"
        if path.exists():
            return SourceClaims(source, trust_rank, states_members, *self._opened(path, source, digest))
        found = make()
        self._write(path, found, digest)
        return found

    def _opened(self, path: Path, source: str, digest: str) -> tuple[pl.DataFrame, pl.DataFrame]:
        content = io.BytesIO(unseal(self.keyring, path.read_bytes(), _purpose(source, digest)))
        size = int.from_bytes(content.read(_LENGTH_BYTES), "big")
        claims, rows = io.BytesIO(content.read(size)), io.BytesIO(content.read())
        return pl.read_ipc(claims), pl.read_ipc(rows)

    def _write(self, path: Path, found: SourceClaims, digest: str) -> None:
        claims, rows = (_as_bytes(frame) for frame in (found.claims, found.rows))
        content = len(claims).to_bytes(_LENGTH_BYTES, "big") + claims + rows
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        half = path.with_suffix(".half")
        half.write_bytes(seal(self.keyring, content, _purpose(found.source, digest)))
        half.chmod(0o600)
        for earlier in path.parent.glob("*.sealed"):
            earlier.unlink()
        half.rename(path)


def _as_bytes(frame: pl.DataFrame) -> bytes:
    """The frame with its own types, enumerations too."""
    written = io.BytesIO()
    frame.write_ipc(written, compression="lz4")
    return written.getvalue()


def _purpose(source: str, digest: str) -> str:
    return f"claims/{source}/{digest}"
