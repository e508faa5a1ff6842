"""Reads of casework for the screens: plain data, never models. Each look at a record leaves an audit row."""

from doudi.office.casework.queries.case_views import (
    AssessmentView,
    CasePage,
    CaseRow,
    DecisionView,
    NoticeView,
    ObjectionView,
    PublicityView,
    StepView,
)
from doudi.office.casework.queries.cases import case_page, cases_of_households, list_cases
from doudi.office.casework.queries.findings import (
    FindingCounts,
    FindingDetail,
    FindingFactView,
    FindingRow,
    count_findings,
    finding_detail,
    list_findings,
)
from doudi.office.casework.queries.follow import FollowView, ReceiptView, follow, receipt_of
from doudi.office.casework.queries.household_file import HouseholdFile, file_of_household, review_task
from doudi.office.casework.queries.online import OnlineView, list_online, online_page, online_waiting
from doudi.office.casework.queries.papers import PaperFile, PaperView, draft_of, paper_file
from doudi.office.casework.queries.public import SheetEnded, SheetView, public_sheet
from doudi.office.casework.queries.report_views import Change, LineView, RecheckView, ReportComparison, ReportPage
from doudi.office.casework.queries.reports import compare_reports, report_page
from doudi.office.casework.queries.rolls import RollRow, list_rolls
from doudi.office.casework.queries.visit_views import PhotoFile, PhotoView, VisitView, photo_file, words_waiting
from doudi.office.casework.queries.visits import VisitForm, Visitor, visit_form, visit_page_of
from doudi.office.casework.queries.work import TaskRow, WorkList, work_list

__all__ = [
    "AssessmentView",
    "CasePage",
    "CaseRow",
    "Change",
    "DecisionView",
    "FindingCounts",
    "FindingDetail",
    "FindingFactView",
    "FindingRow",
    "FollowView",
    "HouseholdFile",
    "LineView",
    "NoticeView",
    "ObjectionView",
    "OnlineView",
    "PaperFile",
    "PaperView",
    "PhotoFile",
    "PhotoView",
    "PublicityView",
    "ReceiptView",
    "RecheckView",
    "ReportComparison",
    "ReportPage",
    "RollRow",
    "SheetEnded",
    "SheetView",
    "StepView",
    "TaskRow",
    "VisitForm",
    "VisitView",
    "Visitor",
    "WorkList",
    "case_page",
    "cases_of_households",
    "compare_reports",
    "count_findings",
    "draft_of",
    "file_of_household",
    "finding_detail",
    "follow",
    "list_cases",
    "list_findings",
    "list_online",
    "list_rolls",
    "online_page",
    "online_waiting",
    "paper_file",
    "photo_file",
    "public_sheet",
    "receipt_of",
    "report_page",
    "review_task",
    "visit_form",
    "visit_page_of",
    "words_waiting",
    "work_list",
]
