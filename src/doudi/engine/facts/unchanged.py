"""Which facts are made of the same as in the last run, so that they are taken over and not made again.

What a fact is made of is said by a digest: the rows of its source, of whom they speak, in which households these live,
its definition, the months that count, and the engine. A department that sent nothing new is then not read again.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version

import pyarrow as pa

from doudi.engine.facts.delivered import Delivered
from doudi.engine.facts.households import Homes
from doudi.engine.facts.subjects import Subjects
from doudi.engine.pack.vocabulary import FactDefinition
from doudi.engine.tables import FACT_DIGESTS, table_from_columns
from doudi.engine.values.digest import digest_of_texts
from doudi.engine.values.period import Month

_FORM = 1
"""Counts the ways in which facts were ever made within one release of the engine."""


@dataclass(frozen=True)
class Makings:
    """What the facts of this run are made of."""

    delivered: Mapping[str, Delivered]
    links: Mapping[str, str]
    homes: str
    as_of: date

    @classmethod
    def of(
        cls, delivered: Mapping[str, Delivered], links: Mapping[str, str], homes: Homes, people: Subjects, as_of: date
    ) -> "Makings":
        """With the digest of who lives where."""
        keys, places = people.keys, homes.subjects.keys
        memberships, heads = homes.memberships, homes.heads.sort("household")
        who_lives_where = digest_of_texts(
            *homes.households.select("household_key", "basis", "area"),
            places.gather(memberships.get_column("household")),
            keys.gather(memberships.get_column("person")),
            places.gather(heads.get_column("household")),
            keys.gather(heads.get_column("person")),
        )
        return cls(delivered, links, who_lives_where, as_of)

    def digest(self, entity: str, name: str, definition: FactDefinition) -> str | None:
        """The digest of everything that a fact is made of; None where it is not known of its source."""
        source = definition.source.source if definition.source is not None else ""
        part, people = self.delivered.get(source), self.links.get(source)
        if part is None or not part.digest or people is None:
            return None
        counts_until = part.last_month(self.as_of) or Month.of(self.as_of)
        made_of = [
            _FORM,
            version("doudi"),
            entity,
            name,
            repr(definition),
            part.digest,
            people,
            str(counts_until),
            self.homes if entity == "household" else "",
        ]
        return hashlib.sha256(json.dumps(made_of).encode()).hexdigest()


def digests_table(made_of: Mapping[str, str]) -> pa.Table:
    """The table that the next run compares with."""
    names: Iterable[str] = sorted(made_of)
    columns = {"name": [*names], "digest": [made_of[name] for name in names]}
    return table_from_columns(FACT_DIGESTS, columns)
