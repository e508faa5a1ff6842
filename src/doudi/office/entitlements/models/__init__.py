"""The tables of help that runs: what was granted, its months, and how it changes, is reviewed and ends."""

from doudi.office.entitlements.models.adjustment import Adjustment, AdjustmentLine
from doudi.office.entitlements.models.change import AmountVersion, Change
from doudi.office.entitlements.models.ending import Ending, FollowUp
from doudi.office.entitlements.models.entitlement import MONTH_PATTERN, Entitlement, EntitlementMonth, Recognition
from doudi.office.entitlements.models.review import Review

__all__ = [
    "MONTH_PATTERN",
    "Adjustment",
    "AdjustmentLine",
    "AmountVersion",
    "Change",
    "Ending",
    "Entitlement",
    "EntitlementMonth",
    "FollowUp",
    "Recognition",
    "Review",
]
