"""Photos and signatures of a visit, through the pages that visitors use: confined, encrypted, audited, append-only."""

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
from tests.office.flows.walks import MONDAY, Office

from doudi.office.audit.models import Entry
from doudi.office.casework.models import Visit, VisitPhoto, VisitPhotoContent, VisitPhotoRemoval, VisitWord
from doudi.office.casework.queries import visit_page_of, words_waiting
from doudi.office.errors import NotAllowed, Refused, Unacceptable
from doudi.office.flows.visit_record import NewPhoto, add_photos, remove_photo, say_of_visit
from doudi.office.org.models import User

CAMERA = b"SECRETCAM GPS 34.75120"
NEXT_YEAR = MONDAY.replace(year=2027).date()
ClientFor = Callable[[User], Client]


def picture(colour: int = 0) -> bytes:
    """A photo as a telephone sends it: device and place stand in its EXIF data and in a comment."""
    exif, drawn = Image.Exif(), io.BytesIO()
    exif[0x010F] = CAMERA.decode()
    exif.get_ifd(0x8825).update({1: "N", 2: (34.0, 45.0, 4.0)})
    Image.new("RGB", (60, 40), (colour, 90, 90)).save(drawn, "JPEG", exif=exif, comment=CAMERA)
    assert CAMERA in drawn.getvalue()
    return drawn.getvalue()


def pages() -> bytes:
    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(width=200, height=300)
    writer.write(out)
    return out.getvalue()


@pytest.fixture
def visited(office: Office, set_clock: Any) -> int:
    office.load()
    return office.record_visit().visit_id


@pytest.fixture
def assistant(office: Office, visited: int, client_for: ClientFor) -> Client:
    return client_for(office.assistant)


def send(client: Client, visit_id: int, *contents: bytes, **more: Any) -> Any:
    photos = [SimpleUploadedFile(f"IMG_{number}.jpg", content) for number, content in enumerate(contents)]
    told = {"kind": "home", "shows": "漏雨的屋顶", "taken_on": MONDAY.date().isoformat(), **more}
    return client.post(f"/visits/{visit_id}/photos/", {"photos": photos, **told})


def links(page: str, visit_id: int) -> list[str]:
    return sorted(set(re.findall(rf"/visits/{visit_id}/photos/\d+/(?:small/)?(?=\")", page)))


def lay(office: Office, visit_id: int, actor: User | None = None, **more: Any) -> int:
    person = actor or office.assistant
    with office.as_user(person):
        (photo_id,) = add_photos(
            actor=person,
            at=MONDAY,
            visit_id=visit_id,
            photos=[NewPhoto(**({"content": picture(), "kind": "home"} | more))],
        )
    return photo_id


def test_photos_taken_on_the_form_stand_in_the_record_with_the_forms_time_and_place(
    office: Office, set_clock: Any, client_for: ClientFor
) -> None:
    office.load()
    client = client_for(office.assistant)
    with office.as_user(office.assistant):
        task = office.finding().tasks.get(kind="visit")
        mother = office.person_ids()[1]
    reply = client.post(
        f"/tasks/{task.pk}/",
        {
            "form_token": "a" * 32, "visited_on": "2026-11-23", "arrived_at": "09:30", "place": "县医院三楼",
            "second_visitor_id": office.clerk.pk, "outcome": "confirmed", "reason": "属实。", "signed_by_id": mother,
            "photos": [SimpleUploadedFile("1.jpg", picture(1)), SimpleUploadedFile("2.jpg", picture(2))],
            "photos_kind": "home", "photos_show": "病房",
            "sheet_photos": [SimpleUploadedFile("表.pdf", pages())],
        },
    )  # fmt: skip
    assert reply.status_code == 302
    with office.as_user(office.clerk):
        visit = Visit.objects.get()
        found = visit_page_of(office.clerk, visit.pk, today=MONDAY.date(), lang="en", purpose="test").visit
        kept = [bytes(row.page) + bytes(row.thumbnail) for row in VisitPhotoContent.objects.all()]
    told = {(each.kind, each.shows, str(each.taken_on), str(each.taken_at), each.place) for each in found.photos}
    at = ("2026-11-23", "09:30:00", "县医院三楼")
    assert told == {("sheet", "", *at), ("home", "病房", *at)}
    assert len(found.photos) == 3
    assert found.sheets == 1
    assert kept
    assert all(CAMERA not in each and b"GPS" not in each for each in kept)


def test_who_may_see_the_family_sees_the_photos_and_each_look_is_audited(
    assistant: Client, visited: int, office: Office, client_for: ClientFor
) -> None:
    assert send(assistant, visited, picture(1), picture(2)).status_code == 302
    reader = client_for(office.reviewer)
    shown = links(reader.get(f"/visits/{visited}/").content.decode(), visited)
    assert len(shown) == 4
    for link in shown:
        reply = reader.get(link)
        assert reply.status_code == 200
        assert reply["Content-Type"] == "image/jpeg"
        assert reply["Cache-Control"] == "private, no-store"
        assert reply["Content-Security-Policy"].startswith("default-src 'none'")
        assert CAMERA not in reply.content
        assert not Image.open(io.BytesIO(reply.content)).getexif()
    with office.as_user(office.reviewer):
        looks = Entry.objects.filter(verb="read", object_type="casework.visitphoto", actor_id=office.reviewer.pk)
        assert looks.count() == 4


def test_a_case_shows_how_many_photos_its_visits_have_and_what_the_second_visitor_says(
    office: Office, set_clock: Any, client_for: ClientFor
) -> None:
    office.lake.person_facts["disability_grade"] = ("disability_cards", 4)
    office.walk_to_opinion()
    with office.as_user(office.clerk):
        visit_id = Visit.objects.get().pk
    client = client_for(office.clerk)
    page = client.get(f"/cases/{office.number}/").content.decode()
    assert "第二入户人员尚未确认" in page
    assert "1 张照片" not in page
    lay(office, visit_id)
    assert client.post(f"/visits/{visit_id}/word/", {"agrees": "yes"}).status_code == 302
    page = client.get(f"/cases/{office.number}/").content.decode()
    assert "1 张照片" in page
    assert "两名入户人员均已确认" in page
    # What was seen and what was found differ, and both pages say so.
    assert "项入户所见与申报或核对结果不一致" in page
    assert "不一致" in client.get(f"/visits/{visit_id}/").content.decode()


def test_p27_another_township_sees_no_photo(visited: int, office: Office, client_for: ClientFor) -> None:
    photo_id = lay(office, visited)
    stranger = client_for(office.stranger)
    for path in (f"/visits/{visited}/photos/{photo_id}/", f"/visits/{visited}/photos/{photo_id}/small/"):
        assert stranger.get(path).status_code == 404
        assert stranger.get(path.replace(str(photo_id), "987654321")).status_code == 404


def test_p30_a_photo_lies_encrypted_in_the_register(visited: int, office: Office) -> None:
    lay(office, visited, shows="漏雨的屋顶", place="村东头")
    with office.as_user(office.clerk):
        with connection.cursor() as cursor:
            cursor.execute("SELECT page, thumbnail FROM casework_visitphotocontent")
            cells = [bytes(cell) for row in cursor.fetchall() for cell in row]
            cursor.execute("SELECT shows || place FROM casework_visitphoto")
            words = str(cursor.fetchall())
        assert bytes(VisitPhotoContent.objects.get().page).startswith(b"\xff\xd8")
    assert cells
    assert all(b"\xff\xd8\xff" not in cell for cell in cells)
    assert "屋顶" not in words
    assert "村东头" not in words


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ({"content": b"no picture"}, "no JPEG"),
        ({"content": b""}, "empty"),
        ({"kind": "selfie"}, "not said"),
        ({"content": pages(), "kind": "home"}, "no picture"),
        ({"taken_on": NEXT_YEAR}, "future"),
        ({"shows": "长" * 201}, "too long"),
    ],
    ids=["text", "empty", "kind", "pdf", "future", "long"],
)
def test_bad_photos_are_refused_and_leave_nothing(visited: int, office: Office, bad: dict[str, Any], why: str) -> None:
    good = NewPhoto(picture(7), "home")
    with office.as_user(office.assistant):
        with pytest.raises(Unacceptable, match=why):
            add_photos(
                actor=office.assistant, at=MONDAY, visit_id=visited,
                photos=[good, NewPhoto(**({"content": picture(), "kind": "home"} | bad))],
            )  # fmt: skip
        assert not VisitPhoto.objects.exists()


def test_the_same_file_lies_in_a_record_once(visited: int, office: Office) -> None:
    first = lay(office, visited)
    with pytest.raises(Refused, match="already"):
        lay(office, visited)
    with office.as_user(office.assistant):
        remove_photo(actor=office.assistant, at=MONDAY, visit_id=visited, photo_id=first, reason="拍糊了")
    # What was taken out by mistake can come in again.
    assert lay(office, visited) != first


def test_taking_a_photo_out_is_a_row_with_a_reason_and_only_the_auditor_opens_it_again(
    visited: int, office: Office, client_for: ClientFor, make_user: Callable[..., User], db_role: Any
) -> None:
    photo_id = lay(office, visited)
    client, auditor = client_for(office.clerk), client_for(make_user("auditor", "419901"))
    remove = f"/visits/{visited}/photos/{photo_id}/remove/"
    assert "必填" in client.post(remove, {"reason": ""}, follow=True).content.decode()
    assert client.get(f"/visits/{visited}/photos/{photo_id}/").status_code == 200
    client.post(remove, {"reason": "拍到了邻居家的孩子"})
    page = client.get(f"/visits/{visited}/").content.decode()
    assert "拍到了邻居家的孩子" in page
    assert links(page, visited) == []
    assert client.get(f"/visits/{visited}/photos/{photo_id}/").status_code == 404
    assert auditor.get(f"/visits/{visited}/photos/{photo_id}/").status_code == 200
    with office.as_user(office.clerk):
        removal = VisitPhotoRemoval.objects.get()
        assert (removal.photo_id, removal.removed_by_id) == (photo_id, office.clerk.pk)
        assert Entry.objects.filter(verb="visit.photo_remove", object_id=str(photo_id)).count() == 1
        with pytest.raises(Refused, match="already"):
            remove_photo(actor=office.clerk, at=MONDAY, visit_id=visited, photo_id=photo_id, reason="再来")
    for model in (VisitPhoto, VisitPhotoContent, VisitPhotoRemoval):
        with (
            office.as_user(office.clerk),
            db_role("owner"),
            pytest.raises(DatabaseError, match="only grows"),
            transaction.atomic(),
        ):
            model.objects.update(area="419901101")


def test_only_the_two_visitors_add_and_what_a_decision_rests_on_stays(office: Office, set_clock: Any) -> None:
    office.walk_to_opinion()
    with office.as_user(office.clerk):
        visit_id = Visit.objects.get().pk
    photo_id = lay(office, visit_id, office.clerk)
    with office.as_user(office.colleague):
        with pytest.raises(NotAllowed, match="who made this visit"):
            add_photos(actor=office.colleague, at=MONDAY, visit_id=visit_id, photos=[NewPhoto(picture(3), "home")])
        with pytest.raises(NotAllowed, match="who made this visit"):
            remove_photo(actor=office.colleague, at=MONDAY, visit_id=visit_id, photo_id=photo_id, reason="不要")
    office.give_opinion()
    office.publicise()
    office.review()
    office.confirm()
    with office.as_user(office.clerk), pytest.raises(Refused, match="decision rests on"):
        remove_photo(actor=office.clerk, at=MONDAY, visit_id=visit_id, photo_id=photo_id, reason="不要")


def test_the_second_visitor_confirms_under_the_own_log_in_and_nobody_in_that_name(
    visited: int, office: Office, client_for: ClientFor, db_role: Any
) -> None:
    with office.as_user(office.clerk):
        assert [each.visit_id for each in words_waiting(office.clerk, today=MONDAY.date())] == [visited]
    for somebody in (office.assistant, office.colleague, office.reviewer):
        with office.as_user(somebody), pytest.raises(NotAllowed, match="second visitor"):
            say_of_visit(actor=somebody, at=MONDAY, visit_id=visited, agrees=True)
    second = client_for(office.clerk)
    assert f'href="/visits/{visited}/"' in second.get("/").content.decode()
    assert second.post(f"/visits/{visited}/word/", {"agrees": "no", "text": " "}).status_code == 422
    assert second.post(f"/visits/{visited}/word/", {"agrees": "yes"}).status_code == 302
    assert second.post(f"/visits/{visited}/word/", {"agrees": "yes"}).status_code == 422
    assert f'href="/visits/{visited}/"' not in second.get("/").content.decode()
    with office.as_user(office.clerk):
        word = VisitWord.objects.get()
        assert (word.said_by_id, word.agrees) == (office.clerk.pk, True)
    with (
        office.as_user(office.clerk),
        db_role("owner"),
        pytest.raises(DatabaseError, match="only grows"),
        transaction.atomic(),
    ):
        VisitWord.objects.update(agrees=False)


def test_while_the_two_say_different_things_nobody_gives_an_opinion(office: Office, set_clock: Any) -> None:
    office.walk_to_opinion()
    with office.as_user(office.clerk):
        visit_id = Visit.objects.get().pk
        say_of_visit(actor=office.clerk, at=MONDAY, visit_id=visit_id, agrees=False, text="院里有一辆货车没有写上。")
    with pytest.raises(Refused, match="second visitor"):
        office.give_opinion()
    with office.as_user(office.clerk):
        say_of_visit(actor=office.clerk, at=MONDAY, visit_id=visit_id, agrees=True, text="货车是邻居的。")
    office.give_opinion()
