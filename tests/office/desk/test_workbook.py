"""A list that leaves the office: text stays text, nothing is a formula, the sheet says who took it (P32)."""

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

import python_calamine
from django.test import Client

from doudi.office.audit.models import Entry
from doudi.office.desk.lists import ExportColumn
from doudi.office.desk.workbook import CONTENT_TYPE, write_workbook
from doudi.office.org.models import User


@dataclass(frozen=True)
class Line:
    name: str
    id_number: str
    amount_fen: int | None


COLUMNS = [
    ExportColumn[Line]("Name", lambda line: line.name),
    ExportColumn[Line]("ID", lambda line: line.id_number),
    ExportColumn[Line]("Amount", lambda line: line.amount_fen, "money"),
]


def read(content: bytes) -> list[list[object]]:
    return python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


def test_p32_no_cell_is_a_formula_and_an_id_number_keeps_its_end() -> None:
    lines = [Line("=1+1", "419901196711267738", 128650), Line("@SUM(A1)", "-4199", None)]
    content = write_workbook(title="List", watermark="taken by A", columns=COLUMNS, rows=lines)
    rows = read(content)
    assert rows[1][0] == "taken by A"
    assert rows[4] == ["=1+1", "419901196711267738", 1286.5]
    assert rows[5][:2] == ["@SUM(A1)", "-4199"]
    assert rows[5][2] in ("", None)


def test_p32_an_export_names_its_user_and_leaves_an_audit_entry(
    make_user: Callable[..., User],
    client_for: Callable[[User], Client],
    as_user: Callable[[User], AbstractContextManager[User]],
    set_clock: Callable[..., None],
) -> None:
    clerk = make_user("clerk", "419901101", display_name="何雨荷")
    reply = client_for(clerk).get("/cases/?export=xlsx")
    assert reply.status_code == 200
    assert reply["Content-Type"] == CONTENT_TYPE
    assert "何雨荷" in str(read(reply.content)[1][0])
    with as_user(clerk):
        entry = Entry.objects.filter(verb="list.export").latest("pk")
    assert entry.actor_id == clerk.pk
    assert entry.details == {"list": "cases", "rows": 0}
