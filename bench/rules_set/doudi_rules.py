"""The same rules in Doudi's own language, by the engine as the night uses it."""

import shutil
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
from clocked import report
from households import COUNTIES

from doudi.engine.pack.pack import Pack, load_pack
from doudi.engine.rules.assessment import assess_columns
from doudi.engine.rules.file_to_file import assess_files, family_columns
from doudi.engine.rules.night import Way, run_columns
from doudi.engine.rules.programme import load_programme

AS_OF = date(2026, 11, 20)
HERE = Path(__file__).parent


def trial_pack(folder: Path) -> Pack:
    """The shipped vocabulary, the benchmark's programme, and ten counties' numbers."""
    shipped = Path(load_pack().document("pack.yaml").path).parent
    shutil.copytree(shipped / "vocabulary", folder / "vocabulary")
    shutil.copy(shipped / "pack.yaml", folder)
    programme = folder / "programmes" / "trial"
    programme.mkdir(parents=True)
    for name in ("programme.yaml", "formulas.yaml", "parameters.yaml"):
        shutil.copy(HERE / name, programme)
    citation = "{instrument: 测速, article: 一, mark: L}"
    for code, values in COUNTIES.items():
        lines = ["parameters:"]
        for name, value in values.items():
            dated = f"{{effective_from: 2026-01-01, value: {value}, status: example, citation: {citation}}}"
            lines.append(f"  {name}: {{values: [{dated}]}}")
        (folder / "regions" / code).mkdir(parents=True)
        (folder / "regions" / code / "parameters.yaml").write_text("\n".join(lines), "utf-8")
    return load_pack(folder)


def main() -> None:
    mode, folder, out, outputs = sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]), sys.argv[5].split(",")
    households, members = folder / "households.parquet", folder / "persons.parquet"
    with tempfile.TemporaryDirectory(prefix="doudi-bench-") as place:
        pack = trial_pack(Path(place))
        programme = load_programme(pack, "trial")

        def from_file_to_file() -> None:
            assess_files(
                programme, households=households, members=members, out=out, pack=pack, as_of=AS_OF, keep=outputs
            )

        if mode == "files":
            # Compiling is reported apart: on no household, and not from a folder where it was kept.
            nobody = [pq.read_schema(path).empty_table() for path in (households, members)]
            one = family_columns(programme, *nobody)
            began = time.process_time()
            assess_columns(programme, one, pack=pack, as_of=AS_OF, keep=outputs)
            report(from_file_to_file, compiling=time.process_time() - began)
            return
        columns = family_columns(programme, pq.read_table(households), pq.read_table(members))
        way = Way(threads=2)
        run_columns(programme.formulas, columns, pack=pack, as_of=AS_OF, way=way, only=outputs)
        report(lambda: run_columns(programme.formulas, columns, pack=pack, as_of=AS_OF, way=way, only=outputs))


if __name__ == "__main__":
    main()
