"""`make demo-check`: does what `make demo` does, walks one family from the hospital bill to the balanced ledger, ends.

Everything is done over HTTP by the people whose desk it is, with the forms of the pages as they are served. The bad
input of the walk is sent too: the same visit twice, an approval by the reviewer, a bank answer twice. The next month's
night then meets the family again. Exit code 0 says that every claim held.
"""

import argparse
import json
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from browserless import Browser, Form, Page
from state_folder import state_folder

HERE = Path(__file__).resolve().parent
READY_WITHIN_S = 900


def claim(holds: bool, words: str, page: Page | None = None) -> None:
    """Say one thing that must be so, and end if it is not."""
    if not holds:
        raise SystemExit(f"✗ {words}" + (f"\n  {page.url} {page.status}: {page.text[:1500]}" if page else ""))
    print(f"✓ {words}", flush=True)


class Walk:
    """The story: who does what, in order."""

    def __init__(self, state: Path, base: str, size: str) -> None:
        self.base = base
        self.size = size
        self.story = json.loads((state / "city" / "truth" / "story_a1.json").read_text("utf-8"))
        self.logins = json.loads((state / "demo-logins.json").read_text("utf-8"))
        self.people: dict[str, Browser] = {}
        self.case = ""

    def at(self, user: str) -> Browser:
        """This person's browser, signed in."""
        if user not in self.people:
            browser = Browser(self.base)
            form = browser.get("/login").form(has="username")
            page = browser.send(form, username=user, password=self.logins[user]["password"])
            claim(page.status == 200 and "/login" not in page.url, f"{user} signs in", page)
            self.people[user] = browser
        return self.people[user]

    def go(self, user: str, step: str) -> Page:
        """Open a page of the case."""
        return self.at(user).get(f"/cases/{self.case}/{step}")

    def forward(self, days: int) -> None:
        """Move the demonstration's clock."""
        page = self.at("clerk1").get("/demo/clock/")
        form = page.form(has="day", button="拨到")
        today = time.strptime(form.values["day"][0], "%Y-%m-%d")
        wanted = time.strftime("%Y-%m-%d", time.localtime(time.mktime(today) + (days - 1) * 86400 + 3600))
        claim(self.at("clerk1").send(form, day=wanted).status == 200, f"the demonstration's clock goes to {wanted}")

    # --- the steps ------------------------------------------------------------------------------------------

    def whoever_receives(self) -> None:
        """The families that the old system paid are here."""
        approver = self.at("approver1")
        page = approver.get(approver.get("/cases/?state=approved").link("/cases/4199"))
        claim(
            "由原系统接续" in page.text and "原审批文号" in page.text,
            "who received is taken over, with its reason",
            page,
        )

    def finding_and_visit(self) -> None:
        assistant, father = self.at("assistant1"), self.story["members"][0]["name"]
        findings = assistant.get("/findings/")
        claim(father in findings.text, f"the night found {father}'s family", findings)
        claim("云岭乡" not in findings.text, "another township's findings are not shown")
        first = next(words for link, words in findings.links if link.startswith("/findings/") and words == father)
        claim(bool(first), "and it stands on the first page of its township's list", findings)
        task = next(link for link, _ in assistant.get("/").links if link.startswith("/tasks/"))
        page = assistant.get(task)
        claim(father in page.text, "the most urgent task is this family's visit", page)
        form = page.form(action_contains=task, has="visited_on")
        answers = self.visit_answers(form)
        refused = assistant.send(form, **{**answers, "second_visitor_id": ""})
        claim(refused.status == 422 and "发烧" not in refused.url, "a visit by one person alone is refused", refused)
        claim(self.story_text() in refused.text, "and what was typed is still there", refused)
        done = assistant.send(form, **answers)
        claim(done.status == 200, "the visit of two is recorded", done)
        again = assistant.send(form, **answers)
        claim(again.status in {200, 409, 422}, "sending the visit twice has one effect", again)
        self.finding = done.url

    def story_text(self) -> str:
        return "父亲脑中风住院，自付医药费六万八千元；女儿精神残疾，母亲年老，家中没有其他收入。"

    def visit_answers(self, form: Form) -> dict[str, str]:
        """What the two visitors saw: the truth of the invented family. Members are found by the form's choices."""
        answers = {f"home-{name}": self.shown(name, value) for name, value in self.story["facts_in_no_file"].items()}
        people = {words.split("（")[0]: number for number, words in form.choices["signed_by_id"] if number}
        for member in self.story["members"]:
            for name, value in member["facts_in_no_file"].items():
                answers[f"{people[member['name']]}-{name}"] = self.shown(name, value)
        second = next(value for value, words in form.choices["second_visitor_id"] if value)
        self.person_ids = people
        return {
            **answers,
            "second_visitor_id": second,
            "outcome": "confirmed",
            "reason": self.story_text(),
            "signed_by_id": people[self.story["members"][1]["name"]],
        }

    @staticmethod
    def shown(name: str, value: int | str) -> str:
        """Money is typed in yuan, counts and codes as they are."""
        is_money = name.endswith("_monthly") or name == "financial_assets"
        return f"{int(value) // 100}.{int(value) % 100:02d}" if is_money else str(value)

    def application(self) -> None:
        clerk, mother = self.at("clerk1"), self.story["members"][1]["name"]
        page = clerk.get(clerk.get(self.finding).link("/apply/"))
        form = page.form(has="applicant_id")
        done = clerk.send(form, applicant_id=self.person_ids[mother], programme="dibao")
        claim(
            done.status == 200 and "/done/" in done.url,
            "the application has a number, a next step and a last day",
            done,
        )
        self.case = done.url.split("/cases/")[1].split("/")[0]
        page = self.go("clerk1", "consents/")
        adults = [value for value, _ in page.form(has="person_ids").choices["person_ids"]]
        claim(len(adults) == 4, "every adult has to sign the authorisation", page)
        page = clerk.send(page.form(has="person_ids"), person_ids=adults)
        claim(page.status == 200, "the authorisations are recorded", page)
        page = self.go("clerk1", "account/")
        bad = clerk.send(
            page.form(has="account_number"),
            holder_id=self.person_ids[mother],
            bank_name="示范农商银行",
            account_number="12",
        )
        claim(bad.status == 422, "an account number that can't be one is refused", bad)
        page = clerk.send(
            page.form(has="account_number"),
            holder_id=self.person_ids[mother],
            bank_name="示范农商银行",
            account_number="6222004199000012346",
        )
        claim(page.status == 200, "the payee account is recorded", page)
        page = clerk.send(self.go("clerk1", "answers/").form(has="version", action_contains="answers"))
        claim(page.status == 200 and "/done/" in page.url, "the papers are complete and the case is accepted", page)

    def checks(self) -> None:
        clerk, reviewer = self.at("clerk1"), self.at("reviewer1")
        page = clerk.send(self.go("clerk1", "relatives/").form(has="has_none"), has_none="on")
        claim(page.status == 200, "no near relative among officials is declared", page)
        page = self.go("assistant1", "visit/")
        page = self.at("assistant1").send(page.form(action_contains="count"))
        claim(page.status == 200, "the visit made before counts", page)
        page = reviewer.send(self.go("reviewer1", "check/").form(action_contains="check", has="version"))
        claim(page.status == 200, "the county compares with the departments' data", page)
        page = clerk.send(self.go("clerk1", "why/").form(action_contains="/assess/"))
        claim(page.status == 200, "the rules are applied at the desk", page)
        page = self.go("clerk1", "why/")
        claim("低保标准" in page.text, "the page says why, with the standard", page)

    def word(self, user: str, step: str, words: str) -> Page:
        page = self.go(user, f"{step}/")
        form = page.form(action_contains=f"/{step}/", has="outcome")
        return self.at(user).send(form, outcome="approve", reason=words)

    def force(self, user: str, step: str, words: str) -> Page:
        """Send a step's form that the page does not offer, as somebody would who knows what it looks like."""
        page = self.go(user, f"{step}/")
        token = next(form.values["csrfmiddlewaretoken"] for form in page.forms if "csrfmiddlewaretoken" in form.values)
        version = self.go("clerk1", "").text.count("")  # any number: the step is refused before its version matters
        fields = {"csrfmiddlewaretoken": token, "version": [str(version)], "outcome": ["approve"], "reason": [words]}
        address = f"{self.base}/cases/{self.case}/{step}/"
        return self.at(user).send(Form(address, "post", {**fields, "amount_fen": ["1492.00"]}))

    def opinion_and_publicity(self) -> None:
        page = self.word("clerk1", "opinion", "收入低于标准，财产符合规定，建议纳入低保。")
        claim(page.status == 200 and "/done/" in page.url, "the township gives its opinion", page)
        page = self.go("clerk1", "publicity/")
        page = self.at("clerk1").send(page.form(action_contains="publicity", has="version"))
        claim(page.status == 200, "the publicity starts", page)
        page = self.go("clerk1", "publicity/")
        self.sheet = page.link("/public/")
        sheet = Browser(self.base).get(self.sheet)
        name, number = self.story["members"][1]["name"], self.story["members"][1]["id_number"]
        claim(
            sheet.status == 200 and name not in sheet.text and number not in sheet.text,
            "the public sheet is masked",
            sheet,
        )
        page = self.force("reviewer1", "review", "提前审核。")
        claim(page.status in {403, 404, 409, 422}, "nobody can review before the publicity has ended", page)
        self.forward(10)
        claim(Browser(self.base).get(self.sheet).status == 410, "the public sheet is gone after its end")

    def decision(self) -> None:
        page = self.word("reviewer1", "review", "核对无异议，公示期满无异议，同意。")
        claim(page.status == 200 and "/done/" in page.url, "the county reviews", page)
        page = self.force("reviewer1", "confirm", "自己确认。")
        claim(page.status in {403, 404, 409, 422}, "the reviewer can't confirm what the reviewer reviewed", page)
        page = self.word("approver1", "confirm", "符合条件，确认。")
        claim(page.status == 200 and "/done/" in page.url, "another person confirms", page)
        letter = self.at("clerk1").get(f"/letters/{self.case}.pdf")
        claim(letter.status == 200 and letter.body.startswith(b"%PDF"), "the decision letter is a PDF", letter)
        page = self.at("clerk1").send(self.go("clerk1", "notice/").form(has="delivery"), delivery="in_person")
        claim(page.status == 200, "the letter is delivered", page)

    def money(self) -> None:
        finance, second = self.at("finance1"), self.at("finance2")
        page = finance.get("/money/")
        if any("/money/funds/new/" in href for href, _ in page.links):
            form = finance.get("/money/funds/new/").form(has="year")
            finance.send(form, programme="dibao", year="2026", name="2026年城乡低保资金")
            page = finance.get("/money/")
        form = finance.get(page.link("/appropriate/")).form(has="amount_fen")
        page = finance.send(form, amount_fen="5000000.00", document="清财社〔2026〕41号")
        claim(page.status == 200, "the fund has its appropriation", page)
        page = finance.get("/money/runs/new/")
        page = finance.send(page.form(has="month"), programme="dibao", month="2026-12")
        claim(
            page.status == 200 and "/money/runs/" in page.url,
            "a run for the month after the decision is prepared",
            page,
        )
        run = page.url.removeprefix(self.base)
        claim(
            not [form for form in page.forms if "/release/" in form.action],
            "who prepared the run can't release it",
            page,
        )
        page = second.get(run)
        page = second.send(page.form(action_contains="/release/"), has_compared="on")
        claim(page.status == 200, "another person releases it", page)
        file = finance.get(f"{run}bank-file").body
        sent = finance.get(run).form(action_contains="/sent/")
        page = finance.send(sent, files={"handed_over": ("bank.csv", file.replace(b"6", b"7", 1))})
        claim(page.status == 422, "a bank file changed by one byte is refused", page)
        page = finance.send(sent, files={"handed_over": ("bank.csv", file)})
        claim(page.status == 200, "the bank file is handed over", page)
        answer = finance.send(finance.get(run).form(action_contains="/demo/bank/")).body
        page = finance.send(finance.get("/money/returns/").form(has="file"), files={"file": ("return.csv", answer)})
        claim(page.status == 200, "the bank's answer is read", page)
        page = finance.send(finance.get("/money/returns/").form(has="file"), files={"file": ("return.csv", answer)})
        claim("已" in page.text, "the same answer again changes nothing", page)
        page = finance.get(run.replace("/runs/", "/reconciliation/"))
        claim(page.status == 200, "the reconciliation page shows four equal sums", page)
        self.reconciliation = page

    def mass_effects_wait(self) -> None:
        """The brake (promise P26): what speaks against very many at once comes in when two people have released it."""
        reviewer, approver = self.at("reviewer1"), self.at("approver1")
        page = reviewer.get("/findings/held/")
        held = sorted({href for href, _ in page.links if href.startswith("/findings/held/") and href.count("/") == 4})
        claim(bool(held) or self.size == "small", "what speaks against very many families at once is held", page)
        for href in held:
            form = reviewer.get(href).form(has="reason")
            reviewer.send(form, reason="抽看了二十户，部门数据无误。")
            again = reviewer.send(form, reason="再确认一次。")
            claim(again.status == 422, "one person alone does not release it", again)
            done = approver.send(approver.get(href).form(has="reason"), reason="同意，逐户核实。")
            claim(done.status == 200, "a second person releases it", done)
        left = [href for href, _ in approver.get("/findings/held/").links if href in held]
        claim(not left, "nothing is held any more")
        page = reviewer.get("/findings/?kind=receiving_changed&state=open")
        found = [href for href, _ in page.links if re.fullmatch(r"/findings/[0-9]+/", href)]
        claim(bool(found), "the night found what has changed with some of the families that were taken over", page)

    def night(self, state: Path, rule: str) -> Page:
        """Run the night of the demonstration's today; give the list of open findings of a rule."""
        command = [sys.executable, str(HERE / "demo.py"), "next-night", "--state", str(state), "--size", self.size]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        claim(done.returncode == 0, f"the next night runs\n{done.stdout[-1500:]}{done.stderr[-1500:]}")
        return self.at("assistant1").get(f"/findings/?rule={rule}")

    def loop_closes(self, state: Path) -> None:
        """The next night knows what the office decided."""
        father = self.story["members"][0]["name"]
        findings = self.night(state, "large_hospital_bill")
        claim(
            father not in findings.text, "the night after the decision asks nobody to look at that bill again", findings
        )

    def loop_reopens(self, state: Path) -> None:
        """The next month's files say that the son has found work."""
        father = self.story["members"][0]["name"]
        self.forward(20)
        findings = self.night(state, "income_above_line")
        claim("收入变化" in findings.text and father in findings.text, "the family's new income is found", findings)
        page = self.at("clerk1").get(findings.link("/households/")) if "/households/" in str(findings.links) else None
        claim(page is None or "1,492.00" in page.text, "and nothing is stopped by itself", page)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_open(base: str, server: subprocess.Popen[bytes]) -> None:
    """Wait for the log-in page; the preparation before it takes most of the time."""
    began = time.monotonic()
    while time.monotonic() - began < READY_WITHIN_S:
        if server.poll() is not None:
            raise SystemExit(f"✗ the demonstration ended with exit code {server.returncode} before it was open")
        try:
            if Browser(base).get("/login").status == 200:
                print(f"✓ open after {time.monotonic() - began:.0f} s", flush=True)
                return
        except OSError:
            time.sleep(0.5)
    raise SystemExit(f"✗ the demonstration was not open after {READY_WITHIN_S} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=["small", "county"], default="county")
    parser.add_argument("--seed", default="4199")
    parser.add_argument("--as-of", default="2026-11-20")
    wishes = parser.parse_args()
    parent = state_folder("check").parent
    parent.mkdir(parents=True, exist_ok=True)
    state = Path(tempfile.mkdtemp(prefix="check-", dir=parent))
    state.chmod(0o711)  # so that the database's own account can reach its folder below
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    command = [sys.executable, str(HERE / "demo.py"), "serve", "--state", str(state), "--port", str(port)]
    command += ["--size", wishes.size, "--seed", wishes.seed, "--as-of", wishes.as_of]
    server = subprocess.Popen(command)
    try:
        wait_until_open(base, server)
        walk = Walk(state, base, wishes.size)
        walk.whoever_receives()
        walk.mass_effects_wait()
        walk.finding_and_visit()
        walk.application()
        walk.checks()
        walk.opinion_and_publicity()
        walk.decision()
        walk.loop_closes(state)
        walk.money()
        walk.loop_reopens(state)
        print("\nThe loop holds: from the hospital bill to the balanced ledger, and back into the next night.")
    finally:
        server.terminate()
        server.wait(timeout=30)
        subprocess.run(
            [sys.executable, str(HERE / "demo.py"), "reset", "--state", str(state)], check=False, capture_output=True
        )
        shutil.rmtree(state, ignore_errors=True)


if __name__ == "__main__":
    main()
