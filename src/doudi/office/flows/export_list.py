"""A list leaves the office as a workbook: the audit notes who took how many rows of what."""

from doudi.office.audit import actions
from doudi.office.org.models import User


def record_export(*, actor: User, list_name: str, row_count: int) -> None:
    """Notes the export in the audit, before a single row leaves."""
    actions.record_export(actor=actor, list_name=list_name, row_count=row_count, area=actor.area_id)
