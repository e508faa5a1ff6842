"""What a source's rows claim, kept from one night to the next: as long as its files are the same, so are its claims.

    <lake>/sealed/claims/<source>/<digest>/{rows,claims}.sealed      encrypted, only the last of each source

The digest is that of everything the claims are made of. They hold names and numbers as delivered, and are sealed as
the rows themselves are.
"""

import hashlib
import io
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from doudi.engine.linkage import SourceClaims
from doudi.engine.values.keys import Keyring
from doudi.engine.values.seal import seal_stream, unseal_stream

_FORM = 3
"""Counts the ways in which claims were ever made and written; another one makes them anew."""

_PARTS = ("claims", "rows")


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
        path = self.folder / source / digest
        if path.exists():
            return SourceClaims(source, trust_rank, states_members, *self._opened(path, source, digest))
        found = make()
        self._write(path, found, digest)
        return found

    def _opened(self, path: Path, source: str, digest: str) -> tuple[pl.DataFrame, pl.DataFrame]:
        found = []
        for part in _PARTS:
            plain = io.BytesIO()
            with (path / f"{part}.sealed").open("rb") as closed:
                unseal_stream(self.keyring, closed, plain, _purpose(source, digest, part))
            plain.seek(0)
            found.append(pl.read_ipc(plain))
        return found[0], found[1]

    def _write(self, path: Path, found: SourceClaims, digest: str) -> None:
        home, half = path.parent, path.with_suffix(".half")
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        for earlier in home.iterdir():
            shutil.rmtree(earlier)
        half.mkdir(mode=0o700)
        for part, frame in zip(_PARTS, (found.claims, found.rows), strict=True):
            # The frame's own types, enumerations too; and never more than one of the two in bytes.
            plain = io.BytesIO()
            frame.write_ipc(plain, compression="lz4")
            plain.seek(0)
            with (half / f"{part}.sealed").open("wb") as closed:
                seal_stream(self.keyring, plain, closed, _purpose(found.source, digest, part))
            (half / f"{part}.sealed").chmod(0o600)
        half.rename(path)


def _purpose(source: str, digest: str, part: str) -> str:
    return f"claims/{source}/{digest}/{part}"
