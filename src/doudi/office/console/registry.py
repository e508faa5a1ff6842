"""`reindex`: make the search of the registry anew, after an upgrade or when a division got another name."""

import sys

from doudi.office.console.database import database_running
from doudi.office.org.scope import job_scope
from doudi.office.registry.actions import make_findable
from doudi.office.registry.models import Person

EVERYWHERE = "41"
_PEOPLE_AT_A_TIME = 2000


def reindex(*, area: str = EVERYWHERE) -> None:
    """Bring the tokens of every person of an area up to date. Repeating it changes nothing.

    Parameters
    ----------
    area
        Division whose people are made findable; two digits are the whole province.
    """
    done, last = 0, 0
    with database_running():
        while True:
            with job_scope(area, "making the registry findable"):
                people = list(Person.objects.filter(pk__gt=last).order_by("pk")[:_PEOPLE_AT_A_TIME])
                if not people:
                    break
                make_findable(people)
            done, last = done + len(people), people[-1].pk
            sys.stdout.write(f"{done:,} people\n")
