"""A county with its people, a lake with one family, and the walk of a case step by step."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from django.utils import translation
from tests.office.flows.lakes import Lake
from tests.office.flows.walks import Office

from doudi.engine.values.keys import Keyring
from doudi.office.org.models import User


@pytest.fixture
def lake(tmp_path: Path, keyring: Keyring) -> Lake:
    """A lake with the family of story A1, not sealed yet."""
    return Lake(root=tmp_path / "lake", keyring=keyring)


@pytest.fixture
def office(
    make_user: Callable[..., User],
    as_user: Callable[[User], AbstractContextManager[User]],
    as_job: Callable[..., AbstractContextManager[None]],
    lake: Lake,
    keyring: Keyring,
) -> Iterator[Office]:
    """The people of one township and its county, speaking English so that refusals can be read in the tests."""
    with translation.override("en"):
        yield Office(
            assistant=make_user("assistant", "419901101", display_name="陈小满"),
            clerk=make_user("clerk", "419901101", display_name="何雨荷"),
            colleague=make_user("clerk", "419901101", display_name="何晴"),
            stranger=make_user("clerk", "419901102", display_name="石建平"),
            reviewer=make_user("reviewer", "419901", display_name="沈慎之"),
            approver=make_user("approver", "419901", display_name="严定"),
            service=make_user("service", "419901", is_service_account=True),
            as_user=as_user,
            as_job=as_job,
            lake=lake,
            keyring=keyring,
        )
