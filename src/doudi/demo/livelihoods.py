"""What ordinary households live on: what departments know of it, and the casual work that nobody's file holds."""

import random

from doudi.demo.people import AS_OF, Household, Income, Person, Stay
from doudi.engine.values.money import Fen
from doudi.engine.values.period import Month

_EMPLOYERS = (
    "清河县恒昌面业有限公司",
    "清河县第二纺织厂",
    "示范市鑫源建材有限公司",
    "清河县人民医院",
    "清河县实验小学",
    "示范市公交有限公司清河分公司",
    "清河县顺达物流有限公司",
    "清河县华联超市",
    "示范市绿禾农业有限公司",
    "清河县自来水公司",
)
HOSPITALS = ("清河县人民医院", "清河县中医院", "示范市中心医院", "柳林镇卫生院", "石桥镇卫生院")


def give_livelihoods(rng: random.Random, households: list[Household]) -> None:
    """Draw work, pensions and stays in hospital for households without a story of their own."""
    for household in households:
        if household.story:
            continue
        is_elderly_only = all(person.age >= 60 for person in household.members)
        for person in household.members:
            _give_work(rng, household, person, is_elderly_only=is_elderly_only)
            if rng.random() < (0.11 if person.age >= 60 else 0.035):
                person.stays.append(_ordinary_stay(rng))


def _give_work(rng: random.Random, household: Household, person: Person, *, is_elderly_only: bool) -> None:
    if person.age >= 60:
        # The old who live alone below the line are planted one by one; the others of that kind have a pension above it.
        person.incomes.append(
            Income("pension", _pension(rng, household, is_elderly_only=is_elderly_only), "社会保险事业管理局")
        )
    elif person.age <= 17 or (person.age <= 22 and rng.random() < 0.6):
        # At home or at school.
        return
    elif rng.random() < (0.62 if household.is_urban else 0.3):
        low, high = (2_800, 6_800) if household.is_urban else (2_300, 4_900)
        first = str(Month.of(AS_OF).plus(-rng.randrange(2, 9))) if rng.random() < 0.06 else "2000-01"
        person.incomes.append(Income("wage", rng.randrange(low, high) * 100, rng.choice(_EMPLOYERS), first))
        if rng.random() < 0.04:
            _lose_work(rng, person)
    else:
        # Casual work 零工 and farming: known to the family and the village, to no department.
        person.truth["wage_casual_monthly"] = rng.randrange(6, 38) * 10_000


def _pension(rng: random.Random, household: Household, *, is_elderly_only: bool) -> Fen:
    if household.is_urban:
        return rng.randrange(190_000, 390_000)
    return rng.randrange(125_000, 190_000) if is_elderly_only else rng.randrange(16_800, 26_500)


def _lose_work(rng: random.Random, person: Person) -> None:
    """The wage ends some months ago; half of those who lost it receive unemployment benefit since."""
    last = Month.of(AS_OF).plus(-rng.randrange(3, 7))
    job = person.incomes.pop()
    person.incomes.append(Income("wage", job.gross_fen, job.employer, "2000-01", str(last)))
    if rng.random() < 0.5:
        person.incomes.append(Income("unemployment", 157_500, "失业保险经办中心", str(last.next()), str(last.plus(12))))


def _ordinary_stay(rng: random.Random) -> Stay:
    """A stay of a few days within the year, of which the fund paid most."""
    month = Month.of(AS_OF).plus(-rng.randrange(1, 12))
    admitted = month.first_day().replace(day=rng.randrange(1, 15))
    discharged = admitted.replace(day=admitted.day + rng.randrange(2, 13))
    total = rng.randrange(150_000, 1_400_000)
    return Stay(rng.choice(HOSPITALS), admitted, discharged, discharged, total, total * rng.randrange(55, 78) // 100)
