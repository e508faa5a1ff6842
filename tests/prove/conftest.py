"""The proofs use the office's own fixtures."""

from tests.office.conftest import django_db_setup, keyring, office_copy, office_server
from tests.office.payments.test_races import environment

__all__ = ["django_db_setup", "environment", "keyring", "office_copy", "office_server"]
