"""On which differences of a report the family has been heard, and whether a decision may rest on the report."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from doudi.office.casework.models import Case, Recheck, ReportAnswer, ReportLine, VerificationReport

Value = tuple[int | None, str | None]
Figure = tuple[int | None, str, Value]
"""Whose, what, and the figure found: an answer holds for later versions too, as long as the figure is the same."""


@dataclass(frozen=True)
class Standing:
    """The newest report of a case, as a decision needs to know it."""

    report: VerificationReport
    open_rechecks: int
    unheard: int

    @property
    def differences(self) -> int:
        """How many of its lines differ, answered or not."""
        return self.report.lines.filter(differs=True).count()

    def has_expired(self, today: date) -> bool:
        """Are its days over?"""
        return today > self.report.valid_until


def answers_of(case_id: int) -> Mapping[Figure, ReportAnswer]:
    """The family's last answer to each figure, in any version of a case's report."""
    rows = (
        ReportAnswer.objects.filter(line__report__case=case_id)
        .select_related("line__found", "said_by", "recorded_by", "recheck__fact", "recheck__task")
        .select_related("recheck__answered_by")
        .order_by("pk")
    )
    return {figure_of(row.line): row for row in rows}


def figure_of(line: ReportLine) -> Figure:
    """What an answer is about."""
    found = line.found
    return line.person_id, line.name, (found.value_int, found.value_text) if found is not None else (None, None)


def open_rechecks(case_id: int) -> int:
    """How many figures of a case are being re-checked."""
    return Recheck.objects.filter(answer__line__report__case=case_id, answered_at__isnull=True).count()


def report_standing(case: Case) -> Standing | None:
    """Where the newest report of a case stands; None where the departments have not been asked."""
    report = VerificationReport.objects.filter(case=case).order_by("-version").first()
    if report is None:
        return None
    answered = answers_of(case.pk)
    lines = report.lines.filter(differs=True, found__isnull=False).select_related("found")
    unheard = sum(figure_of(line) not in answered for line in lines)
    return Standing(report, open_rechecks(case.pk), unheard)
