"""Who of a case's family has authorised the means check (授权书), until when, and whose word is missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal

from django.utils.translation import gettext as _

from doudi.office.casework.family import family_of
from doudi.office.casework.models import Case, Consent
from doudi.office.errors import Refused
from doudi.office.registry.models import Membership
from doudi.office.registry.terms import is_minor

Standing = Literal["valid", "expired", "withdrawn", "missing"]


class NoConsent(Refused):
    """Somebody's means may not be asked for: no authorisation, or one that has ended."""

    code: ClassVar[str] = "DD-CASE-002"


@dataclass(frozen=True)
class ConsentView:
    """One adult's authorisation as it stands on a day. Without one, all but the person and the state is empty."""

    consent_id: int | None
    person_id: int
    person_name: str
    case_number: str
    state: Standing
    scope: str
    signed_on: date | None
    valid_until: date | None
    withdrawn_on: date | None


def valid_consents(case: Case, on: date) -> dict[int, Consent]:
    """The authorisation in force on a day, by person: the one signed last."""
    rows = Consent.objects.filter(case=case, withdrawn_at__isnull=True, signed_on__lte=on).order_by("signed_on", "pk")
    return {row.person_id: row for row in rows if row.valid_until is None or row.valid_until >= on}


def consents_of(case: Case, on: date) -> tuple[ConsentView, ...]:
    """Each adult of the family with his or her authorisation. Who calls this has recorded the look."""
    latest = {row.person_id: row for row in Consent.objects.filter(case=case).order_by("signed_on", "pk")}
    latest |= valid_consents(case, on)
    return tuple(_view(case, row, latest.get(row.person_id), on) for row in _adults(family_of(case, on), on))


def require_consents(case: Case, on: date) -> dict[int, Consent]:
    """Refuse to ask anybody about a family of which an adult has not authorised it, or no longer does."""
    without = [row for row in consents_of(case, on) if row.state != "valid"]
    if without:
        words = {"expired": _("expired"), "withdrawn": _("withdrawn"), "missing": _("missing")}
        said = ", ".join(sorted({words[row.state] for row in without}))
        raise NoConsent(
            _("%(count)d adults have no authorisation of the means check in force (%(said)s).")
            % {"count": len(without), "said": said},
            advice=_("Let them sign a new one; the page “Authorisation of the means check” names them."),
        )
    return valid_consents(case, on)


def _adults(rows: Sequence[Membership], on: date) -> list[Membership]:
    return [row for row in rows if not is_minor(row.person.birth_date, on)]


def _view(case: Case, row: Membership, consent: Consent | None, on: date) -> ConsentView:
    state: Standing = "missing"
    if consent is not None:
        state = "withdrawn" if consent.withdrawn_at else "valid"
        if state == "valid" and consent.valid_until is not None and consent.valid_until < on:
            state = "expired"
    return ConsentView(
        consent_id=consent.pk if consent else None,
        person_id=row.person_id,
        person_name=row.person.name,
        case_number=case.number,
        state=state,
        scope=consent.scope if consent else "",
        signed_on=consent.signed_on if consent else None,
        valid_until=consent.valid_until if consent else None,
        withdrawn_on=consent.withdrawn_on if consent else None,
    )
