"""The county's desk of decisions, and the fonts."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from django.conf import settings
from tests.office.paper.desk_cases import Desk

from doudi.engine.values.keys import Keyring
from doudi.office.org.models import User


@pytest.fixture
def font_dir() -> Path:
    """The fonts that the asset build put there; a letter without them is refused, so the test needs them too."""
    return Path(settings.FONT_DIR)


@pytest.fixture
def desk(
    make_user: Callable[..., User], as_user: Callable[[User], AbstractContextManager[User]], keyring: Keyring
) -> Iterator[Desk]:
    """The county's desk of decisions."""
    approver = make_user("approver", "419901")
    with as_user(approver):
        yield Desk(approver, keyring)
