"""Accepting whole files: confined (P13), once (P12), all or nothing (P12), and never much smaller without a word."""

import subprocess
import sys
import textwrap
import time
from datetime import date
from pathlib import Path

import pytest
from source_deliveries import AS_OF, WAGES_HEADER, as_csv, wage_row
from source_workbooks import far_corner, stay, workbook

from doudi.engine.pack.document import read_document, validate
from doudi.engine.pack.pack import load_pack
from doudi.engine.sources import (
    Contract,
    ReaderLimits,
    accept,
    current_batches,
    list_batches,
    load_contracts,
    read_accepted,
    read_duplicates,
    read_partial,
    read_quarantine,
)
from doudi.engine.sources.confined import read_confined
from doudi.engine.sources.errors import (
    EmptyDeliveryError,
    FutureDeliveryError,
    NoBatchError,
    OversizedDeliveryError,
    ReaderStoppedError,
    ShrunkDeliveryError,
    StoreError,
    UnclearMonthError,
    WrongDeliveryError,
)
from doudi.engine.sources.store import source_folder
from doudi.engine.tables import QUARANTINE
from doudi.engine.values.keys import Keyring
from doudi.engine.values.period import Month
from doudi.engine.values.seal import SealError


def deliver(folder: Path, content: bytes, name: str = "工资养老金_202610.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_an_accepted_delivery_is_sealed_and_read_back(tmp_path: Path, wages: Contract, keyring: Keyring) -> None:
    bad = wage_row(3)
    bad[6] = "NaN"
    path = deliver(tmp_path, as_csv([wage_row(1), wage_row(2), bad, wage_row(1)]))
    report = accept(path, wages, out=tmp_path / "lake", keyring=keyring, as_of=AS_OF)
    assert (report.received, report.accepted, report.quarantined, report.duplicate) == (4, 2, 1, 1)
    assert report.batch == report.digest[:16]
    assert report.version == 1
    assert "limits" in report.confinement
    table = read_accepted(tmp_path / "lake", wages.id, keyring)
    assert table.schema.names == [*wages.columns, "batch", "row"]
    assert table.column("batch").unique().to_pylist() == [report.batch]
    quarantine = read_quarantine(tmp_path / "lake", wages.id, keyring)
    assert quarantine.schema == QUARANTINE.schema
    assert quarantine.column("raw").to_pylist() == [",".join(bad).encode("gb18030")]
    assert read_duplicates(tmp_path / "lake", wages.id, keyring).num_rows == 1
    assert read_partial(tmp_path / "lake", wages.id, keyring).column("id_number").to_pylist() == [bad[2]]


def test_nothing_of_a_person_lies_unsealed_in_the_lake(tmp_path: Path, wages: Contract, keyring: Keyring) -> None:
    lake = tmp_path / "lake"
    accept(deliver(tmp_path, as_csv([wage_row(1)])), wages, out=lake, keyring=keyring, as_of=AS_OF)
    for path in [path for path in lake.rglob("*") if path.is_file()]:
        content = path.read_bytes()
        assert wage_row(1)[2].encode() not in content
        assert wage_row(1)[1].encode() not in content
        assert path.stat().st_mode & 0o077 == 0 or not content
    other = Keyring.generate(tmp_path / "other.json")
    with pytest.raises(SealError):
        read_accepted(lake, wages.id, other)


def test_p12_the_same_file_ten_times_has_one_effect(tmp_path: Path, wages: Contract, keyring: Keyring) -> None:
    path, lake = deliver(tmp_path, as_csv([wage_row(1)])), tmp_path / "lake"
    reports = [accept(path, wages, out=lake, keyring=keyring, as_of=AS_OF) for _ in range(10)]
    assert [report.was_known for report in reports] == [False, *[True] * 9]
    assert len(list_batches(lake, wages.id)) == 1
    assert {report.accepted for report in reports} == {1}


def test_p12_a_corrected_file_supersedes_by_version_and_the_old_one_stays(
    tmp_path: Path, wages: Contract, keyring: Keyring
) -> None:
    lake = tmp_path / "lake"
    first = accept(deliver(tmp_path, as_csv([wage_row(1)])), wages, out=lake, keyring=keyring, as_of=AS_OF)
    corrected = deliver(tmp_path, as_csv([wage_row(1), wage_row(2)]), "工资养老金_202610_更正.csv")
    second = accept(corrected, wages, out=lake, keyring=keyring, as_of=AS_OF)
    late = deliver(tmp_path, as_csv([wage_row(5), wage_row(6)]), "工资养老金_202609.csv")
    accept(late, wages, out=lake, keyring=keyring, as_of=AS_OF)
    assert [stored.version for stored in list_batches(lake, wages.id)] == [1, 2, 3]
    assert [stored.batch for stored in current_batches(lake, wages.id)] == [second.batch]
    assert read_accepted(lake, wages.id, keyring).num_rows == 2
    until = current_batches(lake, wages.id, until=Month(2026, 9))
    assert [stored.delivered for stored in until] == ["2026-09"]
    old = tuple(stored for stored in list_batches(lake, wages.id) if stored.batch == first.batch)
    assert read_accepted(lake, wages.id, keyring, batches=old).num_rows == 1


def test_a_contract_that_changed_reads_the_file_again(tmp_path: Path, wages: Contract, keyring: Keyring) -> None:
    path, lake = deliver(tmp_path, as_csv([wage_row(1)])), tmp_path / "lake"
    accept(path, wages, out=lake, keyring=keyring, as_of=AS_OF)
    changed = wages.model_copy(update={"freshness_days": 10})
    report = accept(path, changed, out=lake, keyring=keyring, as_of=AS_OF)
    assert (report.was_known, report.version) == (False, 2)
    assert len({stored.folder for stored in list_batches(lake, wages.id)}) == 2


_KILLED = textwrap.dedent(
    """
    import sys
    from dataclasses import replace
    from pathlib import Path
    from doudi.engine.sources.store import PARTS, StoredBatch, list_batches, locked, seal_batch
    from doudi.engine.values.keys import Keyring
    lake, keyring = Path(sys.argv[1]), Keyring.load(Path(sys.argv[2]))
    parts = {part: Path(sys.argv[3]).read_bytes() for part in PARTS}
    print("ready", flush=True)
    while True:
        with locked(lake, "s"):
            version = len(list_batches(lake, "s")) + 1
            batch = f"{version:016d}"
            seal_batch(lake, StoredBatch("s", batch, batch, "c", version, "f", "2026-10", "replaces", batch,
                                         1, 1, 0, 0, ()), parts, keyring)
    """
)


def test_p12_a_process_killed_while_storing_leaves_no_part_of_a_batch(
    tmp_path: Path, wages: Contract, keyring: Keyring
) -> None:
    lake, keys = tmp_path / "lake", tmp_path / "keys.json"
    ring = Keyring.generate(keys)
    accept(deliver(tmp_path, as_csv([wage_row(1)])), wages, out=lake, keyring=ring, as_of=AS_OF)
    content = tmp_path / "part.parquet"
    with deliver(tmp_path, as_csv([wage_row(n) for n in range(2000)])).open("rb") as file:
        read = read_confined(file, wages, batch="b", as_of=AS_OF, limits=ReaderLimits())
    content.write_bytes(read.parts["accepted"])
    seen = 0
    for instant in range(5):
        command = [sys.executable, "-c", _KILLED, str(lake), str(keys), str(content)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"ready\n"
            time.sleep(0.005 + 0.027 * instant)
            writer.kill()
        listed = list_batches(lake, "s")
        assert [stored.version for stored in listed] == list(range(1, len(listed) + 1))
        assert len(listed) >= seen
        seen = len(listed)
        if listed:
            assert read_accepted(lake, "s", ring, batches=listed[-2:]).num_rows == 2000 * len(listed[-2:])
    assert seen > 0


def test_a_damaged_index_is_named_and_not_read_around(tmp_path: Path, wages: Contract, keyring: Keyring) -> None:
    lake = tmp_path / "lake"
    accept(deliver(tmp_path, as_csv([wage_row(1)])), wages, out=lake, keyring=keyring, as_of=AS_OF)
    index = source_folder(lake, wages.id) / "index.jsonl"
    index.write_bytes(b"{}\n" + index.read_bytes())
    with pytest.raises(StoreError, match="line 1"):
        current_batches(lake, wages.id)


def test_nothing_accepted_is_unknown_and_not_empty(tmp_path: Path, keyring: Keyring) -> None:
    with pytest.raises(NoBatchError):
        read_accepted(tmp_path, "wages_pensions", keyring)


def test_a_delivery_that_shrank_is_stopped_until_it_is_released(
    tmp_path: Path, wages: Contract, keyring: Keyring
) -> None:
    lake = tmp_path / "lake"
    accept(deliver(tmp_path, as_csv([wage_row(n) for n in range(10)])), wages, out=lake, keyring=keyring, as_of=AS_OF)
    recoded = [[*wage_row(n)[:5], "GZ", *wage_row(n)[6:]] for n in range(10)]
    with pytest.raises(ShrunkDeliveryError, match="DD-CELL-050"):
        accept(deliver(tmp_path, as_csv(recoded)), wages, out=lake, keyring=keyring, as_of=AS_OF)
    fewer = deliver(tmp_path, as_csv([wage_row(n) for n in range(6)]))
    with pytest.raises(ShrunkDeliveryError):
        accept(fewer, wages, out=lake, keyring=keyring, as_of=AS_OF)
    assert len(list_batches(lake, wages.id)) == 1
    released = accept(fewer, wages, out=lake, keyring=keyring, as_of=AS_OF, shrink_is_released=True)
    assert released.version == 2
    assert list_batches(lake, wages.id)[-1].released_shrink


def test_a_clock_set_back_refuses_what_seems_to_come_from_the_future_and_loses_nothing(
    tmp_path: Path, wages: Contract, keyring: Keyring
) -> None:
    lake, set_back = tmp_path / "lake", date(2026, 9, 20)
    accept(deliver(tmp_path, as_csv([wage_row(1)])), wages, out=lake, keyring=keyring, as_of=AS_OF)
    corrected = deliver(tmp_path, as_csv([wage_row(1), wage_row(2)]), "工资养老金_202610_更正.csv")
    with pytest.raises(FutureDeliveryError, match="2026-10"):
        accept(corrected, wages, out=lake, keyring=keyring, as_of=set_back)
    row = wage_row(3)
    row[4] = "2026-09"
    older = deliver(tmp_path, as_csv([row, wage_row(4)]), "工资养老金_202609.csv")
    report = accept(older, wages, out=lake, keyring=keyring, as_of=set_back, shrink_is_released=True)
    assert (report.accepted, report.reasons) == (1, {"DD-CELL-022": 1})
    assert [stored.delivered for stored in list_batches(lake, wages.id)] == ["2026-10", "2026-09"]
    assert [stored.delivered for stored in current_batches(lake, wages.id)] == ["2026-10"]
    assert accept(corrected, wages, out=lake, keyring=keyring, as_of=AS_OF).accepted == 2


def test_months_without_rows_are_not_covered(tmp_path: Path, wages: Contract, keyring: Keyring) -> None:
    rows = [wage_row(n) for n in range(3)]
    rows[0][4], rows[1][4] = "2026-08", "2025-10"
    report = accept(deliver(tmp_path, as_csv(rows)), wages, out=tmp_path, keyring=keyring, as_of=AS_OF)
    assert report.months == ("2026-08", "2026-10")


@pytest.mark.parametrize(
    ("name", "content", "refusal"),
    [
        ("工资养老金_202612.csv", as_csv([wage_row(1)]), FutureDeliveryError),
        ("工资养老金.csv", as_csv([wage_row(1)]), UnclearMonthError),
        ("工资养老金_202610.csv", as_csv([]), EmptyDeliveryError),
        ("工资养老金_202610.csv", b"", EmptyDeliveryError),
        ("工资养老金_202610.csv", as_csv([["x"]], header=["甲"]), WrongDeliveryError),
    ],
)
def test_what_is_refused_in_the_child_reaches_the_caller_as_advice(
    name: str, content: bytes, refusal: type[Exception], tmp_path: Path, wages: Contract, keyring: Keyring
) -> None:
    with pytest.raises(refusal):
        accept(deliver(tmp_path, content, name), wages, out=tmp_path / "lake", keyring=keyring, as_of=AS_OF)
    assert list_batches(tmp_path / "lake", wages.id) == ()


def test_p13_a_bomb_ends_its_child_and_not_the_caller(tmp_path: Path, hospital: Contract, keyring: Keyring) -> None:
    path = deliver(tmp_path, far_corner(), "医保结算_202610.xlsx")
    with pytest.raises(OversizedDeliveryError):
        accept(path, hospital, out=tmp_path, keyring=keyring, as_of=AS_OF)
    # Without our own count of cells the library meets the bomb: it aborts, and that must end nothing but the child.
    unchecked = ReaderLimits(sheet_cells=1 << 60, columns=20_000)
    began = time.perf_counter()
    with pytest.raises(ReaderStoppedError):
        accept(path, hospital, out=tmp_path, keyring=keyring, as_of=AS_OF, limits=unchecked)
    assert time.perf_counter() - began < 30
    assert list_batches(tmp_path, hospital.id) == ()
    good = deliver(tmp_path, workbook([stay(1)]), "医保结算_202610.xlsx")
    assert accept(good, hospital, out=tmp_path, keyring=keyring, as_of=AS_OF).accepted == 1


@pytest.mark.parametrize(
    "limits",
    [ReaderLimits(seconds=0.2, seconds_per_mib=0), ReaderLimits(memory_bytes=1 << 20), ReaderLimits(output_bytes=4096)],
    ids=["time", "memory", "output"],
)
def test_p13_each_limit_stops_the_reader(
    limits: ReaderLimits, tmp_path: Path, wages: Contract, keyring: Keyring
) -> None:
    path = deliver(tmp_path, as_csv([wage_row(n) for n in range(20_000)]))
    with pytest.raises(ReaderStoppedError):
        accept(path, wages, out=tmp_path / "lake", keyring=keyring, as_of=AS_OF, limits=limits)
    with pytest.raises(OversizedDeliveryError):
        accept(path, wages, out=tmp_path, keyring=keyring, as_of=AS_OF, limits=ReaderLimits(file_bytes=1000))


_CONFINED = textwrap.dedent(
    """
    import errno, os, socket
    from doudi.engine.confinement.confine import give_up_rights, leave_network
    left = leave_network()
    give_up_rights(memory_bytes=200 << 20, output_bytes=1000, seconds=5)
    def refused(act):
        try:
            act()
        except (OSError, MemoryError):
            return True
        return False
    def unreachable():
        with socket.socket() as line:
            return line.connect_ex(("127.0.0.1", 9)) == errno.ENETUNREACH
    print(refused(os.fork), refused(lambda: bytearray(400 << 20)), refused(lambda: open("/etc/shadow")),
          not left or unreachable(), os.geteuid() != 0)
    """
)


def test_p13_the_confined_process_can_neither_fork_nor_reach_the_network_nor_open_others_files() -> None:
    done = subprocess.run([sys.executable, "-c", _CONFINED], capture_output=True, text=True, check=False, timeout=30)
    assert done.stdout.split() == ["True"] * 5, done.stderr


def test_the_shipped_contracts_read_the_headers_that_departments_write() -> None:
    contracts = load_contracts(load_pack())
    assert {"household_registry", "wages_pensions", "hospital_settlements"} <= set(contracts)
    assert "_template" not in contracts
    wages = contracts["wages_pensions"]
    assert [spec.headers[0] for spec in wages.columns.values()] == WAGES_HEADER
    assert wages.takes("工资养老金_202610.csv")
    assert not wages.takes("户籍_202610.csv")
    assert wages.covered_months(Month(2026, 10))[0] == "2025-11"
    assert wages.fresh_until(Month(2026, 10)) == date(2027, 1, 1)
    for contract in contracts.values():
        assert contract.each_row.zh
        assert contract.absent_row.label.zh


def test_the_template_is_itself_a_contract() -> None:
    path = Path(__file__).resolve().parents[3] / "src/doudi/packs/cn/sources/_template/contract.yaml"
    assert validate(read_document(path), Contract).id == "example_source"
