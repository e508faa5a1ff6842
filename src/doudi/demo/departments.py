"""The eleven further departments' files: how each looks, and the rows that it holds of the city's people."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from doudi.demo.extracts import MONTHS_COVERED, Extract, Row
from doudi.demo.people import Person
from doudi.engine.values.period import Month


@dataclass(frozen=True)
class Department:
    """One file: its source, its name before the month, its headers (number, name and identity first), its format.

    `months` is how far back its records go, 0 for a whole register. A workbook has a title, and a unit if it has money.
    """

    source: str
    stem: str
    headers: tuple[str, ...]
    is_workbook: bool = False
    title: str = ""
    unit: str = ""
    money: tuple[str, ...] = ()
    months: int = 0

    @property
    def number(self) -> str:
        return self.headers[0]

    def file_name(self, month: Month) -> str:
        return f"{self.stem}_{month.year}{month.month:02d}.{'xlsx' if self.is_workbook else 'csv'}"


VEHICLES = Department(
    "vehicles", "机动车", ("号牌号码", "所有人", "证件号码", "车辆类型", "初次登记日期", "机动车状态")
)
REAL_ESTATE = Department(
    "real_estate",
    "不动产",
    ("不动产单元号", "权利人", "权利人证件号", "规划用途", "建筑面积(㎡)", "坐落", "登记时间", "权属状态"),
)
BUSINESSES = Department(
    "businesses",
    "市场主体",
    ("统一社会信用代码", "人员姓名", "人员证件号码", "市场主体名称", "人员身份", "认缴出资额", "登记状态"),
    is_workbook=True,
    title="清河县市场主体人员信息表",
    unit="单位：万元",
    money=("认缴出资额",),
)
DEPOSITS = Department(
    "deposits",
    "存款",
    ("核对流水号", "客户姓名", "客户证件号码", "银行名称", "期末余额(元)", "近12个月日均余额(元)"),
)
DISABILITY_CARDS = Department(
    "disability_cards",
    "残疾人证",
    ("残疾人证号", "持证人", "持证人身份证号", "残疾类别", "残疾等级(级)", "发证日期", "证件状态"),
    is_workbook=True,
    title="清河县持证残疾人基本情况表",
)
DEATHS = Department(
    "deaths",
    "死亡殡葬",
    ("登记编号", "死者姓名", "死者身份证号", "死亡日期", "信息来源"),
    months=MONTHS_COVERED,
)
SCHOOL_ENROLMENT = Department(
    "school_enrolment",
    "学籍",
    ("学籍号", "学生姓名", "学生身份证件号", "学校名称", "学段", "学籍状态", "状态变更日期"),
)
UNEMPLOYMENT = Department(
    "unemployment",
    "失业登记",
    ("失业登记号", "登记人", "登记人身份证号", "失业登记日期", "失业原因", "登记状态(失业)"),
    is_workbook=True,
    title="清河县失业登记人员名册",
)
PRISON = Department("prison", "服刑人员", ("档案编号", "服刑人员姓名", "服刑人员证件号", "收监日期", "服刑状态"))
DISASTERS = Department(
    "disasters",
    "灾情",
    ("灾情编号", "受灾户主", "户主身份证号", "灾种", "受灾日期", "房屋受损情况", "直接经济损失"),
    is_workbook=True,
    title="清河县因灾损失农户台账",
    unit="单位：元",
    money=("直接经济损失",),
    months=MONTHS_COVERED,
)
BENEFIT_ROLLS = Department(
    "benefit_rolls",
    "救助名册",
    ("名册序号", "保障对象", "保障对象身份证号", "发放县区代码", "救助项目", "发放月份", "发放状态", "本月发放额(元)"),
)
DEPARTMENTS = (
    VEHICLES, REAL_ESTATE, BUSINESSES, DEPOSITS, DISABILITY_CARDS, DEATHS, SCHOOL_ENROLMENT, UNEMPLOYMENT, PRISON,
    DISASTERS, BENEFIT_ROLLS,
)  # fmt: skip


def deliver(department: Department, people: Iterable[tuple[Person, bool]], month: Month, mark: str = "") -> Extract:
    """The department's file of that month. `people` comes with whether somebody's story must be findable."""
    first = month.plus(1 - department.months).first_day() if department.months else date.min
    last = month.last_day()
    extract = Extract(department.source, department.file_name(month), department.headers, mark=mark)
    _, name, identity, *rest = department.headers
    for person, is_of_story in people:
        for record in person.records:
            if record.source != department.source or not first <= record.since <= last:
                continue
            place = len(extract.rows) + 1
            number = record.cells.get(department.number) or f"{month.year}{month.month:02d}{mark}{place:06d}"
            own = {
                department.number: number,
                name: record.cells.get(name, person.name),
                identity: person.id_number,
                **{header: record.cells.get(header, "") for header in rest},
            }
            if "发放月份" in own:
                own["发放月份"] = str(month)
            row = Row(own, person, is_of_story=is_of_story)
            if record.is_doubtful:
                row.kind, row.expected = "clashing_name", "grey"
            extract.rows.append(row)
    return extract
