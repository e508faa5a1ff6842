"""One application, classified: the rules name the tier, an officer confirms it, and the case goes on under it."""

import pytest
from tests.office.flows.walks import Office
from tests.office.flows.window_cases import AtWindow

from doudi.office.casework.models import Case, Classification, StepRecord
from doudi.office.entitlements.models import Entitlement, Recognition
from doudi.office.errors import NotAllowed, Refused, Unacceptable
from doudi.office.flows import classify


def above_the_standard(office: Office) -> AtWindow:
    """One person with 500 yuan a month: above the standard of 420, below one and a half times it."""
    case = AtWindow(office, "dibao", person={"wage_casual_monthly": 50_000}).open()
    case.declare().sign().accept()
    return case


def tiers(case: AtWindow) -> classify.Tiers:
    with case.office.as_user(case.office.clerk):
        return classify.look_up_tiers(actor=case.office.clerk, at=case.at, case_number=case.number, lang="en")


def test_the_counter_says_which_tier_fits_and_what_is_not_known_before_it(office: Office) -> None:
    found = tiers(above_the_standard(office))
    by_name = {line.programme: line for line in found.lines}
    assert [line.programme for line in found.lines][:2] == ["tekun", "dibao"]
    assert by_name["dibao"].outcome == "ineligible"
    # Whether somebody is a shareholder is asked for edge alone, and nobody has asked yet.
    assert by_name["dibao_edge"].outcome == "undetermined"
    assert "holds shares in an operating company" in by_name["dibao_edge"].missing
    assert found.tier == ""
    assert "dibao_edge" in found.open_before


def test_the_case_goes_on_under_the_programme_that_the_officer_confirms(office: Office) -> None:
    office.load()
    case = above_the_standard(office)
    assert case.visited_by(office.assistant, office.colleague, "v")
    case.do(classify.choose_programme, programme="dibao_edge", reason="收入高于低保标准，低于1.5倍。")
    assert case.case().programme == "dibao_edge"
    with office.as_user(office.clerk):
        row = Classification.objects.get()
        # What both procedures have stays taken: nobody is visited twice for one application.
        taken = set(StepRecord.objects.filter(case=row.case, set_aside_at=None).values_list("step", flat=True))
    assert (row.before, row.chosen, row.chosen_by) == ("dibao", "dibao_edge", office.clerk)
    assert {"apply", "accept", "home_visit"} <= taken
    case.programme, case.household = "dibao_edge", {"dwellings": 1}
    case.declare()
    case.check()
    case.assess()
    case.do_relatives()
    case.opinion()
    case.publicise()
    case.later(8).review()
    case.confirm(office.approver)
    assert case.case().state == Case.State.APPROVED
    with office.as_user(office.clerk):
        assert Recognition.objects.get().programme == "dibao_edge"
        assert not Entitlement.objects.exists()


def test_a_recognition_is_approved_without_an_amount(office: Office) -> None:
    office.load()
    case = AtWindow(office, "dibao_edge", person={"wage_casual_monthly": 50_000}).open()
    case.declare().sign().accept()
    case.visited_by(office.assistant, office.colleague, "v")
    case.do_relatives()
    case.check()
    case.assess()
    with pytest.raises(Unacceptable, match="pays nothing"):
        case.opinion(amount_fen=1)


def test_p21_following_and_departing_both_need_a_reason(office: Office) -> None:
    case = above_the_standard(office)
    for programme in ("dibao_edge", "tekun"):
        with pytest.raises(Unacceptable, match="reason is needed"):
            case.do(classify.choose_programme, programme=programme, reason=" ")
    with pytest.raises(Unacceptable, match="not classified"):
        case.do(classify.choose_programme, programme="hardship_worker", reason="工会会员。")
    with pytest.raises(NotAllowed):
        case.do(classify.choose_programme, actor=office.reviewer, programme="dibao_edge", reason="收入低。")


def test_after_the_opinion_the_programme_stays(office: Office) -> None:
    office.load()
    case = AtWindow(office, "dibao").open()
    case.declare().sign().accept()
    case.visited_by(office.assistant, office.colleague, "v")
    case.do_relatives()
    case.check()
    case.assess()
    case.opinion()
    with pytest.raises(Refused, match="opinion has been given"):
        case.do(classify.choose_programme, programme="dibao_edge", reason="收入低。")
