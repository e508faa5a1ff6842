"""Paper out of the office: the decision letter of a case, and the sheet for the village board.

    decision_letter(actor, case_number, lang, font_dir) -> bytes                 letter.print; leaves an audit row
    verification_report(actor, at, case_number, lang, font_dir, version) -> bytes  letter.print; leaves an audit row
    publicity_sheet(actor, case_number, lang, font_dir) -> bytes                 letter.print; the round that hangs now
    change_letter(actor, change_id, lang, font_dir) -> bytes                     a decided change of running help
    ending_letter(actor, ending_id, lang, font_dir) -> bytes                     a decided end of it

`lang` is `zh` or `en`, `font_dir` is settings.FONT_DIR. A case without a decision or without a running publicity is
refused in plain words; a case elsewhere is not found.
"""

from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from doudi.office.audit.actions import record_read
from doudi.office.casework.models import Case, Decision, PublicSheet
from doudi.office.casework.queries import report_page
from doudi.office.entitlements.models import Change, Ending
from doudi.office.errors import NotYours, Refused
from doudi.office.org.models import User
from doudi.office.org.permissions import require
from doudi.office.paper.course_letter import course_letter_pdf
from doudi.office.paper.letter import decision_letter_pdf
from doudi.office.paper.report import verification_report_pdf
from doudi.office.paper.sheet import publicity_sheet_pdf


@transaction.atomic
def decision_letter(*, actor: User, case_number: str, lang: str, font_dir: Path) -> bytes:
    """The letter of the decision that is in force on a case."""
    require(actor, "letter.print")
    case = _case(case_number)
    decision = (
        Decision.objects.filter(
            case=case, stage=Decision.Stage.CONFIRM, set_aside_at__isnull=True, notice__isnull=False
        )
        .select_related("case__applicant", "case__household", "assessment")
        .first()
    )
    if decision is None:
        raise Refused(_("This case has no decision yet."), advice=_("The letter is there once the county has decided."))
    record_read(
        actor=actor,
        objects=[case.applicant],
        fields=["name", "id_number", "account", "facts"],
        area=case.area,
        purpose="decision letter",
    )
    return decision_letter_pdf(decision, lang=lang, font_dir=font_dir)


@transaction.atomic
def publicity_sheet(*, actor: User, case_number: str, lang: str, font_dir: Path) -> bytes:
    """The sheet of the publicity that hangs now, for the board of the village."""
    require(actor, "letter.print")
    sheet = PublicSheet.objects.filter(
        publicity__case=_case(case_number), publicity__withdrawn_at__isnull=True, withdrawn_at__isnull=True
    ).select_related("publicity").first()  # fmt: skip
    if sheet is None:
        raise Refused(_("Nothing of this case is on public display."), advice=_("Start the publicity first."))
    return publicity_sheet_pdf(sheet, lang=lang, font_dir=font_dir, at=sheet.publicity.started_at)


@transaction.atomic
def verification_report(
    *, actor: User, at: datetime, case_number: str, lang: str, font_dir: Path, version: int | None = None
) -> bytes:
    """One version of a case's verification report, the newest unless another is asked for."""
    require(actor, "letter.print")
    page = report_page(
        actor, case_number, version=version, today=localdate(at), lang=lang, purpose="print a verification report"
    )
    return verification_report_pdf(page, lang=lang, font_dir=font_dir, at=page.shown.made_at)


def _case(case_number: str) -> Case:
    found = Case.objects.filter(number=case_number).first()
    if found is None:
        raise NotYours(_("There is no such record in your area."))
    return found


@transaction.atomic
def change_letter(*, actor: User, change_id: int, lang: str, font_dir: Path) -> bytes:
    """The letter of a decided change of what running help pays."""
    require(actor, "letter.print")
    change = Change.objects.select_related(*_OF_A_COURSE).filter(pk=change_id).first()
    return _course_letter(actor, change, "change letter", lang, font_dir)


@transaction.atomic
def ending_letter(*, actor: User, ending_id: int, lang: str, font_dir: Path) -> bytes:
    """The letter of a decided end of running help."""
    require(actor, "letter.print")
    ending = Ending.objects.select_related(*_OF_A_COURSE).filter(pk=ending_id).first()
    return _course_letter(actor, ending, "ending letter", lang, font_dir)


_OF_A_COURSE = ("entitlement__case__applicant", "entitlement__household", "assessment")


def _course_letter(actor: User, course: Change | Ending | None, purpose: str, lang: str, font_dir: Path) -> bytes:
    if course is None:
        raise NotYours(_("There is no such record in your area."))
    fields = ["name", "id_number", "account", "facts"]
    applicant = course.entitlement.case.applicant
    record_read(actor=actor, objects=[applicant], fields=fields, area=course.area, purpose=purpose)
    return course_letter_pdf(course, lang=lang, font_dir=font_dir)
