"""Authorisations of the means check end, are taken back and renewed; without one nobody is asked about the family."""

from datetime import date, timedelta

import pytest
from tests.office.flows.walks import MONDAY, Office

from doudi.office.casework.consents import NoConsent, consents_of
from doudi.office.casework.models import StepRecord
from doudi.office.errors import Unacceptable
from doudi.office.flows import consent, verify


def filled(office: Office) -> int:
    """An accepted case; returns its visit."""
    office.load()
    seen = office.record_visit()
    office.open(seen.visit_id)
    office.fill()
    office.accept()
    return seen.visit_id


def states(office: Office, on: date | None = None) -> list[str]:
    with office.as_user(office.clerk):
        return sorted(row.state for row in consents_of(office.case(), on or MONDAY.date()))


def check(office: Office) -> None:
    with office.as_user(office.reviewer):
        office.do(verify.run_check, actor=office.reviewer)


def test_a_withdrawn_consent_stops_the_check_with_a_clear_word_until_a_new_one_is_signed(office: Office) -> None:
    filled(office)
    assert states(office) == ["valid"] * 3
    with office.as_user(office.clerk):
        member = office.person_ids()[1]
        office.do(consent.withdraw_consent, person_id=member, withdrawn_on=MONDAY.date())
    assert states(office) == ["valid", "valid", "withdrawn"]
    with pytest.raises(NoConsent, match=r"1 adults .*withdrawn"):
        check(office)
    with office.as_user(office.clerk):
        assert not StepRecord.objects.filter(case=office.case(), step="information_check").exists()
        office.do(consent.record_consents, person_ids=[member], signed_on=MONDAY.date())
    check(office)


def test_an_expired_consent_stops_the_check_and_is_shown_as_expired(office: Office) -> None:
    filled(office)
    after = MONDAY + timedelta(days=consent.CONSENT_DAYS + 1)
    assert states(office, after.date()) == ["expired"] * 3
    with office.as_user(office.reviewer), pytest.raises(NoConsent, match="expired"):
        office.do(verify.run_check, actor=office.reviewer, at=after)


@pytest.mark.parametrize(
    ("days", "scope", "said"), [(-1, "all", "ends after"), (4000, "all", "ends after"), (10, "x", "may ask")]
)
def test_a_consent_says_whom_it_lets_the_office_ask_and_until_when(
    office: Office, days: int, scope: str, said: str
) -> None:
    filled(office)
    with office.as_user(office.clerk), pytest.raises(Unacceptable, match=said):
        office.do(
            consent.record_consents,
            person_ids=[office.person_ids()[0]],
            signed_on=MONDAY.date(),
            valid_until=MONDAY.date() + timedelta(days=days),
            scope=scope,
        )
