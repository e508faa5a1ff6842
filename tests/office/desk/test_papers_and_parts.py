"""Papers by photo, the six parts with their drafts, receipt and notice, through the pages that clerks use."""

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test import Client
from PIL import Image
from pypdf import PdfWriter
from tests.office.flows.lakes import FATHER
from tests.office.flows.walks import Office

from doudi.office.audit.models import Entry
from doudi.office.casework.models import Draft, Paper, PaperContent
from doudi.office.flows.papers import plain_name
from doudi.office.org.models import User

SECRET = "机密工资条".encode()


@pytest.fixture
def clerk(office: Office, set_clock: Any, client_for: Callable[[User], Client]) -> Client:
    office.load()
    office.open(office.record_visit().visit_id)
    return client_for(office.clerk)


def photo(colour: int = 0) -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", (60, 40), (colour, 90, 90)).save(drawn, "JPEG", comment=SECRET)
    return drawn.getvalue()


def pages() -> bytes:
    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(width=200, height=300)
    writer.write(out)
    return out.getvalue()


def send(client: Client, office: Office, *files: tuple[str, bytes], **more: Any) -> Any:
    photos = [SimpleUploadedFile(name, content) for name, content in files]
    return client.post(f"/cases/{office.number}/scans/", {"kind": "income", "photos": photos, **more})


def test_several_photos_of_one_kind_are_taken_and_shown_to_whoever_may_see_the_case(
    clerk: Client, office: Office
) -> None:
    reply = send(clerk, office, ("一月.jpg", photo(1)), ("二月.pdf", pages()))
    assert reply.status_code == 302
    page = clerk.get(f"/cases/{office.number}/scans/").content.decode()
    links = sorted(set(re.findall(rf"/cases/{office.number}/scans/\d+/(?:small/)?", page)))
    assert len(links) == 3
    for link in links:
        reply = clerk.get(link)
        assert reply.status_code == 200
        assert reply["X-Content-Type-Options"] == "nosniff"
        assert reply["Cache-Control"] == "private, no-store"
        assert "sandbox" in reply["Content-Security-Policy"]
        assert reply["Content-Security-Policy"].startswith("default-src 'none'")
        is_pdf = reply["Content-Type"] == "application/pdf"
        assert reply["Content-Disposition"].startswith("attachment" if is_pdf else "inline")
        assert SECRET not in reply.content
    with office.as_user(office.clerk):
        looks = Entry.objects.filter(verb="read", object_type="casework.paper")
        assert looks.count() == 3


def test_p30_a_paper_lies_encrypted_in_the_register(clerk: Client, office: Office) -> None:
    send(clerk, office, ("工资.jpg", photo()))
    with office.as_user(office.clerk):
        with connection.cursor() as cursor:
            cursor.execute("SELECT page, thumbnail FROM casework_papercontent")
            rows = [bytes(cell) for row in cursor.fetchall() for cell in row]
            cursor.execute("SELECT file_name FROM casework_paper")
            names = [row[0] for row in cursor.fetchall()]
        kept = bytes(PaperContent.objects.get().page)
    assert kept.startswith(b"\xff\xd8")
    assert rows
    assert all(b"\xff\xd8\xff" not in cell and b"JFIF" not in cell for cell in rows)
    assert all("工资" not in name for name in names)


def test_p27_another_township_sees_no_paper(
    clerk: Client, office: Office, client_for: Callable[[User], Client]
) -> None:
    send(clerk, office, ("a.jpg", photo()))
    with office.as_user(office.clerk):
        paper = Paper.objects.get()
    stranger = client_for(office.stranger)
    for part in ("", "small/"):
        foreign = stranger.get(f"/cases/{office.number}/scans/{paper.pk}/{part}")
        absent = stranger.get(f"/cases/{office.number}/scans/{paper.pk + 999}/{part}")
        assert (foreign.status_code, absent.status_code) == (404, 404)
    # A paper of a case is no paper of another one.
    assert clerk.get(f"/cases/419901-2026-999999/scans/{paper.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("表.jpg", b"<svg onload=alert(1)>", "这不是JPEG"),
        ("表.pdf", b"%PDF-1.4 nothing", "已损坏"),
        ("空.jpg", b"\xff\xd8\xff", "已损坏"),
    ],
)
def test_a_bad_file_is_refused_in_plain_words_and_none_of_the_others_is_taken(
    clerk: Client, office: Office, name: str, content: bytes, word: str
) -> None:
    reply = send(clerk, office, ("好.jpg", photo()), (name, content))
    assert reply.status_code == 422
    assert word in reply.content.decode()
    with office.as_user(office.clerk):
        assert not Paper.objects.exists()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\system32\\工资.jpg", "工资.jpg"),
        ("a" * 10_000 + ".jpg", "a" * 116 + ".jpg"),
        ("\u202egpj.exe", "gpj.exe"),
        ("a\x00b\n.jpg", "ab.jpg"),
        ("..", ""),
        ("<script>.jpg", "<script>.jpg"),
    ],
)
def test_odd_file_names_are_harmless(clerk: Client, office: Office, name: str, shown: str) -> None:
    assert plain_name(name) == shown
    if "\x00" not in name and shown:
        assert send(clerk, office, (name, photo())).status_code == 302
        assert "<script>" not in clerk.get(f"/cases/{office.number}/scans/").content.decode()


def test_the_same_file_twice_has_one_effect(clerk: Client, office: Office) -> None:
    assert send(clerk, office, ("a.jpg", photo())).status_code == 302
    again = send(clerk, office, ("b.jpg", photo()))
    assert again.status_code == 422
    assert "本案已有同一份文件" in again.content.decode()
    with office.as_user(office.clerk):
        assert Paper.objects.count() == 1


def test_a_paper_is_withdrawn_and_replaced_with_its_history(clerk: Client, office: Office) -> None:
    send(clerk, office, ("a.jpg", photo(1)))
    with office.as_user(office.clerk):
        first = Paper.objects.get()
    here = f"/cases/{office.number}/"
    assert clerk.post(f"{here}scans/{first.pk}/withdraw/", {"reason": ""}).status_code == 302
    assert send(clerk, office, ("b.jpg", photo(2)), replaces_id=first.pk).status_code == 422
    assert send(clerk, office, ("b.jpg", photo(2)), replaces_id=first.pk, replace_reason="看不清").status_code == 302
    page = clerk.get(f"{here}scans/").content.decode()
    assert "已替换" in page
    assert "看不清" in page
    with office.as_user(office.clerk):
        second = Paper.objects.exclude(pk=first.pk).get()
    clerk.post(f"{here}scans/{second.pk}/withdraw/", {"reason": "不是本人的"})
    assert "已作废，待补" in clerk.get(f"{here}scans/").content.decode()
    assert "1份待补" in clerk.get(here).content.decode() or "待补正" in clerk.get(here).content.decode()
    # What was withdrawn can still be opened by whoever checks the case, and by nobody be changed.
    assert clerk.get(f"{here}scans/{first.pk}/").status_code == 200
    refusal = pytest.raises(DatabaseError, match="permission denied")
    with office.as_user(office.clerk), refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM casework_papercontent")


def test_six_parts_in_any_order_each_with_its_state(clerk: Client, office: Office) -> None:
    page = clerk.get(f"/cases/{office.number}/").content.decode()
    for part in ("家庭成员", "收入", "财产", "支出", "授权", "材料"):
        assert part in page
    assert "部分已完成" in page or "已完成" in page
    assert "未开始" in page


def test_what_the_state_has_is_shown_with_source_and_day_and_not_asked(clerk: Client, office: Office) -> None:
    page = clerk.get(f"/cases/{office.number}/declare/expenses/").content.decode()
    assert "已经掌握，不再询问" in page
    assert "住院费用结算" in page
    assert re.search(r"2026-\d\d-\d\d", page)
    assert "hospital_self_paid_12m" not in page


def test_each_answer_is_kept_and_comes_back_until_it_is_saved(
    clerk: Client, office: Office, client_for: Callable[[User], Client]
) -> None:
    here = f"/cases/{office.number}/declare/assets/"
    kept = clerk.post(f"/cases/{office.number}/draft/assets/", {"version": "1", "home-financial_assets": "五千左右"})
    assert kept.status_code == 200
    # A session later it stands in the form as it was typed; a colleague is not shown it.
    page = client_for(office.clerk).get(here).content.decode()
    assert "五千左右" in page
    assert "已恢复在下面" in page
    assert "五千左右" not in client_for(office.colleague).get(here).content.decode()
    with office.as_user(office.clerk), connection.cursor() as cursor:
        cursor.execute("SELECT fields FROM casework_draft")
        assert "五千" not in cursor.fetchone()[0]
    saved = clerk.post(here, {"version": str(office.version), "home-financial_assets": "5000"})
    assert saved.status_code == 302
    assert "已恢复在下面" not in clerk.get(here).content.decode()
    with office.as_user(office.clerk):
        assert Draft.objects.get().fields == ""


def test_a_stale_form_loses_nothing_that_was_typed(clerk: Client, office: Office) -> None:
    here = f"/cases/{office.number}/declare/assets/"
    old = str(office.version)
    office.fill()
    reply = clerk.post(here, {"version": old, "home-financial_assets": "7777"})
    assert reply.status_code == 422
    assert "7777" in reply.content.decode()
    fresh = clerk.get(here).content.decode()
    assert "7777" in fresh
    version = re.search(r'name="version" value="(\d+)"', fresh)
    assert version is not None
    assert clerk.post(here, {"version": version[1], "home-financial_assets": "7777"}).status_code == 302


def test_a_draft_can_be_thrown_away(clerk: Client, office: Office) -> None:
    clerk.post(f"/cases/{office.number}/draft/income/", {"home-other_income_monthly": "12"})
    clerk.post(f"/cases/{office.number}/draft/income/", {"drop": "1"})
    assert "已恢复在下面" not in clerk.get(f"/cases/{office.number}/declare/income/").content.decode()


def test_the_receipt_has_number_code_and_square_code_and_the_notice_all_that_is_missing(
    clerk: Client, office: Office
) -> None:
    receipt = clerk.get(f"/cases/{office.number}/receipt/").content.decode()
    assert office.number in receipt
    assert re.search(r"data-receipt-code>[A-Z0-9]{8}<", receipt)
    drawn = clerk.get(f"/cases/{office.number}/receipt/code.svg")
    assert drawn["Content-Type"] == "image/svg+xml"
    notice = clerk.get(f"/cases/{office.number}/missing/").content.decode()
    assert "收款账户" in notice
    assert FATHER.id_number not in receipt + notice
