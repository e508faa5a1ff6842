"""A county's finance office, inside the scope of the county."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from django.utils import translation
from tests.office.payments.families import AT, COUNTY, Office

from doudi.engine.values.keys import Keyring
from doudi.office.flows import pay
from doudi.office.org.models import User


@pytest.fixture
def office(
    make_user: Callable[..., User], as_user: Callable[[User], AbstractContextManager[User]], keyring: Keyring
) -> Iterator[Office]:
    """Everything happens under the rows that the county's finance may see."""
    first, second = make_user("finance", COUNTY), make_user("finance", COUNTY)
    approver = make_user("approver", COUNTY)
    with as_user(first), translation.override("en"):
        fund = pay.open_fund(actor=first, county=COUNTY, programme="dibao", year=2026, name="城乡低保资金", at=AT)
        pay.open_fund(actor=first, county=COUNTY, programme="dibao", year=2027, name="城乡低保资金", at=AT)
        yield Office(first, second, approver, keyring, fund)
