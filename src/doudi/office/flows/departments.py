"""What the departments' data of the last night say about a family (信息核对)."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from doudi.engine.facts.lookup import read_person_facts
from doudi.engine.pack.vocabulary import Vocabulary
from doudi.office.casework.models import Consent
from doudi.office.errors import Refused
from doudi.office.evidence.actions import NewFact, record_facts
from doudi.office.evidence.models import Fact, NightRun
from doudi.office.evidence.queries import latest_night
from doudi.office.evidence.rulebook import current_vocabulary
from doudi.office.evidence.terms import Stored
from doudi.office.org.models import User
from doudi.office.registry.models import Household, Person

OFFICE_SOURCE = "office"
# What a consent without banks leaves out (社会救助家庭经济状况核对授权书).
BANK_SOURCES = frozenset({"deposits"})


def night_for(area: str) -> NightRun:
    """The night loaded last for an area."""
    night = latest_night(area)
    if night is None:
        raise Refused(_("No night's data has been loaded yet."), advice=_("Let the night be run and loaded first."))
    return night


def not_authorised(consents: Iterable[Consent]) -> frozenset[str]:
    """The sources that may not be asked because somebody's authorisation leaves the banks out."""
    return frozenset() if all(each.scope == Consent.Scope.ALL for each in consents) else BANK_SOURCES


def record_found(
    *,
    actor: User,
    at: datetime,
    household: Household,
    people: Iterable[Person],
    night: NightRun,
    case_id: int | None,
    lake: Path | None,
    left_out: Collection[str] = (),
) -> int:
    """Record what a night's departments know of a household and these people, but for the sources that are left out.

    `lake` is the night's own folder unless another is given.
    """
    persons = {person.key: person for person in people}
    rows = read_person_facts(Path(lake or night.lake), night.run_id, sorted(persons), [household.key]).to_pylist()
    facts = [
        new
        for row in rows
        if row["source"] != OFFICE_SOURCE
        and row["source"] not in left_out
        and (new := _found(row, persons.get(row["subject"]), case_id, current_vocabulary())) is not None
    ]
    if facts:
        record_facts(actor=actor, at=at, household=household, facts=facts, purpose="information check")
    return len(facts)


def _found(row: dict[str, Any], person: Person | None, case_id: int | None, vocabulary: Vocabulary) -> NewFact | None:
    known = vocabulary.person if person is not None else vocabulary.household
    if row["name"] not in known:
        return None
    unknown_since: date | None = row["unknown_since"]
    return NewFact(
        name=row["name"],
        stored=Stored(None, None) if unknown_since else Stored(row["value_int"], row["value_text"]),
        valid_from=unknown_since or row["valid_from"],
        origin=Fact.Origin.DEPARTMENT,
        source=row["source"],
        person=person,
        batch=row["batch"],
        row=row["row"],
        case_id=case_id,
    )
