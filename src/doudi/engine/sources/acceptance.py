"""Accepting a delivery 接收: the verb of this stage, from a file in a folder to a sealed batch and its report."""

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from io import BufferedReader
from pathlib import Path

from doudi.engine.pack.document import validate
from doudi.engine.pack.pack import Pack
from doudi.engine.sources.confined import ReadParts, read_confined
from doudi.engine.sources.contract import Contract
from doudi.engine.sources.errors import (
    EmptyDeliveryError,
    FutureDeliveryError,
    OversizedDeliveryError,
    ReaderStoppedError,
    ShrunkDeliveryError,
)
from doudi.engine.sources.limits import ReaderLimits
from doudi.engine.sources.reasons import REASONS
from doudi.engine.sources.store import StoredBatch, current_batches, list_batches, locked, seal_batch
from doudi.engine.values.keys import Keyring
from doudi.engine.values.period import Month

_REASONS_NAMED = 3


@dataclass(frozen=True)
class BatchReport:
    """What became of a delivery: received = accepted + quarantined + duplicate, to the row.

    `months` are those that the batch covers: only in them does an absent row say anything. `was_known` tells that the
    same file had been accepted before, so that nothing was done. `reasons` counts refused cells and rows by code.
    """

    source: str
    batch: str
    file_name: str
    received: int
    accepted: int
    quarantined: int
    duplicate: int
    seconds: float
    months: tuple[str, ...]
    digest: str
    version: int
    delivered: str
    was_known: bool
    encoding: str = ""
    reasons: Mapping[str, int] = field(default_factory=dict)
    normalised: Mapping[str, int] = field(default_factory=dict)
    ignored_columns: tuple[str, ...] = ()
    confinement: tuple[str, ...] = ()


def accept(
    source_file: Path,
    contract: Contract,
    *,
    out: Path,
    keyring: Keyring,
    as_of: date,
    limits: ReaderLimits | None = None,
    known: Mapping[str, StoredBatch] | None = None,
    others: Sequence[Contract] = (),
    shrink_is_released: bool = False,
) -> BatchReport:
    """Accept one file into the lake at `out`, or refuse it whole with advice.

    `known` maps digests to batches that need not be read again; without it the lake's own index is asked. `others`
    are the contracts of all sources, so that a refusal can name the right one. `shrink_is_released` lets a
    delivery pass that is far smaller than the last, after people have looked into it.
    """
    limits, began = limits or ReaderLimits(), time.perf_counter()
    delivered = contract.delivered_month(source_file.name)
    if delivered > Month.of(as_of):
        raise FutureDeliveryError(
            f"{contract.id}: the delivery is for {delivered}, which has not begun on {as_of}.",
            advice="Check the month in the file's name, and the clock.",
            where=source_file.name,
        )
    with source_file.open("rb") as file, locked(out, contract.id):
        digest = _digest(file, contract, limits)
        same = [s for s in list_batches(out, contract.id) if s.digest == digest and s.contract_hash == contract.hash]
        found = known.get(digest) if known is not None else (same[-1] if same else None)
        if found is not None:
            return _report(found, time.perf_counter() - began, was_known=True)
        read = read_confined(file, contract, batch=digest[:16], as_of=as_of, limits=limits, others=others)
        _check_account(read, contract)
        if not shrink_is_released:
            _check_size(read, contract, current_batches(out, contract.id))
        stored = _numbered(out, contract, source_file.name, delivered, digest, read, released=shrink_is_released)
        seal_batch(out, stored, read.parts, keyring)
    return _report(stored, time.perf_counter() - began, was_known=False)


def load_contracts(pack: Pack) -> Mapping[str, Contract]:
    """All contracts of a pack by their id, checked; the template is left out."""
    contracts = [
        validate(document, Contract)
        for document in pack.documents("sources")
        if document.relative.endswith("/contract.yaml")
    ]
    return {contract.id: contract for contract in contracts}


def _digest(file: BufferedReader, contract: Contract, limits: ReaderLimits) -> str:
    size = file.seek(0, 2)
    if size > limits.file_bytes:
        raise OversizedDeliveryError(
            f"{contract.id}: the file has {size >> 20} MiB; at most {limits.file_bytes >> 20} are read.",
            advice="Deliver it in several files.",
        )
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()


def _check_account(read: ReadParts, contract: Contract) -> None:
    account = read.account
    if account.received != account.accepted + account.quarantined + account.duplicate:
        raise ReaderStoppedError(
            f"{contract.id}: the reader could not account for every row; nothing was stored.",
            advice="This is a fault of Doudi: report it with the file's shape, not with its content.",
        )
    if account.received == 0:
        raise EmptyDeliveryError(
            f"{contract.id}: the file has a header and not a single row.",
            advice="An empty delivery is no statement that there is nobody: ask the department.",
        )


def _check_size(read: ReadParts, contract: Contract, last: Sequence[StoredBatch]) -> None:
    if not last:
        return
    before, now, least = last[-1].accepted, read.account.accepted, contract.drift.of_last_min_percent
    if now * 100 >= before * least:
        return
    common = sorted(read.account.reasons.items(), key=lambda item: -item[1])[:_REASONS_NAMED]
    named = "; ".join(f"{code} {REASONS[code].en}: {count}" for code, count in common) or "none"
    raise ShrunkDeliveryError(
        f"{contract.id}: {now} usable rows, after {before} last time; less than {least} percent. "
        f"Rows received: {read.account.received}. Commonest refusals: {named}.",
        advice="Ask the department whether the file is whole and its coding unchanged; if it is, release it.",
    )


def _numbered(
    out: Path, contract: Contract, file_name: str, delivered: Month, digest: str, read: ReadParts, *, released: bool
) -> StoredBatch:
    earlier, account = list_batches(out, contract.id), read.account
    version, batch = len(earlier) + 1, digest[:16]
    months = contract.covered_months(delivered)
    if contract.coverage.every_month_has_rows:
        months = tuple(month for month in months if month in account.months)
    return StoredBatch(
        source=contract.id,
        batch=batch,
        digest=digest,
        contract_hash=contract.hash,
        version=version,
        file_name=file_name,
        delivered=str(delivered),
        each_delivery=contract.each_delivery,
        # The same file read under a newer contract gets a folder of its own: what was written stays.
        folder=batch if all(s.folder != batch for s in earlier) else f"{batch}.{version}",
        received=account.received,
        accepted=account.accepted,
        quarantined=account.quarantined,
        duplicate=account.duplicate,
        months=months,
        reasons=account.reasons,
        normalised=account.normalised,
        ignored_columns=tuple(account.ignored_columns),
        encoding=account.encoding,
        confinement=read.confinement,
        released_shrink=released,
    )


def _report(stored: StoredBatch, seconds: float, *, was_known: bool) -> BatchReport:
    return BatchReport(
        source=stored.source,
        batch=stored.batch,
        file_name=stored.file_name,
        received=stored.received,
        accepted=stored.accepted,
        quarantined=stored.quarantined,
        duplicate=stored.duplicate,
        seconds=seconds,
        months=stored.months,
        digest=stored.digest,
        version=stored.version,
        delivered=stored.delivered,
        was_known=was_known,
        encoding=stored.encoding,
        reasons=stored.reasons,
        normalised=stored.normalised,
        ignored_columns=stored.ignored_columns,
        confinement=stored.confinement,
    )
