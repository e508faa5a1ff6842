"""No decision on figures that are disputed, too old, or that the family was never asked about."""

from datetime import datetime

from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from doudi.office.casework.heard import report_standing
from doudi.office.casework.models import Case, Decision
from doudi.office.errors import Refused


def refuse_unsound_report(case: Case, at: datetime, outcome: str) -> None:
    """Refuse a word on a case whose report does not carry it.

    Nobody speaks while a re-check is under way or when the report's days are over. A refusal moreover needs that the
    family was heard on every difference; help is not held up by that.
    """
    now, today = report_standing(case), localdate(at)
    if now is None:
        return
    if now.open_rechecks:
        raise Refused(
            _("%(count)d figures that the family disputes are being re-checked.") % {"count": now.open_rechecks},
            advice=_("Wait for the answer; the report shows on whose desk it lies."),
        )
    if now.has_expired(today):
        raise Refused(
            _("The verification report %(number)s held until %(day)s.")
            % {"number": now.report.number, "day": now.report.valid_until.isoformat()},
            advice=_("Let the county ask the departments again; the report offers it."),
        )
    if outcome == Decision.Outcome.REFUSE and now.unheard:
        raise Refused(
            _("The family has not been heard on %(count)d differences of the report.") % {"count": now.unheard},
            advice=_("Ask it, and write its answer beside each difference."),
        )
