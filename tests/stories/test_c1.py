"""Story C1: a union file with two visits, two publicities and a comparison that the worker contradicts.

The register has a car that the worker says was sold; somebody else than who asked looks again; nothing can be skipped.
"""

import csv
import io
import json
import re
from datetime import date, timedelta
from typing import Any

import pytest
from desks import Desk, Office, sit_down
from playwright.sync_api import Browser
from pypdf import PdfReader

pytestmark = pytest.mark.browser

VILLAGE = "419901101003"
FIVE_DEPARTMENTS = ("公安交通管理部门", "市场监督管理局", "不动产登记中心", "公安局", "人力资源和社会保障局")
CARS = "小型轿车 小型普通客车 小型越野客车 微型轿车"


def test_c1_two_visits_two_publicities_and_a_comparison_that_the_worker_contradicts(
    office: Office, browser: Browser
) -> None:
    names = ("clerk1", "assistant1", "assistant4", "assistant5", "reviewer1", "approver1", "clerk2")
    desks = {name: sit_down(office, browser, name) for name in names}
    worker = a_worker_with_a_car(office, desks["clerk1"])
    case = open_the_file(desks["clerk1"], worker)
    nothing_can_be_skipped(desks, case)
    visit_twice(desks, case)
    compare(desks, case)
    contradict(desks, case)
    look_again(desks["clerk1"], case)
    publicise_twice_and_decide(desks, case)
    foreigners_see_nothing(desks["clerk2"], case)
    for name, desk in desks.items():
        noise = [line for line in desk.said if "status of 4" not in line]
        assert noise == [], f"the console of {name} is not silent"


def a_worker_with_a_car(office: Office, clerk: Desk) -> dict[str, Any]:
    """A household of the township about which a night has found something, and in whose name a car is registered."""
    city = office.state / "city"
    owners = set()
    for path in sorted((city / "extracts").glob("机动车_*.csv")):
        for row in csv.reader(io.StringIO(path.read_bytes().decode("gb18030"))):
            if set(row) & set(CARS.split()) and set(row) & {"正常", "逾期未检验"}:
                owners |= {cell.strip() for cell in row}
    clerk.visit("/findings/")
    pages = [clerk.page.request.get(f"{office.address}/findings/?page={number}").text() for number in (1, 2)]
    households: list[dict[str, Any]] = json.loads((city / "truth" / "households.json").read_text("utf-8"))
    found = [
        each
        for each in households
        if each["area_code"] == VILLAGE
        and any(member["id_number"] in owners for member in each["members"])
        and any(f">{each['members'][0]['name']}<" in page for page in pages)
    ]
    assert found, "the small city has such a family"
    return found[0]


def open_the_file(clerk: Desk, worker: dict[str, Any]) -> str:
    page, head = clerk.page, worker["members"][0]
    clerk.visit("/cases/new/")
    page.select_option("[name=programme]", "hardship_worker")
    page.select_option("[name=area]", VILLAGE)
    page.check("[name=residence][value=rural]")
    clerk.fill(name=head["name"], id_number=head["id_number"], address=worker["address"])
    clerk.click("立案")
    # The departments know this worker: who might be meant is shown before anybody is entered.
    clerk.look()
    page.check("[name=has_looked]")
    clerk.click("立案")
    number = re.search(r"/cases/([^/]+)/", page.url)
    assert number is not None
    case = f"/cases/{number.group(1)}/"
    for part in ("members", "income", "assets", "expenses"):
        clerk.visit(f"{case}declare/{part}/")
        fill_with_nothing(clerk)
        if part == "members":
            page.locator("[name$='-union_standing']").first.select_option("unemployed")
            page.select_option("[name='home-is_still_in_hardship_after_aid']", "yes")
        clerk.click("保存")
    clerk.visit(f"{case}consents/")
    for box in page.locator("[name=person_ids]").all():
        box.check()
    clerk.click("保存")
    clerk.visit(f"{case}account/")
    clerk.fill(bank_name="清河农商银行", account_number="6217 0000 7777 5678")
    clerk.click("保存")
    clerk.visit(f"{case}answers/")
    page.locator("form:has([name=version]) button.btn-primary").click()
    page.wait_for_url("**/done/accept/")
    return case


def nothing_can_be_skipped(desks: dict[str, Desk], case: str) -> None:
    """By page and by interface: each later step says what comes first, and leaves nothing behind."""
    clerk, assistant = desks["clerk1"], desks["assistant1"]
    word = {"outcome": "approve", "amount_fen": "100", "reason": "同意。"}
    for desk, path, form in (
        (assistant, "note/neighbours/", {"note": "邻居说法一致。"}),
        (clerk, "opinion/", word),
        (clerk, "publicity/", {}),
        (desks["reviewer1"], "review/", word),
        (desks["approver1"], "confirm/", word),
    ):
        desk.visit(f"{case}{path}" if path != "note/neighbours/" else case)
        status, text = desk.send(f"{case}{path}", {**form, "version": version_of(clerk, case)})
        assert status == 422, (path, status)
        assert re.search("还不能办理|先完成|尚未|还没有", text), path
    number = case.split("/")[2]
    for desk, path, more in (
        (clerk, "opinion", {"outcome": "approve", "reason": "同意。"}),
        (clerk, "publicity", {}),
        (desks["reviewer1"], "review", {"outcome": "approve", "reason": "同意。"}),
        (desks["approver1"], "confirm", {"outcome": "approve", "reason": "同意。"}),
    ):
        reply = by_interface(desk, f"/api/v1/cases/{number}/{path}", {"version": int(version_of(clerk, case)), **more})
        assert reply.status == 409, (path, reply.status, reply.text())
    clerk.visit(case)


def visit_twice(desks: dict[str, Desk], case: str) -> None:
    first = desks["assistant1"]
    go(first, case, second="林见清", said="他家靠打零工过日子。")
    # The same pair once more, or one of them with somebody new, is no second visit.
    status, text = first.send(f"{case}visit/", form_of_visit(first, case, second="秦朗"))
    assert status == 422
    assert "此前未参与本案的人员" in text
    go(desks["assistant5"], case, second="何雨荷", said="孩子上学，花费大。")
    record = desks["assistant5"].page.request.get
    shown = record(desks["assistant5"].office.address + visit_path(desks["assistant5"], case)).text()
    assert "孩子上学，花费大。" in shown
    copy = record(desks["assistant5"].office.address + visit_path(desks["assistant5"], case) + "?copy=family").text()
    assert "孩子上学" not in copy
    assert "邻居甲" not in copy
    first.visit(f"{case}note/neighbours/")
    first.fill(note="走访两户邻居，说法一致。")
    first.click("记录")


def compare(desks: dict[str, Desk], case: str) -> None:
    reviewer, clerk = desks["reviewer1"], desks["clerk1"]
    reviewer.visit(f"{case}check/")
    reviewer.click("查询部门数据")
    clerk.visit(f"{case}report/")
    text = clerk.page.locator("main").inner_text()
    for department in FIVE_DEPARTMENTS:
        assert department in clerk.page.content(), department
    assert "建设用地" in clerk.page.content()
    car = clerk.page.locator("#differences tr.differs", has_text="登记在家庭成员名下的汽车").first.inner_text()
    assert "比申报多" in car
    assert re.search(r"机动车登记 · 文件 [0-9a-f]{8}", car)
    assert "尚未听取家庭意见" in text
    assert "示例数值" in text


def contradict(desks: dict[str, Desk], case: str) -> None:
    clerk = desks["clerk1"]
    row = clerk.page.locator("#differences tr.differs", has_text="登记在家庭成员名下的汽车").first
    line = row.get_attribute("id")
    assert line is not None
    path = f"{case}report/{line.removeprefix('line-')}/answer/"
    clerk.visit(path)
    clerk.page.check("[name=kind][value=objects]")
    clerk.fill(text="车前年就卖了，没有过户。", paper="二手车买卖合同（2024年3月）")
    clerk.click("登记答复")
    clerk.look()
    assert "正在复查" in clerk.notices()
    # Nobody speaks while it is disputed.
    clerk.visit(f"{case}opinion/")
    clerk.click("测算")
    clerk.visit(f"{case}opinion/")
    word = {"version": version_of(clerk, case), "outcome": "approve", "amount_fen": "1000", "reason": "同意。"}
    status, text = clerk.send(f"{case}opinion/", word)
    assert status == 422
    assert "正在复查" in text
    # And who asked for the figure does not look again.
    reviewer = desks["reviewer1"]
    reviewer.visit(f"{case}report/")
    assert reviewer.page.get_by_role("link", name="登记复查结果").count() == 0


def look_again(clerk: Desk, case: str) -> None:
    page = clerk.page
    clerk.visit("/")
    page.get_by_role("link", name="异议复查").first.click()
    page.wait_for_url("**/rechecks/*/")
    clerk.look()
    page.check("[name=outcome][value=corrected]")
    clerk.fill(
        authority="县公安局交警大队", document="复函〔2026〕7号", reply="车辆已于2024年转让，登记未变更。", value="0"
    )
    clerk.click("登记复查结果")
    clerk.look()
    answer = page.locator(".report-answer", has_text="县公安局交警大队").first.inner_text()
    assert "原查到的数值有误" in answer
    assert "车前年就卖了" in answer
    page.get_by_role("link", name="与上一版对比").click()
    page.wait_for_url("**/compare/**")
    clerk.look()
    number = case.split("/")[2]
    pdf = page.request.get(f"{clerk.office.address}{case}report/report.pdf")
    assert pdf.status == 200
    text = "".join(each.extract_text() for each in PdfReader(io.BytesIO(pdf.body())).pages)
    assert f"{number}-H2" in text
    assert "车前年就卖了" in text
    assert "孩子上学" not in text
    assert not re.search(r"4199\d{13}[\dX]", text)


def publicise_twice_and_decide(desks: dict[str, Desk], case: str) -> None:
    clerk, reviewer, approver = desks["clerk1"], desks["reviewer1"], desks["approver1"]
    clerk.visit(f"{case}opinion/")
    say(clerk, "入户、邻里、比对情况一致，同意建档。")
    clerk.visit(f"{case}publicity/")
    clerk.click("开始公示")
    pass_days(reviewer, 8)
    reviewer.visit(f"{case}review/")
    say(reviewer, "公示期满无异议，同意。")
    approver.visit(f"{case}confirm/")
    word = {"version": version_of(clerk, case), "outcome": "approve", "amount_fen": "1000", "reason": "同意。"}
    status, text = approver.send(f"{case}confirm/", word)
    assert status == 422
    assert "第二次公示" in text
    clerk.visit(f"{case}publicity/")
    clerk.click("开始公示")
    pass_days(reviewer, 8)
    approver.visit(f"{case}confirm/")
    say(approver, "同意建档帮扶。")
    approver.visit(case)
    assert (
        "已批准" in approver.page.locator("main").inner_text() or "同意" in approver.page.locator("main").inner_text()
    )


def foreigners_see_nothing(clerk: Desk, case: str) -> None:
    for path in (f"{case}report/", f"{case}report/report.pdf", f"{case}report/compare/?before=1&after=2"):
        foreign = clerk.page.request.get(clerk.office.address + path)
        absent = clerk.page.request.get(clerk.office.address + path.replace(case, "/cases/419901-2026-999999/"))
        assert (foreign.status, absent.status) == (404, 404)


def go(visitor: Desk, case: str, *, second: str, said: str) -> None:
    page = visitor.page
    visitor.visit(f"{case}visit/")
    page.select_option("[name=second_visitor_id]", label=option(visitor, second))
    visitor.fill(arrived_at="09:30", position="34.75120, 113.62541", reason="家中简朴，与申报一致。")
    visitor.fill(neighbour_0="邻居甲", lives_0="隔壁", said_0=said)
    page.fill("[name='home-motor_vehicles']", "0")
    page.check("[name=outcome][value=confirmed]")
    page.select_option("[name=unsigned_kind]", "refused")
    visitor.fill(unsigned_reason="户主不愿签字。")
    visitor.click("登记入户")
    visitor.look()


def form_of_visit(visitor: Desk, case: str, *, second: str) -> dict[str, str]:
    visitor.open(f"{case}visit/")
    visitor.page.select_option("[name=second_visitor_id]", label=option(visitor, second))
    visitor.fill(reason="再去一次。", unsigned_reason="无人签字")
    visitor.page.check("[name=outcome][value=confirmed]")
    found: dict[str, str] = visitor.page.locator("form[data-guard]").first.evaluate(
        "form => Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]))"
    )
    return found


def option(desk: Desk, name: str) -> str:
    labels = desk.page.locator("[name=second_visitor_id] option").all_inner_texts()
    return next(label for label in labels if label.startswith(name))


def visit_path(desk: Desk, case: str) -> str:
    desk.visit(case)
    path = desk.page.locator("a[href^='/visits/']").first.get_attribute("href")
    assert path is not None
    desk.visit(path)
    return path


def fill_with_nothing(desk: Desk) -> None:
    """Zero, no, none, or the first of the list, for every question: the truth of somebody who has nothing else."""
    desk.page.locator("form[data-guard]").first.evaluate(
        """form => {
          for (const box of form.elements) {
            if (!/^(home|\\d+)-/.test(box.name) || box.type === 'checkbox') continue;
            if (box.tagName === 'SELECT') {
              const values = [...box.options].map(each => each.value);
              box.value = ['none', 'no', '0'].find(each => values.includes(each)) || values[1];
            } else if (box.type !== 'date') box.value = '0';
          }
        }"""
    )


def by_interface(desk: Desk, path: str, body: dict[str, Any]) -> Any:
    """The same act as a program would ask for it, in this person's session."""
    token = desk.page.locator("[name=csrfmiddlewaretoken]").first.input_value()
    headers = {
        "Referer": desk.office.address + "/",
        "X-CSRFToken": token,
        "Idempotency-Key": f"c1-{path.rsplit('/', 1)[1]}-skip",
    }
    return desk.page.request.post(desk.office.address + path, data=body, headers=headers)


def pass_days(desk: Desk, days: int) -> None:
    desk.open("/demo/clock/")
    today = date.fromisoformat(re.search(r"\d{4}-\d\d-\d\d", desk.page.locator("h2").first.inner_text()).group())  # type: ignore[union-attr]
    desk.click(f"往后 {days} 天，到 {today + timedelta(days=days)}")


def say(desk: Desk, reason: str) -> None:
    desk.page.check("[name=outcome][value=approve]")
    if desk.page.input_value("[name=amount_fen]") == "":
        desk.fill(amount_fen="1000")
    desk.fill(reason=reason)
    desk.click("提交意见")


def version_of(clerk: Desk, case: str) -> str:
    """The case's version, as a form of the clerk's carries it."""
    found = re.search(
        r'name="version" value="(\d+)"', clerk.page.request.get(f"{clerk.office.address}{case}withdraw/").text()
    )
    assert found is not None
    return found.group(1)
