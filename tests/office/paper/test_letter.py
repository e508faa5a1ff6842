"""What a family reads: the decision, the reasons, the facts, and how to object."""

import io
from datetime import date
from pathlib import Path

import pypdf
import pytest
from tests.office.paper.desk_cases import DECIDED

from doudi.office.casework.models import Decision, Notice, Publicity, PublicSheet
from doudi.office.paper.letter import decision_letter_pdf
from doudi.office.paper.setting import PaperError, in_capitals, set_pdf
from doudi.office.paper.sheet import publicity_sheet_pdf


def text_of(pdf: bytes) -> str:
    """What can be read in a PDF, without the breaks of its lines."""
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return "".join("".join(page.extract_text().split()) for page in pages)


def letter(decision: Decision, font_dir: Path, tmp_path: Path, lang: str = "zh") -> str:
    pdf = decision_letter_pdf(decision, lang=lang, font_dir=font_dir)
    (tmp_path / f"letter-{lang}.pdf").write_bytes(pdf)
    return text_of(pdf)


def test_an_approval_says_how_much_in_figures_and_capitals_from_when_and_where_to(desk, font_dir, tmp_path) -> None:
    text = letter(desk.decision(), font_dir, tmp_path)
    for part in (
        "清河县民政局", "最低生活保障确认通知书", "DB419901-2026-000017", "张建国", "460.00元", "肆佰陆拾元整",
        "从2026年12月起", "清河农村商业银行柳溪支行", "8901",
    ):  # fmt: skip
        assert part in text


def test_p18_a_refusal_gives_reason_facts_sources_rule_and_how_to_object(desk, font_dir, tmp_path) -> None:
    decision = desk.decision(wage_fen=200_000, outcome="refuse", reason="家庭人均收入高于标准。")
    text = letter(decision, font_dir, tmp_path)
    for part in (
        "不予确认告知书", "家庭人均收入高于标准。", "不符合", "2,000.00", "如果", "60日内", "清河县人民政府",
        "行政诉讼",         "2026-10-31", "本人申报", "入户调查", decision.assessment.pack_release, "临时救助",
    ):  # fmt: skip
        assert part in text
    assert "每月金额" not in text


def test_the_last_day_to_object_is_named_once_the_letter_is_delivered(desk, font_dir, tmp_path) -> None:
    decision = desk.decision(wage_fen=200_000, outcome="refuse")
    assert "最后一天" not in letter(decision, font_dir, tmp_path)
    Notice.objects.filter(decision=decision).update(
        delivered_on=date(2026, 11, 25), delivered_by=desk.approver, delivery="当面", object_until=date(2027, 1, 25)
    )
    assert "最后一天是2027年1月25日" in letter(decision, font_dir, tmp_path)


def test_the_letter_can_be_had_in_english(desk, font_dir, tmp_path) -> None:
    text = letter(desk.decision(), font_dir, tmp_path, "en")
    for part in ("Noticeofapproval", "December2026", "460.00yuan", "reconsideration", "Whyitwasdecidedso"):
        assert part in text


def test_p30_the_letter_shows_neither_the_whole_identity_number_nor_the_whole_account(desk, font_dir, tmp_path) -> None:
    decision = desk.decision()
    text = letter(decision, font_dir, tmp_path)
    assert decision.case.applicant.id_number not in text
    assert "6217000012345678901" not in text
    assert "4199**********" in text


def test_a_departure_from_the_rules_is_said_openly(desk, font_dir, tmp_path) -> None:
    text = letter(desk.decision(wage_fen=200_000, reason="一事一议：母亲住院，收入将中断。"), font_dir, tmp_path)
    assert "按规则测算的结果与本决定不同" in text
    assert "200.00元" in text


@pytest.mark.parametrize(
    "hostile", ['#read("/etc/passwd")', "*粗* _斜_ $x$ `y` <a> @b \\", '"]; #panic("x")', "= 标题", "//注释"]
)
def test_what_people_type_is_shown_and_never_run(desk, font_dir, tmp_path, hostile) -> None:
    text = letter(desk.decision(name=hostile, reason=hostile), font_dir, tmp_path)
    assert "".join(hostile.split()) in text


def test_a_long_name_and_a_long_reason_stay_on_the_paper(desk, font_dir, tmp_path) -> None:
    name = "阿卜杜热西提·买买提依明·努尔麦麦提·吐尔逊江·艾合买提"
    pdf = decision_letter_pdf(
        desk.decision(name=name, reason="核对无误。" * 300 + "到此为止。"), lang="zh", font_dir=font_dir
    )
    (tmp_path / "long.pdf").write_bytes(pdf)
    assert name in text_of(pdf)
    assert "到此为止。" in text_of(pdf)


def test_the_same_letter_is_the_same_bytes(desk, font_dir) -> None:
    decision = desk.decision()
    assert decision_letter_pdf(decision, lang="zh", font_dir=font_dir) == decision_letter_pdf(
        decision, lang="zh", font_dir=font_dir
    )


def test_without_the_font_no_empty_letter_is_printed(tmp_path) -> None:
    with pytest.raises(PaperError, match="font"):
        set_pdf("letter.typ", {}, font_dir=tmp_path, at=DECIDED)


@pytest.mark.parametrize(
    ("fen", "words"),
    [(128_650, "壹仟贰佰捌拾陆元伍角"), (46_000, "肆佰陆拾元整"), (5, "伍分"), (1_001_001, "壹万零壹拾元零壹分")],
)
def test_amounts_in_capitals(fen: int, words: str) -> None:
    assert in_capitals(fen) == words


def test_p31_the_sheet_shows_only_what_may_be_public(desk, font_dir, tmp_path) -> None:
    decision = desk.decision()
    publicity = Publicity.objects.create(
        case=decision.case, starts_on=date(2026, 11, 12), ends_on=date(2026, 11, 19), started_at=DECIDED,
        started_by=desk.approver, area=decision.area,
    )  # fmt: skip
    sheet = PublicSheet.objects.create(
        publicity=publicity, token="t", programme="dibao", masked_name="张*国", member_count=3, opinion="approve",
        village=decision.area, starts_on=date(2026, 11, 12), ends_on=date(2026, 11, 19),
    )  # fmt: skip
    pdf = publicity_sheet_pdf(sheet, lang="zh", font_dir=font_dir, at=DECIDED)
    (tmp_path / "sheet.pdf").write_bytes(pdf)
    text = text_of(pdf)
    for part in ("公示", "张*国", "3人", "柳林村", "拟同意", "2026年11月12日至2026年11月19日", "柳林镇"):
        assert part in text
    for hidden in ("张建国", "4199", "460", "6217", "8901", "00017"):
        assert hidden not in text
    assert len(pypdf.PdfReader(io.BytesIO(pdf)).pages) == 1
    english = publicity_sheet_pdf(sheet, lang="en", font_dir=font_dir, at=DECIDED)
    assert "Publicnotice" in text_of(english)
