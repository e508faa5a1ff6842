"""The eleven further departments' contracts meet bad files: each bad row is refused for its reason, none is lost."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from source_deliveries import AS_OF, as_csv, id_number
from source_workbooks import workbook

from doudi.engine.sources import Contract, accept
from doudi.engine.sources.errors import SourceError
from doudi.engine.sources.store import read_accepted, read_quarantine
from doudi.engine.values.keys import Keyring

ID = id_number(7)
GOOD = {
    "vehicles": ["豫Z12345", "张小梅", ID, "小型轿车", "2019-03-04", "正常"],
    "real_estate": ["419901000001F0001", "张小梅", ID, "住宅", "88.5", "清河县柳林村1组1号", "2016-05-11", "现势"],
    "businesses": ["91419901MA12345678", "张小梅", ID, "清河县张记商贸", "法定代表人", "50.5", "存续"],
    "deposits": ["HD000001", "张小梅", ID, "清河县农村商业银行", "1,200.50", "980.00"],
    "disability_cards": [f"{ID}42", "张小梅", ID, "肢体", "2", "2026-09-01", "有效"],
    "deaths": ["SW000001", "张小梅", ID, "2026-08-03", "殡仪馆"],
    "school_enrolment": [f"G{ID}", "张小梅", ID, "清河县实验小学", "小学", "在读", "2026-09-01"],
    "unemployment": ["SY000001", "张小梅", ID, "2026-07-06", "单位裁员", "登记失业"],
    "prison": ["FX000001", "张小梅", ID, "2024-03-05", "在押"],
    "disasters": ["ZQ000001", "张小梅", ID, "洪涝", "2026-07-15", "倒塌", "36000"],
    "benefit_rolls": ["MC000001", "张小梅", ID, "419902", "农村低保", "2026-10", "发放", "380.00"],
}
HEADERS = {
    "vehicles": ["号牌号码", "所有人", "证件号码", "车辆类型", "初次登记日期", "机动车状态"],
    "real_estate": [
        "不动产单元号",
        "权利人",
        "权利人证件号",
        "规划用途",
        "建筑面积(㎡)",
        "坐落",
        "登记时间",
        "权属状态",
    ],
    "businesses": [
        "统一社会信用代码",
        "人员姓名",
        "人员证件号码",
        "市场主体名称",
        "人员身份",
        "认缴出资额",
        "登记状态",
    ],
    "deposits": ["核对流水号", "客户姓名", "客户证件号码", "银行名称", "期末余额(元)", "近12个月日均余额(元)"],
    "disability_cards": ["残疾人证号", "持证人", "持证人身份证号", "残疾类别", "残疾等级(级)", "发证日期", "证件状态"],
    "deaths": ["登记编号", "死者姓名", "死者身份证号", "死亡日期", "信息来源"],
    "school_enrolment": ["学籍号", "学生姓名", "学生身份证件号", "学校名称", "学段", "学籍状态", "状态变更日期"],
    "unemployment": ["失业登记号", "登记人", "登记人身份证号", "失业登记日期", "失业原因", "登记状态(失业)"],
    "prison": ["档案编号", "服刑人员姓名", "服刑人员证件号", "收监日期", "服刑状态"],
    "disasters": ["灾情编号", "受灾户主", "户主身份证号", "灾种", "受灾日期", "房屋受损情况", "直接经济损失"],
    "benefit_rolls": [
        "名册序号",
        "保障对象",
        "保障对象身份证号",
        "发放县区代码",
        "救助项目",
        "发放月份",
        "发放状态",
        "本月发放额(元)",
    ],
}
BAD_IDS = {"41990119850101123": "DD-CELL-010", f"{ID[:17]}Х": "DD-CELL-011"}
BAD_CELLS: Mapping[str, Mapping[str, str]] = {
    "code": {"不知道": "DD-CELL-050"},
    "date": {"2026-02-30": "DD-CELL-021", "2027-01-01": "DD-CELL-022", "上个月": "DD-CELL-020"},
    "month": {"2026-13": "DD-CELL-024"},
    "money": {"-1.00": "DD-CELL-031", "1e3": "DD-CELL-032", "NaN": "DD-CELL-032", "三万": "DD-CELL-030"},
    "count": {"9": "DD-CELL-041", "二": "DD-CELL-040"},
    "area_code": {"4199": "DD-CELL-060"},
    "id_number": BAD_IDS,
    "name": {"张1梅": "DD-CELL-004"},
}


def file_of(contract: Contract, folder: Path, rows: list[list[str]], header: list[str] | None = None) -> Path:
    head = header or HEADERS[contract.id]
    path = folder / contract.files.replace("*", "202610")
    if contract.format == "csv":
        path.write_bytes(as_csv([[f'"{cell}"' if "," in cell else cell for cell in row] for row in rows], header=head))
    else:
        path.write_bytes(workbook(rows, titles=("清河县台账", "单位：元"), header=head))
    return path


def bad_rows(contract: Contract) -> list[tuple[list[str], str]]:
    """The good row once for each way in which one of its cells can be bad, with the reason to be given."""
    found = []
    headers = HEADERS[contract.id]
    delivered = (s for s in contract.columns.values() if s.required or not {*s.headers}.isdisjoint(headers))
    for spec in delivered:
        place = next(at for at, header in enumerate(headers) if header in spec.headers)
        bad = dict(BAD_CELLS.get(spec.type, {}))
        if spec.needs_value:
            bad[""] = "DD-CELL-001"
        for text, code in bad.items():
            row = [*GOOD[contract.id]]
            row[0] = f"{row[0][:-4]}{len(found) + 1:04d}"
            row[place] = text
            found.append((row, code))
    return found


def test_the_further_contracts_are_all_here(contracts: Mapping[str, Contract]) -> None:
    assert set(contracts) == {*GOOD, "household_registry", "wages_pensions", "hospital_settlements"}


@pytest.mark.parametrize("source", sorted(GOOD))
def test_p11_each_bad_row_is_refused_for_its_reason_and_the_good_one_accepted(
    contracts: Mapping[str, Contract], keyring: Keyring, tmp_path: Path, source: str
) -> None:
    contract = contracts[source]
    bad = bad_rows(contract)
    path = file_of(contract, tmp_path, [GOOD[source], *(row for row, _ in bad)])
    report = accept(path, contract, out=tmp_path / "lake", keyring=keyring, as_of=AS_OF)
    assert (report.received, report.accepted, report.quarantined) == (len(bad) + 1, 1, len(bad))
    refused = read_quarantine(tmp_path / "lake", source, keyring).to_pylist()
    assert [line["code"] for line in sorted(refused, key=lambda line: line["row"])] == [code for _, code in bad]
    assert all(line["raw"] and line["reason"] for line in refused)
    (good,) = read_accepted(tmp_path / "lake", source, keyring).to_pylist()
    assert good["id_number"] == ID
    assert good["name"] == "张小梅"


@pytest.mark.parametrize("source", ["vehicles", "disability_cards"])
def test_a_renamed_column_and_another_departments_file_are_refused_whole(
    contracts: Mapping[str, Contract], keyring: Keyring, tmp_path: Path, source: str
) -> None:
    contract = contracts[source]
    renamed = file_of(contract, tmp_path, [GOOD[source]], header=["编号", *HEADERS[source][1:]])
    with pytest.raises(SourceError):
        accept(renamed, contract, out=tmp_path / "lake", keyring=keyring, as_of=AS_OF)
    other = "real_estate" if contract.format == "csv" else "unemployment"
    strange = file_of(contract, tmp_path, [GOOD[other]], header=HEADERS[other])
    with pytest.raises(SourceError, match=other):
        accept(strange, contract, out=tmp_path / "lake", keyring=keyring, as_of=AS_OF, others=[*contracts.values()])
    empty = file_of(contract, tmp_path, [])
    with pytest.raises(SourceError):
        accept(empty, contract, out=tmp_path / "lake", keyring=keyring, as_of=AS_OF)
