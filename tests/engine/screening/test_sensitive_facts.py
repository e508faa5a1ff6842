"""Promise 25: no alert reads nationality, ethnicity, religion or health by any way, unless it cites the law."""

import shutil
from pathlib import Path

import pytest

from doudi.cli import run_command
from doudi.engine.pack.pack import load_pack
from doudi.engine.pipeline.alert_book import load_alert_book
from doudi.engine.pipeline.pack_check import check_pack
from doudi.engine.pipeline.sensitive import SensitiveFactError

SHIPPED = Path(__file__).parents[3] / "src" / "doudi" / "packs" / "cn"
ALERT = "alerts/recipient_in_prison/alert.yaml"
REGISTRY = "sources/household_registry/contract.yaml"


@pytest.fixture
def pack_folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "cn"))


def edit(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text("utf-8")
    assert text.count(old) == 1, (file, old)
    path.write_text(text.replace(old, new), "utf-8")


def line_of(folder: Path, file: str, text: str) -> int:
    lines = (folder / file).read_text("utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if line.strip().startswith(text))


def add_ethnicity_column(folder: Path) -> None:
    """A department that delivers 民族, marked as such in its contract."""
    edit(
        folder,
        REGISTRY,
        "  address: {headers",
        "  minzu: {headers: [民族], label: {zh: 民族, en: Ethnicity}, type: text, sensitive: ethnicity}\n"
        "  address: {headers",
    )


def add_fact(folder: Path, name: str, lines: str) -> None:
    path = folder / "vocabulary" / "person.yaml"
    path.write_text(path.read_text("utf-8") + f"\n  {name}:\n{lines}", "utf-8")


GROUP = """    type: bool
    label: {zh: 组别, en: group}
    supplied_by: [department]
    from: {source: household_registry, column: minzu, summary: count_distinct}
"""


def test_p25_the_shipped_pack_reads_no_sensitive_fact_without_a_law() -> None:
    for compiled in load_alert_book(load_pack()):
        assert set(compiled.alert.rule.reads_sensitive) <= {"health", "religion"}
        if compiled.alert.is_adverse:
            assert not compiled.alert.rule.reads_sensitive


def test_p25_an_alert_that_reads_health_directly_is_refused_with_its_line(pack_folder: Path) -> None:
    edit(pack_folder, ALERT, "any(is_serving_sentence)", "any(disability_grade > 0)")
    with pytest.raises(SensitiveFactError) as refused:
        check_pack(load_pack(pack_folder))
    assert refused.value.code == "DD-ALERT-002"
    assert refused.value.where == f"{ALERT} line {line_of(pack_folder, ALERT, 'when:')}"
    assert "when → disability_grade" in refused.value.message


def test_p25_a_chain_of_formulas_hides_nothing(pack_folder: Path) -> None:
    chain = (
        "  of_member:\n    entity: person\n    type: bool\n    label: {zh: 内, en: inner}\n"
        "    citation: {instrument: 示例, article: 一, mark: L}\n    formula: hospital_self_paid_12m > 0\n"
        "  of_family:\n    entity: household\n    type: bool\n    label: {zh: 外, en: outer}\n"
        "    citation: {instrument: 示例, article: 一, mark: L}\n    formula: any(of_member)\n"
    )
    edit(pack_folder, ALERT, "when: dibao_received_monthly > 0 and", f"{chain}when: of_family and")
    with pytest.raises(SensitiveFactError, match="when → of_family → of_member → hospital_self_paid_12m"):
        check_pack(load_pack(pack_folder))


def test_p25_a_formula_lent_by_a_programme_hides_nothing(pack_folder: Path) -> None:
    edit(pack_folder, ALERT, "formulas:\n  weight:", "programme: dibao_as_single\nformulas:\n  weight:")
    edit(pack_folder, ALERT, "any(is_serving_sentence)", "has_candidate")
    with pytest.raises(SensitiveFactError, match=r"reads (health|religion)"):
        check_pack(load_pack(pack_folder))


def test_p25_a_sensitive_column_under_another_name_is_refused_in_the_vocabulary(pack_folder: Path) -> None:
    add_ethnicity_column(pack_folder)
    add_fact(pack_folder, "group_code", GROUP)
    with pytest.raises(SensitiveFactError, match="group_code reads a column about ethnicity") as refused:
        check_pack(load_pack(pack_folder))
    assert (
        refused.value.where
        == f"vocabulary/person.yaml line {line_of(pack_folder, 'vocabulary/person.yaml', 'group_code')}"
    )


@pytest.mark.parametrize("is_declared", [True, False])
def test_p25_an_alert_that_reads_such_a_fact_is_refused_whether_the_fact_says_so_or_not(
    pack_folder: Path, is_declared: bool
) -> None:
    add_ethnicity_column(pack_folder)
    add_fact(pack_folder, "group_code", GROUP + ("    sensitive: ethnicity\n" if is_declared else ""))
    edit(pack_folder, ALERT, "any(is_serving_sentence)", "any(group_code)")
    with pytest.raises(SensitiveFactError, match="reads ethnicity: when → group_code"):
        load_alert_book(load_pack(pack_folder))


def test_p25_a_filter_on_a_sensitive_column_is_reading_it(pack_folder: Path) -> None:
    add_ethnicity_column(pack_folder)
    filtered = GROUP.replace("column: minzu,", "column: household_no, where: {minzu: x},")
    add_fact(pack_folder, "group_code", filtered)
    with pytest.raises(SensitiveFactError, match="ethnicity"):
        check_pack(load_pack(pack_folder))


def test_p25_a_reason_shown_to_visitors_is_reading_it_too(pack_folder: Path) -> None:
    edit(pack_folder, ALERT, "reason_facts: [is_serving", "reason_facts: [disability_kind, is_serving")
    with pytest.raises(SensitiveFactError, match="reason_facts → disability_kind"):
        check_pack(load_pack(pack_folder))


def test_p25_with_the_law_cited_for_that_kind_it_is_read_and_for_another_kind_it_is_not(pack_folder: Path) -> None:
    edit(pack_folder, ALERT, "any(is_serving_sentence)", "any(disability_grade > 0)")
    law = "{instrument: 特困人员认定办法, article: 第五条, mark: V}"
    edit(pack_folder, ALERT, "formulas:\n  weight:", f"reads_sensitive:\n  religion: {law}\nformulas:\n  weight:")
    with pytest.raises(SensitiveFactError, match="reads health"):
        load_alert_book(load_pack(pack_folder))
    edit(pack_folder, ALERT, "  religion:", "  health:")
    assert load_alert_book(load_pack(pack_folder))


def test_p25_pack_check_tells_code_file_and_line_and_leaves_with_1(
    pack_folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(pack_folder, ALERT, "any(is_serving_sentence)", "any(disability_grade > 0)")
    monkeypatch.setattr("doudi.cli.load_pack", lambda **more: load_pack(pack_folder))
    assert run_command(["pack", "check"]) == 1
    told = capsys.readouterr().err
    assert "DD-ALERT-002" in told
    assert f"{ALERT} line" in told
