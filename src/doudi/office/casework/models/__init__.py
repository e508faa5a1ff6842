"""Tables of casework, by the thing they are about."""

from doudi.office.casework.models.case import Case, Consent, KeptMember, NearRelative, StepRecord
from doudi.office.casework.models.clock import Classification, ClockExtension, ClockStop, Withdrawal
from doudi.office.casework.models.county import (
    CountyReceipt,
    CountyReminder,
    CountyReply,
    CountyReplyItem,
    CountyRequest,
)
from doudi.office.casework.models.decision import Decision, Notice
from doudi.office.casework.models.finding import Finding, FindingFact, Task
from doudi.office.casework.models.intake import FollowCard, Knock, OnlineApplication, Reporter
from doudi.office.casework.models.meeting import Meeting, MeetingMember
from doudi.office.casework.models.paper import Draft, Paper, PaperContent
from doudi.office.casework.models.publicity import Objection, Publicity, PublicSheet
from doudi.office.casework.models.report import Recheck, ReportAnswer, ReportLine, VerificationReport
from doudi.office.casework.models.takeover import CarriedOver, RollTakeOver
from doudi.office.casework.models.visit import NeighbourInterview, Visit
from doudi.office.casework.models.visit_photo import VisitPhoto, VisitPhotoContent, VisitPhotoRemoval, VisitWord

__all__ = [
    "CarriedOver",
    "Case",
    "Classification",
    "ClockExtension",
    "ClockStop",
    "Consent",
    "CountyReceipt",
    "CountyReminder",
    "CountyReply",
    "CountyReplyItem",
    "CountyRequest",
    "Decision",
    "Draft",
    "Finding",
    "FindingFact",
    "FollowCard",
    "KeptMember",
    "Knock",
    "Meeting",
    "MeetingMember",
    "NearRelative",
    "NeighbourInterview",
    "Notice",
    "Objection",
    "OnlineApplication",
    "Paper",
    "PaperContent",
    "PublicSheet",
    "Publicity",
    "Recheck",
    "ReportAnswer",
    "ReportLine",
    "Reporter",
    "RollTakeOver",
    "StepRecord",
    "Task",
    "VerificationReport",
    "Visit",
    "VisitPhoto",
    "VisitPhotoContent",
    "VisitPhotoRemoval",
    "VisitWord",
    "Withdrawal",
]
