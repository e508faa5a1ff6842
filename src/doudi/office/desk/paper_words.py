"""Papers in words: what each is, whose, and what became of it."""

from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from doudi.office.casework.queries import CasePage, PaperView
from doudi.office.desk.labels import Mark, Text

KINDS: Final[dict[str, Text]] = {
    "application": gettext_lazy("Application form"),
    "authorisation": gettext_lazy("Signed authorisation of the means check"),
    "identity": gettext_lazy("Identity card or household book"),
    "income": gettext_lazy("Proof of income"),
    "property": gettext_lazy("Proof of property"),
    "expense": gettext_lazy("Bills and receipts"),
    "illness": gettext_lazy("Proof of illness or disability"),
    "housing": gettext_lazy("Lease or proof of where the family lives"),
    "account": gettext_lazy("Bank card or passbook"),
    "other": gettext_lazy("Another paper"),
}


def paper_row(found: CasePage, paper: PaperView) -> dict[str, Any]:
    """One paper with where it is opened."""
    names = {member.person_id: member.name for member in found.members}
    args = [found.case_number, paper.paper_id]
    is_pdf = paper.media == "application/pdf"
    replaced = any(each.replaces_id == paper.paper_id for each in found.papers)
    return {
        **vars(paper),
        "label": KINDS[paper.kind],
        "whose": names.get(paper.person_id, "") if paper.person_id else _("the whole family"),
        "form": ngettext("PDF, %(count)d page", "PDF, %(count)d pages", paper.page_count) % {"count": paper.page_count}
        if is_pdf
        else _("photo"),
        "href": reverse("case-scan", args=args),
        "thumbnail_href": reverse("case-scan-small", args=args) if paper.has_thumbnail else "",
        "withdraw_href": reverse("case-scan-withdraw", args=args),
        "state": None
        if paper.withdrawn_at is None
        else Mark(_("replaced"), "wait")
        if replaced
        else Mark(_("withdrawn, to be brought again"), "soon"),
    }
