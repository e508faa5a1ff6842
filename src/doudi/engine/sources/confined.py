"""Reading a delivery in a confined child process: whatever the file does to its reader, the caller only gets a refusal.

Results come back through anonymous files in memory: unsealed rows never lie on a disk, not even after a crash.
"""

import json
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, BinaryIO, NoReturn

from doudi.engine.confinement.process import content_of, memory_file, run_confined
from doudi.engine.sources.contract import Contract
from doudi.engine.sources.errors import REFUSALS, ReaderStoppedError
from doudi.engine.sources.limits import ReaderLimits
from doudi.engine.sources.read import Account
from doudi.engine.sources.store import PARTS, Part

_READER = "doudi.engine.sources.child"
_ENVIRONMENT = {
    "LANG": "C.UTF-8",
    "POLARS_MAX_THREADS": "1",
    "RAYON_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    # Arrow starts the threads of its pool one by one, as tasks queue up. A second one after the child has given up its
    # right to start threads would end the reading; with one, the first rows that it reads for practice started it.
    "ARROW_IO_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    # Columns come and go by the chunk: their memory is kept for the next one and not given back in between.
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": str(32 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(512 << 20),
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "_RJEM_MALLOC_CONF": "narenas:1,dirty_decay_ms:20000,muzzy_decay_ms:20000",
}


@dataclass(frozen=True)
class ReadParts:
    """What the child handed back: its account, the four parts, and how far it was confined."""

    account: Account
    parts: Mapping[Part, bytes]
    confinement: tuple[str, ...]


def read_confined(
    file: BinaryIO,
    contract: Contract,
    *,
    batch: str,
    as_of: date,
    limits: ReaderLimits,
    others: Sequence[Contract] = (),
) -> ReadParts:
    """Read an open file in a child. Raises the child's refusal, or ReaderStoppedError when it came to no end."""
    size = os.fstat(file.fileno()).st_size
    seconds = limits.wall_seconds(size)
    order = {
        "contract": contract.model_dump(mode="json"),
        "others": [other.model_dump(mode="json") for other in others],
        "limits": asdict(replace(limits, memory_bytes=limits.memory_for(size))),
        "batch": batch,
        "as_of": as_of.isoformat(),
        "seconds": seconds,
    }
    with ExitStack() as stack:
        job, result, *outputs = (
            stack.enter_context(memory_file(name)) for name in ("job", "result", *PARTS, "scratch")
        )
        job.write(json.dumps(order).encode())
        job.flush()
        job.seek(0)
        file.seek(0)
        code = _run([job, file, result, *outputs], seconds, contract)
        result.seek(0)
        answer = _answer(result.read(), code, contract)
        parts = {name: content_of(output) for name, output in zip(PARTS, outputs, strict=False)}
    return ReadParts(Account(**answer["account"]), parts, tuple(answer["confinement"]))


def _run(handles: Sequence[BinaryIO], seconds: float, contract: Contract) -> int:
    code = run_confined(_READER, handles, seconds=seconds, environment=_ENVIRONMENT)
    if code is None:
        _stopped(contract, f"it took longer than {seconds:.0f} seconds")
    return code


def _answer(content: bytes, code: int, contract: Contract) -> dict[str, Any]:
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        _stopped(contract, "it used more processor time than it may")
    if code != 0 or not content:
        _stopped(contract, "it needed more memory than it may, or the file is built so that it breaks its reader")
    answer: dict[str, Any] = json.loads(content)
    if answer.get("stopped") == "memory":
        _stopped(contract, "it needed more memory than it may")
    if refusal := answer.get("refusal"):
        raise REFUSALS[refusal["code"]](refusal["message"], advice=refusal["advice"])
    return answer


def _stopped(contract: Contract, why: str) -> NoReturn:
    raise ReaderStoppedError(
        f"{contract.id}: reading was stopped: {why}.",
        advice="Nothing was stored. Ask the department to export the table again; a very large one in several files.",
    )
