"""The office's snapshot (政务侧快照): what the office tells the night. It is one more department to the engine."""

from doudi.engine.tables.shape import DATE, INT, TEXT, Column, Table

OFFICE_HOUSEHOLDS = Table(
    name="office_households",
    meaning="Households that people of the office have met or decided on; they replace the register's.",
    key=("household_key",),
    columns=(
        Column("household_key", TEXT, "pseudonym of the household"),
        Column("area", TEXT, "12-digit division code"),
        Column("residence", TEXT, "urban | rural"),
    ),
    written_by="office export_snapshot",
    read_by=("facts",),
    home="snapshot",
)

OFFICE_MEMBERS = Table(
    name="office_members",
    meaning="Members of the office's households on the day of the snapshot.",
    key=("household_key", "person_key"),
    columns=(
        Column("household_key", TEXT, "pseudonym of the household"),
        Column("person_key", TEXT, "pseudonym of the person"),
        Column("relation", TEXT, "relation to the head, GB/T 4761 code"),
    ),
    written_by="office export_snapshot",
    read_by=("facts",),
    home="snapshot",
)

OFFICE_FACTS = Table(
    name="office_facts",
    meaning="Facts that people of the office observed or were told, each traced to its record.",
    key=("subject", "name", "valid_from", "row"),
    columns=(
        Column("subject", TEXT, "person key or household key"),
        Column("entity", TEXT, "person | household"),
        Column("name", TEXT, "name in the vocabulary"),
        Column("value_int", INT, "as in facts", nullable=True),
        Column("value_text", TEXT, "as in facts", nullable=True),
        Column("valid_from", DATE, "first day on which it holds"),
        Column("row", INT, "id of the office's record"),
    ),
    written_by="office export_snapshot",
    read_by=("facts",),
    home="snapshot",
)

OFFICE_RECEIPTS = Table(
    name="office_receipts",
    meaning="What each household is entitled to, by programme and month.",
    key=("household_key", "programme", "month"),
    columns=(
        Column("household_key", TEXT, "pseudonym of the household"),
        Column("programme", TEXT, "programme id"),
        Column("month", TEXT, "month, as 2026-12"),
        Column("amount_fen", INT, "amount of the month in fen"),
        Column("row", INT, "id of the entitlement"),
    ),
    written_by="office export_snapshot",
    read_by=("facts",),
    home="snapshot",
)

OFFICE_FINDINGS = Table(
    name="office_findings",
    meaning="What became of earlier findings, so that the night neither repeats nor forgets them.",
    key=("finding_id",),
    columns=(
        Column("finding_id", TEXT, "finding"),
        Column("rule", TEXT, "alert rule id"),
        Column("household_key", TEXT, "pseudonym of the household"),
        Column("state", TEXT, "open | confirmed | cleared | unknown"),
        Column("closed_on", DATE, "day on which it was closed", nullable=True),
    ),
    written_by="office export_snapshot",
    read_by=("screening",),
    home="snapshot",
)

OFFICE_PAIR_DECISIONS = Table(
    name="office_pair_decisions",
    meaning="What people decided of pairs that waited. A decision that was withdrawn is not among them.",
    key=("claim_key", "person_key"),
    columns=(
        Column("claim_key", TEXT, "what the row claimed, as in grey_pairs; or the key of another person"),
        Column("person_key", TEXT, "the person"),
        Column("verdict", TEXT, "same (two people said so) | different"),
        Column("decided_on", DATE, "day of the decision"),
        Column("row", INT, "id of the office's record"),
    ),
    written_by="office export_snapshot",
    read_by=("linkage",),
    home="snapshot",
)
