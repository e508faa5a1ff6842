"""A list leaves the office as a workbook: the audit notes who took how many rows of what."""

from doudi.office.audit.actions import record
from doudi.office.org.models import User


def record_export(*, actor: User, list_name: str, row_count: int) -> None:
    """Notes the export in the audit, before a single row leaves."""
    record(
        actor=actor,
        verb="list.export",
        obj=None,
        area=actor.area_id,
        details={"list": list_name, "rows": row_count},
    )
