"""A programme that needs no new kind of step is YAML alone: window, forms, case page, letter and sheet follow."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from tests.office.flows.walks import Office
from tests.office.flows.window_cases import AtWindow

import doudi
from doudi.engine.pack.pack import load_pack
from doudi.engine.pipeline.pack_check import check_pack
from doudi.office.casework.models import PublicSheet
from doudi.office.desk import packwords
from doudi.office.entitlements import paying
from doudi.office.evidence import rulebook
from doudi.office.flows import letter
from doudi.office.org.models import User
from doudi.office.paper import naming

SHIPPED = Path(doudi.__file__).parent / "packs" / "cn"
CITATION = "{instrument: 取暖补助办法（示例）, article: 第一条, mark: L}"

VOCABULARY = """\
entity: household
facts:
  has_no_heating:
    type: bool
    label: {zh: 冬季没有取暖, en: no heating in winter}
    question: {zh: 您家冬天没有取暖吗？, en: Is there no heating in winter?}
    supplied_by: [family, visit]
    asked_for: [heating_aid]
"""
PARAMETERS = f"""\
parameters:
  heating_aid_amount:
    label: {{zh: 取暖补助, en: heating aid}}
    unit: fen
    values: [{{effective_from: 2024-01-01, value: 80000, status: example, citation: {CITATION}}}]
"""
FORMULAS = f"""\
formulas:
  is_cold:
    entity: household
    type: bool
    label: {{zh: 没有取暖, en: no heating}}
    citation: {CITATION}
    formula: has_no_heating
  aid:
    entity: household
    type: fen
    unit: fen
    label: {{zh: 取暖补助金, en: heating aid}}
    citation: {CITATION}
    formula: heating_aid_amount
"""
PROGRAMME = f"""\
id: heating_aid
label: {{zh: 冬季取暖补助, en: Winter heating aid}}
citation: {CITATION}
issuer: {{zh: "{{county}}总工会", en: "Federation of trade unions of {{county}}"}}
pays: once
conditions:
  - formula: is_cold
    sentences:
      met: {{zh: 您家冬天没有取暖。, en: There is no heating in your home.}}
      not_met: {{zh: 您家冬天有取暖。, en: There is heating in your home.}}
      unknown: {{zh: "还不知道：{{missing}}。", en: "Still to be found out: {{missing}}."}}
amount: aid
amount_sentence: {{zh: "一次发给 {{aid}}。", en: "{{aid}} are paid once."}}
fit_for: {{zh: 没有取暖的家庭, en: homes without heating}}
not_fit_for: {{zh: 其他, en: others}}
"""
CASES = """\
every_household: {residence: rural}
every_member: {birth_date: 1980-05-01}
cases:
  - name: 没有取暖
    as_of: 2026-11-23
    region: "419901101002"
    household: {has_no_heating: true}
    members: [{relation: "02"}]
    expect: {outcome: eligible, amount_fen: 80000}
"""


def step(name: str, kind: str, zh: str, en: str, role: str, **more: str) -> str:
    rest = "".join(f"\n    {key}: {value}" for key, value in more.items())
    label = f"{{zh: {zh}, en: {en}}}"
    return f"  - id: {name}\n    kind: {kind}\n    label: {label}\n    role: {role}\n    citation: {CITATION}{rest}\n"


PROCEDURE = (
    "programme: heating_aid\nlabel: {zh: 取暖补助程序, en: Procedure for heating aid}\n"
    + "".join(
        f"{key}: {{n: {n}, unit: working_days, from: intake, until: decision, citation: {CITATION}}}\n"
        for key, n in (("total", 10), ("total_special", 15))
    )
    + "steps:\n"
    + step("asked", "apply", "提出申请", "Asked for", "clerk")
    + step("intake", "accept", "登记受理", "Taken in", "clerk", requires="[asked]")
    + step("stove_check", "record", "查看炉灶", "Look at the stove", "assistant", requires="[intake]")
    + step("word", "opinion", "乡镇意见", "Word of the township", "clerk", requires="[stove_check]")
    + step("posted", "publicity", "张榜", "Posted", "clerk", requires="[word]", publicity_days="3")
    + step("decision", "confirm", "县级决定", "Decision of the county", "approver", requires="[posted]",
           four_eyes_with="[word]")
    + step("told", "notify", "告知", "Told", "clerk", requires="[decision]")
)  # fmt: skip


@pytest.fixture
def with_heating_aid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The shipped pack with one more folder and one more file of facts; nothing else is touched."""
    root = tmp_path / "cn"
    shutil.copytree(SHIPPED, root)
    folder = root / "programmes" / "heating_aid"
    folder.mkdir()
    files = {
        "programme": PROGRAMME,
        "formulas": FORMULAS,
        "parameters": PARAMETERS,
        "procedure": PROCEDURE,
        "cases": CASES,
    }
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    (root / "vocabulary" / "heating_aid.yaml").write_text(VOCABULARY, encoding="utf-8")
    kept = (
        rulebook.current_pack, rulebook.current_vocabulary, rulebook.asked_vocabulary, rulebook.visit_vocabulary,
        rulebook.office_programmes, packwords._labels, naming._labels, paying.paying_of,
    )  # fmt: skip

    def forget() -> None:
        for each in kept:
            each.cache_clear()

    forget()
    monkeypatch.setattr(rulebook, "load_pack", lambda **given: load_pack(root, **given))
    check_pack(load_pack(root))
    yield
    forget()


def test_a_new_programme_is_yaml_alone(
    office: Office, with_heating_aid: None, client_for: Callable[[User], Client], set_clock: Callable[..., None]
) -> None:
    client = client_for(office.clerk)
    assert "冬季取暖补助" in client.get(reverse("apply-window")).content.decode()

    case = AtWindow(office, "heating_aid", household={"has_no_heating": True}).open()
    asked = client.get(reverse("case-declare", args=[case.number, "members"])).content.decode()
    assert "冬季没有取暖" in asked
    assert "存款" not in asked, "what other programmes ask is not asked"
    case.declare().sign().accept()
    page = client.get(reverse("case", args=[case.number])).content.decode()
    for label in ("提出申请", "登记受理", "查看炉灶", "张榜", "县级决定"):
        assert label in page
    stove = reverse("case-note", args=[case.number, "stove_check"])
    assert stove in page
    reply = client.post(stove, {"version": case.version, "note": "炉子坏了。"})
    assert reply.status_code == 302
    case.version = case.case().version

    case.assess()
    case.opinion()
    assert case.open_steps() == ["posted"]
    case.publicise()
    with office.as_user(office.clerk):
        assert PublicSheet.objects.get().programme == "heating_aid"
        assert letter.publicity_sheet(
            actor=office.clerk, case_number=case.number, lang="zh", font_dir=settings.FONT_DIR
        ).startswith(b"%PDF")
    case.later(4).confirm(office.approver)
    set_clock(case.at)
    case.notify()
    assert case.open_steps() == []
    page = client.get(reverse("case", args=[case.number])).content.decode()
    assert "一次性 800.00 元" in page
    with office.as_user(office.clerk):
        written = letter.decision_letter(
            actor=office.clerk, case_number=case.number, lang="zh", font_dir=settings.FONT_DIR
        )
    assert written.startswith(b"%PDF")
