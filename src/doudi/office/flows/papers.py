"""Papers by photo or scan: looked at in a confined child, laid into the case, shown to who may see it, withdrawn."""

import json
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import PurePosixPath

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from doudi.office.casework.actions import papers
from doudi.office.casework.models import Case, Paper
from doudi.office.casework.papers import ASKED_PARTS
from doudi.office.casework.procedure import refuse_near_relatives
from doudi.office.errors import NotYours, Refused, Unacceptable
from doudi.office.evidence.family import current_members
from doudi.office.flows.scanned import digest_of, examined
from doudi.office.org.models import User
from doudi.office.org.permissions import require

FILE_NAME_MAX = 120
PAPERS_OF_A_CASE_MAX = 60
DRAFT_CHARACTERS_MAX = 100_000


@transaction.atomic
def add_paper(
    *,
    actor: User,
    at: datetime,
    case_number: str,
    kind: str,
    content: bytes,
    file_name: str,
    person_id: int | None = None,
    replaces_id: int | None = None,
    replace_reason: str = "",
) -> int:
    """Take a photo or scan into a case. Returns the paper's id. One that replaces another withdraws it with the reason.

    What is kept is drawn anew: nothing of the file that was sent is ever opened again.
    """
    case = _case_for_papers(actor, case_number)
    if kind not in Paper.Kind.values:
        raise Unacceptable(_("What kind of paper it is is not said."), advice=_("Choose one of the list."))
    if case.papers.count() >= PAPERS_OF_A_CASE_MAX:
        raise Refused(_("This case has very many papers already."), advice=_("Put several pages into one PDF."))
    members = {row.person_id: row.person for row in current_members(case.household, localdate(at))}
    if person_id is not None and person_id not in members:
        raise Unacceptable(
            _("Whose paper it is is no member of the household."), advice=_("Choose one of the members.")
        )
    replaced = _paper(case, replaces_id) if replaces_id is not None else None
    kept = examined(content)
    if replaced is not None:
        papers.withdraw_paper(actor=actor, at=at, paper=replaced, reason=_reason(replace_reason))
    added = papers.add_paper(
        actor=actor,
        at=at,
        case=case,
        kind=kind,
        person=members.get(person_id) if person_id else None,
        file_name=plain_name(file_name),
        content_index=digest_of(content),
        examined=kept,
        replaces=replaced,
    )
    return added.pk


@transaction.atomic
def withdraw_paper(*, actor: User, at: datetime, case_number: str, paper_id: int, reason: str) -> None:
    """Take a paper out of what counts, with the reason; it stays in the file for whoever checks the case."""
    case = _case_for_papers(actor, case_number)
    papers.withdraw_paper(actor=actor, at=at, paper=_paper(case, paper_id), reason=_reason(reason))


@transaction.atomic
def keep_draft(*, actor: User, at: datetime, case_number: str, part: str, fields: Mapping[str, Sequence[str]]) -> None:
    """Keep what is typed in a part of an application before it is saved; nothing is judged, nothing counts yet."""
    case = _case_for_papers(actor, case_number)
    if part not in ASKED_PARTS:
        raise Unacceptable(_("An application has no such part."), advice=_("Choose one of the list."))
    text = json.dumps({name: list(values) for name, values in fields.items()}, ensure_ascii=False) if fields else ""
    if len(text) > DRAFT_CHARACTERS_MAX:
        raise Unacceptable(_("That is too long to be kept."), advice=_("Save this part first."))
    papers.keep_draft(actor=actor, at=at, case=case, part=part, fields=text)


def plain_name(name: str) -> str:
    """A file name that is safe to show and to send: no folders, no signs that turn or hide text, not too long."""
    last = PurePosixPath(name.replace("\\", "/")).name
    shown = "".join(sign for sign in unicodedata.normalize("NFC", last) if unicodedata.category(sign)[0] != "C")
    return shown.strip(" .")[-FILE_NAME_MAX:]


def _case_for_papers(actor: User, case_number: str) -> Case:
    require(actor, "case.declare")
    case = Case.objects.select_related("household").filter(number=case_number).first()
    if case is None:
        raise NotYours(_("There is no such case."))
    if case.channel == Case.Channel.TAKEOVER or case.state == Case.State.WITHDRAWN:
        raise Refused(_("This case takes no papers any more."), advice=_("Open the case again."))
    refuse_near_relatives(case.household, actor)
    return case


def _paper(case: Case, paper_id: int) -> Paper:
    paper = case.papers.filter(pk=paper_id).first()
    if paper is None:
        raise NotYours(_("There is no such paper."))
    return paper


def _reason(reason: str) -> str:
    if not reason.strip():
        raise Unacceptable(_("A reason is needed."), advice=_("Say why this paper does not count."))
    return reason.strip()
