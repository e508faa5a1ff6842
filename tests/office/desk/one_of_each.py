"""One family at the end of its way, and one record of each kind that an address can name."""

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from PIL import Image
from tests.office.flows.lakes import FATHER, id_number
from tests.office.flows.walks import AFTER_PUBLICITY, MONDAY, Office

from doudi.engine.values.period import Month
from doudi.office.casework.models import Case, Finding, Objection, OnlineApplication, Recheck, ReportLine, Task, Visit
from doudi.office.entitlements.models import Change, Entitlement
from doudi.office.flows import (
    adjust,
    administer,
    answer_report,
    apply,
    county,
    end,
    intake,
    keep_time,
    move_between,
    papers,
    pay,
    publicise,
    registry,
    relatives,
    visit_record,
)
from doudi.office.org.actions import create_area
from doudi.office.org.models import User
from doudi.office.org.queries import server_day
from doudi.office.payments.bank_file import read_bank_file, yuan
from doudi.office.payments.demo_bank import compose
from doudi.office.payments.models import Payment, SuspenseItem
from doudi.office.registry.ground import Ground
from doudi.office.registry.models import Household

JANUARY = datetime.fromisoformat("2027-01-04T09:00:00+08:00")
OTHER_COUNTY = "419902"
VILLAGE = "419901101002"
# The county that is asked for verification: it may see the request, so nobody of it is among the foreigners.
ASKED_COUNTY = "419903"
# What stands for a record that is not there. As long as no walk makes so many rows, nobody has it.
ABSENT_NUMBER = 987_654_321
ABSENT_CASE = "419901-2026-987654"
# A parameter of an address that names a thing for everybody, no record of anybody's.
FIXED = {"step": "accept", "rule": "double_grant", "part": "income"}


@dataclass
class Everything:
    """One family at the end of its way, and one record of each kind that an address can name."""

    ids: dict[str, dict[str, Any]]
    area_roles: dict[str, User]


def registry_records(office: Office) -> tuple[int, int, int]:
    """A request that waits, an entry that can be undone and a registered relative, in the clerk's own township."""
    ground = Ground(JANUARY.date(), "搬家")
    with office.as_user(office.clerk):
        family = Household.objects.get(key=office.family)
        relative = relatives.declare_relative(
            actor=office.clerk,
            at=JANUARY,
            household_id=family.pk,
            person_id=office.person_ids()[0],
            relation="堂兄弟",
            official_name="村委会主任",
        )
        given: dict[str, Any] = {"actor": office.clerk, "at": JANUARY}
        opened = apply.open_at_window(
            **given,
            programme="dibao",
            area="419901101002",
            name="许明月",
            id_number=id_number("19850412", 77),
            phone="",
            address="柳溪村三组",
            residence="rural",
        )
        keep_time.withdraw(
            **given,
            case_number=opened.case_number,
            version=opened.version,
            signed_by_id=Case.objects.get(number=opened.case_number).applicant_id,
            signed_on=JANUARY.date(),
            reason="不需要了",
        )
        other = Case.objects.get(number=opened.case_number).household_id
        entry = registry.move_household(
            **given, household_id=other, area="419901101001", address="东关街1号", ground=ground
        )
        asked = move_between.ask_to_move(
            **given, household_id=other, to_area="419901201", address="石桥村", ground=ground
        )
    return asked.pk, entry.pk, relative.pk


def a_verified_case(office: Office) -> dict[str, int]:
    """The walk to the opinion with a difference that was disputed and re-checked, and a request to another county."""
    office.lake.household_facts["vehicles_registered"] = ("vehicles", 1)
    office.walk_to_opinion()
    with office.as_user(office.clerk):
        line = ReportLine.objects.get(report__case__number=office.number, name="vehicles_registered")
        applicant = office.person_ids()[1]
        given: dict[str, Any] = {"actor": office.clerk, "at": MONDAY, "case_number": office.number}
        answer_report.answer_difference(
            **given, position=line.position, kind="objects", text="车已卖。", said_by_id=applicant,
            said_on=MONDAY.date(), form_token="answer",
        )  # fmt: skip
        recheck = Recheck.objects.get()
        done = answer_report.answer_recheck(
            **given, recheck_id=recheck.pk, outcome="corrected", authority="交警", reply="已过户。", value=0
        )
        request = county.ask_county(
            **given, person_id=applicant, answering_area=ASKED_COUNTY, asked_facts=["vehicles_registered"],
            reason="以前住在邻县。", form_token="request",
        )  # fmt: skip
        visit = Visit.objects.get()
        drawn = io.BytesIO()
        Image.new("RGB", (40, 30)).save(drawn, "JPEG")
        (photo,) = visit_record.add_photos(
            actor=office.clerk,
            at=MONDAY,
            visit_id=visit.pk,
            photos=[visit_record.NewPhoto(drawn.getvalue(), "home")],
        )
        case = office.case()
        office.version = case.version
    assert case.version > done.version
    office.assess()
    return {
        "position": line.position,
        "recheck_id": recheck.pk,
        "request_id": request,
        "visit_id": visit.pk,
        "photo_id": photo,
    }


@pytest.fixture
def everything(office: Office, make_user: Callable[..., User], db_role: Any, set_clock: Any) -> Everything:
    """The walk of a family to a returned payment with a doubtful line and a new account that waits."""
    set_clock(JANUARY)
    with db_role("worker"):
        for code, name in ((OTHER_COUNTY, "外县"), (ASKED_COUNTY, "邻县")):
            create_area(actor=None, code=code, name=name)
    verified = a_verified_case(office)
    office.give_opinion()
    office.publicise()
    pair = office.doubtful_pair()
    with office.as_user(office.clerk):
        objection = publicise.record_objection(
            actor=office.clerk,
            at=MONDAY.replace(day=25),
            case_number=office.number,
            received_on=MONDAY.replace(day=25).date(),
            objector="邻居",
            text="他家有车。",
            form_token="objection",
        )
        done = publicise.settle_objection(
            actor=office.clerk, at=AFTER_PUBLICITY, objection_id=objection, outcome="unfounded", reason="已核实"
        )
        office.version = done.version
    office.review()
    office.confirm()
    first, second = make_user("finance", "419901"), make_user("finance", "419901")
    given: dict[str, Any] = {"at": JANUARY, "keyring": office.keyring}
    with office.as_user(first):
        fund = pay.open_fund(actor=first, county="419901", programme="dibao", year=2027, name="资金", at=JANUARY)
        pay.appropriate(actor=first, fund_id=fund.pk, amount_fen=10_000_000, document="1号", at=JANUARY)
        run = pay.prepare_run(actor=first, county="419901", programme="dibao", month=Month(2027, 1), at=JANUARY).run
        pay.release_run(actor=second, run_id=run.pk, **given)
        file = pay.download_bank_file(actor=second, run_id=run.pk, keyring=office.keyring)
        pay.mark_sent(actor=second, run_id=run.pk, handed_over=file, **given)
        sent = read_bank_file(file)
        lines = [f"{each.reference},{yuan(each.amount_fen)},失败,账户已销户" for each in sent.instructions]
        returned = compose(
            run=sent.run,
            bank_file_sha256=hashlib.sha256(file).hexdigest(),
            number="B1",
            lines=[*lines, "没有这一笔,1.00,失败,查无"],
            paid_fen=0,
        )
        pay.import_return_file(actor=first, content=returned, **given)
        household = Household.objects.get(key=office.family)
        change = pay.propose_account(
            actor=first,
            household_id=household.pk,
            holder_id=office.person_ids()[1],
            bank_name="清河农商银行",
            number="6217000099998888777",
            reason="销户",
            **given,
        )
        payment, item = Payment.objects.get(), SuspenseItem.objects.get()
    with office.as_user(office.approver):
        finding, task = Finding.objects.latest("pk"), Task.objects.filter(kind="visit").latest("pk")
        assert Objection.objects.exists()
    admin = make_user("admin", "419901")
    with office.as_user(admin):
        held = administer.delegate(
            actor=admin,
            absent_id=office.colleague.pk,
            deputy_id=office.clerk.pk,
            first_day=server_day(),
            last_day=server_day(),
        )
    with office.as_user(office.approver):
        member = office.person_ids()[0]
        granted = Entitlement.objects.get()
    requested, entry, relative = registry_records(office)
    with office.as_user(office.clerk):
        drawn = io.BytesIO()
        Image.new("RGB", (40, 30)).save(drawn, "JPEG")
        given = {"actor": office.clerk, "at": MONDAY, "case_number": office.number}
        paper = papers.add_paper(
            **given, kind="income", content=drawn.getvalue(), file_name="工资.jpg", person_id=member
        )
    intake.send_online(
        at=JANUARY, place="127.0.0.1", name=FATHER.name, id_number=FATHER.id_number, phone="13800000000",
        area=VILLAGE, address="一组", story="住院",
    )  # fmt: skip
    with office.as_user(office.clerk):
        online = OnlineApplication.objects.get()
    with office.as_user(office.reviewer):
        begun = adjust.begin_adjustment(
            actor=office.reviewer, at=JANUARY, programme="dibao", from_month=Month(2027, 1), reason="调标。"
        )
    with office.as_user(office.clerk):
        said = {"actor": office.clerk, "at": JANUARY, "entitlement_id": granted.pk}
        ending = end.propose_ending(**said, cause="death", reason="去世。")
        lower = Change.objects.create(
            entitlement=granted, occasion="visit", reason="入户。", assessment=granted.assessment, differences=[],
            old_amount_fen=granted.amount_fen, new_amount_fen=100, proposed_at=JANUARY, proposed_by=office.clerk,
            area=granted.area,
        )  # fmt: skip
    own = {
        "request_id": requested,
        "entry_id": entry,
        "relative_id": relative,
        "paper_id": paper,
        "online_id": online.pk,
        "finding_pk": finding.pk,
        "pair_id": pair.pk,
        "task_id": task.pk,
        "household_id": household.pk,
        "number": office.number,
        "run_id": run.pk,
        "fund_id": fund.pk,
        "payment_id": payment.pk,
        "change_id": change.pk,
        "item_id": item.pk,
        "person_id": member,
        "user_id": office.colleague.pk,
        "delegation_id": held.pk,
        "entitlement_id": granted.pk,
        "adjustment_id": begun.pk,
        "ending_id": ending,
        "new_amount_id": lower.pk,
        **verified,
    }
    absent = {name: ABSENT_CASE if isinstance(value, str) else ABSENT_NUMBER for name, value in own.items()}
    users = {
        "clerk of another township": office.stranger,
        "assistant of another township": make_user("assistant", "419901102"),
        "township reviewer of another township": make_user("township_reviewer", "419901102"),
        "reviewer of another county": make_user("reviewer", OTHER_COUNTY),
        "approver of another county": make_user("approver", OTHER_COUNTY),
        "finance of another county": make_user("finance", OTHER_COUNTY),
        "analyst of another county": make_user("analyst", OTHER_COUNTY),
        "auditor of another county": make_user("auditor", OTHER_COUNTY),
        "administrator of another county": make_user("admin", OTHER_COUNTY),
        "assistant": office.assistant,
        "clerk": office.clerk,
        "township reviewer": make_user("township_reviewer", "419901101"),
        "reviewer": office.reviewer,
        "approver": office.approver,
        "finance": first,
        "analyst": make_user("analyst", "419901"),
        "auditor": make_user("auditor", "419901"),
        "administrator": admin,
    }
    return Everything({"own": own | FIXED, "absent": absent | FIXED}, users)
