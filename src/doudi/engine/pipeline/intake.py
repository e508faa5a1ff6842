"""Taking in the departments' files: accept what is new, and see which deliveries count on the day of the run.

What counts is the newest delivery of each source up to the month of the run, from the lake: a department that sends
nothing this month still speaks through its last delivery until that is too old. Then everything that it would say is
unknown since the month after it, never zero.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import ClassVar

import pyarrow as pa

from doudi.engine.facts import Absent, Delivered
from doudi.engine.facts.build import REGISTRY
from doudi.engine.linkage import PersonRows, SourceClaims, claims_of
from doudi.engine.linkage.claims import COLUMNS_READ
from doudi.engine.pipeline.kept_claims import KeptClaims
from doudi.engine.pipeline.manifest import Input
from doudi.engine.sources.acceptance import BatchReport, accept
from doudi.engine.sources.contract import Contract
from doudi.engine.sources.store import StoredBatch, current_batches, read_accepted, read_partial
from doudi.engine.values.errors import DoudiError
from doudi.engine.values.keys import Keyring
from doudi.engine.values.period import Month

_LOOK_BACK_MONTHS = 12
READERS_AT_A_TIME = 2
_TABLES = {".csv", ".xlsx", ".xls", ".parquet", ".txt"}


class IntakeError(DoudiError):
    """The folder of extracts can't be taken in as it is."""

    code: ClassVar[str] = "DD-NIGHT-001"


@dataclass(frozen=True)
class Intake:
    """What each source says on the day of the run. `rows` and `unread` are opened only when they are asked for."""

    lake: Path
    as_of: date
    keyring: Keyring
    contracts: Mapping[str, Contract]
    batches: Mapping[str, tuple[StoredBatch, ...]]
    absent: tuple[Absent, ...]

    @property
    def inputs(self) -> tuple[Input, ...]:
        """One line per source for the manifest."""
        unknown = {part.source: part.unknown_since for part in self.absent}
        return tuple(
            _input(source, self.batches.get(source, ()), unknown.get(source)) for source in sorted(self.contracts)
        )

    def claims(self, kept: KeptClaims) -> Iterator[SourceClaims]:
        """What every source claims about people, the most trusted first, each opened when it is asked for."""
        ranks = {source: 0 if source == REGISTRY else 1 + place for place, source in enumerate(sorted(self.batches))}
        for source, rank in sorted(ranks.items(), key=lambda each: each[1]):
            contract, own_key = self.contracts[source], _own_key(self.contracts[source])
            columns = [name for name in dict.fromkeys((*COLUMNS_READ, *own_key)) if name in contract.columns]
            yield kept.of(
                source,
                trust_rank=rank,
                states_members=source == REGISTRY,
                made_of=[columns, own_key, self._digest(source)],
                make=partial(self._claims_of, source, rank, columns, own_key),
            )

    def _claims_of(self, source: str, rank: int, columns: list[str], own_key: tuple[str, ...]) -> SourceClaims:
        rows = PersonRows(
            source=source,
            rows=self._read(source, read_accepted, ["batch", "row", *columns]),
            own_key=own_key,
            trust_rank=rank,
            states_members=source == REGISTRY,
            unread=self._read(source, read_partial, ["batch", "row", *columns]),
        )
        found = claims_of(rows)
        # What Arrow keeps to use again is as much as the largest source's rows, and what comes next is not Arrow's.
        del rows
        pa.default_memory_pool().release_unused()
        return found

    def deliveries(self) -> list[Delivered]:
        """The same rows as the facts stage reads them, with the months that they cover; nothing is opened yet."""
        return [
            Delivered(
                source=source,
                batch=batches[-1].batch,
                rows=partial(self._read, source, read_accepted),
                covers=tuple(sorted({Month.parse(month) for stored in batches for month in stored.months})),
                dated_by=self.contracts[source].coverage.month_column,
                unread=partial(self._read, source, read_partial),
                batches=tuple(stored.batch for stored in batches),
                digest=self._digest(source),
            )
            for source, batches in sorted(self.batches.items())
        ]

    def _digest(self, source: str) -> str:
        """Stands for all rows of a source, read as its contract says."""
        stored = [[stored.batch, stored.digest] for stored in self.batches[source]]
        return hashlib.sha256(json.dumps([self.contracts[source].hash, stored]).encode()).hexdigest()

    def _read(self, source: str, read: Callable[..., pa.Table], columns: Sequence[str] | None = None) -> pa.Table:
        return read(self.lake, source, self.keyring, batches=self.batches[source], columns=columns)


def take_in(
    extracts: Path,
    *,
    lake: Path,
    contracts: Mapping[str, Contract],
    keyring: Keyring,
    as_of: date,
    on_report: Callable[[BatchReport], None],
) -> Intake:
    """Accept every file of the folder that a contract takes, and say what counts on `as_of`.

    A file that no contract takes stops the night: it may be a delivery under another name, and overlooking it would
    make known things unknown. A refused delivery stops it with the reader's own words.
    """
    others = tuple(contracts.values())

    def accept_all(files: Sequence[tuple[Path, Contract]]) -> list[BatchReport]:
        return [accept(path, c, out=lake, keyring=keyring, as_of=as_of, others=others) for path, c in files]

    # Each file is read by a process of its own, two at a time, the largest first so that both are busy to the end. The
    # files of one source stay in their order.
    sources = [list(files) for _, files in groupby(_files(extracts, contracts), key=lambda pair: pair[1].id)]
    sources.sort(key=lambda files: -sum(path.stat().st_size for path, _ in files))
    with ThreadPoolExecutor(READERS_AT_A_TIME) as pool:
        for done in as_completed([pool.submit(accept_all, files) for files in sources]):
            for report in done.result():
                on_report(report)
    month = Month.of(as_of)
    found = {source: current_batches(lake, source, until=month) for source in contracts}
    batches = {source: stored for source, stored in found.items() if stored}
    absent = [
        Absent(source, since)
        for source, contract in sorted(contracts.items())
        if (since := _unknown_since(contract, found[source], as_of)) is not None
    ]
    return Intake(lake, as_of, keyring, contracts, batches, tuple(absent))


def _files(extracts: Path, contracts: Mapping[str, Contract]) -> list[tuple[Path, Contract]]:
    if not extracts.is_dir():
        raise IntakeError(
            "there is no such folder of extracts.", advice="Give the departments' folder.", where=str(extracts)
        )
    taken, strangers = [], []
    for path in sorted(extracts.iterdir()):
        if path.is_file() and path.suffix.lower() in _TABLES and not path.name.startswith((".", "~")):
            takers = [contract for contract in contracts.values() if contract.takes(path.name)]
            if len(takers) == 1:
                taken.append((path, takers[0]))
            else:
                strangers.append(path.name)
    if strangers:
        patterns = "、".join(contract.files for contract in contracts.values())
        raise IntakeError(
            f"no source takes these files: {'、'.join(strangers)}.",
            advice=f"Name them after their department ({patterns}), or move them out of the folder.",
            where=str(extracts),
        )
    # Older months first, so that versions and the check for shrinking see them in their order.
    return sorted(taken, key=lambda pair: (pair[1].id, pair[1].delivered_month(pair[0].name), pair[0].name))


def _unknown_since(contract: Contract, batches: Sequence[StoredBatch], as_of: date) -> date | None:
    if not batches:
        return Month.of(as_of).plus(-_LOOK_BACK_MONTHS).first_day()
    delivered = Month.parse(batches[-1].delivered)
    return delivered.next().first_day() if as_of > contract.fresh_until(delivered) else None


def _own_key(contract: Contract) -> tuple[str, ...]:
    """The columns that tell a source's own people apart when there is no number."""
    extra = ("name", "birth_date") if contract.id == REGISTRY else ()
    return tuple(dict.fromkeys(name for name in (*contract.key, *extra) if name != "id_number"))


def _input(source: str, batches: Sequence[StoredBatch], unknown_since: date | None) -> Input:
    last = batches[-1] if batches else None
    return Input(
        source=source,
        file_name=last.file_name if last else "",
        batch=last.batch if last else "",
        digest=last.digest if last else "",
        delivered=last.delivered if last else "",
        received=sum(stored.received for stored in batches),
        accepted=sum(stored.accepted for stored in batches),
        quarantined=sum(stored.quarantined for stored in batches),
        duplicate=sum(stored.duplicate for stored in batches),
        months=tuple(sorted({month for stored in batches for month in stored.months})),
        unknown_since=unknown_since,
    )
