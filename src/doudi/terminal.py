"""How a night looks on a terminal: inputs, findings and visits, in tables that leave the room to the reason."""

from collections.abc import Iterator, Sequence

from rich.table import Table
from rich.text import Text

from doudi.engine.pipeline.listing import FindingLine, headers
from doudi.engine.pipeline.manifest import Run
from doudi.engine.pipeline.visiting import Visit
from doudi.engine.pipeline.workbook import percent, quality_rows

SHOWN_OF_KEY = 13
"""So many characters of a household's key are shown and are enough to name it; --json and --xlsx give all of it."""

_VISIT_HEADERS = {
    "zh": ("序号", "户编号", "名次的理由", "线索"),
    "en": ("turn", "household", "why this place", "findings"),
}


def inputs_table(sealed: Run) -> Table:
    """What each department delivered and what became of its rows."""
    table = Table(title=sealed.run_id)
    for header in ("source", "file", "received", "accepted", "quarantined", "duplicate", "unknown since"):
        table.add_column(header)
    for line in sealed.manifest.inputs:
        numbers = [f"{n:,}" for n in (line.received, line.accepted, line.quarantined, line.duplicate)]
        table.add_row(line.source, line.file_name, *numbers, str(line.unknown_since or ""))
    return table


def findings_table(lines: Sequence[FindingLine], title: str, lang: str) -> Table:
    """The findings, in the order of the visiting list."""
    place, household, _, rule, _, _, _, priority, reason = headers(lang)
    table = Table(title=title, show_lines=True)
    for header, ratio in ((place, None), (household, None), (rule, 2), (priority, None), (reason, 5)):
        table.add_column(header, overflow="fold", ratio=ratio)
    for line in lines:
        what = f"{line.rule_label}\n{line.area_name}\n{line.status_label} {line.episode_start.isoformat()}"
        number = "" if line.place is None else str(line.place)
        cells = (number, line.household_key[:SHOWN_OF_KEY], what, str(line.priority), line.reason)
        table.add_row(*map(Text, cells))
    return table


def visits_table(visits: Sequence[Visit], title: str, lang: str) -> Table:
    """This week's visits: the turn, the household, why it stands there, and what to look into."""
    table = Table(title=title, show_lines=True)
    for header, ratio in zip(_VISIT_HEADERS["en" if lang == "en" else "zh"], (None, None, 2, 5), strict=True):
        table.add_column(header, overflow="fold", ratio=ratio)
    for visit in visits:
        home = f"{visit.household_key[:SHOWN_OF_KEY]}\n{visit.area_name}"
        table.add_row(*map(Text, (str(visit.turn), home, "\n".join(visit.because), "\n".join(visit.reasons))))
    return table


def remarks(run: Run) -> Iterator[str]:
    """What else is to be known: how often each rule was right, and what waits for people or is switched off."""
    for row in quality_rows(run):
        if row["precision_low"] is not None:
            words = f"{row['rule']}: confirmed {row['confirmed']}, cleared {row['cleared']}, unknown {row['unknown']}; "
            yield (
                words
                + f"right in {percent(row['precision_low'])} to {percent(row['precision_high'])} ({row['verdict']})"
            )
    for hold in run.manifest.held:
        yield hold.words
    for off in run.manifest.switched_off:
        yield off.words
