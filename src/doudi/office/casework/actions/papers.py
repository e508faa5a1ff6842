"""Papers of a case: added, withdrawn, replaced; and what was typed and not yet saved."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from doudi.office.audit.actions import record
from doudi.office.casework.models import Case, Draft, Paper, PaperContent
from doudi.office.errors import Refused
from doudi.office.org.models import User
from doudi.office.registry.constraints import broken_constraint
from doudi.office.registry.models import Person
from doudi.office.scans.examine import Examined


@transaction.atomic
def add_paper(
    *,
    actor: User,
    at: datetime,
    case: Case,
    kind: str,
    person: Person | None,
    file_name: str,
    content_index: str,
    examined: Examined,
    replaces: Paper | None,
) -> Paper:
    """Lay a paper that was looked at into the case."""
    try:
        with transaction.atomic():
            paper = Paper.objects.create(
                case=case,
                kind=kind,
                person=person,
                media=examined.media,
                page_count=examined.pages,
                kept_bytes=len(examined.page),
                file_name=file_name,
                content_index=content_index,
                replaces=replaces,
                added_at=at,
                added_by=actor,
                area=case.area,
            )
    except IntegrityError as error:
        if broken_constraint(error) == "casework_paper_once_in_a_case":
            raise Refused(
                _("This very file is in the case already."), advice=_("Choose another one, or withdraw the first.")
            ) from None
        if broken_constraint(error).startswith("casework_paper_replaces"):
            raise Refused(_("This paper was replaced already."), advice=_("Open the case again.")) from None
        raise
    PaperContent.objects.create(paper=paper, page=examined.page, thumbnail=examined.thumbnail, area=case.area)
    record(
        actor=actor,
        verb="paper.add",
        obj=paper,
        area=case.area,
        details={"case": case.pk, "kind": kind, "replaces": replaces.pk if replaces else None},
    )
    return paper


@transaction.atomic
def withdraw_paper(*, actor: User, at: datetime, paper: Paper, reason: str) -> None:
    """Say that a paper does not count, and why. It stays in the file."""
    changed = Paper.objects.filter(pk=paper.pk, withdrawn_at__isnull=True).update(
        withdrawn_at=at, withdrawn_by=actor, withdrawn_reason=reason
    )
    if not changed:
        raise Refused(_("This paper was withdrawn already."), advice=_("Open the case again."))
    record(actor=actor, verb="paper.withdraw", obj=paper, area=paper.area, details={"case": paper.case_id})


@transaction.atomic
def keep_draft(*, actor: User, at: datetime, case: Case, part: str, fields: str) -> None:
    """Keep what somebody typed in a part; an empty text says that it was saved or thrown away."""
    Draft.objects.update_or_create(
        case=case, part=part, typed_by=actor, defaults={"fields": fields, "kept_at": at, "area": case.area}
    )
    record(actor=actor, verb="draft.keep", obj=case, area=case.area, details={"part": part, "is_empty": not fields})
