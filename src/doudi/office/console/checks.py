"""`check`: what is missing or unsafe in this set-up, with advice."""

import sys

from django.conf import settings

from doudi.office.org.safety import unsafe_settings


def check() -> int:
    """Say what is missing or unsafe. Exit code 1 if anything is."""
    found = unsafe_settings()
    for unsafe in found:
        sys.stdout.write(f"- {unsafe.what}. {unsafe.advice}\n")
    if not found:
        sys.stdout.write(f"The set-up is safe for {settings.DOUDI_MODE}.\n")
    return 1 if found else 0
