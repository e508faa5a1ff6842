"""The same rules in Doudi's own language, by the engine as the night uses it."""

import shutil
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from clocked import report
from households import COUNTIES

from doudi.engine.pack.pack import Pack, load_pack
from doudi.engine.rules.programme import Programme, load_programme

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
