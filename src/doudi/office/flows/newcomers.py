"""Somebody who is new to the office is entered once: first looked for, then joined to a household."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from doudi.office import crypto
from doudi.office.errors import Unacceptable
from doudi.office.flows import registry
from doudi.office.flows.typed import typed_id, typed_name
from doudi.office.org.models import User
from doudi.office.registry.actions import enter_person, enter_unnumbered
from doudi.office.registry.duplicates import Candidates, who_might_it_be
from doudi.office.registry.ground import Ground
from doudi.office.registry.models import Change, Person


@dataclass(frozen=True)
class Papers:
    """What is typed of somebody: with a number, birth date and sex follow from it; without one both are needed."""

    name: str
    id_number: str = ""
    birth_date: date | None = None
    sex: str = ""
    phone: str = ""


@transaction.atomic
def look_for(*, actor: User, at: datetime, papers: Papers) -> Candidates:
    """Who of those recorded might be meant. Nothing is written but that it was asked."""
    name, born, sex, number = typed_name(papers.name), papers.birth_date, papers.sex, ""
    if papers.id_number.strip():
        known = typed_id(papers.id_number, localdate(at))
        number, born, sex = known.value18, known.birth_date, known.sex
    return who_might_it_be(actor, name=name, id_number=number, birth_date=born, sex=sex, keyring=crypto.keyring())


@transaction.atomic
def join_newcomer(
    *, actor: User, at: datetime, household_id: int, papers: Papers, relation: str, cause: str, ground: Ground
) -> Change:
    """Enter somebody, or find who is recorded under the number, and let that person join the household."""
    household = registry.claim_household(actor, household_id)
    person = _enter(actor, at, papers, household.area)
    return registry.let_join(
        actor=actor,
        at=at,
        household_id=household.pk,
        person=person,
        relation=relation,
        cause=cause,
        ground=ground,
    )


def _enter(actor: User, at: datetime, papers: Papers, area: str) -> Person:
    ring, today = crypto.keyring(), localdate(at)
    name = typed_name(papers.name)
    if papers.id_number.strip():
        number = typed_id(papers.id_number, today)
        return enter_person(
            actor=actor, name=name, id_number=number, phone=papers.phone.strip(), area=area, keyring=ring
        )
    if papers.birth_date is None or papers.birth_date > today or papers.sex not in ("1", "2"):
        raise Unacceptable(
            _("Without an identity number, birth date and sex are needed."), advice=_("Fill in both, or the number.")
        )
    return enter_unnumbered(
        actor=actor, name=name, birth_date=papers.birth_date, sex=papers.sex, area=area, at=at, keyring=ring
    )
