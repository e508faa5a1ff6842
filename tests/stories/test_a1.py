"""Story A1: a stroke, a large hospital bill, nobody applied. From the file to a payment that balances.

The people are named by role; each works in a browser of their own on the real server. Dates are the demonstration's.
"""

import io
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from desks import Desk, Office, sit_down
from playwright.sync_api import Browser
from pypdf import PdfReader

pytestmark = pytest.mark.browser


def test_a1_from_a_hospital_bill_to_a_payment_that_balances(office: Office, browser: Browser) -> None:
    truth = office.truth("story_a1")
    father = truth["members"][0]["name"]
    desks = {
        name: sit_down(office, browser, name)
        for name in ("assistant1", "clerk1", "clerk2", "reviewer1", "approver1", "finance1", "finance2")
    }
    finding = see_the_finding(desks["assistant1"], father)
    record_the_visit(desks["assistant1"], truth, father)
    number = open_and_accept(desks["clerk1"], father)
    foreigners_see_nothing(desks["clerk2"], number, finding)
    check_everything(desks, number)
    sheet = give_opinion_and_publicise(desks["clerk1"], sit_down(office, browser), number, father)
    decide(desks, number, sheet, sit_down(office, browser))
    pay(desks["finance1"], desks["finance2"], office.state)
    read_the_letter(desks["clerk1"], number, father)
    the_whole_ledger_agrees(office)
    for name, desk in desks.items():
        noise = [line for line in desk.said if "status of 4" not in line]
        assert noise == [], f"the console of {name} is not silent"


def see_the_finding(assistant: Desk, father: str) -> str:
    assistant.visit("/")
    assistant.visit("/findings/")
    assistant.page.get_by_role("link", name=father, exact=True).click()
    assistant.page.wait_for_url("**/findings/*/")
    assistant.look()
    text = assistant.page.locator("main").inner_text()
    assert "68,000.00" in text
    assert "住院费用结算" in text
    path = assistant.page.url.removeprefix(assistant.office.address)
    assistant.page.get_by_role("link", name="登记入户").click()
    assistant.page.wait_for_url("**/tasks/*/")
    return path


def record_the_visit(assistant: Desk, truth: dict[str, Any], father: str) -> None:
    page = assistant.page
    assistant.look()
    # First without a second visitor: nothing typed is lost.
    page.fill("[name=home-financial_assets]", "六千")
    page.fill("[name=reason]", "家中无收入。")
    page.locator("form[data-guard]").evaluate("form => form.noValidate = true")
    assistant.click("登记入户")
    assert "最多两位小数" in assistant.errors()
    assert page.input_value("[name=home-financial_assets]") == "六千"
    assert page.input_value("[name=reason]") == "家中无收入。"
    assistant.look()
    for name, value in truth["facts_in_no_file"].items():
        page.fill(f"[name=home-{name}]", typed(name, value))
    for member in truth["members"]:
        card = page.locator("section.card", has=page.get_by_role("heading", name=member["name"], exact=True))
        for name, value in member["facts_in_no_file"].items():
            box = card.locator(f"[name$='-{name}']")
            if box.evaluate("box => box.tagName") == "SELECT":
                box.select_option(str(value))
            else:
                box.fill(typed(name, value))
    page.select_option("[name=second_visitor_id]", index=1)
    page.check("[name=outcome][value=confirmed]")
    page.select_option("[name=signed_by_id]", index=2)
    task, form = page.url.removeprefix(assistant.office.address), posted(assistant, "form[data-guard]")
    assistant.click("登记入户")
    assert "入户已登记" in assistant.notices()
    # The same form once more, as a second click without scripts would send it.
    status, _text = assistant.send(task, form)
    assert status == 422
    assert page.request.get(assistant.office.address + "/findings/?state=confirmed").text().count(father) == 1


def open_and_accept(clerk: Desk, father: str) -> str:
    page = clerk.page
    clerk.visit("/")
    page.get_by_role("row", name=re.compile(father)).get_by_role("link").click()
    page.wait_for_url("**/apply/")
    clerk.look()
    page.check("[name=applicant_id] >> nth=0")
    clerk.click("立案")
    clerk.look()
    number = re.search(r"/cases/([^/]+)/", page.url)
    assert number is not None
    case = f"/cases/{number.group(1)}/"
    clerk.visit(f"{case}answers/")
    clerk.click("出具一次性告知")
    assert "收款账户" in clerk.notices()
    clerk.visit(f"{case}consents/")
    for box in page.locator("[name=person_ids]").all():
        box.check()
    clerk.click("保存")
    clerk.visit(f"{case}account/")
    clerk.fill(bank_name="清河农商银行", account_number="6217 0000 1234 5678")
    clerk.click("保存")
    clerk.visit(f"{case}declare/assets/")
    # Each answer is kept as it is typed: whoever comes back finds it again, and then saves.
    with page.expect_response("**/draft/assets/"):
        clerk.fill(**{"home-financial_assets": "5000"})
        page.keyboard.press("Tab")
    page.evaluate("document.querySelector('form[data-guard]').dataset.dirty = ''")
    clerk.visit(f"{case}declare/assets/")
    assert page.input_value("[name=home-financial_assets]") == "5000"
    clerk.click("保存")
    clerk.visit(f"{case}declare/income/")
    clerk.visit(f"{case}declare/expenses/")
    assert "住院费用结算" in page.locator("main").inner_text()
    clerk.visit(f"{case}missing/")
    clerk.visit(f"{case}receipt/")
    clerk.visit(f"{case}members/")
    clerk.visit(case)
    clerk.visit(f"{case}answers/")
    form = posted(clerk, "form:has([name=version]):has(button.btn-primary)")
    # Two clicks at once: one acceptance, one plain word.
    first, second = clerk.send(f"{case}answers/", form), clerk.send(f"{case}answers/", form)
    assert (first[0], second[0]) == (302, 422)
    assert "已经办理过" in second[1]
    clerk.visit(f"{case}done/accept/")
    return number.group(1)


def foreigners_see_nothing(clerk: Desk, number: str, finding: str) -> None:
    for path in (f"/cases/{number}/", f"/cases/{number}/why/", f"/letters/{number}.pdf", finding):
        foreign, absent = clerk.page.request.get(clerk.office.address + path), None
        absent_path = path.replace(number, "419901-2026-999999").replace(finding, "/findings/999999/")
        absent = clerk.page.request.get(clerk.office.address + absent_path)
        assert (foreign.status, absent.status) == (404, 404)
        assert foreign.text().replace(path, "") == absent.text().replace(absent_path, "")


def check_everything(desks: dict[str, Desk], number: str) -> None:
    clerk, case = desks["clerk1"], f"/cases/{number}/"
    clerk.visit(f"{case}relatives/")
    clerk.page.check("[name=has_none]")
    clerk.click("登记")
    assistant = desks["assistant1"]
    assistant.visit(f"{case}visit/")
    assistant.click("记为本案入户调查")
    reviewer = desks["reviewer1"]
    reviewer.visit("/")
    reviewer.visit(f"{case}check/")
    reviewer.click("查询部门数据")
    clerk.visit(f"{case}opinion/")
    clerk.click("测算")
    clerk.visit(f"{case}why/")
    text = clerk.page.locator("main").inner_text()
    assert "1,492.00" in text
    assert "符合条件" in text
    assert "最低生活保障审核确认办法" in text
    assert "什么情况下结果会不同" in text
    # Declared 5,000, seen 6,200: it is shown as a difference, and both stay.
    clerk.visit(case)
    row = clerk.page.locator("tr.differs").inner_text()
    assert "5,000.00" in row
    assert "6,200.00" in row


def give_opinion_and_publicise(clerk: Desk, passer_by: Desk, number: str, father: str) -> str:
    case = f"/cases/{number}/"
    clerk.visit(f"{case}opinion/")
    say(clerk, "入户属实，信息核对无异常，同意。")
    clerk.visit(f"{case}publicity/")
    clerk.click("开始公示")
    clerk.visit(f"{case}publicity/")
    sheet = clerk.page.get_by_role("link", name="公众所见页面").get_attribute("href")
    assert sheet is not None
    passer_by.visit(sheet)
    shown = passer_by.page.content()
    assert father not in shown
    assert father[0] + "*" in shown
    assert not re.search(r"4199\d{5,}|脑中风|精神|残疾|68,000", passer_by.page.locator("main").inner_text())
    reply = passer_by.page.request.get(passer_by.office.address + sheet)
    assert "no-store" in reply.headers["cache-control"]
    assert "noindex" in reply.headers["x-robots-tag"]
    pdf = clerk.page.request.get(f"{clerk.office.address}{case}publicity/sheet.pdf")
    assert father not in PdfReader(io.BytesIO(pdf.body())).pages[0].extract_text()
    return sheet


def decide(desks: dict[str, Desk], number: str, sheet: str, passer_by: Desk) -> None:
    case, reviewer, approver = f"/cases/{number}/", desks["reviewer1"], desks["approver1"]
    reviewer.visit(f"{case}review/")
    word = {
        "version": version_of(desks["clerk1"], case),
        "outcome": "approve",
        "amount_fen": "1492",
        "reason": "同意。",
    }
    status, text = reviewer.send(f"{case}review/", word)
    assert status == 422
    assert "公示结束后" in text
    reviewer.visit("/demo/clock/")
    reviewer.click("往后 8 天，到 2026-12-01")
    passer_by.open(sheet, status=410)
    passer_by.look()
    reviewer.visit(f"{case}review/")
    say(reviewer, "公示期满无异议，同意。")
    # The same person can't confirm what they reviewed.
    reviewer.visit(f"{case}confirm/")
    word["version"] = version_of(desks["clerk1"], case)
    assert reviewer.send(f"{case}confirm/", word)[0] == 403
    approver.visit(f"{case}confirm/")
    form = posted(approver, "form[data-guard]") | {"outcome": "approve", "reason": "同意确认。"}
    first, second = approver.send(f"{case}confirm/", form), approver.send(f"{case}confirm/", form)
    assert first[0] == 302
    assert second[0] == 422
    approver.visit(case)
    assert "2027-01" in approver.page.locator("main").inner_text()


def pay(preparer: Desk, releaser: Desk, folder: Path) -> None:
    preparer.visit("/money/")
    preparer.visit("/money/funds/new/")
    preparer.fill(year="2027", name="城乡低保补助资金")
    preparer.click("开设")
    preparer.look()
    preparer.fill(amount_fen="100000.00", document="清财社〔2026〕15号")
    preparer.click("记账")
    preparer.visit("/money/runs/new/")
    preparer.fill(month="2027-01")
    preparer.click("编制")
    preparer.look()
    run = preparer.page.url.removeprefix(preparer.office.address)
    # Who prepared a run can't release it, whatever is sent.
    status, text = preparer.send(f"{run}release/", {"has_compared": "on"})
    assert status == 422
    assert "编制批次的人不能放行该批次" in text
    releaser.visit(run)
    releaser.page.check("[name=has_compared]")
    releaser.click("放行 1 笔")
    bank_file = folder / "bank.csv"
    bank_file.write_bytes(releaser.page.request.get(f"{releaser.office.address}{run}bank-file").body())
    altered = folder / "altered.csv"
    altered.write_bytes(bank_file.read_bytes().replace(b"1492.00", b"1493.00"))
    releaser.page.set_input_files("[name=handed_over]", altered)
    releaser.click("比对并登记送出")
    assert "银行文件" in releaser.errors()
    releaser.page.set_input_files("[name=handed_over]", bank_file)
    releaser.click("比对并登记送出")
    releaser.look()
    releaser.page.check("[name=fail] >> nth=0")
    with releaser.page.expect_download() as download:
        releaser.page.get_by_role("button", name="下载回盘文件").click()
    answer = folder / "return.csv"
    download.value.save_as(answer)
    take_in(releaser, answer)
    assert "退回 1 笔" in releaser.notices()
    take_in(releaser, answer)
    assert "本次没有任何变化" in releaser.notices()
    for desk in (preparer, releaser):
        desk.visit("/money/returns/")
        assert "1,492.00" in desk.page.locator("#owed").inner_text()
    releaser.visit(run.replace("/money/runs/", "/money/reconciliation/"))
    assert "账目相符" in releaser.notices()
    assert releaser.page.locator(".equal dd:text-is('1,492.00')").count() == 5


def take_in(finance: Desk, answer: Path) -> None:
    finance.visit("/money/returns/")
    finance.page.set_input_files("[name=file]", answer)
    finance.click("导入")


def read_the_letter(clerk: Desk, number: str, father: str) -> None:
    clerk.visit(f"/cases/{number}/notice/")
    clerk.click("登记送达")
    clerk.visit(f"/cases/{number}/")
    reply = clerk.page.request.get(f"{clerk.office.address}/letters/{number}.pdf")
    assert reply.status == 200
    pages = PdfReader(io.BytesIO(reply.body())).pages
    text = "".join(page.extract_text() for page in pages)
    assert father in text
    assert "1,492.00" in text
    assert not re.search(r"4199\d{13}[\dX]", text)
    workbook = clerk.page.request.get(f"{clerk.office.address}/cases/?export=xlsx")
    assert workbook.status == 200
    assert workbook.body()[:2] == b"PK"


def the_whole_ledger_agrees(office: Office) -> None:
    command = [str(Path(sys.executable).parent / "doudi-office"), "ledger", "verify"]
    done = subprocess.run(command, env=office.environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def say(desk: Desk, reason: str) -> None:
    desk.page.check("[name=outcome][value=approve]")
    desk.fill(reason=reason)
    desk.click("提交意见")


def version_of(clerk: Desk, case: str) -> str:
    """The case's version, as a form of the clerk's carries it."""
    clerk.open(f"{case}relatives/")
    return clerk.page.locator("[name=version]").first.input_value()


def posted(desk: Desk, form: str) -> dict[str, str]:
    """What a form would send as it is filled in now."""
    found: dict[str, str] = desk.page.locator(form).first.evaluate(
        "form => Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]))"
    )
    return found


def typed(name: str, value: int) -> str:
    is_money = name.endswith("_monthly") or name == "financial_assets"
    return f"{value // 100}.{value % 100:02d}" if is_money else str(value)
