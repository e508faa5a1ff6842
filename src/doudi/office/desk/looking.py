"""Who might be meant is shown before anybody is entered."""

from typing import Any

from doudi.office import clock
from doudi.office.desk.household_words import candidate_rows
from doudi.office.desk.replies import attempt
from doudi.office.desk.sheets import LookFirstSheet
from doudi.office.flows import newcomers
from doudi.office.flows.newcomers import Papers
from doudi.office.org.models import User


def look_first(person: User, sheet: LookFirstSheet, papers: Papers) -> dict[str, Any] | None:
    """What the form shows instead of writing: who might be meant. Nothing when nobody is, or somebody has looked."""
    if sheet.takes_looked():
        return None
    found = attempt(sheet, lambda: newcomers.look_for(actor=person, at=clock.now(), papers=papers))
    if found is None or found.is_empty:
        return None
    sheet.offer_to_go_on()
    return {
        "candidates": candidate_rows(found),
        "is_known_elsewhere": found.is_known_elsewhere,
        "was_not_told": found.was_not_told,
    }
