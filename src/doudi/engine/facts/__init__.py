"""Dated facts (事实) per person and household, each traced to its row. The verb is `gather`."""

from doudi.engine.facts.build import Gathered, GatherError, gather
from doudi.engine.facts.delivered import Absent, Delivered
from doudi.engine.facts.first_known import EarlierFacts
from doudi.engine.facts.lookup import read_person_facts, with_common_facts
from doudi.engine.facts.rows import Links

__all__ = [
    "Absent",
    "Delivered",
    "EarlierFacts",
    "GatherError",
    "Gathered",
    "Links",
    "gather",
    "read_person_facts",
    "with_common_facts",
]
