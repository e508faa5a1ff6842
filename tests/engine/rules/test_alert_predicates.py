"""Alert formulas run on the same executors, on columns and on one family, and give the same answer."""

from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from tests.engine.rules.families import columns_of, dibao_family

from doudi.engine.pack.document import Document, parse_document
from doudi.engine.pack.pack import load_pack
from doudi.engine.pack.vocabulary import load_vocabulary
from doudi.engine.rules.columns import FamilyColumns, encode_column
from doudi.engine.rules.errors import FactError, FamilyShapeError, FormulaTypeError, KernelCacheError
from doudi.engine.rules.family import UNKNOWN
from doudi.engine.rules.native import native_kernel
from doudi.engine.rules.predicate import compile_predicate

PACK = load_pack()
VOCABULARY = load_vocabulary(PACK)
AS_OF = date(2026, 11, 23)
ALERT = """
id: income_above_line
title: {zh: 试, en: trial}
programme: dibao
formulas:
  department_income:
    entity: household
    type: fen
    unit: fen_per_month
    label: {zh: 部门数据中的家庭月收入, en: income known from departments}
    citation: {instrument: 最低生活保障审核确认办法, article: 第十三条, mark: V}
    formula: sum(wage_insured_latest_monthly + pension_monthly)
when: dibao_received_monthly > 0 and department_income >= standard * count(*)
"""


def alert(text: str = ALERT) -> Document:
    return parse_document(text, path=Path("alert.yaml"), relative="alerts/trial.yaml")


PREDICATE = compile_predicate(PACK, alert())
FAMILIES = [
    dibao_family({"wage_insured_latest_monthly": wage}, household={"dibao_received_monthly": received})
    for wage, received in ((42000, 100), (41999, 100), (42000, 0), (None, 100), (None, 0), (42000, None))
]


def test_columns_and_one_family_give_the_same_answer(tmp_path: Path) -> None:
    found = PREDICATE.evaluate_columns(
        columns_of(FAMILIES, PREDICATE.formulas), pack=PACK, as_of=AS_OF, cache=tmp_path / "kernels", threads=2
    )
    assert found.when.tolist() == [1, 0, 0, UNKNOWN, 0, UNKNOWN]
    assert found.values["department_income"].tolist() == [42000, 41999, 42000, UNKNOWN, UNKNOWN, 42000]
    one_by_one = [PREDICATE.evaluate(family, pack=PACK, as_of=AS_OF) for family in FAMILIES]
    assert one_by_one == [True, False, False, None, False, None]


def test_only_what_the_alert_reads_is_compiled() -> None:
    assert "financial_assets" not in PREDICATE.inputs
    assert set(PREDICATE.inputs) == {
        "dibao_received_monthly",
        "residence",
        "wage_insured_latest_monthly",
        "pension_monthly",
    }


def test_an_alert_that_is_no_yes_or_no_is_refused_with_its_line() -> None:
    text = ALERT.replace("when: dibao_received_monthly > 0 and", "when: dibao_received_monthly # and")
    with pytest.raises(FormulaTypeError) as caught:
        compile_predicate(PACK, alert(text))
    assert caught.value.where == "alerts/trial.yaml line 13"


def test_a_cache_folder_that_others_can_write_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o777)
    with pytest.raises(KernelCacheError):
        PREDICATE.evaluate_columns(columns_of(FAMILIES, PREDICATE.formulas), pack=PACK, as_of=AS_OF, cache=folder)


def test_machine_code_is_kept_and_a_damaged_file_is_made_anew(tmp_path: Path) -> None:
    columns, folder = columns_of(FAMILIES, PREDICATE.formulas), tmp_path / "kernels"
    plain = PREDICATE.evaluate_columns(columns, pack=PACK, as_of=AS_OF)
    PREDICATE.evaluate_columns(columns, pack=PACK, as_of=AS_OF, cache=folder)
    (kept,) = folder.iterdir()
    whole = kept.read_bytes()
    for damaged in (whole[:40], whole[:-1], b"", whole[:-1] + bytes([whole[-1] ^ 1])):
        kept.write_bytes(damaged)
        native_kernel.cache_clear()
        again = PREDICATE.evaluate_columns(columns, pack=PACK, as_of=AS_OF, cache=folder)
        assert again.when.tolist() == plain.when.tolist()
        assert kept.read_bytes() == whole


def test_columns_are_encoded_as_the_vocabulary_says() -> None:
    born = encode_column("birth_date", VOCABULARY.person["birth_date"], pa.array([date(1970, 1, 2), None]))
    assert born.tolist() == [1, UNKNOWN]
    place = encode_column("residence", VOCABULARY.household["residence"], pa.array(["rural", None, "urban"]))
    assert place.tolist() == [1, UNKNOWN, 0]
    wage = VOCABULARY.person["wage_casual_monthly"]
    assert encode_column("wage_casual_monthly", wage, pa.array([], pa.int64())).tolist() == []
    for bad in (pa.array([-1]), pa.array(["12"]), pa.array([1.5])):
        with pytest.raises(FactError):
            encode_column("wage_casual_monthly", wage, bad)
    with pytest.raises(FactError):
        encode_column("residence", VOCABULARY.household["residence"], pa.array(["suburb"]))


def test_columns_of_another_length_are_refused() -> None:
    offsets = np.array([0, 2], dtype=np.int64)
    with pytest.raises(FamilyShapeError):
        FamilyColumns(offsets, ["419901"], ["office"], member={"pension_monthly": np.zeros(3, dtype=np.int64)})
    with pytest.raises(FamilyShapeError):
        FamilyColumns(np.array([0, 101], dtype=np.int64), ["419901"], ["office"])
