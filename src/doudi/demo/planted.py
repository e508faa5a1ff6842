"""Families whose truth is known: what befell them, what the files show of it, and what a night should find."""

from dataclasses import dataclass
from datetime import date

from doudi.demo import names
from doudi.demo.people import Household, Income, Person, Stay
from doudi.demo.shapes import Maker

_PENSION_OFFICE = "社会保险事业管理局"
_BASIC_PENSION_FEN = 14_300
LATER_MONTH = "2026-11"
"""The month of the later delivery, in which the son of story A1 has found work."""


@dataclass(frozen=True)
class Planted:
    """One planted family: its kind, what is true of it, and which rule should lead people to it (None: no rule)."""

    kind: str
    meaning: str
    household: Household
    is_in_need: bool
    expected_rule: str | None
    remark: str = ""
    expected_rule_later: str | None = None
    is_look_alike: bool = False
    """Is it a family of which a file seems to tell something that is not true?"""
    is_hidden: bool = False
    """Is it true and in no file, so that no night can find it?"""


def plant_families(maker: Maker) -> list[Planted]:
    """Every planted family of the small city."""
    return [
        _story_a1(maker),
        *_elderly(maker),
        _skipped_generation(maker),
        _split_bill(maker),
        _bill_but_well_off(maker),
        _job_loss(maker),
        *_rare_names(maker),
        *_same_name_same_birthday(maker),
    ]


def _story_a1(maker: Maker) -> Planted:
    """Story A1: the father, whose casual wage fed four, lies in hospital after a stroke."""
    father = maker.person("赵", "1", 58, "户主", given="德山")
    mother = maker.person("孙", "2", 61, "配偶", given="桂芝")
    daughter = maker.person("赵", "2", 31, "女", given="小燕")
    son = maker.person("赵", "1", 23, "子", given="明辉")
    for person, role in ((father, "father"), (mother, "mother"), (daughter, "ill_child"), (son, "son")):
        person.role = role
        person.phone = person.phone or "19900000000"
        person.truth |= {"membership_exclusion": "none", "wage_casual_monthly": 0, "support_received_monthly": 0}
        person.truth |= {"disability_kind": "none", "disability_grade": 0, "basic_pension_central_monthly": 0}
    daughter.truth |= {"disability_kind": "mental", "disability_grade": 2}
    mother.incomes.append(Income("pension", 18_800, _PENSION_OFFICE))
    mother.truth["basic_pension_central_monthly"] = _BASIC_PENSION_FEN
    stroke, settled = date(2026, 10, 6), date(2026, 10, 30)
    father.stays.append(Stay("示范市中心医院", stroke, None, settled, 12_648_050, 5_848_050))
    son.incomes.append(Income("wage", 1_260_000, "示范市远航风电工程有限公司", LATER_MONTH))
    household = maker.household("419901101002", [father, mother, daughter, son], "A1")
    household.truth |= {"other_income_monthly": 0, "financial_assets": 620_000, "motor_vehicles": 0, "dwellings": 1}
    meaning = (
        "父亲脑中风住院，个人自付6.8万元；女儿精神残疾二级；母亲年老；父亲病前每月3200元零工收入不在任何部门数据中"
    )
    remark = "儿子2026年11月起有高薪参保工作"
    return Planted("story_a1", meaning, household, True, "large_hospital_bill", remark, "income_above_line")


def _elderly(maker: Maker) -> list[Planted]:
    """Old people on the basic pension alone; and two who look so in the files but are not."""
    planted = []
    for kind, area, pensions, is_in_need, meaning in (
        ("dibao_not_received", "419901102002", (18_820, 19_250), True, "老年夫妇，只有城乡居民养老金"),
        ("dibao_not_received", "419901201003", (19_600,), True, "独居老人，只有城乡居民养老金"),
        ("dibao_not_received", "419901101001", (20_510, 20_510), True, "城镇老年夫妇，只有城乡居民养老金"),
        ("elderly_supported", "419901201002", (19_180, 18_800), False, "老年夫妇，养老金低，儿子每月给2400元"),
    ):
        members = [
            maker.person(
                names.surname(maker.rng), "1" if place == 0 else "2", 71 + place, "户主" if place == 0 else "配偶"
            )
            for place in range(len(pensions))
        ]
        for person, fen in zip(members, pensions, strict=True):
            person.incomes.append(Income("pension", fen, _PENSION_OFFICE))
            person.truth |= {"support_received_monthly": 0 if is_in_need else 120_000, "wage_casual_monthly": 0}
            person.truth["basic_pension_central_monthly"] = _BASIC_PENSION_FEN
        household = maker.household(area, members, kind)
        remark = "" if is_in_need else "部门数据看不到赡养费：线索会指向这户，入户后应排除"
        planted.append(Planted(kind, meaning, household, is_in_need, "dibao_not_received", remark))
    return planted


def _skipped_generation(maker: Maker) -> Planted:
    grandmother = maker.person("周", "2", 68, "户主")
    grandchild = maker.person("周", "1", 9, "孙子女")
    grandmother.incomes.append(Income("pension", 19_000, _PENSION_OFFICE))
    grandmother.truth |= {"wage_casual_monthly": 0, "support_received_monthly": 0}
    household = maker.household("419901102003", [grandmother, grandchild], "skipped_generation")
    return Planted("skipped_generation", "祖母与孙子，只有城乡居民养老金", household, True, "dibao_not_received")


def _split_bill(maker: Maker) -> Planted:
    """A child's long illness: no single bill is large, together they are."""
    father = maker.person("郭", "1", 38, "户主")
    mother = maker.person("马", "2", 36, "配偶")
    child = maker.person("郭", "2", 10, "女")
    father.truth["wage_casual_monthly"], mother.truth["wage_casual_monthly"] = 160_000, 0
    for month, total, fund in ((3, 3_012_000, 1_590_000), (6, 2_876_500, 1_486_500), (9, 2_990_800, 1_567_300)):
        leave = date(2026, month, 26)
        child.stays.append(Stay("示范市中心医院", date(2026, month, 4), leave, leave, total, fund))
    household = maker.household("419901101003", [father, mother, child], "split_bill")
    return Planted(
        "split_bill", "女儿重病，三次住院自付合计4.2万元，父亲打零工", household, True, "large_hospital_bill"
    )


def _bill_but_well_off(maker: Maker) -> Planted:
    husband = maker.person("林", "1", 45, "户主")
    wife = maker.person("何", "2", 43, "配偶")
    husband.incomes.append(Income("wage", 1_180_000, "示范市鑫源建材有限公司"))
    wife.incomes.append(Income("wage", 990_000, "清河县人民医院"))
    leave = date(2026, 8, 20)
    wife.stays.append(Stay("示范市中心医院", date(2026, 8, 2), leave, leave, 11_020_000, 5_340_000))
    household = maker.household("419901102001", [husband, wife], "bill_but_well_off")
    remark = "大额自付规则不看收入：线索会指向这户，入户后应排除"
    return Planted("bill_but_well_off", "自付5.68万元，但两人工资高", household, False, "large_hospital_bill", remark)


def _job_loss(maker: Maker) -> Planted:
    father = maker.person("梁", "1", 41, "户主")
    mother = maker.person("许", "2", 40, "配偶")
    child = maker.person("梁", "1", 13, "子")
    father.incomes.append(Income("wage", 420_000, "清河县第二纺织厂", last_month="2026-05"))
    father.incomes.append(Income("unemployment", 157_500, "失业保险经办中心", "2026-06", "2026-08"))
    father.truth["wage_casual_monthly"], mother.truth["wage_casual_monthly"] = 30_000, 0
    household = maker.household("419901101001", [father, mother, child], "job_loss")
    return Planted("job_loss", "父亲失业，失业金已领完", household, True, "income_lost")


def _rare_names(maker: Maker) -> list[Planted]:
    """Names that careless software breaks."""
    planted = []
    for name, sex in (*names.RARE_NAMES, ("阿依古丽·买买提", "2")):
        person = maker.person("", sex, maker.rng.randrange(28, 52), "户主", given=name)
        person.incomes.append(Income("wage", maker.rng.randrange(3_000, 5_500) * 100, "清河县华联超市"))
        household = maker.household("419901102001", [person], "rare_name")
        planted.append(Planted("rare_name", "姓名含生僻字或间隔号", household, False, None))
    return planted


def _same_name_same_birthday(maker: Maker) -> list[Planted]:
    """Two people with the same name, born on the same day: a name and a birthday alone never link."""
    first = maker.person("李", "2", 52, "户主", given="秀英")
    number = maker.ids.number(first.birth_date, "2")
    second = Person(first.name, "2", first.birth_date, number, "户主")
    planted = []
    for person, area, wage in ((first, "419901101001", 310_000), (second, "419901201001", 265_000)):
        person.incomes.append(Income("wage", wage, "清河县恒昌面业有限公司"))
        household = maker.household(area, [person], "same_name")
        planted.append(Planted("same_name", "同名同日出生的两个人", household, False, None))
    return planted
