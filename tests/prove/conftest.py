"""The proofs use the office's own fixtures."""

from tests.office.conftest import as_user, django_db_setup, keyring, make_user, office_copy, office_server
from tests.office.payments.conftest import office
from tests.office.payments.test_races import environment

__all__ = [
    "as_user",
    "django_db_setup",
    "environment",
    "keyring",
    "make_user",
    "office",
    "office_copy",
    "office_server",
]
