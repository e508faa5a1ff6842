"""Run as its own process on a demonstration after its first night: one record of each kind that a page can be about.

Everything is made by the flows that the screens call, under the scope of the person who does it. Prints one JSON line:
for each parameter of an address the values that stand for something, in the order in which they are to be tried.
"""

import hashlib
import io
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connections, transaction
from django.utils import translation
from PIL import Image
from tests.office.flows.lakes import Lake, id_number
from tests.office.flows.walks import MONDAY, Office
from tests.office.flows.window_cases import AtWindow

from doudi.engine.pipeline.manifest import Held
from doudi.engine.values.period import Month
from doudi.office import clock, crypto
from doudi.office.casework.models import (
    Finding,
    Objection,
    OnlineApplication,
    Recheck,
    ReportLine,
    Task,
)
from doudi.office.entitlements.models import Change, Ending, Entitlement, Review
from doudi.office.errors import Refused
from doudi.office.evidence.models import DoubtfulPair
from doudi.office.evidence.terms import Seen
from doudi.office.flows import (
    adjust,
    administer,
    answer_report,
    apply,
    change,
    consent,
    county,
    end,
    findings,
    intake,
    keep_time,
    meet,
    move_between,
    papers,
    pay,
    publicise,
    registry,
    relatives,
    review_pairs,
    reviews,
    visit,
    visit_record,
)
from doudi.office.flows.load_night import load_night
from doudi.office.org.actions import create_user
from doudi.office.org.models import User
from doudi.office.org.queries import NIGHT_ACCOUNT, server_day
from doudi.office.org.scope import close_scope, entered, job_scope, open_scope
from doudi.office.payments.bank_file import read_bank_file, yuan
from doudi.office.payments.demo_bank import compose
from doudi.office.payments.models import Payment, SuspenseItem
from doudi.office.registry.ground import Ground
from doudi.office.registry.models import Household, Membership

COUNTY, OTHER_COUNTY = "419901", "419903"
LATER = datetime.fromisoformat("2026-12-03T09:00:00+08:00")
JANUARY = datetime.fromisoformat("2027-01-11T09:00:00+08:00")
REASON = "经入户走访、邻里访问和信息比对，家庭人口、收入、财产情况与申报一致，因病支出较大，生活确有困难。"
VILLAGE = "419901101002"
BANK = "示范市清河县农村商业银行股份有限公司柳林支行"
HELD_RULE = "income_above_line"
# So many changes stand at so many stages.
CHANGES = 4
# Names as long as real ones get.
NAMES = (
    "阿依古丽·买买提依明",
    "欧阳建国",
    "许明月",
    "司马相如云",
    "古丽娜尔·阿不都热合曼",
    "赵钱孙李",
    "陈凤英",
    "牛二娃",
)


@contextmanager
def as_user(user: User) -> Iterator[User]:
    """What this person's log-in would see, committed at the end."""
    token = open_scope(user)
    with transaction.atomic(), entered(token):
        yield user
    close_scope(token)


class County:
    """The people of the demonstration, and the ids of what they have made."""

    def __init__(self) -> None:
        self.ids: dict[str, list[Any]] = {}
        self.users = {each.username: each for each in User.objects.all()}
        people = self.users
        self.office = Office(
            assistant=people["assistant1"],
            clerk=people["clerk1"],
            colleague=people["assistant4"],
            stranger=people["clerk2"],
            reviewer=people["reviewer1"],
            approver=people["approver1"],
            service=people[NIGHT_ACCOUNT],
            as_user=as_user,
            as_job=_no_job,
            lake=Lake(root=settings.DOUDI_STATE / "no-lake", keyring=crypto.keyring()),
            keyring=crypto.keyring(),
        )

    def keep(self, name: str, *values: Any) -> None:
        """Note what an address can name; the first is tried first."""
        self.ids.setdefault(name, []).extend(value for value in values if value not in self.ids.get(name, []))

    def act(self, username: str, flow: Callable[..., Any], **given: Any) -> Any:
        """Somebody does something."""
        with as_user(self.users[username]) as actor:
            return flow(actor=actor, **given)


@contextmanager
def _no_job(*_area: str) -> Iterator[None]:
    raise RuntimeError("whatever is done here is done by a person")
    yield


def main() -> None:
    """Everything, in the order in which it would happen; then the clock shows the day after."""
    made = County()
    truth = json.loads((settings.DOUDI_STATE / "city" / "truth" / "story_a1.json").read_text("utf-8"))
    made.keep("rule", HELD_RULE)
    made.keep("part", "income", "members", "assets", "expenses")
    made.keep("step", "neighbours", "accept", "apply", "opinion", "complete_papers")
    with translation.override("zh-hans"):
        the_long_case(made, truth)
        cases_at_the_window(made)
        an_urgent_case(made)
        findings_of_the_night(made)
        pairs_of_the_night(made)
        running_help(made)
        money(made)
        households(made)
        from_home(made)
        standards(made)
        colleagues(made)
    clock.write(settings.DOUDI_TEST_CLOCK, JANUARY)
    connections.close_all()
    sys.stdout.write(json.dumps(made.ids, ensure_ascii=False))


def the_long_case(made: County, truth: dict[str, Any]) -> None:
    """Story A1's family: visit, differences, a re-check, another county asked, objection, grant, notice."""
    office, names = made.office, [each["name"] for each in truth["members"]]
    with as_user(office.clerk):
        task = Task.objects.get(
            kind="visit", finding__rule="large_hospital_bill", household__memberships__person__name=names[0]
        )
        members = Membership.objects.filter(household=task.household, to_date__isnull=True).select_related("person")
        ids = {row.person.name: row.person_id for row in members}
        office.household_key = task.household.key
        made.keep("household_id", task.household_id)
        made.keep("person_id", *ids.values())
    seen = [Seen(name, value) for name, value in truth["facts_in_no_file"].items()]
    for each in truth["members"]:
        seen += [Seen(name, value, ids[each["name"]]) for name, value in each["facts_in_no_file"].items()]
    applicant = ids[names[1]]
    done = office.record_visit(seen=seen, reason=REASON, signed_by_id=applicant)
    made.keep("visit_id", done.visit_id)
    photos_of_the_visit(made, done.visit_id)
    office.open(done.visit_id)
    made.keep("number", office.number)
    with as_user(office.clerk):
        # The family does not think of the savings book.
        office.do(apply.declare_facts, facts=[Seen("financial_assets", 320_000), Seen("dwellings", 2)])
        office.do(consent.record_consents, person_ids=list(ids.values()), signed_on=MONDAY.date())
        office.do(
            apply.set_payee_account, holder_id=applicant, bank_name=BANK, account_number="6217 0000 1234 5678 901"
        )
    scan(made, office.number, applicant)
    office.accept()
    office.verify(done.visit_id)
    answers_to_the_report(made, applicant)
    requests_to_another_county(made, ids[names[0]], applicant)
    with as_user(office.clerk):
        office.version = office.case().version
    office.assess()
    office.give_opinion()
    office.publicise()
    said = {
        "at": MONDAY + timedelta(days=3),
        "case_number": office.number,
        "received_on": MONDAY.date() + timedelta(days=3),
    }
    for number in (1, 2):
        made.act(
            "clerk1",
            publicise.record_objection,
            **said,
            objector=f"邻居{number}",
            text="他家女儿好像在城里开店，请核实。",
            form_token=f"o{number}",
        )
    with as_user(office.clerk):
        for objection in Objection.objects.all():
            made.keep("objection_id", objection.pk)
            office.version = publicise.settle_objection(
                actor=office.clerk,
                at=LATER,
                objection_id=objection.pk,
                outcome="unfounded",
                reason="已向市场监管部门核实，无登记。",
            ).version
    office.review(at=LATER)
    office.confirm(at=LATER)


def scan(made: County, number: str, person_id: int) -> None:
    """Photos of papers, one of which replaced another."""
    given = {"at": MONDAY, "case_number": number, "person_id": person_id}
    bill, blurred, again = (_drawn(shade) for shade in ("#eee", "#ccc", "#ddd"))
    name = "住院费用结算单（清河县人民医院2026年10月）.jpg"
    made.keep(
        "paper_id",
        made.act("clerk1", papers.add_paper, **given, content=bill, kind="illness", file_name=name),
        made.act("clerk1", papers.add_paper, **given, content=blurred, kind="income", file_name="工资.jpg"),
    )
    made.act(
        "clerk1",
        papers.add_paper,
        **given,
        content=again,
        kind="income",
        file_name="工资（重拍）.jpg",
        replaces_id=made.ids["paper_id"][-1],
        replace_reason="照片不清。",
    )


def photos_of_the_visit(made: County, visit_id: int) -> None:
    """What was seen, one of which left the record again."""
    roof, blurred, sheet = (_drawn(shade) for shade in ("#dee", "#bcc", "#fee"))
    shown = [
        visit_record.NewPhoto(roof, "home", "卧室屋顶漏雨，用塑料布遮挡"),
        visit_record.NewPhoto(blurred, "home", "灶间"),
        visit_record.NewPhoto(sheet, "sheet"),
    ]
    photos = made.act("assistant1", visit_record.add_photos, at=MONDAY, visit_id=visit_id, photos=shown)
    made.act(
        "clerk1",
        visit_record.remove_photo,
        at=MONDAY,
        visit_id=visit_id,
        photo_id=photos[1],
        reason="照片模糊，已重拍。",
    )
    made.keep("photo_id", photos[0], photos[2])


def _drawn(shade: str) -> bytes:
    """A photo of nothing much."""
    drawn = io.BytesIO()
    Image.new("RGB", (900, 1200), shade).save(drawn, "JPEG")
    return drawn.getvalue()


def answers_to_the_report(made: County, applicant: int) -> None:
    """One difference is disputed and re-checked, another one waits; the report has versions."""
    office = made.office
    said = {"at": MONDAY, "case_number": office.number}
    with as_user(office.clerk):
        office.version = office.case().version
        lines = [
            line
            for line in ReportLine.objects.filter(report__case__number=office.number)
            if line.differs and line.found_id
        ]
    made.keep("position", *[line.position for line in lines])
    # Answered first is answered by the re-check too; the last one stays open until the office looks into it.
    for line in lines[:1]:
        made.act(
            "clerk1",
            answer_report.answer_difference,
            **said,
            position=line.position,
            kind="objects",
            text="房子是已经分户的大儿子的，二十年前就过给他了，村里可以证明。",
            said_by_id=applicant,
            said_on=MONDAY.date(),
            form_token=f"a{line.position}",
        )
    with as_user(office.clerk):
        rechecks = list(Recheck.objects.order_by("pk"))
    made.keep("recheck_id", *[each.pk for each in reversed(rechecks)])
    if rechecks:
        made.act(
            "clerk1",
            answer_report.answer_recheck,
            **said,
            recheck_id=rechecks[0].pk,
            outcome="corrected",
            authority="清河县不动产登记中心",
            reply="登记在已分户的长子名下。",
            document="不动产查询〔2026〕331号",
            value=1,
        )


def requests_to_another_county(made: County, father: int, applicant: int) -> None:
    """Two requests: one waits, one is answered and waits to be taken in."""
    said = {"at": MONDAY, "case_number": made.office.number, "answering_area": OTHER_COUNTY}
    first = made.act(
        "clerk1",
        county.ask_county,
        **said,
        person_id=father,
        asked_facts=["vehicles_registered", "dwellings_registered"],
        reason="2015年至2021年在安远县务工并登记居住，请协助核实车辆和不动产登记情况。",
        form_token="r1",
    )
    second = made.act(
        "clerk1",
        county.ask_county,
        **said,
        person_id=applicant,
        asked_facts=["vehicles_registered"],
        reason="户籍曾在安远县。",
        form_token="r2",
    )
    third = made.act(
        "clerk1",
        county.ask_county,
        **said,
        person_id=applicant,
        asked_facts=["dwellings_registered"],
        reason="户籍曾在安远县。",
        form_token="r3",
    )
    made.act(
        "reviewer2",
        county.reply_to_county,
        at=MONDAY,
        request_id=second,
        text="已向县公安局交警大队查询，名下无车辆登记。",
        facts=[county.Replied("vehicles_registered", 0, MONDAY.date())],
    )
    made.act("reviewer2", county.refuse_county, at=MONDAY, request_id=third, text="此人户籍不在我县，请向户籍地查询。")
    made.keep("request_id", first, second, third)


@dataclass
class Window(AtWindow):
    """A case at the window whose family has an account of its own."""

    def sign(self) -> "Window":
        subject = self.applicant()
        self.do(consent.record_consents, person_ids=[subject], signed_on=self.at.date())
        self.do(apply.set_payee_account, holder_id=subject, bank_name=BANK, account_number=f"62170000{subject:011d}")
        return self


def at_window(made: County, programme: str, sequence: int, **told: Any) -> Window:
    """Somebody comes to the window with nothing but their card."""
    case = Window(made.office, programme, **told)
    with as_user(made.office.clerk):
        case.keep(
            apply.open_at_window(
                actor=made.office.clerk,
                at=MONDAY,
                programme=programme,
                area=VILLAGE,
                name=NAMES[sequence % len(NAMES)],
                id_number=id_number("19850412", 300 + sequence),
                phone="13812345678",
                address="柳林镇柳林村第十二村民小组118号附3号",
                residence="rural",
                channel="window",
            )
        )
    made.keep("number", case.number)
    return case


def cases_at_the_window(made: County) -> None:
    """One case at each stage."""
    office = made.office
    at_window(made, "dibao", 0)
    at_window(made, "dibao", 1).declare().sign()
    accepted = at_window(made, "dibao", 2, person={"wage_casual_monthly": 50_000}).declare().sign()
    accepted.accept()
    withdrawn = at_window(made, "dibao", 3)
    withdrawn.do(
        keep_time.withdraw,
        signed_by_id=withdrawn.applicant(),
        signed_on=MONDAY.date(),
        reason="子女接到城里赡养，不需要了。",
    )
    stopped = at_window(made, "temporary_assistance", 4, household={"hardship_degree": "light"}).declare().sign()
    stopped.assess()
    stopped.accept()
    investigated = {}
    for sequence, earned in ((5, 0), (6, 350_000), (8, 0), (9, 0)):
        case = at_window(made, "dibao", sequence, person={"wage_casual_monthly": earned}).declare().sign()
        case.accept()
        case.do_relatives()
        case.visited_by(office.assistant, office.colleague, f"window visit {sequence}")
        case.check()
        case.assess()
        investigated[sequence] = case
    investigated[6].opinion("refuse")
    shown = investigated[8]
    shown.opinion()
    shown.at = JANUARY
    made.keep("token", shown.publicise().sheet_token)
    reviewed = investigated[9]
    reviewed.opinion()
    reviewed.publicise()
    reviewed.later(10).review()
    worker = at_window(made, "hardship_worker", 12).declare().sign()
    worker.accept()
    stopped.do(keep_time.stop_clock, stop="supplementing_papers", reason="等待银行存款查询结果。")
    stopped.later(2).do(keep_time.resume_clock)
    stopped.do(
        keep_time.extend_limit, actor=made.office.reviewer, extension="hard_to_verify", reason="人户分离，需跨县核查。"
    )


def an_urgent_case(made: County) -> None:
    """Help first: above the limit a meeting votes, the papers follow, the family is told."""
    told = {"emergency_kind": "sudden_illness", "needs_help_at_once": True, "hardship_degree": "extreme"}
    for sequence, is_held in ((10, True), (11, False)):
        case = at_window(made, "temporary_assistance", sequence, household=told).declare()
        case.assess()
        case.accept()
        case.opinion(amount_fen=400_000)
        if is_held:
            votes = (("reviewer1", "for"), ("finance1", "for"), ("finance2", "for"), ("analyst1", "against"))
            called = [meet.Called(made.users[name].pk, vote) for name, vote in votes]
            called.append(meet.Called(made.users["approver1"].pk, "recused", "将对本案作出决定"))
            case.do(
                meet.hold_meeting,
                actor=made.office.reviewer,
                held_on=MONDAY.date(),
                agenda="许明月家庭突发重病一事一议：审议超出一般限额的临时救助。",
                minutes="会议听取乡镇汇报，查看病历与费用清单，一致认为属于急难情形，按四千元给予救助，并转介慈善。",
                amount_fen=400_000,
                called=called,
            )
            case.confirm(made.office.approver, amount_fen=400_000)


def findings_of_the_night(made: County) -> None:
    """Findings at each stage: waiting, given to somebody, cleared, written by hand."""
    clerk = made.office.clerk
    with as_user(clerk):
        tasks = list(
            Task.objects.filter(kind="visit", state="open", area__startswith=clerk.area_id)
            .select_related("household")
            .order_by("pk")
        )
        every = list(Finding.objects.order_by("pk").values_list("pk", flat=True))
    made.keep("task_id", *[task.pk for task in tasks])
    made.keep("finding_pk", *every)
    made.act("clerk1", findings.assign, at=MONDAY, finding_pk=tasks[0].finding_id, to_id=made.users["assistant4"].pk)
    for task, outcome, form in (
        (tasks[1], "cleared", "v1"),
        (tasks[2], "confirmed", "v2"),
        (tasks[3], "unknown", "v3"),
    ):
        with as_user(clerk):
            head = Membership.objects.filter(household=task.household, to_date__isnull=True).first()
        done = made.act(
            "assistant1",
            visit.record_visit,
            at=MONDAY,
            visited_on=MONDAY.date(),
            second_visitor_id=clerk.pk,
            outcome=outcome,
            reason="家中无人，邻居称外出务工，年底回来。" if outcome == "unknown" else REASON,
            form_token=form,
            task_id=task.pk,
            signed_by_id=None if outcome == "unknown" else head.person_id,
            unsigned_reason="家中无人。" if outcome == "unknown" else "",
        )
        made.keep("visit_id", done.visit_id)
        made.keep("finding_pk", task.finding_id)
    with as_user(clerk):
        made.keep("task_id", *Task.objects.filter(kind="apply", state="open").values_list("pk", flat=True))
    written = made.act(
        "clerk1",
        findings.write_down,
        at=MONDAY,
        household_id=tasks[4].household_id,
        family="in_need",
        text="村干部反映：户主上月在工地摔伤，医药费由包工头垫付后不再支付，家里已断粮两天。",
        form_token="hand",
    )
    made.keep("finding_pk", written)


def pairs_of_the_night(made: County) -> None:
    """Pairs at each stage: one said and waiting for the second person, one confirmed, one said to be different."""
    with as_user(made.office.reviewer):
        pairs = list(DoubtfulPair.objects.order_by("pk"))
    made.keep("pair_id", *[pair.pk for pair in pairs[:4]])
    for pair, verdict in zip(pairs[1:], ("same", "same", "different"), strict=False):
        said = {
            "at": MONDAY,
            "pair_id": pair.pk,
            "digest": pair.digest,
            "reason": "电话核实，本人2019年在派出所改过名，身份证号未变。",
        }
        made.act("reviewer1", review_pairs.say, **said, verdict=verdict)
    confirmed = pairs[2]
    with as_user(made.office.approver):
        confirmed.refresh_from_db()
    made.act(
        "approver1",
        review_pairs.confirm,
        at=MONDAY,
        pair_id=confirmed.pk,
        digest=confirmed.digest,
        reason="调阅户籍改名记录，一致。",
    )


def running_help(made: County) -> None:
    """Changes and endings of what the roll brought, from proposed to objected to; reviews done and due."""
    clerk = made.office.clerk
    with as_user(clerk):
        running = list(
            Entitlement.objects.filter(programme="dibao", end_month__isnull=True, case__channel="takeover")
            .select_related("household")
            .order_by("pk")
        )
    made.keep("entitlement_id", *[each.pk for each in running[:8]])
    with as_user(clerk):
        granted = Entitlement.objects.get(case__number=made.office.number)
    made.keep("entitlement_id", granted.pk)
    for number, entitlement in enumerate(running[:3]):
        an_ending(made, entitlement, stages=number + 1, cause=("death", "stop", "stop")[number])
    changed = 0
    for entitlement in running[3:]:
        # Not every family's amount moves with what one of them earns casually.
        changed += changed < CHANGES and a_change(made, entitlement, stages=changed)
    if changed < CHANGES:
        raise RuntimeError(f"only {changed} changes could be proposed")
    with as_user(clerk):
        made.keep("ending_id", *Ending.objects.order_by("-pk").values_list("pk", flat=True))
        made.keep(
            "new_amount_id",
            *Change.objects.filter(from_month__isnull=False).values_list("pk", flat=True),
            *Change.objects.values_list("pk", flat=True),
        )
        due = Review.objects.filter(result="").first()
    made.act(
        "clerk1", reviews.close_review, at=JANUARY, review_id=due.pk, found="入户复核，家庭人口、收入、财产没有变化。"
    )


def see_at_the_door(made: County, entitlement: Entitlement, seen: list[Seen], form: str) -> None:
    """A visit to a family that receives."""
    with as_user(made.office.assistant) as actor:
        members = list(
            Membership.objects.filter(household=entitlement.household, to_date__isnull=True).order_by("relation")
        )
        visit.record_visit(
            actor=actor, at=JANUARY, visited_on=JANUARY.date(), second_visitor_id=made.office.colleague.pk,
            outcome="confirmed", reason=REASON, form_token=form, case_number=entitlement.case.number,
            signed_by_id=members[0].person_id,
            seen=[
                each if each.person_id is None else Seen(each.name, each.value, members[0].person_id) for each in seen
            ],
        )  # fmt: skip


def an_ending(made: County, entitlement: Entitlement, *, stages: int, cause: str) -> None:
    """Proposed, decided, delivered and objected to, as far as `stages` says."""
    if cause == "stop":
        see_at_the_door(made, entitlement, [Seen("motor_vehicles", 1)], f"car{entitlement.pk}")
    said = {"at": JANUARY}
    ending = made.act(
        "clerk1",
        end.propose_ending,
        **said,
        entitlement_id=entitlement.pk,
        cause=cause,
        reason="复核发现家中新购小型轿车一辆，行驶证登记在户主名下。",
    )
    if stages > 1:
        made.act("approver1", end.decide_ending, **said, ending_id=ending, outcome="approve", reason="同意停发。")
    if stages > 2:
        made.act(
            "clerk1",
            end.deliver_ending,
            **said,
            ending_id=ending,
            delivered_on=JANUARY.date(),
            delivery="上门送达本人签收",
        )
        made.act(
            "clerk1",
            end.object_to_ending,
            **said,
            ending_id=ending,
            objected_on=JANUARY.date(),
            text="车是给儿子跑运输买的，贷款还没有还清，不能算我家财产。",
        )


def a_change(made: County, entitlement: Entitlement, *, stages: int) -> bool:
    """Proposed, reviewed, decided, delivered, as far as `stages` says: somebody found casual work."""
    made.act("reviewer1", change.ask_departments, at=JANUARY, entitlement_id=entitlement.pk)
    seen = [Seen("wage_casual_monthly", 60_000, 0), Seen("financial_assets", 300_000)]
    see_at_the_door(made, entitlement, seen, f"work{entitlement.pk}")
    try:
        number = made.act(
            "clerk1",
            change.propose_change,
            at=JANUARY,
            entitlement_id=entitlement.pk,
            occasion="visit",
            reason="入户了解到户主每月在镇上建筑工地打零工约六百元。",
        )
    except Refused:
        return False
    said = {"at": JANUARY, "change_id": number, "outcome": "approve", "reason": "情况属实，同意调整。"}
    if stages > 0:
        made.act("reviewer1", change.review_change, **said)
    if stages > 1:
        made.act("approver1", change.decide_change, **said)
    if stages > 2:
        made.act(
            "clerk1",
            change.deliver_change,
            at=JANUARY,
            change_id=number,
            delivered_on=JANUARY.date(),
            delivery="上门送达本人签收",
        )
    return True


def money(made: County) -> None:
    """A fund, a run with returned lines and a doubtful one, a draft, and a new account that waits."""
    ring, at = made.office.keyring, JANUARY
    fund = made.act(
        "finance1",
        pay.open_fund,
        county=COUNTY,
        programme="dibao",
        year=2027,
        name="2027年城乡居民最低生活保障资金（中央、省、市、县配套）",
        at=at,
    )
    made.act(
        "finance1", pay.appropriate, fund_id=fund.pk, amount_fen=1_286_000_000, document="示财社〔2027〕1号", at=at
    )
    earlier = made.act(
        "finance1",
        pay.open_fund,
        county=COUNTY,
        programme="dibao",
        year=2026,
        name="2026年城乡居民最低生活保障资金",
        at=at,
    )
    made.act(
        "finance1", pay.appropriate, fund_id=earlier.pk, amount_fen=1_286_000_000, document="示财社〔2026〕1号", at=at
    )
    run = made.act("finance1", pay.prepare_run, county=COUNTY, programme="dibao", month=Month(2026, 12), at=at).run
    made.act("finance2", pay.release_run, run_id=run.pk, at=at, keyring=ring)
    file = made.act("finance2", pay.download_bank_file, run_id=run.pk, keyring=ring)
    made.act("finance2", pay.mark_sent, run_id=run.pk, handed_over=file, at=at, keyring=ring)
    sent = read_bank_file(file)
    bounced, paid = sent.instructions[:3], sent.instructions[3:]
    lines = [f"{each.reference},{yuan(each.amount_fen)},失败,账户已销户" for each in bounced]
    lines += [f"{each.reference},{yuan(each.amount_fen)},成功," for each in paid]
    content = compose(
        run=sent.run,
        bank_file_sha256=hashlib.sha256(file).hexdigest(),
        number="HD-20261203-0001",
        lines=[*lines, "没有这一笔,1.00,失败,查无此号"],
        paid_fen=sum(each.amount_fen for each in paid),
    )
    made.act("finance1", pay.import_return_file, content=content, at=at, keyring=ring)
    with as_user(made.users["finance1"]):
        payments = list(Payment.objects.filter(run=run, reference__in=[each.reference for each in bounced]))
        homes = [each.entitlement_month.entitlement.household for each in payments]
        household = homes[0]
        holder = (
            Membership.objects.filter(household=household, to_date__isnull=True).order_by("relation").first().person_id
        )
        items = list(SuspenseItem.objects.values_list("pk", flat=True))
    changed = made.act(
        "finance1",
        pay.propose_account,
        household_id=household.pk,
        holder_id=holder,
        bank_name=BANK,
        number="6217000099998888777",
        reason="原卡消磁，已销户重开。",
        at=at,
        keyring=ring,
    )
    draft = made.act("finance1", pay.prepare_run, county=COUNTY, programme="dibao", month=Month(2027, 1), at=at).run
    made.keep("fund_id", fund.pk)
    made.keep("run_id", run.pk, draft.pk)
    made.keep("payment_id", *[each.pk for each in payments])
    made.keep("item_id", *items)
    made.keep("change_id", changed.pk)
    made.keep("household_id", *[each.pk for each in homes])


def households(made: County) -> None:
    """A move that waits in another township, an entry that can be undone, a near relative, a split that is reviewed."""
    ground = Ground(JANUARY.date(), "子女成家后分开居住", "户口簿户号41990000123")
    case = at_window(made, "dibao", 7)
    case.do(keep_time.withdraw, signed_by_id=case.applicant(), signed_on=MONDAY.date(), reason="搬到女儿家居住。")
    home = case.case().household_id
    entry = made.act(
        "clerk1",
        registry.move_household,
        at=JANUARY,
        household_id=home,
        area="419901101001",
        address="东关社区1号楼2单元302室",
        ground=ground,
    )
    moved = made.act(
        "clerk1",
        move_between.ask_to_move,
        at=JANUARY,
        household_id=home,
        to_area="419901102",
        address="石桥镇石桥街社区幸福里小区12号楼3单元1501室",
        ground=ground,
    )
    made.keep("entry_id", entry.pk)
    made.keep("request_id", moved.pk)
    with as_user(made.office.clerk) as clerk:
        receiving = Entitlement.objects.filter(end_month__isnull=True).values_list("household_id", flat=True)
        big = next(
            each
            for each in Household.objects.filter(area__startswith=clerk.area_id, pk__in=receiving).order_by("-pk")
            if each.memberships.filter(to_date__isnull=True).count() >= 3
        )
        members = list(
            big.memberships.filter(to_date__isnull=True).order_by("relation").values_list("person_id", flat=True)
        )
    made.keep("household_id", big.pk)
    made.act(
        "clerk1",
        registry.split_household,
        at=JANUARY,
        household_id=big.pk,
        leaving={members[-1]: "02"},
        area=VILLAGE,
        address="柳林镇柳林村七组19号",
        ground=ground,
    )
    relative = made.act(
        "clerk1",
        relatives.declare_relative,
        at=JANUARY,
        household_id=big.pk,
        person_id=members[0],
        relation="堂兄弟",
        official_name="柳林村村委会主任赵德海",
    )
    made.keep("relative_id", relative.pk)
    with as_user(made.office.clerk):
        made.keep("task_id", *Task.objects.filter(kind="review", state="open").values_list("pk", flat=True))


def from_home(made: County) -> None:
    """Applications from home: new, asked back, answered, set aside, accepted."""
    for sequence in range(5):
        number = id_number("19850413", 400 + sequence)
        given = {"at": JANUARY, "place": f"127.0.0.{sequence}"}
        sent, code = intake.send_online(
            **given,
            name=NAMES[sequence],
            id_number=number,
            phone="13800000000",
            area=VILLAGE,
            address="柳林镇柳林村第十二村民小组118号附3号",
            story="我丈夫上个月在工地摔伤了腰，包工头垫了两万块就不管了，现在在家躺着，我要照顾他和两个上学的孩子，没有收入，欠了亲戚四万多块钱，请政府帮帮我们。",
            writer="女儿" if sequence else "",
        )
        made.keep("followed", [sent, number[-4:], code])
        with as_user(made.office.clerk):
            online = OnlineApplication.objects.get(number=sent)
        made.keep("online_id", online.pk)
        if sequence in (1, 2):
            made.act(
                "clerk1",
                intake.ask_back,
                at=JANUARY,
                online_id=online.pk,
                question="请说明受伤日期、住院医院，并拍一张诊断证明。",
            )
        if sequence == 2:
            intake.answer_online(
                **given,
                number=sent,
                last_four=number[-4:],
                code=code,
                answer="十二月八号，县医院骨科，证明已经交给村里。",
            )
        if sequence == 3:
            made.act(
                "clerk1", intake.set_aside, at=JANUARY, online_id=online.pk, reason="电话核实为重复填写，已在窗口受理。"
            )
        if sequence == 4:
            made.act(
                "clerk1",
                intake.accept_online,
                at=JANUARY,
                online_id=online.pk,
                programme="temporary_assistance",
                area=VILLAGE,
                residence="rural",
            )


def standards(made: County) -> None:
    """A change of standard, computed line by line, and one that was given up."""
    given = {"at": JANUARY, "programme": "dibao", "from_month": Month(2027, 1)}
    first = made.act("reviewer1", adjust.begin_adjustment, **given, reason="误选月份。")
    made.act("reviewer1", adjust.discard_adjustment, at=JANUARY, adjustment_id=first.pk, reason="月份选错，重新开始。")
    second = made.act(
        "reviewer1",
        adjust.begin_adjustment,
        **given,
        reason="根据示范市民政局、财政局关于2027年城乡低保标准的通知调整。",
    )
    made.act("reviewer1", adjust.compute_part, at=JANUARY, adjustment_id=second.pk)
    made.keep("adjustment_id", second.pk, first.pk)


def colleagues(made: County) -> None:
    """Somebody is away and a colleague acts for them."""
    held = made.act(
        "admin1",
        administer.delegate,
        absent_id=made.users["assistant4"].pk,
        deputy_id=made.users["clerk1"].pk,
        first_day=server_day(),
        last_day=server_day(),
    )
    made.keep("delegation_id", held.pk)
    made.keep("user_id", made.users["clerk1"].pk)


def a_night_that_is_held() -> None:
    """In the other county the brake holds what a night says against families. A job's work, under the worker's role."""
    lake = Lake(root=settings.DOUDI_STATE / "held-lake", keyring=crypto.keyring(), village=f"{OTHER_COUNTY}101001")
    lake.rule, lake.family = HELD_RULE, "receiving_changed"
    lake.held = (Held(rule=HELD_RULE, new_findings=131, limit=20, words="一夜之间新增131户，超过上限20户。"),)
    run = lake.seal()
    with job_scope(OTHER_COUNTY, "loading the night"):
        service = create_user(
            actor=None, username="night2", display_name="夜间作业", role="service", area=OTHER_COUNTY, password=None,
            is_service_account=True,
        )  # fmt: skip
        load_night(lake=run.lake, run_id=run.run_id, keyring=crypto.keyring(), actor=service, at=MONDAY)


def make() -> None:
    """What the role under which this runs may do: the job's work, or everybody else's."""
    if settings.DOUDI_DB_ROLE == "worker":
        a_night_that_is_held()
    else:
        main()
