"""Planted events 埋设事件: what befell a family, what the files show of it, and which rule should lead people to it.

Besides the events there are look-alikes: families of which a file seems to tell the same, and of which it is not true.
A night that speaks against one of them has accused wrongly.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from doudi.demo import belongings as own
from doudi.demo import names
from doudi.demo.departments import PRISON
from doudi.demo.people import AS_OF, Household, Income, Person, Record, Stay
from doudi.demo.planted import Planted
from doudi.demo.recipients import let_receive
from doudi.demo.shapes import Maker

_PENSION_OFFICE = "社会保险事业管理局"
_OTHER_COUNTIES = ("419902", "419903")


@dataclass(frozen=True)
class Event:
    """One kind of event. `rule` is what should find it, or, at a look-alike, what may be misled by it.

    `shown_by` is the file that shows it; one family in eight hides it there: the car is the brother's, the school still
    counts the child, the job is without insurance. Rows of an event that `must` be found are never spoiled.
    """

    kind: str
    rule: str | None
    meaning: str
    make: Callable[[Maker], Household]
    shown_by: str = ""
    must: bool = False
    is_look_alike: bool = False


_ONE_HIDES_AMONG = 8


def plant_events(maker: Maker, mix: Mapping[str, int]) -> list[Planted]:
    """So many families of each kind, in the order of the list of events."""
    return [
        planted
        for event in EVENTS
        for place in range(mix.get(event.kind, 0))
        for planted in _plant(maker, event, place)
    ]


def families_of(mix: Mapping[str, int]) -> int:
    """How many families a mix plants: a merge befalls two."""
    return sum(mix.values()) + mix.get("household_merge", 0)


def _plant(maker: Maker, event: Event, place: int) -> list[Planted]:
    household = event.make(maker)
    both = [household] if household.merged_with is None else [household, household.merged_with]
    return [_planted(event, each, place) for each in both]


def _planted(event: Event, household: Household, place: int) -> Planted:
    household.may_be_spoiled = not event.must and not event.is_look_alike
    is_hidden = bool(event.shown_by) and place % _ONE_HIDES_AMONG == _ONE_HIDES_AMONG - 1
    if is_hidden:
        _hide(household, event.shown_by)
    return Planted(
        event.kind,
        event.meaning,
        household,
        event.rule in _IN_NEED and not event.is_look_alike,
        event.rule,
        remark="任何部门的数据都看不出来" if is_hidden else "",
        is_look_alike=event.is_look_alike,
        is_hidden=is_hidden,
    )


def _hide(household: Household, source: str) -> None:
    """Take what shows the event out of that department's file, and out of no other."""
    for person in household.members:
        person.records = [record for record in person.records if record.source != source]
        if source == "wages_pensions":
            person.incomes = [income for income in person.incomes if income.kind == "pension"]
        if source == "household_registry":
            person.registered_in = ""


# --- families in need, of whom nobody knows -----------------------------------------------------------------------


def _hospital_shock(maker: Maker) -> Household:
    household = _young_family(maker, casual_fen=260_000)
    leave = AS_OF - timedelta(days=maker.rng.randrange(25, 300))
    self_paid = maker.rng.randrange(2_400_000, 11_000_000)
    stay = Stay("示范市中心医院", leave - timedelta(days=20), leave, leave, self_paid * 2, self_paid)
    household.members[0].stays.append(stay)
    return household


def _job_loss(maker: Maker) -> Household:
    household = _young_family(maker)
    father = household.members[0]
    wage = maker.rng.randrange(3_000, 5_200) * 100
    father.incomes.append(Income("wage", wage, "清河县第二纺织厂", last_month="2026-05"))
    father.incomes.append(Income("unemployment", 157_500, "失业保险经办中心", "2026-06", "2026-08"))
    own.add_unemployment(maker.rng, father, date(2026, 6, 8))
    return household


def _earner_died(maker: Maker) -> Household:
    household = _young_family(maker)
    father = household.members[0]
    died = date(2026, maker.rng.randrange(5, 10), maker.rng.randrange(2, 27))
    last = f"{died.year}-{died.month - 1:02d}"
    father.incomes.append(
        Income("wage", maker.rng.randrange(3_500, 6_000) * 100, "清河县顺达物流有限公司", last_month=last)
    )
    own.add_death(maker.rng, father, died)
    return household


def _new_severe_disability(maker: Maker) -> Household:
    household = _young_family(maker, casual_fen=60_000)
    issued = AS_OF - timedelta(days=maker.rng.randrange(25, 160))
    own.add_card(maker.rng, household.members[0], maker.rng.choice((1, 2)), issued)
    return household


def _disaster(maker: Maker) -> Household:
    household = _young_family(maker, casual_fen=90_000, is_rural=True)
    kind, damage = maker.rng.choice((("洪涝", "倒塌"), ("暴雨", "严重损坏"), ("火灾", "严重损坏"), ("滑坡", "倒塌")))
    own.add_loss(maker.rng, household.members[0], maker.rng.randrange(2_200_000, 6_000_000), kind, damage)
    return household


def _school_dropout(maker: Maker) -> Household:
    household = _young_family(maker, casual_fen=80_000, child_age=maker.rng.randrange(12, 15), is_at_school=False)
    own.add_pupil(maker.rng, household.members[2], "辍学", date(2026, 9, maker.rng.randrange(8, 28)))
    return household


def _elderly_unserved(maker: Maker) -> Household:
    return _old_couple(maker, pension_fen=maker.rng.randrange(16_800, 20_900))


# --- families that receive, and what changed ----------------------------------------------------------------------


def _death_not_reported(maker: Maker) -> Household:
    household = _receiving_old_couple(maker)
    own.add_death(maker.rng, household.members[1], AS_OF - timedelta(days=maker.rng.randrange(40, 300)))
    return household


def _new_job(maker: Maker) -> Household:
    household = _receiving_family(maker)
    wage = maker.rng.randrange(2_400, 6_500) * 100
    household.members[1].incomes.append(Income("wage", wage, "清河县华联超市", first_month="2026-08"))
    return household


def _hidden_car(maker: Maker) -> Household:
    household = _receiving_family(maker)
    own.add_vehicle(maker.rng, household.members[0], "小型轿车", since=date(2025, 4, 9))
    return household


def _second_dwelling(maker: Maker) -> Household:
    household = _receiving_family(maker)
    own.add_dwelling(maker.rng, household, household.members[:2])
    own.add_dwelling(maker.rng, household, household.members[:1])
    return household


def _company_owner(maker: Maker) -> Household:
    household = _receiving_family(maker)
    own.add_business(maker.rng, household.members[0], "法定代表人")
    return household


def _large_deposits(maker: Maker) -> Household:
    return _receiving_family(maker, deposits_fen=maker.rng.randrange(8_000_000, 30_000_000))


def _double_grant(maker: Maker) -> Household:
    household = _receiving_family(maker)
    own.add_roll(household.members[0], maker.rng.choice(_OTHER_COUNTIES), maker.rng.randrange(200, 520) * 100)
    return household


def _imprisoned(maker: Maker) -> Household:
    household = _receiving_family(maker)
    cells = {"收监日期": f"2026-0{maker.rng.randrange(3, 9)}-12", "服刑状态": "在押"}
    household.members[0].records.append(Record(PRISON.source, date(2026, 3, 1), cells))
    return household


def _household_split(maker: Maker) -> Household:
    household = _receiving_family(maker)
    household.members[1].registered_in = f"{household.number[:-4]}{9999 - maker.books[household.area_code]:04d}"
    return household


def _household_merge(maker: Maker) -> Household:
    """Two families that receive, and moved into one household book: a widow and a widower, say."""
    household, other = _receiving_family(maker), _receiving_family(maker)
    for person in household.members:
        person.registered_in, person.registered_as = other.number, "其他"
    household.merged_with = other
    return household


# --- look-alikes: nothing should be said of these -----------------------------------------------------------------


def _car_sold(maker: Maker) -> Household:
    household = _receiving_family(maker)
    own.add_vehicle(maker.rng, household.members[0], "小型轿车", state="已转移")
    own.add_vehicle(maker.rng, household.members[0], "三轮汽车")
    return household


def _dead_namesake(maker: Maker) -> Household:
    """The death of another person, registered under the identity number of a recipient by mistake."""
    household = _receiving_old_couple(maker)
    other = names.surname(maker.rng) + names.given_name(maker.rng, "1", 1948)
    own.add_death(maker.rng, household.members[0], date(2026, 8, 14), name=other + "福")
    return household


def _roll_stopped(maker: Maker) -> Household:
    household = _receiving_family(maker)
    own.add_roll(household.members[0], maker.rng.choice(_OTHER_COUNTIES), 31_000, "停发")
    return household


def _shared_flat(maker: Maker) -> Household:
    household = _receiving_family(maker)
    own.add_dwelling(maker.rng, household, household.members[:2])
    return household


def _company_closed(maker: Maker) -> Household:
    household = _receiving_family(maker)
    own.add_business(maker.rng, household.members[0], "股东", state="注销")
    own.add_business(maker.rng, household.members[0], "合作社成员")
    return household


def _released(maker: Maker) -> Household:
    household = _receiving_family(maker)
    cells = {"收监日期": "2023-06-20", "服刑状态": "刑满释放"}
    household.members[0].records.append(Record(PRISON.source, date(2026, 3, 1), cells))
    return household


# --- families to begin with ---------------------------------------------------------------------------------------


def _young_family(
    maker: Maker, *, casual_fen: int = 20_000, child_age: int = 9, is_rural: bool = False, is_at_school: bool = True
) -> Household:
    """Parents and a child; what the parents earn is casual work that no department knows."""
    surname = names.surname(maker.rng)
    age = maker.rng.randrange(35, 50)
    father = maker.person(surname, "1", age, "户主")
    mother = maker.person(names.surname(maker.rng), "2", age - 2, "配偶")
    child = maker.person(surname, "2", child_age, "女")
    father.truth["wage_casual_monthly"], mother.truth["wage_casual_monthly"] = casual_fen, 0
    if is_at_school:
        own.add_pupil(maker.rng, child, "在读")
    return maker.household(_area(maker, is_rural=is_rural), [father, mother, child], "event")


def _old_couple(maker: Maker, *, pension_fen: int) -> Household:
    age = maker.rng.randrange(66, 82)
    husband = maker.person(names.surname(maker.rng), "1", age, "户主")
    wife = maker.person(names.surname(maker.rng), "2", age - 3, "配偶")
    for person in (husband, wife):
        person.incomes.append(Income("pension", pension_fen, _PENSION_OFFICE))
        person.truth |= {"wage_casual_monthly": 0, "support_received_monthly": 0}
    return maker.household(_area(maker, is_rural=True), [husband, wife], "event")


def _receiving_family(maker: Maker, *, deposits_fen: int | None = None) -> Household:
    household = _young_family(maker)
    return _receives(maker, household, deposits_fen)


def _receiving_old_couple(maker: Maker) -> Household:
    return _receives(maker, _old_couple(maker, pension_fen=maker.rng.randrange(16_800, 20_900)), None)


def _receives(maker: Maker, household: Household, deposits_fen: int | None) -> Household:
    let_receive(maker.rng, household)
    own.add_deposits(
        maker.rng, household, maker.rng.randrange(10_000, 900_000) if deposits_fen is None else deposits_fen
    )
    return household


def _area(maker: Maker, *, is_rural: bool) -> str:
    return maker.rng.choice(maker.places.rural if is_rural else maker.places.areas)


def _car_not_transferred(maker: Maker) -> Household:
    """Sold years ago and never transferred: the register still says that it is theirs."""
    return _hidden_car(maker)


def _name_misused(maker: Maker) -> Household:
    """Somebody registered a company in the name of a recipient who knows nothing of it."""
    return _company_owner(maker)


def _books_apart(maker: Maker) -> Household:
    """Two household books for a house that is shared as before."""
    return _household_split(maker)


def _move_unfinished(maker: Maker) -> Household:
    """The other county has stopped paying, and its roll does not say so yet."""
    return _double_grant(maker)


EVENTS = (
    Event("hospital_shock", "large_hospital_bill", "大病住院，自付数额大，没有申请", _hospital_shock, must=True),
    Event("job_loss", "income_lost", "父亲失业，失业金已领完", _job_loss, "wages_pensions"),
    Event("earner_died", "earner_died", "挣工资的父亲去世，留下妻子和孩子", _earner_died, must=True),
    Event(
        "new_severe_disability",
        "new_severe_disability",
        "新办一、二级残疾人证，收入低",
        _new_severe_disability,
        "disability_cards",
    ),
    Event("disaster", "disaster_loss", "房屋因灾倒塌或严重损坏", _disaster, "disasters"),
    Event("school_dropout", "school_dropout", "初中年龄的孩子辍学", _school_dropout, "school_enrolment"),
    Event("elderly_unserved", "dibao_not_received", "老年夫妇只有基础养老金，没有申请", _elderly_unserved),
    Event("death_not_reported", "recipient_died", "在保老人去世，没有报告", _death_not_reported, must=True),
    Event("new_job", "income_above_line", "在保家庭有人找到工作", _new_job, "wages_pensions"),
    Event("hidden_car", "vehicle_while_receiving", "在保家庭有小汽车", _hidden_car, "vehicles"),
    Event("second_dwelling", "dwellings_above_limit", "在保家庭有两套住房", _second_dwelling, "real_estate"),
    Event("company_owner", "company_while_receiving", "在保家庭有人经营企业", _company_owner, "businesses"),
    Event("large_deposits", "deposits_above_limit", "在保家庭存款超过限额", _large_deposits, "deposits"),
    Event("double_grant", "double_grant", "在另一县也领低保", _double_grant, must=True),
    Event("imprisoned", "recipient_in_prison", "在保成员服刑", _imprisoned, "prison"),
    Event("household_split", "household_split", "在保成员已分户", _household_split, "household_registry"),
    Event("household_merge", "household_merge", "两个在保家庭并到一本户口簿", _household_merge),
    Event("car_sold", None, "车已转让，另有农用三轮车", _car_sold, is_look_alike=True),
    Event("dead_namesake", None, "他人的死亡登记误用了其身份证号", _dead_namesake, is_look_alike=True),
    Event("roll_stopped", None, "另一县已停发", _roll_stopped, is_look_alike=True),
    Event("shared_flat", None, "夫妻共有一套房，登记两行", _shared_flat, is_look_alike=True),
    Event("company_closed", None, "企业已注销，另为合作社成员", _company_closed, is_look_alike=True),
    Event("released", None, "刑满释放", _released, is_look_alike=True),
    Event(
        "car_not_transferred",
        "vehicle_while_receiving",
        "车早已卖出，没有过户",
        _car_not_transferred,
        is_look_alike=True,
    ),
    Event("name_misused", "company_while_receiving", "被冒名登记为法定代表人", _name_misused, is_look_alike=True),
    Event("books_apart", "household_split", "户口分开，仍共同生活", _books_apart, is_look_alike=True),
    Event("move_unfinished", "double_grant", "另一县已停发，名册未更新", _move_unfinished, is_look_alike=True),
)
_IN_NEED = {
    "large_hospital_bill", "income_lost", "earner_died", "new_severe_disability", "disaster_loss", "school_dropout",
    "dibao_not_received",
}  # fmt: skip


def usual_mix(size: str) -> dict[str, int]:
    """How many families of each kind a city of that size has unless told otherwise."""
    if size == "small":
        # The small city has large bills of its own among its stories.
        return {event.kind: 0 if event.kind == "hospital_shock" else 1 for event in EVENTS}
    times = 30 if size == "city" else 1
    usual = {event.kind: (4 if event.is_look_alike else 16) * times for event in EVENTS}
    return usual | {"household_merge": 8 * times}  # each befalls two families


def random_outsiders(rng: random.Random, maker: Maker, count: int) -> list[Person]:
    """People of other counties who stand on those counties' rolls and in no file of this one."""
    found = []
    for _ in range(count):
        person = maker.person(names.surname(rng), rng.choice(("1", "2")), rng.randrange(20, 80), "户主")
        person.is_known_by_name = False
        own.add_roll(person, rng.choice(_OTHER_COUNTIES), rng.randrange(180, 560) * 100)
        found.append(person)
    return found
