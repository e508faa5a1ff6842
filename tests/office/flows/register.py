"""What the tests of the register share: a declared family, who acts on it, and the usual ground."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from tests.office.flows.lakes import id_number
from tests.office.flows.walks import MONDAY, Office

from doudi.engine.values.identity import parse_id
from doudi.office.flows import registry
from doudi.office.org.models import User
from doudi.office.registry.actions import enter_person, join_household, know_household
from doudi.office.registry.ground import Ground
from doudi.office.registry.models import Household, Membership

VILLAGE, NEXT_VILLAGE, OTHER_TOWNSHIP = "419901101001", "419901101002", "419901102"
OTHER_VILLAGE = "419901102001"
GROUND = Ground(MONDAY.date(), "分户单独生活", "户口簿复印件")
RELATIONS = ("02", "10", "20", "30", "50")


def family(office: Office, *, size: int = 4, first: int = 400, key: str = "f-1", at: datetime = MONDAY) -> Household:
    """A declared family of invented people, head first."""
    with office.as_user(office.clerk):
        household = know_household(
            actor=office.clerk, key=key, basis="register", area=VILLAGE, address="东关街9号", residence="urban"
        )
        for place in range(size):
            number = parse_id(id_number("19800101", first + 2 * place))
            person = enter_person(
                actor=office.clerk,
                name=f"成员{'甲乙丙丁戊'[place]}",
                id_number=number,
                phone="",
                area=VILLAGE,
                keyring=office.keyring,
            )
            on = date(2026, 1, 1)
            given_: dict[str, Any] = {"household": household, "person": person, "relation": RELATIONS[place], "on": on}
            join_household(actor=office.clerk, at=at, **given_)
    return household


def people_of(household: Household) -> dict[int, str]:
    rows = Membership.objects.filter(household=household, to_date__isnull=True)
    return dict(rows.values_list("person_id", "relation"))


def by(office: Office, flow: Callable[..., Any], actor: User | None = None, **given_: Any) -> Any:
    who = actor or office.clerk
    with office.as_user(who):
        return flow(actor=who, **({"at": MONDAY, "ground": GROUND} | given_))


def act(office: Office, flow: Callable[..., Any], actor: User | None = None, **given_: Any) -> Any:
    """What needs no ground."""
    who = actor or office.clerk
    with office.as_user(who):
        return flow(actor=who, at=MONDAY, **given_)


def split(office: Office, household: Household, leaving: dict[int, str], **more: Any) -> Household:
    given_ = {"household_id": household.pk, "leaving": leaving, "area": VILLAGE, "address": "东关街10号"}
    return by(office, registry.split_household, **(given_ | more))
