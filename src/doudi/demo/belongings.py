"""What further departments hold of ordinary people: cars, houses, businesses, cards, schools, deaths, sentences."""

import random
from datetime import date, timedelta

from doudi.demo import departments as of
from doudi.demo.people import AS_OF, Household, Person, Record

_LONG_AGO = date(2020, 1, 1)
_SCHOOLS = {"小学": "清河县实验小学", "初中": "清河县第一初级中学", "普通高中": "清河县第一高级中学"}
_BANKS = ("清河县农村商业银行", "中国邮政储蓄银行清河支行", "示范市银行清河支行")
_CARS = ("小型轿车", "小型普通客车", "小型越野客车", "轻型货车")
_PLATE = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"
_CODE = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def give_belongings(rng: random.Random, households: list[Household]) -> None:
    """Draw what registers hold of households without a story; a family that receives owns nothing above the limits."""
    for household in households:
        if household.story:
            continue
        adults = [person for person in household.members if person.age >= 20]
        earns = any(income.kind == "wage" for person in household.members for income in person.incomes)
        owner = adults[0]
        if not household.receives_fen:
            _give_property(rng, household, owner, adults, earns=earns)
        elif rng.random() < 0.5:
            add_dwelling(rng, household, [owner])
        if not household.is_urban and rng.random() < 0.35:
            add_vehicle(rng, owner, rng.choice(("三轮汽车", "普通摩托车", "拖拉机")))
        for person in household.members:
            _give_person(rng, person, is_receiving=household.receives_fen > 0)
        if not household.is_urban and rng.random() < 0.02:
            # Frost and hail: the small losses of many, below what sends anybody to the door.
            add_loss(rng, owner, rng.randrange(40_000, 600_000), "风雹", "无")
        if household.receives_fen:
            add_deposits(rng, household, rng.randrange(10_000, 900_000))


def _give_property(
    rng: random.Random, household: Household, owner: Person, adults: list[Person], *, earns: bool
) -> None:
    if rng.random() < (0.55 if earns else 0.18):
        add_vehicle(rng, owner, rng.choice(_CARS))
    for _ in range(rng.choices((0, 1, 2), (8, 84, 8) if household.is_urban else (55, 43, 2))[0]):
        add_dwelling(rng, household, adults[:2])
    if rng.random() < 0.03:
        add_business(rng, owner, rng.choice(("法定代表人", "股东")))
    elif rng.random() < 0.05:
        add_business(rng, owner, rng.choice(("个体工商户经营者", "合作社成员")))


def _give_person(rng: random.Random, person: Person, *, is_receiving: bool) -> None:
    if 6 <= person.age <= 17:
        add_pupil(rng, person, "在读")
    if rng.random() < (0.09 if is_receiving else 0.025):
        issued = AS_OF - timedelta(days=rng.randrange(200, 3600) if rng.random() < 0.97 else rng.randrange(10, 170))
        add_card(rng, person, rng.choices((1, 2, 3, 4), (1, 2, 4, 5))[0], issued)
    if any(income.kind == "wage" and income.last_month < "2026-10" for income in person.incomes) and rng.random() < 0.5:
        add_unemployment(rng, person)
    if person.age >= 70 and not is_receiving and rng.random() < 0.012:
        # Died, and not yet struck from the household registry.
        add_death(rng, person, AS_OF - timedelta(days=rng.randrange(30, 150)))
    if person.sex == "1" and 20 <= person.age < 60 and not is_receiving and rng.random() < 0.002:
        person.records.append(Record(of.PRISON.source, _LONG_AGO, {"收监日期": "2024-03-05", "服刑状态": "在押"}))


def add_vehicle(rng: random.Random, person: Person, kind: str, state: str = "正常", since: date = _LONG_AGO) -> None:
    """机动车: one more vehicle of that kind."""
    plate = "豫Z" + "".join(rng.choice(_PLATE) for _ in range(6))
    cells = {"号牌号码": plate, "车辆类型": kind, "初次登记日期": since.isoformat(), "机动车状态": state}
    person.records.append(Record(of.VEHICLES.source, since, cells))


def add_dwelling(rng: random.Random, household: Household, holders: list[Person]) -> None:
    """不动产: one dwelling, with a row for each of its holders."""
    unit = f"{household.area_code[:6]}{rng.randrange(10**12):012d}F{rng.randrange(10**8):08d}"
    cells = {
        "不动产单元号": unit, "规划用途": "住宅", "建筑面积(㎡)": f"{rng.randrange(45, 140)}.5",
        "坐落": household.address, "登记时间": "2016-05-11", "权属状态": "现势",
    }  # fmt: skip
    for person in holders:
        person.records.append(Record(of.REAL_ESTATE.source, _LONG_AGO, dict(cells)))


def add_business(rng: random.Random, person: Person, role: str, state: str = "存续") -> None:
    """市场主体: the person's role in a business of its own name."""
    code = "91419901MA" + "".join(rng.choice(_CODE) for _ in range(8))
    cells = {
        "统一社会信用代码": code, "市场主体名称": f"清河县{person.name[:1]}记商贸{rng.randrange(100, 999)}号",
        "人员身份": role, "认缴出资额": f"{rng.randrange(1, 60)}.5", "登记状态": state,
    }  # fmt: skip
    person.records.append(Record(of.BUSINESSES.source, _LONG_AGO, cells))


def add_deposits(rng: random.Random, household: Household, average_fen: int) -> None:
    """存款: what banks answered about each adult of a family that authorised the check; the first has the money."""
    for place, person in enumerate(person for person in household.members if person.age >= 18):
        average = average_fen if place == 0 else rng.randrange(0, 20_000)
        balance = average * rng.randrange(60, 140) // 100
        cells = {
            "银行名称": rng.choice(_BANKS), "期末余额(元)": _yuan(balance), "近12个月日均余额(元)": _yuan(average),
        }  # fmt: skip
        person.records.append(Record(of.DEPOSITS.source, _LONG_AGO, cells))


def add_card(rng: random.Random, person: Person, grade: int, issued: date) -> None:
    """残疾人证: a card of that grade. Its number is the identity number, the kind and the grade."""
    kind = rng.choices("1234567", (12, 20, 4, 40, 8, 12, 4))[0]
    words = {"1": "视力", "2": "听力", "3": "言语", "4": "肢体", "5": "智力", "6": "精神", "7": "多重"}
    cells = {
        "残疾人证号": f"{person.id_number}{kind}{grade}", "残疾类别": words[kind], "残疾等级(级)": str(grade),
        "发证日期": issued.isoformat(), "证件状态": "有效",
    }  # fmt: skip
    person.records.append(Record(of.DISABILITY_CARDS.source, issued, cells))


def add_death(rng: random.Random, person: Person, died_on: date, *, name: str = "") -> None:
    """死亡: registered by the funeral home, sometimes also by the hospital; with another `name` it is doubtful."""
    for registrar in ("殡仪馆", "医疗机构") if rng.random() < 0.4 and not name else ("殡仪馆",):
        cells = {"死亡日期": died_on.isoformat(), "信息来源": registrar}
        if name:
            cells["死者姓名"] = name
        person.records.append(Record(of.DEATHS.source, died_on, cells, is_doubtful=bool(name)))


def add_pupil(rng: random.Random, person: Person, state: str, since: date = date(2026, 9, 1)) -> None:
    """学籍: at the school of the child's age; one who moved keeps a row at the former school."""
    stage = "小学" if person.age < 12 else "初中" if person.age < 15 else "普通高中"
    number = f"G{person.id_number}"
    cells = {
        "学籍号": number, "学校名称": _SCHOOLS[stage], "学段": stage, "学籍状态": state,
        "状态变更日期": since.isoformat(),
    }  # fmt: skip
    person.records.append(Record(of.SCHOOL_ENROLMENT.source, since, cells))
    if rng.random() < 0.03:
        before = since - timedelta(days=rng.randrange(60, 300))
        former = {**cells, "学校名称": "示范市外国语学校", "学籍状态": "转出", "状态变更日期": before.isoformat()}
        person.records.append(Record(of.SCHOOL_ENROLMENT.source, before, former))


def add_unemployment(rng: random.Random, person: Person, since: date = date(2026, 7, 6)) -> None:
    """失业登记."""
    cells = {
        "失业登记日期": since.isoformat(), "失业原因": rng.choice(("单位裁员", "合同到期", "企业停产")),
        "登记状态(失业)": "登记失业",
    }  # fmt: skip
    person.records.append(Record(of.UNEMPLOYMENT.source, since, cells))


def add_loss(rng: random.Random, person: Person, loss_fen: int, kind: str, damage: str) -> None:
    """灾情: a loss of the head's household in this year's flood season."""
    day = date(2026, 7, rng.randrange(1, 28))
    cells = {
        "灾种": kind, "受灾日期": day.isoformat(), "房屋受损情况": damage, "直接经济损失": _yuan(loss_fen),
    }  # fmt: skip
    person.records.append(Record(of.DISASTERS.source, day, cells))


def add_roll(person: Person, county: str, amount_fen: int, state: str = "发放") -> None:
    """救助名册: a line on another county's roll."""
    cells = {"发放县区代码": county, "救助项目": "农村低保", "发放状态": state, "本月发放额(元)": _yuan(amount_fen)}
    person.records.append(Record(of.BENEFIT_ROLLS.source, _LONG_AGO, cells))


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"
