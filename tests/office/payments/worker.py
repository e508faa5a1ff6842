"""A process that takes every step of a pay run in a circle until it is killed. Started by `races.kill_and_restart`."""

import sys

from tests.office.payments.families import Office
from tests.office.payments.races import _prepare, _release, _send, _take_in, scope_of

from doudi.office import crypto
from doudi.office.errors import Refused
from doudi.office.org.models import User
from doudi.office.payments.models import Fund


def main(first_name: str, second_name: str) -> None:
    """Say that it is ready, then go round for ever."""
    first, second = (User.objects.get(username=name) for name in (first_name, second_name))
    office = Office(first, second, first, crypto.keyring(), Fund.objects.get())
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        for step, actor in ((_prepare, first), (_release, second), (_send, first), (_take_in, second)):
            try:
                with scope_of(actor):
                    step(office, actor)
            except Refused:
                continue
