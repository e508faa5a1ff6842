"""What is granted once has one month; a person's year has a cap; a recognition pays nothing and ends on its day."""

from collections.abc import Iterator
from datetime import date, datetime

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation
from tests.office.payments.families import COUNTY, VILLAGE, Office, family, office_of

from doudi.engine.values.period import Month
from doudi.office.casework.models import Case, Decision
from doudi.office.entitlements.actions import GrantRefused, grant, recognise
from doudi.office.entitlements.models import Entitlement, Recognition
from doudi.office.entitlements.queries import granted_in_year
from doudi.office.evidence.models import Assessment


@pytest.fixture
def office(make_user, as_user, keyring) -> Iterator[Office]:
    """The county's approver and finance."""
    first = make_user("finance", COUNTY)
    with as_user(first), translation.override("en"):
        yield office_of(first, make_user("finance", COUNTY), make_user("approver", COUNTY), keyring)


def decided(office: Office, programme: str, day: str, amount_fen: int | None) -> Decision:
    """An approval of a day for the one person of a family that gets dibao."""
    known = Entitlement.objects.first() or family(office)
    at = datetime.fromisoformat(f"{day}T10:00:00+08:00")
    assessment = Assessment.objects.create(
        household=known.household, programme=programme, as_of=at.date(), outcome="eligible", amount_fen=amount_fen,
        pack_release="test", pack_hash="0" * 64, inputs={}, result={"values": {}}, explanation_zh={},
        explanation_en={}, made_at=at, made_by=office.approver, area=VILLAGE,
    )  # fmt: skip
    case = Case.objects.create(
        number=f"{programme}-{day}", household=known.household, programme=programme, channel="window",
        applicant=known.case.applicant, opened_at=at, opened_by=office.approver, area=VILLAGE,
    )  # fmt: skip
    decision = Decision.objects.create(
        case=case, stage="confirm", step="confirm", outcome="approve", recommended="eligible", reason="符合条件",
        assessment=assessment, amount_fen=amount_fen, actor=office.approver, decided_at=at, area=VILLAGE,
    )  # fmt: skip
    Case.objects.filter(pk=case.pk).update(state="approved")
    return decision


def granted(office: Office, programme: str, day: str, amount_fen: int) -> Entitlement:
    decision = decided(office, programme, day, amount_fen)
    return grant(
        actor=office.approver, case_id=decision.case_id, household=decision.case.household, programme=programme,
        decision_id=decision.pk, assessment=decision.assessment, amount_fen=amount_fen, area=VILLAGE,
        at=decision.decided_at,
    )  # fmt: skip


def test_what_is_paid_once_has_the_month_of_its_decision_alone(office: Office) -> None:
    once = granted(office, "temporary_assistance", "2026-11-24", 150_000)
    assert (once.start_month, once.end_month) == ("2026-11", "2026-11")
    with pytest.raises(GrantRefused, match="this month already"):
        granted(office, "temporary_assistance", "2026-11-30", 1)
    assert granted(office, "temporary_assistance", "2026-12-01", 150_000).start_month == "2026-12"


@pytest.mark.parametrize(("more_fen", "is_granted"), [(99, True), (100, True), (101, False)])
def test_c3_one_person_never_gets_more_than_the_cap_of_a_year(office: Office, more_fen: int, is_granted: bool) -> None:
    first = granted(office, "hardship_worker", "2026-03-02", 3_000_000)
    granted(office, "hardship_worker", "2026-06-01", 1_999_900)
    assert granted_in_year(first.case.applicant_id, "hardship_worker", 2026) == 4_999_900
    if is_granted:
        assert granted(office, "hardship_worker", "2026-12-31", more_fen).amount_fen == more_fen
    else:
        with pytest.raises(GrantRefused, match=r"1\.00 yuan more in 2026: the yearly cap is 50,000\.00"):
            granted(office, "hardship_worker", "2026-12-31", more_fen)


def test_c3_the_next_year_begins_anew(office: Office) -> None:
    granted(office, "hardship_worker", "2026-12-31", 5_000_000)
    assert granted(office, "hardship_worker", "2027-01-01", 5_000_000).start_month == "2027-01"


def test_the_cap_of_one_programme_is_no_cap_of_another(office: Office) -> None:
    granted(office, "hardship_worker", "2026-12-31", 5_000_000)
    assert granted(office, "temporary_assistance", "2026-12-31", 252_000).amount_fen == 252_000


@pytest.mark.parametrize(("programme", "until"), [("rigid_expense", date(2027, 11, 23)), ("dibao_edge", None)])
def test_a_recognition_pays_nothing_and_holds_as_long_as_the_law_says(
    office: Office, programme: str, until: date | None
) -> None:
    decision = decided(office, programme, "2026-11-24", None)
    before = Entitlement.objects.count()
    for _turn in range(2):
        made = recognise(actor=office.approver, at=decision.decided_at, case=decision.case, decision=decision)
        assert (made.valid_from, made.valid_until) == (date(2026, 11, 24), until)
    assert Recognition.objects.count() == 1
    assert Entitlement.objects.count() == before


def test_an_approval_names_an_amount_above_zero_or_none_and_a_refusal_none(office: Office) -> None:
    decision = decided(office, "rigid_expense", "2026-11-24", None)
    row = {field.attname: getattr(decision, field.attname) for field in Decision._meta.fields if field.attname != "id"}
    for outcome, amount in (("approve", 0), ("approve", -1), ("refuse", 1)):
        with pytest.raises(IntegrityError, match="amount_only_if_approved"), transaction.atomic():
            Decision.objects.create(**(row | {"outcome": outcome, "amount_fen": amount, "step": "x"}))
    assert Month.of(decision.decided_at.date()) == Month(2026, 11)
