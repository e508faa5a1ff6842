"""Who may print what, and what it leaves behind."""

from datetime import date

import pytest
from tests.office.paper.desk_cases import DECIDED

from doudi.office.audit.models import Entry
from doudi.office.casework.models import Publicity, PublicSheet
from doudi.office.errors import NotAllowed, NotYours, Refused
from doudi.office.flows import letter


def test_p29_printing_a_letter_leaves_an_audit_row(desk, font_dir) -> None:
    case = desk.decision().case
    pdf = letter.decision_letter(actor=desk.approver, case_number=case.number, lang="zh", font_dir=font_dir)
    assert pdf.startswith(b"%PDF")
    entry = Entry.objects.get(verb="read", purpose="decision letter")
    assert entry.object_id == str(case.applicant_id)


def test_without_a_decision_there_is_no_letter(desk, font_dir) -> None:
    case = desk.decision().case
    type(case.decisions.get()).objects.update(set_aside_at=DECIDED)
    with pytest.raises(Refused):
        letter.decision_letter(actor=desk.approver, case_number=case.number, lang="zh", font_dir=font_dir)


def test_finance_prints_no_letters(desk, font_dir, make_user) -> None:
    with pytest.raises(NotAllowed):
        letter.decision_letter(actor=make_user("finance", "419901"), case_number="x", lang="zh", font_dir=font_dir)


def test_p27_a_case_elsewhere_is_not_found(desk, font_dir, make_user, as_user) -> None:
    case = desk.decision().case
    other = make_user("clerk", "419901102")
    with as_user(other):
        for number in (case.number, "no such case"):
            with pytest.raises(NotYours):
                letter.decision_letter(actor=other, case_number=number, lang="zh", font_dir=font_dir)


def test_the_sheet_can_be_printed_only_while_it_hangs(desk, font_dir) -> None:
    case = desk.decision().case
    with pytest.raises(Refused):
        letter.publicity_sheet(actor=desk.approver, case_number=case.number, lang="zh", font_dir=font_dir)
    publicity = Publicity.objects.create(
        case=case,
        starts_on=date(2026, 11, 12),
        ends_on=date(2026, 11, 19),
        started_at=DECIDED,
        started_by=desk.approver,
        area=case.area,
    )
    PublicSheet.objects.create(
        publicity=publicity,
        token="t",
        programme="dibao",
        masked_name="张*国",
        member_count=3,
        opinion="approve",
        village=case.area,
        starts_on=publicity.starts_on,
        ends_on=publicity.ends_on,
    )
    pdf = letter.publicity_sheet(actor=desk.approver, case_number=case.number, lang="en", font_dir=font_dir)
    assert pdf.startswith(b"%PDF")
