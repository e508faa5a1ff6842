"""Deadlines that no procedure sets: a finding's visit, help with an application, objection to a decision."""

from datetime import date

from doudi.engine.pack.pack import Pack
from doudi.engine.values.calendar import Deadline


def visit_deadline(pack: Pack, area: str, today: date) -> Deadline:
    """The last day for the visit to a family that a finding names."""
    days = pack.parameter("office_visit_task_days", region=area, on=today).value
    return pack.calendar().working_deadline(today, days)


def application_deadline(pack: Pack, area: str, today: date) -> Deadline:
    """The last day for helping a confirmed family to apply."""
    days = pack.parameter("office_apply_task_days", region=area, on=today).value
    return pack.calendar().working_deadline(today, days)


def objection_deadline(pack: Pack, area: str, delivered_on: date) -> Deadline:
    """Until when a family may ask for reconsideration (行政复议) of a decision that it got on a day."""
    days = pack.parameter("office_reconsideration_days", region=area, on=delivered_on).value
    return pack.calendar().calendar_deadline(delivered_on, days, roll_last_day=True)


def notice_deadline(pack: Pack, area: str, delivered_on: date) -> Deadline:
    """The last day of the notice of a decision to stop help: it has no effect before it has ended (promise P18)."""
    days = pack.parameter("office_adverse_notice_days", region=area, on=delivered_on).value
    return pack.calendar().calendar_deadline(delivered_on, days, roll_last_day=True)


def report_deadline(pack: Pack, area: str, made_on: date) -> tuple[Deadline, str]:
    """The last day on which a decision may rest on a verification report, and whether that number is confirmed."""
    days = pack.parameter("office_report_valid_days", region=area, on=made_on)
    return pack.calendar().calendar_deadline(made_on, days.value, roll_last_day=False), days.status


def recheck_deadline(pack: Pack, area: str, today: date) -> Deadline:
    """The last day for the re-check of what a family disputes (57号 art. 18)."""
    return pack.calendar().working_deadline(today, pack.parameter("office_recheck_days", region=area, on=today).value)


def county_request_deadline(pack: Pack, area: str, today: date) -> Deadline:
    """The last day for another county's answer."""
    days = pack.parameter("office_county_request_days", region=area, on=today).value
    return pack.calendar().working_deadline(today, days)
