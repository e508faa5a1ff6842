"""Papers of a case as screens show them; and the paper itself, whose opening is a look at the person."""

import json
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from doudi.office.audit.actions import record_read
from doudi.office.casework.models import Case, Draft, Paper
from doudi.office.errors import NotYours
from doudi.office.org.models import User
from doudi.office.org.permissions import require


@dataclass(frozen=True)
class PaperView:
    """One paper in the list: what, whose, since when, and whether it still counts."""

    paper_id: int
    kind: str
    person_id: int | None
    media: str
    page_count: int
    file_name: str
    added_at: datetime
    added_by: str
    has_thumbnail: bool
    replaces_id: int | None
    withdrawn_at: datetime | None
    withdrawn_by: str
    withdrawn_reason: str


@dataclass(frozen=True)
class PaperFile:
    """A paper as it is sent to the browser."""

    paper_id: int
    kind: str
    media: str
    content: bytes


def paper_views(case: Case) -> tuple[PaperView, ...]:
    """The papers of a case, oldest first. Who calls this has recorded the look at the case."""
    return tuple(
        PaperView(
            paper_id=row.pk,
            kind=row.kind,
            person_id=row.person_id,
            media=row.media,
            page_count=row.page_count,
            file_name=row.file_name,
            added_at=row.added_at,
            added_by=row.added_by.display_name,
            has_thumbnail=row.media == "image/jpeg",
            replaces_id=row.replaces_id,
            withdrawn_at=row.withdrawn_at,
            withdrawn_by=row.withdrawn_by.display_name if row.withdrawn_by else "",
            withdrawn_reason=row.withdrawn_reason,
        )
        for row in case.papers.select_related("added_by", "withdrawn_by").order_by("pk")
    )


def paper_file(user: User, case_number: str, paper_id: int, *, is_small: bool = False) -> PaperFile:
    """Open a paper; outside of the reader's area it is as if it were not there."""
    require(user, "case.see")
    row = (
        Paper.objects.select_related("content", "case", "person")
        .filter(pk=paper_id, case__number=case_number)
        .defer("content__page" if is_small else "content__thumbnail")
        .first()
    )
    content = (row.content.thumbnail if is_small else row.content.page) if row is not None else b""
    if row is None or not content:
        raise NotYours(_("There is no such paper."))
    fields = ("thumbnail",) if is_small else ("page",)
    record_read(actor=user, objects=[row], fields=fields, area=row.area, purpose="open a paper of a case")
    if row.person is not None:
        record_read(
            actor=user, objects=[row.person], fields=("paper",), area=row.area, purpose="open a paper of a case"
        )
    return PaperFile(row.pk, row.kind, row.media, bytes(content))


def draft_of(user: User, case_number: str, part: str) -> tuple[dict[str, list[str]], datetime | None]:
    """What this person typed in a part and has not saved, and when; empty if there is nothing."""
    require(user, "case.see")
    case = Case.objects.filter(number=case_number).first()
    if case is None:
        raise NotYours(_("There is no such case."))
    row = Draft.objects.filter(case=case, part=part, typed_by=user).exclude(fields="").first()
    if row is None:
        return {}, None
    record_read(actor=user, objects=[case], fields=("draft",), area=case.area, purpose="what was typed and not saved")
    found: dict[str, list[str]] = json.loads(row.fields)
    return found, row.kept_at
