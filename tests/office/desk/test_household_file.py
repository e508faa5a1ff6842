"""The household's file on the desk: changes, what was known when, whole numbers, who might be meant."""

from collections.abc import Callable
from typing import Any

from django.test import Client
from tests.office.flows.lakes import FATHER, SON, id_number
from tests.office.flows.walks import MONDAY, Office

from doudi.office.audit.models import Entry
from doudi.office.casework.models import Case, NearRelative
from doudi.office.casework.procedure import standing
from doudi.office.evidence.rulebook import current_pack
from doudi.office.org.models import User
from doudi.office.registry.models import Household, Person

ClientFor = Callable[[User], Client]
GROUND = {"on": "2026-11-23", "reason": "户口簿载明", "paper": "户口簿第3页"}


def home_of(office: Office) -> tuple[str, int, list[int]]:
    with office.as_user(office.clerk):
        household = Household.objects.get(key=office.family)
        return f"/households/{household.pk}/", household.pk, office.person_ids()


def text_of(reply: Any) -> str:
    return str(reply.content.decode())


def test_a_member_leaves_and_the_entry_is_undone_on_the_page(
    office: Office, client_for: ClientFor, set_clock: Any
) -> None:
    office.load()
    path, _pk, members = home_of(office)
    clerk = client_for(office.clerk)
    gone = clerk.post(f"{path}leave/", GROUND | {"person_id": members[2], "cause": "moved"})
    assert gone.status_code == 302, text_of(gone)
    page = text_of(clerk.get(path))
    assert "户口簿载明" in page
    assert office.clerk.display_name in page
    undo = next(part.split('"')[0] for part in page.split('href="') if "/undo/" in part)
    assert clerk.post(undo, {"reason": "误录"}).status_code == 302
    assert home_of(office)[2] == members
    # What comes back refused keeps what was typed.
    again = clerk.post(undo, {"reason": "误录第二次"})
    assert again.status_code == 422
    assert "误录第二次" in text_of(again)


def test_p30_the_whole_number_is_shown_for_a_reason_that_the_audit_keeps(
    office: Office, client_for: ClientFor, set_clock: Any
) -> None:
    office.load()
    path, _pk, members = home_of(office)
    clerk, where = client_for(office.clerk), f"{path}{members[0]}/number/"
    assert FATHER.id_number not in text_of(clerk.get(where))
    assert FATHER.id_number not in text_of(clerk.post(where, {"reason": ""}))
    shown = clerk.post(where, {"reason": "compare the paper"})
    assert FATHER.id_number in text_of(shown)
    assert shown["Cache-Control"] == "no-store"
    with office.as_user(office.clerk):
        entry = Entry.objects.get(verb="person.unmask")
        assert (entry.purpose, entry.object_id) == ("compare the paper", str(members[0]))
        assert FATHER.id_number not in str(entry.details)
    assert client_for(office.assistant).post(where, {"reason": "compare the paper"}).status_code == 403


def test_who_is_known_already_is_shown_before_a_case_or_a_member_is_written(
    office: Office, client_for: ClientFor, set_clock: Any
) -> None:
    office.load()
    clerk = client_for(office.clerk)
    typed = {
        "channel": "window",
        "programme": "dibao",
        "name": FATHER.name,
        "id_number": FATHER.id_number,
        "area": "419901101001",
        "address": "东关街5号",
        "residence": "urban",
    }
    asked = clerk.post("/cases/new/", typed)
    assert asked.status_code == 422
    assert "same identity number" in text_of(asked) or "身份证号相同" in text_of(asked)
    with office.as_user(office.clerk):
        assert not Case.objects.exists()
    assert clerk.post("/cases/new/", typed | {"has_looked": "on"}).status_code == 302
    with office.as_user(office.clerk):
        case = Case.objects.get()
        people = Person.objects.count()
    member = {"version": case.version, "name": SON.name, "id_number": SON.id_number, "relation": "20"}
    assert clerk.post(f"/cases/{case.number}/members/", member).status_code == 422
    # In the next township: that somebody is known, and no more.
    stranger = client_for(office.stranger)
    foreign = stranger.post("/cases/new/", typed | {"area": "419901102001"})
    assert foreign.status_code == 422
    assert "H419901" not in text_of(foreign)
    assert "身份证号相同" not in text_of(foreign)
    with office.as_user(office.clerk):
        assert Person.objects.count() == people


def test_a_near_relative_who_joined_later_brings_the_county_to_the_house(
    office: Office, client_for: ClientFor, set_clock: Any
) -> None:
    office.walk_to_opinion()
    path, _pk, members = home_of(office)
    clerk = client_for(office.clerk)

    def steps() -> set[str]:
        with office.as_user(office.clerk):
            now = standing(Case.objects.get(), pack=current_pack(), today=MONDAY.date())
            return {step.id for step in now.steps}

    assert "county_visit" not in steps()
    said = {"person_id": members[1], "official_name": "村委会主任", "relation": "表姐"}
    assert clerk.post(f"{path}relatives/", said).status_code == 302
    assert "county_visit" in steps()
    page = text_of(clerk.get(path))
    assert "村委会主任" in page
    with office.as_user(office.clerk):
        entry = NearRelative.objects.get()
    # Who entered it does not take it out; a colleague does, with a reason.
    clerk.post(f"/households/relatives/{entry.pk}/withdraw/", {"reason": "误录"})
    assert "county_visit" in steps()
    client_for(office.colleague).post(f"/households/relatives/{entry.pk}/withdraw/", {"reason": "同名，查实不是"})
    assert "county_visit" not in steps()


def test_a_split_and_a_merger_on_the_desk(office: Office, client_for: ClientFor, set_clock: Any) -> None:
    office.load()
    path, _pk, members = home_of(office)
    clerk = client_for(office.clerk)
    leaves = {f"relation_{number}": "" for number in members} | {f"relation_{members[2]}": "02"}
    typed = GROUND | leaves | {"area": "419901101002", "address": "柳溪村1号"}
    assert clerk.post(f"{path}split/", typed).status_code == 302
    with office.as_user(office.clerk):
        fresh = Household.objects.exclude(key=office.family).get()
    assert clerk.get(f"{path}merge/?with=H000000-0000000").status_code == 422
    merge = f"{path}merge/?with={fresh.number}"
    assert SON.name in text_of(clerk.get(merge))
    assert clerk.post(merge, GROUND | {f"relation_{members[2]}": "20"}).status_code == 302
    assert home_of(office)[2] == members


def test_a_correction_keeps_the_recorded_number_where_none_is_typed(
    office: Office, client_for: ClientFor, set_clock: Any
) -> None:
    office.load()
    path, _pk, members = home_of(office)
    clerk = client_for(office.clerk)
    with office.as_user(office.clerk):
        father = Person.objects.get(pk=members[0])
    typed = {"name": "更名人", "id_number": "", "birth_date": str(father.birth_date), "sex": father.sex}
    assert clerk.post(f"{path}{members[0]}/correct/", GROUND | typed).status_code == 302
    with office.as_user(office.clerk):
        after = Person.objects.get(pk=members[0])
        assert (after.name, after.id_number) == ("更名人", father.id_number)
    wrong = typed | {"id_number": id_number("19820202", 31)}
    assert clerk.post(f"{path}{members[0]}/correct/", GROUND | wrong).status_code == 422
