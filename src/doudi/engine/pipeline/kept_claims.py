"""What a source's rows claim, kept from one night to the next: as long as its files are the same, so are its claims.

    <lake>/sealed/claims/<source>/<digest>.sealed      encrypted, only the last of each source

The digest is that of everything the claims are made of. They hold names and numbers as delivered, and are sealed as
the rows themselves are.
"""

import hashlib
import io
import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
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
    """The claims of each source, sealed. While some are made, another thread seals and writes those before."""

    folder: Path
    keyring: Keyring
    writer: ThreadPoolExecutor
    writing: list[Future[None]] = field(default_factory=list)

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
        self.writing.append(self.writer.submit(self._write, path, found, digest))
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


@contextmanager
def kept_claims(lake: Path, keyring: Keyring) -> Iterator[KeptClaims]:
    """The kept claims of a lake. At the end everything new is written."""
    with ThreadPoolExecutor(1) as writer:
        kept = KeptClaims(lake / "sealed" / "claims", keyring, writer)
        yield kept
        for written in kept.writing:
            written.result()


def _as_bytes(frame: pl.DataFrame) -> bytes:
    """The frame with its own types, enumerations too."""
    written = io.BytesIO()
    frame.write_ipc(written, compression="lz4")
    return written.getvalue()


def _purpose(source: str, digest: str) -> str:
    return f"claims/{source}/{digest}"
