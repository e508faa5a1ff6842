"""THE SPINE: every table that passes from one stage of the night to the next.

A table is described once, here: its columns with type, unit and meaning, its key, who writes it and who reads it.
Stages build their output with `table_from_columns`, which refuses a missing, extra or mistyped column, so that what the
lake holds is always what this page says.
"""

from collections.abc import Mapping

import pyarrow as pa

from doudi.engine.tables.office import (
    OFFICE_FACTS,
    OFFICE_FINDINGS,
    OFFICE_HOUSEHOLDS,
    OFFICE_MEMBERS,
    OFFICE_PAIR_DECISIONS,
    OFFICE_RECEIPTS,
)
from doudi.engine.tables.shape import DATE, INT, TEXT, Column, Table, TableError, table_from_columns

__all__ = [
    "OFFICE_FACTS",
    "OFFICE_FINDINGS",
    "OFFICE_HOUSEHOLDS",
    "OFFICE_MEMBERS",
    "OFFICE_PAIR_DECISIONS",
    "OFFICE_RECEIPTS",
    "TABLES",
    "Column",
    "Table",
    "TableError",
    "table_from_columns",
]

# Where a value came from, to the row. Every fact carries these.
_ORIGIN = (
    Column("source", TEXT, "id of the department's contract, or 'office'"),
    Column("batch", TEXT, "digest of the delivered file, or the snapshot's id"),
    Column("row", INT, "line or sheet row in that file, counted from 1; the record's id for the office"),
)

# One field of a pair that waits for people. The verdict is a grade of `engine/linkage/comparisons.py`.
EVIDENCE = pa.struct([("field", TEXT), ("in_row", TEXT), ("known", TEXT), ("verdict", TEXT)])

LINKS = Table(
    name="links",
    meaning="Which person each accepted row speaks of.",
    key=("source", "batch", "row"),
    columns=(
        *_ORIGIN,
        Column("person_key", TEXT, "pseudonym of the person; null while a pair waits for people", nullable=True),
        # certain: the same valid number and an agreeing name. probable: no usable number; everything else agrees, with
        # a weight that leaves no doubt, and nobody else comes near. decided: two people of the office said that it is
        # the same person. grey: waits for people. provisional: nobody known; a key of the source's own.
        Column("certainty", TEXT, "certain | probable | decided | grey | provisional"),
    ),
    written_by="linkage",
    read_by=("facts",),
)

ALIASES = Table(
    name="aliases",
    meaning="Which key of a person stands under which other one. Rows are only added; the last one of a key holds.",
    key=("number",),
    columns=(
        Column("number", INT, "counts on from the last run's"),
        Column("old_key", TEXT, "pseudonym under which the person was known, or could have been"),
        Column("new_key", TEXT, "pseudonym of the person; the old key itself when the two were parted again"),
        Column("from_run", TEXT, "run in which it began to hold"),
        Column("reason", TEXT, "probable | decided | parted"),
    ),
    written_by="linkage",
    read_by=("facts", "screening", "office load_night"),
)

HOUSEHOLD_ALIASES = Table(
    name="household_aliases",
    meaning="Which key of a household stands under which other one. Rows are only added; the last one of a key holds.",
    key=("number",),
    columns=(
        Column("number", INT, "counts on from the last run's"),
        Column("old_key", TEXT, "pseudonym under which the household was known"),
        Column("new_key", TEXT, "pseudonym of the household in which all its members are now; the old key when parted"),
        Column("from_run", TEXT, "run in which it began to hold"),
        Column("reason", TEXT, "together | parted"),
    ),
    written_by="facts",
    read_by=("screening",),
)

IDENTITY = Table(
    name="identity",
    meaning="Who a person key is. Later stages can't read it; the office opens it for people in loaded findings.",
    key=("person_key",),
    columns=(
        Column("person_key", TEXT, "pseudonym of the person"),
        Column("name", TEXT, "name as the most trusted source writes it"),
        Column("id_number", TEXT, "18-digit identity number", nullable=True),
        Column("sex", TEXT, "1 male | 2 female (GB/T 2261.1)", nullable=True),
        Column("birth_date", DATE, "date of birth", nullable=True),
        Column("area", TEXT, "12-digit division code of the household registration", nullable=True),
        Column("address", TEXT, "address as registered", nullable=True),
        Column("phone", TEXT, "telephone number", nullable=True),
    ),
    written_by="linkage",
    read_by=("office load_night",),
    home="sealed",
)

GREY_PAIRS = Table(
    name="grey_pairs",
    meaning="Rows and the people whom they may speak of. They wait for people and are never guessed.",
    key=("source", "batch", "row", "person_key"),
    columns=(
        *_ORIGIN,
        Column("claim_key", TEXT, "stands for what the row claims, the same in every month's file"),
        Column("person_key", TEXT, "the person that the number points to, or who is likely enough"),
        Column("name", TEXT, "name in this row"),
        Column("known_name", TEXT, "name under which that person is known"),
        Column("reason", TEXT, "why the pair is not certain"),
        Column("weight", INT, "hundredths of a bit for one person; null where a number points", nullable=True),
        Column("evidence", pa.list_(EVIDENCE), "what the row and the known person say, field by field"),
    ),
    written_by="linkage",
    read_by=("office pair review",),
    home="sealed",
)

HOUSEHOLDS = Table(
    name="households",
    meaning="Households as assessed in this run.",
    key=("household_key",),
    columns=(
        Column("household_key", TEXT, "pseudonym of the household"),
        Column("basis", TEXT, "office | declared | register"),
        Column("area", TEXT, "12-digit division code"),
    ),
    written_by="facts",
    read_by=("rules", "screening", "office load_night"),
)

MEMBERSHIPS = Table(
    name="memberships",
    meaning="Who belongs to which household; a person is in one household at most.",
    key=("household_key", "person_key"),
    columns=(
        Column("household_key", TEXT, "pseudonym of the household"),
        Column("person_key", TEXT, "pseudonym of the person"),
        Column("relation", TEXT, "relation to the head, GB/T 4761 code"),
    ),
    written_by="facts",
    read_by=("rules", "screening", "office load_night"),
)

FACTS = Table(
    name="facts",
    meaning=(
        "Dated facts, each traced to a row. A row with `unknown_since` says that the fact is not known. Sorted by kind "
        "of subject, subject and name; what holds of everyone else stands once, in `common_facts`."
    ),
    key=("subject", "name", "valid_from", "source", "batch", "row"),
    columns=(
        Column("subject", TEXT, "person key or household key"),
        Column("entity", TEXT, "person | household"),
        Column("name", TEXT, "name in the vocabulary"),
        Column("value_int", INT, "fen, count, days since 1970-01-01, or 0/1, by the vocabulary's type", nullable=True),
        Column("value_text", TEXT, "code, for facts of type text", nullable=True),
        Column("valid_from", DATE, "first day on which it holds"),
        Column("valid_to", DATE, "first day on which it no longer holds; null = still", nullable=True),
        Column("unknown_since", DATE, "day since when nothing is known; null for a known fact", nullable=True),
        Column("known_from_run", TEXT, "run in which it was first known"),
        *_ORIGIN,
    ),
    written_by="facts",
    read_by=("rules", "screening", "office verify"),
)

COMMON_FACTS = Table(
    name="common_facts",
    meaning=(
        "What holds of every member of a household, or of every household, that has no line of this name in `facts`: "
        "zero where a delivery says so by its silence, or unknown since a day."
    ),
    key=("entity", "name"),
    columns=(
        Column("entity", TEXT, "person | household"),
        Column("name", TEXT, "name in the vocabulary"),
        Column("value_int", INT, "as in facts", nullable=True),
        Column("value_text", TEXT, "as in facts", nullable=True),
        Column("valid_from", DATE, "first day on which it holds"),
        Column("unknown_since", DATE, "day since when nothing is known; null for a known fact", nullable=True),
        Column("known_from_run", TEXT, "run in which the delivery's silence was first known"),
        *_ORIGIN,
    ),
    written_by="facts",
    read_by=("rules", "screening", "office verify"),
)

FACT_DIGESTS = Table(
    name="fact_digests",
    meaning="Of what the departments' facts of each name were made: while it is the same, so are they.",
    key=("name",),
    columns=(
        Column("name", TEXT, "name in the vocabulary"),
        Column("digest", TEXT, "of the rows, of whom they speak, the households, the definition and the months"),
    ),
    written_by="facts",
    read_by=("facts",),
)

ASSESSMENTS = Table(
    name="assessments",
    meaning="What a programme's rules say of a household on `as_of`. Never a decision.",
    key=("household_key", "programme"),
    columns=(
        Column("household_key", TEXT, "pseudonym of the household"),
        Column("programme", TEXT, "programme id"),
        Column("as_of", DATE, "day for which it was assessed"),
        Column("outcome", TEXT, "eligible | ineligible | undetermined"),
        Column(
            "amount_fen", INT, "monthly amount in fen; null unless eligible on the office's household", nullable=True
        ),
        Column("missing", pa.list_(TEXT), "facts that would have to be asked for"),
        Column("basis", TEXT, "office | declared | register; on register the outcome is 'likely' at most"),
    ),
    written_by="rules",
    read_by=("screening", "office load_night"),
)

FINDINGS = Table(
    name="findings",
    meaning="Leads for people to look at. A finding never changes anything by itself.",
    key=("finding_id",),
    columns=(
        Column("finding_id", TEXT, "digest of rule, household and start of the episode"),
        Column("rule", TEXT, "alert rule id"),
        Column("family", TEXT, "in_need | entitled_not_receiving | receiving_changed"),
        Column("household_key", TEXT, "pseudonym of the household"),
        Column("area", TEXT, "12-digit division code"),
        Column("episode_start", DATE, "day on which the reason began"),
        Column("status", TEXT, "new | continuing | closed, against the last run"),
        Column("priority", INT, "higher is to be visited sooner"),
    ),
    written_by="screening",
    read_by=("office load_night",),
)

FINDING_FACTS = Table(
    name="finding_facts",
    meaning="The facts that a finding rests on, each traced to its row.",
    key=("finding_id", "subject", "name"),
    columns=(
        Column("finding_id", TEXT, "finding"),
        Column("subject", TEXT, "person key or household key"),
        Column("name", TEXT, "name in the vocabulary, or of a formula of the alert"),
        Column("value_int", INT, "as in facts", nullable=True),
        Column("value_text", TEXT, "as in facts", nullable=True),
        Column("as_of", DATE, "day to which the value refers", nullable=True),
        Column("source", TEXT, "source of the value; 'rule' for a computed one"),
        Column("batch", TEXT, "digest of the file; empty for a computed one"),
        Column("row", INT, "row in the file; 0 for a computed one or a total of several rows"),
    ),
    written_by="screening",
    read_by=("office load_night",),
)

RULE_QUALITY = Table(
    name="rule_quality",
    meaning="How often each alert was right, as people found on the spot. Unknown outcomes count neither way.",
    key=("rule",),
    columns=(
        Column("rule", TEXT, "alert rule id"),
        Column("family", TEXT, "as in findings"),
        Column("confirmed", INT, "confirmed by a visit, of the last 200 checked"),
        Column("cleared", INT, "cleared by a visit, of the last 200 checked"),
        Column("unknown", INT, "could not be found out, in the same time"),
        Column("precision_low", INT, "lower end of the 95 % interval, in ten-thousandths", nullable=True),
        Column("precision_high", INT, "upper end of the 95 % interval, in ten-thousandths", nullable=True),
        Column("floor_percent", INT, "floor under the upper end"),
        Column("verdict", TEXT, "too_few_checked | above_floor | below_floor | switched_off"),
        Column("silenced", INT, "households of which a rule that is switched off would have spoken tonight"),
    ),
    written_by="screening",
    read_by=("office load_night",),
)

VISITING_LIST = Table(
    name="visiting_list",
    meaning="Every household with a finding to look at, merged and ranked, with the points of its place.",
    key=("household_key",),
    columns=(
        Column("place", INT, "place in the whole list, from 1"),
        Column("household_key", TEXT, "pseudonym of the household"),
        Column("area", TEXT, "12-digit division code"),
        Column("findings", pa.list_(TEXT), "finding ids, the leading one first"),
        Column("points", INT, "sum of the points below"),
        Column("family_points", INT, "for the family of the leading finding's rule"),
        Column("urgency_points", INT, "for the leading finding's priority"),
        Column("waiting_points", INT, "for the weeks since the household was first listed"),
        Column("further_points", INT, "for further findings about the same household"),
        Column("visited_points", INT, "taken off where people were there lately"),
        Column("quality_points", INT, "taken off where the rule was often wrong"),
        Column("waiting_since", DATE, "day of the run that first listed the household for one of these findings"),
        Column("visited_on", DATE, "last day on which people closed a finding about it", nullable=True),
    ),
    written_by="screening",
    read_by=("office load_night",),
)

QUARANTINE = Table(
    name="quarantine",
    meaning="Rows that were not accepted, with their raw text, place and reason. Nothing is thrown away.",
    key=("source", "batch", "row", "column"),
    columns=(
        *_ORIGIN,
        Column("column", TEXT, "header of the cell that was refused; empty when the whole row was"),
        Column("code", TEXT, "stable code of the reason"),
        Column("reason", TEXT, "reason in words"),
        Column("raw", pa.binary(), "the row's bytes as delivered"),
    ),
    written_by="sources",
    read_by=("office data quality",),
    home="sealed",
)

TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        LINKS,
        ALIASES,
        HOUSEHOLD_ALIASES,
        IDENTITY,
        GREY_PAIRS,
        HOUSEHOLDS,
        MEMBERSHIPS,
        FACTS,
        COMMON_FACTS,
        FACT_DIGESTS,
        ASSESSMENTS,
        FINDINGS,
        FINDING_FACTS,
        RULE_QUALITY,
        VISITING_LIST,
        QUARANTINE,
        OFFICE_HOUSEHOLDS,
        OFFICE_MEMBERS,
        OFFICE_FACTS,
        OFFICE_RECEIPTS,
        OFFICE_FINDINGS,
        OFFICE_PAIR_DECISIONS,
    )
}
