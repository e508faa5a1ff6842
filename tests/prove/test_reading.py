"""Long proofs of the strict reader: what is bad is accounted for; nothing half-done is seen; bombs end alone."""

import random
import resource
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from doudi.engine.pack.pack import load_pack
from doudi.engine.sources import (
    ReaderLimits,
    accept,
    list_batches,
    load_contracts,
    read_accepted,
    read_quarantine,
)
from doudi.engine.sources.errors import ReaderStoppedError, SourceError
from doudi.engine.sources.store import source_folder
from doudi.engine.values.keys import Keyring

sys.path.append(str(Path(__file__).parents[1] / "engine" / "sources"))

from source_deliveries import AS_OF, WAGES_HEADER, wage_row
from source_mutations import MUTATIONS, plain
from source_workbooks import entity_bomb, far_corner, lying_size, unpacking_bomb, widest

pytestmark = pytest.mark.prove

CONTRACTS = load_contracts(load_pack())
WAGES, HOSPITAL = CONTRACTS["wages_pensions"], CONTRACTS["hospital_settlements"]
HEADER = ",".join(WAGES_HEADER).encode("gb18030") + b"\r\n"
NAME = "工资养老金_202610.csv"
BAD_ROWS = 100_000
KILLS = 50
MIB = 1 << 20


def test_p11_a_hundred_thousand_bad_rows_of_two_hundred_kinds_are_accounted_for(tmp_path: Path) -> None:
    classes = [name for name in MUTATIONS if name != "far too long"]
    assert len(classes) >= 200
    keyring = Keyring.generate(tmp_path / "keys.json")
    lines, bad = list[bytes](), dict[int, bytes]()
    for number in range(BAD_ROWS):
        raw = MUTATIONS[classes[number % len(classes)]](number)
        lines += [plain(BAD_ROWS + number), raw]
        bad[2 * number + 3] = raw
    path = tmp_path / NAME
    path.write_bytes(HEADER + b"".join(line + b"\r\n" for line in lines))
    began = time.perf_counter()
    report = accept(path, WAGES, out=tmp_path / "lake", keyring=keyring, as_of=AS_OF)
    seconds = time.perf_counter() - began
    peak_mib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
    assert (report.received, report.accepted) == (2 * BAD_ROWS, BAD_ROWS)
    assert (report.quarantined, report.duplicate) == (BAD_ROWS, 0)
    lines_refused = read_quarantine(tmp_path / "lake", WAGES.id, keyring).to_pylist()
    assert {line["row"]: line["raw"] for line in lines_refused} == bad
    assert all(line["reason"] and line["code"] for line in lines_refused)
    accepted = read_accepted(tmp_path / "lake", WAGES.id, keyring)
    assert accepted.column("row").to_pylist() == list(range(2, 2 * BAD_ROWS + 2, 2))
    print(f"P11: {BAD_ROWS} bad rows of {len(classes)} kinds in {seconds:.1f} s, peak {peak_mib} MiB")
    assert seconds <= 60
    assert peak_mib <= 512


_ACCEPT = textwrap.dedent(
    """
    import sys
    from datetime import date
    from pathlib import Path
    from doudi.engine.pack.pack import load_pack
    from doudi.engine.sources import accept, load_contracts
    from doudi.engine.values.keys import Keyring
    keyring, contract = Keyring.load(Path(sys.argv[3])), load_contracts(load_pack())["wages_pensions"]
    print("ready", flush=True)
    accept(Path(sys.argv[1]), contract, out=Path(sys.argv[2]), keyring=keyring, as_of=date(2026, 11, 20))
    print("accepted", flush=True)
    """
)


def deliver_many(tmp_path: Path, count: int) -> Path:
    path = tmp_path / NAME
    path.write_bytes(HEADER + b"".join(plain(number) + b"\r\n" for number in range(count)))
    return path


def test_p12_an_acceptance_killed_at_any_instant_leaves_all_of_a_batch_or_nothing(tmp_path: Path) -> None:
    rows, keys = 40_000, tmp_path / "keys.json"
    path, keyring = deliver_many(tmp_path, rows), Keyring.generate(keys)
    rng = random.Random(12)  # noqa: S311 - instants of kills
    began = time.perf_counter()
    accept(path, WAGES, out=tmp_path / "whole", keyring=keyring, as_of=AS_OF)
    usual = time.perf_counter() - began
    seen = {"nothing": 0, "all": 0}
    for kill in range(KILLS):
        lake = tmp_path / f"lake-{kill}"
        command = [sys.executable, "-c", _ACCEPT, str(path), str(lake), str(keys)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as accepting:
            assert accepting.stdout is not None
            assert accepting.stdout.readline() == b"ready\n"
            # Half of the kills fall near the end, where the batch becomes visible.
            time.sleep(rng.uniform(0, 1.3 * usual) if kill % 2 else usual * rng.uniform(0.85, 1.1))
            accepting.kill()
        listed = list_batches(lake, WAGES.id)
        seen["all" if listed else "nothing"] += 1
        if listed:
            assert read_accepted(lake, WAGES.id, keyring).num_rows == rows
        report = accept(path, WAGES, out=lake, keyring=keyring, as_of=AS_OF)
        assert report.was_known == bool(listed)
        assert [batch.version for batch in list_batches(lake, WAGES.id)] == [1]
        assert read_accepted(lake, WAGES.id, keyring).num_rows == rows
        assert not [left for left in source_folder(lake, WAGES.id).iterdir() if left.name.startswith(".incoming")]
    print(f"P12: {KILLS} kills, {seen}")
    assert all(seen.values())


def test_p12_ten_processes_with_the_same_file_make_one_batch(tmp_path: Path) -> None:
    path, keys = deliver_many(tmp_path, 5_000), tmp_path / "keys.json"
    keyring = Keyring.generate(keys)
    command = [sys.executable, "-c", _ACCEPT, str(path), str(tmp_path / "lake"), str(keys)]
    together = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(10)]
    for process in together:
        output, _ = process.communicate(timeout=120)
        assert output == b"ready\naccepted\n"
    assert len(list_batches(tmp_path / "lake", WAGES.id)) == 1
    assert read_accepted(tmp_path / "lake", WAGES.id, keyring).num_rows == 5_000


CSV_BOMBS: dict[str, Callable[[], bytes]] = {
    "a line without end": lambda: HEADER + b"x" * (60 * MIB),
    "a mark that is never closed": lambda: HEADER + plain(1) + b'\r\n"' + b"x\r\n" * (5 * MIB),
    "nothing but marks": lambda: HEADER + b'"\n' * (10 * MIB),
    "nothing but delimiters": lambda: HEADER + b"," * (30 * MIB),
    "nothing but line ends": lambda: HEADER + b"\n" * (60 * MIB),
    "nothing but bytes of no encoding": lambda: HEADER + b"\xff\xff,,,,,,,\n" * (2 * MIB),
    "nothing but NUL": lambda: HEADER + bytes(60 * MIB),
    "16,384 columns": lambda: b",".join(b"c%d" % n for n in range(16_384)) + b"\n" + b"," * 16_383 + b"\n",
    "a cell of 60,000 marks": lambda: HEADER + (b'"' + b'""' * 30_000 + b'",,,,,,,\n') * 200,
    "formulas and blanks": lambda: HEADER + (b"=" * 4000 + b" " * 4000 + b",,,,,,,\n") * 5000,
}
WORKBOOK_BOMBS: dict[str, Callable[[], bytes]] = {
    "far corner": far_corner,
    "inflated": unpacking_bomb,
    "entities": entity_bomb,
    "16,384 columns": widest,
    "lying size": lying_size,
}


BOMBS = {
    **{f"csv: {kind}": make for kind, make in CSV_BOMBS.items()},
    **{f"xlsx: {kind}": make for kind, make in WORKBOOK_BOMBS.items()},
}


@pytest.mark.parametrize("kind", BOMBS)
def test_p13_a_bomb_is_refused_or_accounted_for_within_its_limits(kind: str, tmp_path: Path) -> None:
    keyring = Keyring.generate(tmp_path / "keys.json")
    contract, name = (WAGES, NAME) if kind.startswith("csv") else (HOSPITAL, "医保结算_202610.xlsx")
    path = tmp_path / name
    path.write_bytes(BOMBS[kind]())
    began = time.perf_counter()
    try:
        report = accept(path, contract, out=tmp_path / "lake", keyring=keyring, as_of=AS_OF)
    except SourceError as refusal:
        said = f"refused: {refusal.code}"
        assert list_batches(tmp_path / "lake", contract.id) == ()
    else:
        said = f"accounted for: {report.received} rows, {report.accepted} accepted"
        assert report.received == report.accepted + report.quarantined + report.duplicate
        assert report.accepted == 0
    seconds = time.perf_counter() - began
    print(f"P13: {kind}: {said} in {seconds:.1f} s")
    # 30 s, and some more for a large file: the time that the limits give it, and the child's end.
    assert seconds <= ReaderLimits().wall_seconds(path.stat().st_size) + 5
    good = tmp_path / "工资养老金_202609.csv"
    good.write_bytes(HEADER + plain(1) + b"\r\n")
    assert accept(good, WAGES, out=tmp_path / "lake", keyring=keyring, as_of=AS_OF, shrink_is_released=True).accepted


def test_p13_parquet_files_changed_at_random_end_nothing_but_their_child(tmp_path: Path) -> None:
    contract = WAGES.model_copy(update={"format": "parquet", "files": "工资养老金_*.parquet"})
    keyring, path, rng = (
        Keyring.generate(tmp_path / "keys.json"),
        tmp_path / "工资养老金_202610.parquet",
        random.Random(13),  # noqa: S311 - places of bytes,
    )
    rows = [wage_row(number) for number in range(500)]
    pq.write_table(pa.table({name: [row[at] for row in rows] for at, name in enumerate(WAGES_HEADER)}), path)
    whole, outcomes = path.read_bytes(), dict[str, int]()
    for number in range(40):
        changed = bytearray(whole)
        for _ in range(rng.choice((1, 4, 40))):
            place = rng.randrange(len(changed)) if rng.random() < 0.5 else -1 - rng.randrange(2_000)
            changed[place] = rng.randrange(256)
        path.write_bytes(changed)
        try:
            report = accept(path, contract, out=tmp_path / f"lake-{number}", keyring=keyring, as_of=AS_OF)
        except ReaderStoppedError:
            said = "stopped"
        except SourceError:
            said = "refused"
        else:
            said = "read"
            assert report.received == report.accepted + report.quarantined + report.duplicate
        outcomes[said] = outcomes.get(said, 0) + 1
    print(f"P13: 40 changed Parquet files: {outcomes}")
    assert outcomes.get("refused")
