"""The reader's process: loads its libraries, gives up its rights, reads one file, hands back the parts.

Arguments: what `confine` reached, then the numbers of the open handles: job, file, result, accepted, quarantine,
duplicates, partial, scratch. It gets no keys and no paths. Exit code 0: the result is written; anything else: the
parent says that reading was stopped.
"""

import codecs
import io
import json
import os
import sys
from datetime import date
from typing import Any

from doudi.engine.confinement.confine import give_up_rights
from doudi.engine.sources.contract import Contract
from doudi.engine.sources.errors import SourceError
from doudi.engine.sources.limits import ReaderLimits
from doudi.engine.sources.read import Hands, Outputs, read_delivery

_CODECS = ("utf-8", "gb18030", "ascii", "latin-1", "cp437")


def main(arguments: list[str]) -> None:
    """Do one job."""
    reached = [word for word in arguments[0].split(",") if word]
    job, file, result, *parts = (
        os.fdopen(int(number), "r+b" if place else "rb") for place, number in _handles(arguments)
    )
    order: dict[str, Any] = json.load(job)
    contract = Contract.model_validate(order["contract"], strict=False)
    others = [Contract.model_validate(other, strict=False) for other in order["others"]]
    limits = ReaderLimits(**order["limits"])
    as_of = date.fromisoformat(order["as_of"])
    hands = Hands()
    _load_all(contract, as_of, hands)
    reached += give_up_rights(
        memory_bytes=limits.memory_bytes, output_bytes=limits.output_bytes, seconds=order["seconds"]
    )
    answer: dict[str, Any] = {"confinement": reached}
    try:
        account = read_delivery(
            file,
            contract,
            batch=order["batch"],
            as_of=as_of,
            limits=limits,
            outputs=Outputs(*parts),
            others=others,
            hands=hands,
        )
        answer["account"] = account.as_json()
    except SourceError as error:
        answer["refusal"] = {"code": error.code, "message": error.message, "advice": error.advice}
    except MemoryError:
        answer["stopped"] = "memory"
    for part in parts:
        part.flush()
    result.write(json.dumps(answer, ensure_ascii=False).encode())
    result.flush()


def _handles(arguments: list[str]) -> list[tuple[int, str]]:
    """The file to be read is opened for reading only, everything else may be written."""
    return [(0 if place in (0, 1) else 1, number) for place, number in enumerate(arguments[1:])]


def _load_all(contract: Contract, as_of: date, hands: Hands) -> None:
    """Read two rows made up here, so that all that loads late, threads too, is there before rights are gone."""
    for name in _CODECS:
        codecs.lookup(name)
    headers = [spec.headers[0] for spec in contract.columns.values()]
    as_csv = contract.model_copy(update={"format": "csv", "delimiter": ",", "encodings": ("utf-8",)})
    sample = ",".join(f'"{header}"' for header in headers) + "\n" + 2 * (",".join("１" for _ in headers) + "\n")
    outputs = Outputs(io.BytesIO(), io.BytesIO(), io.BytesIO(), io.BytesIO(), io.BytesIO())
    read_delivery(
        io.BytesIO(sample.encode()),
        as_csv,
        batch="",
        as_of=as_of,
        limits=ReaderLimits(),
        outputs=outputs,
        hands=hands,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
    os._exit(0)  # all is written; the threads of the libraries need no farewell
