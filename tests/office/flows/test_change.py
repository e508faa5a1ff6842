"""What running help pays changes by named people, on the rules' word; less only after notice, to the fen."""

import io
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from django.conf import settings as conf
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from tests.office.flows.lakes import FAMILY, Somebody
from tests.office.flows.test_end import HORIZON, JANUARY, act, grown_rich, proposed, receiving
from tests.office.flows.walks import Office

from doudi.engine.values.period import Month
from doudi.office.entitlements.models import AmountVersion, Change, Entitlement, EntitlementMonth
from doudi.office.entitlements.month_actions import open_months
from doudi.office.errors import NotAllowed, NotYours, Refused, Unacceptable
from doudi.office.evidence.terms import Seen
from doudi.office.flows import change, letter, visit
from doudi.office.flows.export_snapshot import export_snapshot
from doudi.office.org.models import User

GRANDMOTHER = Somebody("孙桂英", date(1948, 3, 15), 62, "50")


@pytest.fixture
def other(make_user: Callable[..., User]) -> User:
    """Another officer of the county."""
    return make_user("approver", "419901", display_name="裴远")


def found_at_the_door(office: Office, seen: list[Seen], at: datetime = JANUARY) -> None:
    with office.as_user(office.assistant):
        visit.record_visit(
            actor=office.assistant, at=at, visited_on=at.date(), second_visitor_id=office.colleague.pk,
            outcome="confirmed", reason="入户核查。", form_token=f"door-{at}-{len(seen)}", seen=seen,
            case_number=office.number, signed_by_id=office.person_ids()[1],
        )  # fmt: skip


def earns(office: Office, fen: int, at: datetime = JANUARY) -> None:
    """A visit finds that the mother has casual work."""
    with office.as_user(office.assistant):
        mother = office.person_ids()[1]
    found_at_the_door(office, [Seen("wage_casual_monthly", fen, mother)], at)


def take_in_grandmother(office: Office, entitlement: Entitlement) -> int:
    number: int = act(
        office, office.clerk, change.add_member, entitlement_id=entitlement.pk, name="孙桂英",
        id_number=GRANDMOTHER.id_number, relation="50", signed_on=JANUARY.date(),
    )  # fmt: skip
    home = [
        Seen(name, 0, number)
        for name in ("wage_casual_monthly", "support_received_monthly", "basic_pension_central_monthly")
    ]
    ties = [Seen("disability_kind", "none", number), Seen("disability_grade", 0, number)]
    found_at_the_door(office, [*home, *ties, Seen("membership_exclusion", "none", number)])
    office.lake.people = (*FAMILY, GRANDMOTHER)
    office.load("with grandmother", JANUARY)
    assert act(office, office.reviewer, change.ask_departments, entitlement_id=entitlement.pk) > 0
    return number


def proposed_change(office: Office, entitlement: Entitlement, at: datetime = JANUARY) -> int:
    number: int = act(
        office, office.clerk, change.propose_change, at, entitlement_id=entitlement.pk, occasion="visit",
        reason="入户发现家庭情况有变。",
    )  # fmt: skip
    return number


def approved(office: Office, number: int, at: datetime = JANUARY) -> None:
    said = {"change_id": number, "outcome": "approve", "reason": "同意。"}
    act(office, office.reviewer, change.review_change, at, **said)
    act(office, office.approver, change.decide_change, at, **said)


def told(office: Office, number: int, at: datetime = JANUARY) -> None:
    act(office, office.clerk, change.deliver_change, at, change_id=number, delivered_on=at.date(), delivery="上门")


def sums(as_job: Any, through: Month = HORIZON) -> dict[str, int]:
    """What each month has been opened with in all."""
    with as_job("419901"):
        open_months(county="419901", programme="dibao", through=through)
        total: Counter[str] = Counter()
        for month, fen in EntitlementMonth.objects.values_list("month", "amount_fen"):
            total[month] += fen
        return dict(total)


def expected(*parts: tuple[str, int]) -> dict[str, int]:
    """Amounts of the months of 2027 by their first months."""
    months = [str(Month(2027, 1).plus(number)) for number in range(12)]
    return {month: next(fen for since, fen in reversed(parts) if since <= month) for month in months}


def test_less_is_paid_only_after_the_notice_and_the_letter_can_name_what_did_it(office: Office, as_job: Any) -> None:
    entitlement = receiving(office)
    earns(office, 30_000)
    number = proposed_change(office, entitlement)
    approved(office, number)
    assert sums(as_job) == expected(("2027-01", entitlement.amount_fen))
    with office.as_user(office.clerk):
        row = Change.objects.get()
    assert row.new_amount_fen == entitlement.amount_fen - 30_000
    assert row.from_month is None
    [line] = row.differences
    assert (line["what"], line["name"], line["old"], line["new"]) == ("fact", "wage_casual_monthly", 0, 30_000)
    # Without this line the amount would be the old one: computed, not argued.
    assert (line["without_fen"], line["explains"], line["source"]) == (entitlement.amount_fen, True, "office")


def test_p18_a_decrease_begins_after_its_notice_and_after_what_is_written(office: Office, as_job: Any) -> None:
    entitlement = receiving(office)
    earns(office, 30_000)
    number = proposed_change(office, entitlement)
    approved(office, number)
    before = transaction.savepoint()
    told(office, number)
    with office.as_user(office.clerk):
        row = Change.objects.get()
        assert (row.notice_until, row.object_until, row.from_month) == (
            date(2027, 1, 26),
            date(2027, 3, 12),
            "2027-02",
        )
    less = entitlement.amount_fen - 30_000
    assert sums(as_job) == expected(("2027-01", entitlement.amount_fen), ("2027-02", less))
    transaction.savepoint_rollback(before)
    sums(as_job, Month(2027, 4))
    told(office, number)
    assert sums(as_job) == expected(("2027-01", entitlement.amount_fen), ("2027-05", less))


def test_an_increase_begins_in_the_month_after_the_decision_and_supplements_what_is_written(
    office: Office, as_job: Any
) -> None:
    entitlement = receiving(office)
    earns(office, 30_000)
    number = proposed_change(office, entitlement)
    approved(office, number)
    told(office, number)
    with as_job("419901"):
        open_months(county="419901", programme="dibao", through=Month(2027, 4))
    march = JANUARY + timedelta(days=50)
    earns(office, 10_000, march)
    second = proposed_change(office, entitlement, march)
    approved(office, second, march)
    full = entitlement.amount_fen
    assert sums(as_job) == expected(("2027-01", full), ("2027-02", full - 30_000), ("2027-04", full - 10_000))
    with office.as_user(office.clerk):
        april = EntitlementMonth.objects.filter(month="2027-04").order_by("sequence")
        # What was written stays; what it lacked is a row of its own.
        assert list(april.values_list("sequence", "amount_fen")) == [(0, full - 30_000), (1, 20_000)]


def test_a2_a_member_who_was_never_in_the_grant_is_taken_in(office: Office, as_job: Any) -> None:
    entitlement = receiving(office)
    number = take_in_grandmother(office, entitlement)
    change_id = proposed_change(office, entitlement)
    approved(office, change_id)
    with office.as_user(office.clerk):
        row = Change.objects.get()
    assert row.new_amount_fen > row.old_amount_fen
    assert row.from_month == "2027-02"
    joined = [line for line in row.differences if line["what"] == "joined"]
    assert [(line["name"], line["without_fen"]) for line in joined] == [("50", row.old_amount_fen)]
    assert sums(as_job) == expected(("2027-01", row.old_amount_fen), ("2027-02", row.new_amount_fen))
    assert number


def test_an_adult_is_taken_in_only_with_a_signed_authorisation(office: Office) -> None:
    entitlement = receiving(office)
    given: dict[str, Any] = {"entitlement_id": entitlement.pk, "name": "孙桂英", "id_number": GRANDMOTHER.id_number}
    with pytest.raises(Unacceptable, match="signs the authorisation"), transaction.atomic():
        act(office, office.clerk, change.add_member, relation="50", **given)
    with office.as_user(office.clerk):
        assert len(office.person_ids()) == 3


def test_what_is_not_known_or_the_same_or_over_changes_no_amount(office: Office) -> None:
    entitlement = receiving(office)
    with pytest.raises(Refused, match="same amount"):
        proposed_change(office, entitlement)
    grown_rich(office)
    with pytest.raises(Refused, match="no longer met"):
        proposed_change(office, entitlement)


def test_p22_three_people_speak_and_none_twice(office: Office, other: User) -> None:
    entitlement = receiving(office)
    earns(office, 30_000)
    number = proposed_change(office, entitlement)
    said = {"change_id": number, "outcome": "approve", "reason": "同意。"}
    with pytest.raises(NotAllowed):
        act(office, office.clerk, change.review_change, **said)
    with pytest.raises(Refused, match="review comes first"):
        act(office, office.approver, change.decide_change, **said)
    act(office, office.reviewer, change.review_change, **said)
    with pytest.raises(Refused, match="already done"):
        act(office, office.reviewer, change.review_change, **said)
    for outcome in ("approve", "refuse"):
        with pytest.raises(Unacceptable, match="reason is needed"):
            act(office, office.approver, change.decide_change, change_id=number, outcome=outcome, reason=" ")
    act(office, office.approver, change.decide_change, **said)
    with pytest.raises(Refused, match="under way"):
        proposed_change(office, entitlement)
    with pytest.raises(Refused, match="under way"):
        proposed(office, entitlement)
    told(office, number)
    act(office, office.clerk, change.object_to_change, change_id=number, objected_on=JANUARY.date(), text="没有。")
    with pytest.raises(Refused, match="Another officer"):
        act(office, office.approver, change.answer_change, change_id=number, outcome="upheld", reason="属实。")
    act(office, other, change.answer_change, change_id=number, outcome="upheld", reason="属实。")


def test_p17_the_database_pays_no_amount_that_no_person_decided(office: Office) -> None:
    entitlement = receiving(office)
    earns(office, 30_000)
    number = proposed_change(office, entitlement)
    with office.as_user(office.clerk):
        row = Change.objects.get()
        made: dict[str, Any] = {
            "entitlement": entitlement, "change": row, "written_at": JANUARY, "written_by": office.service,
            "area": entitlement.area, "from_month": "2027-02",
        }  # fmt: skip
        for fen in (row.new_amount_fen, row.old_amount_fen, 1):
            with pytest.raises(IntegrityError, match="no decision"), transaction.atomic():
                AmountVersion.objects.create(amount_fen=fen, **made)
        with pytest.raises(IntegrityError, match="only a person"), transaction.atomic():
            Change.objects.filter(pk=number).update(
                review_outcome="approve", review_reason="自动", reviewed_at=JANUARY, reviewed_by=office.service
            )
    approved(office, number)
    # Decided, not yet told: the lower amount is still refused.
    with office.as_user(office.clerk), pytest.raises(IntegrityError, match="no decision"), transaction.atomic():
        AmountVersion.objects.create(amount_fen=row.new_amount_fen, **made)


def test_a_proposal_on_outdated_facts_is_not_approved(office: Office) -> None:
    entitlement = receiving(office)
    earns(office, 30_000)
    number = proposed_change(office, entitlement)
    earns(office, 20_000, JANUARY + timedelta(hours=1))
    with pytest.raises(Refused, match="have changed since"):
        approved(office, number)
    act(office, office.reviewer, change.review_change, change_id=number, outcome="refuse", reason="情况又有变化。")
    assert proposed_change(office, entitlement) != number


def test_p19_in_time_the_old_amount_goes_on_until_another_officer_answers(
    office: Office, other: User, as_job: Any
) -> None:
    entitlement = receiving(office)
    earns(office, 30_000)
    number = proposed_change(office, entitlement)
    approved(office, number)
    told(office, number)
    sums(as_job, Month(2027, 3))
    later = JANUARY + timedelta(days=50)
    act(office, office.clerk, change.object_to_change, later, change_id=number, objected_on=later.date(), text="没有。")
    full = entitlement.amount_fen
    assert sums(as_job, Month(2027, 4)) == {f"2027-{n:02}": full for n in range(1, 5)}
    act(office, other, change.answer_change, later, change_id=number, outcome="upheld", reason="已核实。")
    assert sums(as_job) == expected(("2027-01", full), ("2027-05", full - 30_000))


@pytest.fixture
def lowered(office: Office) -> tuple[Entitlement, int]:
    """A family whose amount was lowered, and the change."""
    entitlement = receiving(office)
    earns(office, 30_000)
    number = proposed_change(office, entitlement)
    approved(office, number)
    told(office, number)
    return entitlement, number


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(objected_after=st.integers(0, 200), answered_after=st.integers(0, 200), opened=st.integers(0, 11))
def test_p19_overturned_each_month_is_to_the_fen_as_if_nothing_had_been_lowered(
    office: Office,
    other: User,
    as_job: Any,
    lowered: tuple[Entitlement, int],
    objected_after: int,
    answered_after: int,
    opened: int,
) -> None:
    """Whenever the family objects, whenever it is answered, and whichever months were opened in between."""
    entitlement, number = lowered
    before = transaction.savepoint()
    objected = JANUARY + timedelta(days=objected_after)
    sums(as_job, Month(2027, 1).plus(opened))
    said = {"change_id": number, "objected_on": objected.date(), "text": "不实。"}
    act(office, office.clerk, change.object_to_change, objected, **said)
    answered = objected + timedelta(days=answered_after)
    act(office, other, change.answer_change, answered, change_id=number, outcome="overturned", reason="不是她的。")
    assert sums(as_job) == expected(("2027-01", entitlement.amount_fen))
    transaction.savepoint_rollback(before)


def test_p18_the_letter_says_what_is_different_from_when_and_how_to_object(
    office: Office, lowered: tuple[Entitlement, int]
) -> None:
    _entitlement, number = lowered
    given = {"change_id": number, "lang": "zh", "font_dir": conf.FONT_DIR}
    with office.as_user(office.clerk):
        pages = PdfReader(io.BytesIO(letter.change_letter(actor=office.clerk, **given))).pages
    text = "".join(page.extract_text() for page in pages)
    text = "".join(text.split())
    for part in ("减发决定书", "1,140.00", "840.00", "2027年2月", "打零工", "使金额减少300.00元", "2027年3月12日"):
        assert part in text, part
    with pytest.raises(NotYours), office.as_user(office.stranger):
        letter.change_letter(actor=office.stranger, **given)


def test_the_next_night_sees_the_amount_of_each_month(
    office: Office, lowered: tuple[Entitlement, int], tmp_path: Path
) -> None:
    entitlement, _number = lowered
    march = JANUARY + timedelta(days=60)
    with office.as_job("419901", "snapshot"):
        export_snapshot(out=tmp_path / "snapshot", county="419901", actor=office.service, at=march)
    rows = pq.read_table(tmp_path / "snapshot" / "office_receipts.parquet").to_pylist()
    told = {row["month"]: row["amount_fen"] for row in rows}
    full, less = entitlement.amount_fen, entitlement.amount_fen - 30_000
    assert told == {"2027-01": full, "2027-02": less, "2027-03": less, "2027-04": less}
