"""The strict reader on a workbook of 60,000 rows, one in twenty bad, against openIMIS on the same workbook.

Ours: the confined child's start, the archive surveyed, every cell checked, manifest, sealed rows and quarantine.
openIMIS: `pandas.read_excel`, as its import loads a workbook, and `BeneficiaryImportService.process_chunk` with its own
checks of two columns of numbers, telephone numbers and uniqueness; its saving of rows is not timed. It runs in an
environment of the benchmark's own, on Python 3.11 and Django 5.2. Equal means that both refuse the same rows for the
checks that both have, and that received = accepted + quarantined + duplicate.
"""

import os
import resource
import tempfile
from datetime import date
from pathlib import Path

import xlsxwriter
from deliveries import rolls
from peers.environment import OPENIMIS, python_of
from reading import CHECKS_OF_BOTH, Times, run_peer, take

from doudi.engine.sources import read_quarantine
from doudi.engine.values.keys import Keyring

ROWS = int(os.environ.get("ROWS", "60000"))
ROUNDS = 3
SEED = 4199
AS_OF = date(2026, 11, 20)


def deliver(place: Path) -> tuple[Path, int]:
    """The workbook, numbers as numbers, and how many of its rows are bad."""
    path, bad = place / "名册_202610.xlsx", 0
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet("名册")
    sheet.write_row(0, 0, rolls.HEADER)
    for number, (row, way) in enumerate(rolls.rows(ROWS, SEED), 1):
        bad += (way in rolls.BAD_CELLS) + 2 * (way == "contradiction")
        for column, text in enumerate(row):
            is_whole = column in (rolls.PEOPLE, rolls.MONTHS_PAID) and text.isdecimal()
            is_amount = column == rolls.GROSS and text.replace(".", "", 1).isdecimal()
            if is_whole or is_amount:
                sheet.write_number(number, column, float(text))
            else:
                sheet.write_string(number, column, text)
    book.close()
    return path, bad


def main() -> None:
    python_of("openimis", OPENIMIS)
    ours, theirs = list[Times](), list[Times]()
    with tempfile.TemporaryDirectory(prefix="doudi-bench-") as folder:
        place = Path(folder)
        delivered, bad = deliver(place)
        for number in range(ROUNDS):
            report, times = take(place, delivered, f"lake-{number}", file_format="xlsx")
            assert report.received == report.accepted + report.quarantined + report.duplicate == ROWS
            assert (report.quarantined, report.duplicate) == (bad, 0)
            ours.append(times)
            said, times = run_peer(delivered, with_loading=True)
            assert times.rows == ROWS
            theirs.append(times)
        refused = read_quarantine(place / "lake-0", "roll", Keyring.load(place / "lake-0.json")).to_pylist()
        for field, (column, code) in CHECKS_OF_BOTH.items():
            rows = sorted(line["row"] for line in refused if (line["column"], line["code"]) == (column, code))
            assert rows, field
            assert rows == [row + 2 for row in said[field]], field
    print(
        f"{ROWS} rows, {bad} quarantined; peak of any child "
        f"{resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10} MiB"
    )
    for name, which in (("", "seconds"), ("_cpu", "seconds_cpu")):
        mine = min(getattr(times, which) for times in ours)
        other = min(getattr(times, which) for times in theirs)
        print(f"ours {ROWS / mine:,.0f} rows/s, openIMIS {ROWS / other:,.0f} rows/s")
        print(
            f"RESULT reading_xlsx_vs_openimis{name} "
            f"ratio={other / mine:.1f} ours={mine:.2f} other={other:.2f} equal=yes"
        )


if __name__ == "__main__":
    main()
