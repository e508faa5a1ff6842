"""`check`: what is missing or unsafe in this set-up, with advice."""

import sys

from django.conf import settings
from django.db import OperationalError

from doudi.office.org.safety import unsafe_roles, unsafe_settings


def check(*, offline: bool = False) -> int:
    """Say what is missing or unsafe. Exit code 1 if anything is.

    Parameters
    ----------
    offline
        Look at the settings only, not at the roles in the database.
    """
    found = unsafe_settings()
    if settings.DOUDI_MODE == "production" and not settings.DOUDI_DATABASE_IS_EMBEDDED and not offline:
        try:
            found += unsafe_roles()
        except OperationalError:
            sys.stdout.write("- the database does not answer. Start it, or look at the settings only: --offline.\n")
            return 1
    for unsafe in found:
        sys.stdout.write(f"- {unsafe.what}. {unsafe.advice}\n")
    if not found:
        sys.stdout.write(f"The set-up is safe for {settings.DOUDI_MODE}.\n")
    return 1 if found else 0
