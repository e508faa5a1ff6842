"""Every list of the office can be taken along as a workbook, says who took it, and leaves an entry (promise P32).

The lists are read from the URL configuration: a page without a record in its address that shows a table is one.
"""

import io
from collections.abc import Callable
from typing import Any

import python_calamine
from django.test import Client
from tests.office.desk.one_of_each import Everything
from tests.office.desk.test_every_route import routes
from tests.office.flows.walks import Office

from doudi.office.audit.models import Entry
from doudi.office.desk.workbook import CONTENT_TYPE
from doudi.office.org.models import User

# Tables that nobody carries off.
NOT_TAKEN = {
    "search": "whoever looks for one person takes no list along; the lists with their filters are taken",
    "money-open-fund": "a form",
}


def lists_of(client: Client) -> dict[str, str]:
    """The lists that this person sees with something in them, by name: their paths."""
    found = {}
    for text, route in routes():
        if "<" in text or text.startswith("api/") or route.name in NOT_TAKEN:
            continue
        reply = client.get(f"/{text}")
        if reply.status_code == 200 and b"<table" in reply.content:
            found[str(route.name)] = f"/{text}"
    return found


def test_p32_each_list_is_given_as_a_workbook_under_the_name_of_who_takes_it(
    everything: Everything, client_for: Callable[[User], Client], office: Office, make_user: Callable[..., User]
) -> None:
    receiving = make_user("clerk", "419901201", display_name="云开")
    seen: set[str] = set()
    taken: set[str] = set()
    # The last one is asked to receive a household.
    for who, user in {**everything.area_roles, "clerk of a third township": receiving}.items():
        if "another county" in who:
            continue
        client = client_for(user)
        for name, path in lists_of(client).items():
            if name in taken:
                continue
            seen.add(name)
            assert b"export=xlsx" in client.get(path).content, f"{who}: nobody can take {name} along"
            before = exports_of(office, everything.area_roles["auditor"], user)
            reply = client.get(f"{path}?export=xlsx")
            assert (reply.status_code, reply["Content-Type"]) == (200, CONTENT_TYPE), name
            assert "no-store" in reply["Cache-Control"], name
            rows = read(reply.content)
            assert user.display_name in str(rows[1][0]), name
            assert exports_of(office, everything.area_roles["auditor"], user) == before + 1, f"{name} left no entry"
            if len(rows) > 4:
                taken.add(name)
    # This lake's night took in no department's file, and no finding of it waits any more.
    assert seen - taken <= {"findings-night", "findings-map"}
    assert {"work", "cases", "online", "moves", "standards", "money", "money-returns", "audit"} <= taken
    assert len(taken) > 12, taken


def read(content: bytes) -> list[list[Any]]:
    return python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


def exports_of(office: Office, auditor: User, user: User) -> int:
    """How often somebody took a list along, as the auditor sees it."""
    with office.as_user(auditor):
        return Entry.objects.filter(verb="list.export", actor_id=user.pk).count()
