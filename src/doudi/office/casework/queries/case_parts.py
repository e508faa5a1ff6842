"""Parts of a case's file as plain data: what the rules said, what people said, clocks, publicity, meeting, notice."""

from datetime import date

from doudi.office.casework.family import family_of
from doudi.office.casework.heard import report_standing
from doudi.office.casework.models import Case, Decision, Meeting, Publicity
from doudi.office.casework.procedure import Standing
from doudi.office.casework.queries.case_views import (
    AssessmentView,
    CarriedView,
    ClassificationView,
    ClockStopView,
    DecisionView,
    ExtensionView,
    MeetingView,
    NoticeView,
    ObjectionView,
    PublicityView,
    ReportNote,
)
from doudi.office.evidence.models import Assessment
from doudi.office.evidence.queries import is_up_to_date


def assessment_view(row: Assessment, case: Case, today: date, lang: str) -> AssessmentView:
    """What the rules said, in the reader's language."""
    return AssessmentView(
        assessment_id=row.pk,
        as_of=row.as_of,
        outcome=row.outcome,
        amount_fen=row.amount_fen,
        pack_release=row.pack_release,
        pack_hash=row.pack_hash,
        explanation=row.explanation_en if lang.startswith("en") else row.explanation_zh,
        result=row.result,
        is_up_to_date=is_up_to_date(row, case.household, family_of(case, today)),
    )


def decisions(case: Case) -> tuple[DecisionView, ...]:
    """Each officer's word, in order."""
    return tuple(
        DecisionView(
            decision_id=row.pk,
            stage=row.stage,
            outcome=row.outcome,
            recommended=row.recommended,
            reason=row.reason,
            amount_fen=row.amount_fen,
            actor=row.actor.display_name,
            decided_at=row.decided_at,
            is_set_aside=row.set_aside_at is not None,
        )
        for row in Decision.objects.filter(case=case).select_related("actor").order_by("pk")
    )


def publicities(case: Case, today: date) -> tuple[PublicityView, ...]:
    """Each round of publicity with what was objected."""
    rows = Publicity.objects.filter(case=case).select_related("sheet").prefetch_related("objections").order_by("pk")
    return tuple(
        PublicityView(
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            token=row.sheet.token,
            is_withdrawn=row.withdrawn_at is not None,
            is_running=row.withdrawn_at is None and row.starts_on <= today <= row.ends_on,
            objections=tuple(
                ObjectionView(
                    objection_id=each.pk,
                    received_on=each.received_on,
                    objector=each.objector,
                    text=each.text,
                    outcome=each.outcome,
                    settle_reason=each.settle_reason,
                    settled_at=each.settled_at,
                )
                for each in row.objections.all()
            ),
        )
        for row in rows
    )


def notice_view(case: Case) -> NoticeView | None:
    """The notice of the decision in force."""
    decision = (
        Decision.objects.filter(case=case, stage=Decision.Stage.CONFIRM, set_aside_at__isnull=True)
        .select_related("notice")
        .first()
    )
    if decision is None or case.channel == Case.Channel.TAKEOVER:
        # What the old system decided, the old system told the family.
        return None
    notice = decision.notice
    return NoticeView(notice.made_at, notice.delivered_on, notice.delivery, notice.object_until)


def carried_view(case: Case) -> CarriedView | None:
    """The old system's decision, where the case was taken over."""
    if case.channel != Case.Channel.TAKEOVER:
        return None
    old = case.carried_over
    return CarriedView(
        decision_no=old.decision_no,
        decided_on=old.decided_on,
        reviewed_on=old.reviewed_on,
        receiving_since=old.receiving_since,
        roll=old.take_over_id,
        row=old.row,
    )


def clock_stops(case: Case, now: Standing, lang: str) -> tuple[ClockStopView, ...]:
    """For which times the clock stood still, and why."""
    labels = {each.id: each.label.in_language(lang) for each in now.procedure.clock_stops}
    return tuple(
        ClockStopView(labels.get(row.stop, row.stop), row.reason, row.since, row.until, row.stopped_by.display_name)
        for row in case.clock_stops.select_related("stopped_by").order_by("pk")
    )


def extensions(case: Case, now: Standing, lang: str) -> tuple[ExtensionView, ...]:
    """Which limits were extended, and why."""
    labels = {each.id: each.label.in_language(lang) for each in now.procedure.extensions}
    return tuple(
        ExtensionView(labels.get(row.extension, row.extension), row.reason, row.granted_at, row.granted_by.display_name)
        for row in case.clock_extensions.select_related("granted_by").order_by("pk")
    )


def classification_view(case: Case) -> ClassificationView | None:
    """The last choice of a programme."""
    row = case.classifications.select_related("chosen_by").order_by("pk").last()
    if row is None:
        return None
    return ClassificationView(
        before=row.before,
        recommended=row.recommended,
        open_before=tuple(row.open_before),
        chosen=row.chosen,
        reason=row.reason,
        chosen_at=row.chosen_at,
        chosen_by=row.chosen_by.display_name,
    )


def meeting_view(case: Case) -> MeetingView | None:
    """The meeting that is in force."""
    row = Meeting.objects.filter(case=case, set_aside_at__isnull=True).first()
    if row is None:
        return None
    members = row.members.select_related("user").order_by("pk")
    return MeetingView(
        held_on=row.held_on,
        agenda=row.agenda,
        minutes=row.minutes,
        amount_fen=row.amount_fen,
        outcome=row.outcome,
        votes_for=row.votes_for,
        votes_against=row.votes_against,
        abstained=row.abstained,
        members=tuple((each.user.display_name, each.vote, each.recusal_reason) for each in members),
    )


def report_note(case: Case, today: date) -> ReportNote | None:
    """The newest verification report in a line; None where the departments were not asked."""
    now = report_standing(case)
    if now is None:
        return None
    report = now.report
    return ReportNote(
        report.number, report.valid_until, now.has_expired(today), now.open_rechecks, now.unheard, now.differences
    )
