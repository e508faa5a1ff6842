"""The run as a workbook for people: the visiting list, the findings, how good the rules are, and what waits.

Names are masked (张*三) and stand only where the sealed identity was opened for people in findings; no number, address
or telephone is in it. Every cell is text, so that nothing is ever taken for a formula.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import polars as pl
import xlsxwriter

from doudi.engine.facts.households import HEAD
from doudi.engine.pack.pack import Pack
from doudi.engine.pipeline.listing import FindingLine, headers, language_of, list_findings
from doudi.engine.pipeline.manifest import Run, read_identity, read_table
from doudi.engine.pipeline.visiting import Visit, choose_visits
from doudi.engine.screening import load_alerts
from doudi.engine.values.identity import mask_name
from doudi.engine.values.keys import Keyring

_HEADERS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "zh": {
        "visits": ("序号", "名次", "户主", "户编号", "区划", "名次的理由", "线索", "列入日", "上次走访", "随机抽取"),
        "quality": ("预警规则", "属实", "不属实", "无法查明", "属实率下限", "属实率上限", "底线", "结论"),
        "waiting": ("规则", "情况", "说明"),
    },
    "en": {
        "visits": (
            "turn", "place", "head", "household", "division", "why this place", "findings", "listed since",
            "last visit", "by lot",
        ),
        "quality": ("rule", "confirmed", "cleared", "unknown", "precision from", "to", "floor", "verdict"),
        "waiting": ("rule", "state", "about"),
    },
}  # fmt: skip
_TEXTS: Mapping[str, Mapping[str, str]] = {
    "zh": {
        "visits": "走访清单",
        "findings": "预警线索",
        "quality": "规则质量",
        "waiting": "暂缓与停用",
        "head": "户主",
        "held": "暂缓：须两人放行",
        "off": "停用：属实率低于底线",
        "too_few_checked": "核查不足50条",
        "above_floor": "不低于底线",
        "below_floor": "低于底线，排序靠后",
        "switched_off": "低于底线，已停用",
        "yes": "是",
    },
    "en": {
        "visits": "visits",
        "findings": "findings",
        "quality": "rule quality",
        "waiting": "held and switched off",
        "head": "head",
        "held": "held: two people release it",
        "off": "switched off: precision below its floor",
        "too_few_checked": "fewer than 50 checked",
        "above_floor": "not below the floor",
        "below_floor": "below the floor, ranked lower",
        "switched_off": "below the floor, switched off",
        "yes": "yes",
    },
}


def masked_heads(run: Run, keyring: Keyring, household_keys: Iterable[str]) -> dict[str, str]:
    """The masked names of the heads of these households; where no head is known, of nobody.

    Opens the seal for the heads of households in findings, for this purpose, and for nobody else.
    """
    everyone: pl.DataFrame = pl.DataFrame(pl.from_arrow(read_table(run, "memberships")))
    found = everyone.filter(pl.col("household_key").is_in(sorted(set(household_keys))) & (pl.col("relation") == HEAD))
    heads = dict(found.select("person_key", "household_key").iter_rows())
    people = read_identity(run, keyring, sorted(heads)).to_pylist() if heads else []
    return {heads[row["person_key"]]: mask_name(row["name"]) for row in people}


def write_workbook(
    run: Run, pack: Pack, path: Path, *, lang: str, visits: Sequence[Visit], heads: Mapping[str, str]
) -> None:
    """Write the workbook. `heads` has the masked names to show, by household; an empty one shows none."""
    texts, heading = _TEXTS[language_of(lang)], _HEADERS[language_of(lang)]
    lines = list_findings(run, pack, lang=lang)
    title = f"{run.run_id}  {run.manifest.as_of.isoformat()}  {run.manifest.pack.release}"
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(
        str(path), {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
    ) as book:
        sheets: tuple[tuple[str, tuple[str, ...], Sequence[Sequence[str]]], ...] = (
            ("visits", heading["visits"], [_visit_cells(visit, heads, texts) for visit in visits]),
            ("findings", (*headers(lang), texts["head"]), [(*line.cells(), _head(line, heads)) for line in lines]),
            ("quality", heading["quality"], list(_quality(run, pack, lang, texts))),
            ("waiting", heading["waiting"], list(_waiting(run, pack, lang, texts))),
        )
        for name, header, rows in sheets:
            _sheet(book, texts[name], title, header, rows)
    path.chmod(0o600)


def write_run_workbook(run: Run, pack: Pack, keyring: Keyring, *, lang: str = "zh") -> Path:
    """Write the workbook of a run beside it, `<lake>/workbooks/<run_id>.xlsx`, readable for its owner alone."""
    path = run.lake / "workbooks" / f"{run.run_id}.xlsx"
    visits = choose_visits(run, pack, lang=lang)
    keys = {line.household_key for line in list_findings(run, pack, lang=lang)}
    write_workbook(run, pack, path, lang=lang, visits=visits, heads=masked_heads(run, keyring, keys))
    return path


def quality_rows(run: Run) -> list[dict[str, object]]:
    """The table of rule quality; empty in a run of an engine that measured none."""
    rows: list[dict[str, object]] = (
        read_table(run, "rule_quality").to_pylist() if "rule_quality" in run.manifest.tables else []
    )
    return rows


def percent(ten_thousandths: object) -> str:
    """A share as people read it, with one decimal; empty where there is none."""
    if not isinstance(ten_thousandths, int):
        return ""
    tenths = (ten_thousandths + 5) // 10
    return f"{tenths // 10}.{tenths % 10} %"


def _visit_cells(visit: Visit, heads: Mapping[str, str], texts: Mapping[str, str]) -> tuple[str, ...]:
    return (
        str(visit.turn),
        str(visit.place),
        heads.get(visit.household_key, ""),
        visit.household_key,
        visit.area_name,
        "；".join(visit.because),
        "\n".join(visit.reasons),
        visit.waiting_since.isoformat(),
        visit.visited_on.isoformat() if visit.visited_on else "",
        texts["yes"] if visit.is_by_lot else "",
    )


def _head(line: FindingLine, heads: Mapping[str, str]) -> str:
    return heads.get(line.household_key, "")


def _quality(run: Run, pack: Pack, lang: str, texts: Mapping[str, str]) -> Iterable[tuple[str, ...]]:
    labels = _labels(pack, lang)
    for row in quality_rows(run):
        yield (
            labels.get(str(row["rule"]), str(row["rule"])),
            *(str(row[name]) for name in ("confirmed", "cleared", "unknown")),
            percent(row["precision_low"]),
            percent(row["precision_high"]),
            f"{row['floor_percent']} %",
            texts[str(row["verdict"])],
        )


def _waiting(run: Run, pack: Pack, lang: str, texts: Mapping[str, str]) -> Iterable[tuple[str, ...]]:
    labels = _labels(pack, lang)
    for hold in run.manifest.held:
        yield labels.get(hold.rule, hold.rule), texts["held"], hold.words
    for off in run.manifest.switched_off:
        yield labels.get(off.rule, off.rule), texts["off"], off.words


def _labels(pack: Pack, lang: str) -> dict[str, str]:
    return {alert.id: alert.rule.label.in_language(lang) for alert, _ in load_alerts(pack)}


def _sheet(
    book: xlsxwriter.Workbook, name: str, title: str, header: Iterable[str], rows: Sequence[Sequence[str]]
) -> None:
    sheet = book.add_worksheet(name)
    bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    sheet.write_string(0, 0, title)
    for column, text in enumerate(header):
        sheet.write_string(2, column, text, bold)
        longest = max((len(row[column]) for row in rows), default=0)
        sheet.set_column(column, column, min(80, max(10, len(text) * 2, longest)))
    for number, row in enumerate(rows, start=3):
        for column, cell in enumerate(row):
            sheet.write_string(number, column, cell, wrapped)
    sheet.freeze_panes(3, 0)
