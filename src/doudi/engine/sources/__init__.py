"""Sources 数据来源: departments' files in, accepted and quarantined rows out. Verb: `accept`."""

from doudi.engine.sources.acceptance import BatchReport, accept, load_contracts
from doudi.engine.sources.contract import ColumnSpec, Contract
from doudi.engine.sources.errors import SourceError
from doudi.engine.sources.limits import ReaderLimits
from doudi.engine.sources.reasons import REASONS, reason_in_words
from doudi.engine.sources.store import (
    StoredBatch,
    current_batches,
    list_batches,
    read_accepted,
    read_duplicates,
    read_partial,
    read_quarantine,
)

__all__ = [
    "REASONS",
    "BatchReport",
    "ColumnSpec",
    "Contract",
    "ReaderLimits",
    "SourceError",
    "StoredBatch",
    "accept",
    "current_batches",
    "list_batches",
    "load_contracts",
    "read_accepted",
    "read_duplicates",
    "read_partial",
    "read_quarantine",
    "reason_in_words",
]
