"""Paper as PDF: the decision letter, and the sheet for the village board."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from doudi.office.desk.replies import language
from doudi.office.flows.letter import change_letter as change_paper
from doudi.office.flows.letter import decision_letter, publicity_sheet
from doudi.office.flows.letter import ending_letter as ending_paper
from doudi.office.org.presence import person_at


@require_GET
def letter(request: HttpRequest, number: str) -> HttpResponse:
    """The letter that tells the family what was decided, why, and how to object."""
    content = decision_letter(actor=person_at(request), case_number=number, lang=language(), font_dir=settings.FONT_DIR)
    return pdf_reply(content, f"letter-{number}.pdf")


@require_GET
def change_letter(request: HttpRequest, new_amount_id: int) -> HttpResponse:
    """The letter that tells the family another amount, what is different, and how to object."""
    content = change_paper(
        actor=person_at(request), change_id=new_amount_id, lang=language(), font_dir=settings.FONT_DIR
    )
    return pdf_reply(content, f"change-{new_amount_id}.pdf")


@require_GET
def ending_letter(request: HttpRequest, ending_id: int) -> HttpResponse:
    """The letter that tells the family when its help ends, why, and how to object."""
    content = ending_paper(actor=person_at(request), ending_id=ending_id, lang=language(), font_dir=settings.FONT_DIR)
    return pdf_reply(content, f"ending-{ending_id}.pdf")


@require_GET
def board_sheet(request: HttpRequest, number: str) -> HttpResponse:
    """The sheet that hangs on the board of the village."""
    content = publicity_sheet(actor=person_at(request), case_number=number, lang=language(), font_dir=settings.FONT_DIR)
    return pdf_reply(content, f"publicity-{number}.pdf")


def pdf_reply(content: bytes, name: str) -> HttpResponse:
    """A PDF that no cache keeps."""
    reply = HttpResponse(content, content_type="application/pdf")
    reply["Content-Disposition"] = f'inline; filename="{name}"'
    reply["Cache-Control"] = "private, no-store"
    return reply
