"""Declared against found against seen: the lines of a verification report, made of a family's facts as they stand.

A register may speak of another thing than the rules read: the vocabulary says with which fact of people's its figure is
compared, and the rules use that one. What nobody knows makes no difference, and is never taken as zero.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q

from doudi.engine.pack.vocabulary import Comparison, FactDefinition, Vocabulary
from doudi.office.evidence.family import Subject, Told, current_members, newest_words
from doudi.office.evidence.models import Fact
from doudi.office.evidence.terms import Value, restored
from doudi.office.registry.models import Household

Words = Mapping[tuple[Subject, str], Told]


@dataclass(frozen=True)
class Line:
    """One item of one subject, as facts. `used` is the one that the rules read."""

    person_id: Subject
    name: str
    rule_name: str
    found: Fact | None = None
    declared: Fact | None = None
    seen: Fact | None = None
    used: Fact | None = None
    differs: bool = False


@dataclass
class Comparing:
    """The facts of one family on one day, ready to be compared."""

    vocabulary: Vocabulary
    members: Sequence[int]
    told: Words
    county: Mapping[tuple[Subject, str], Fact] = field(default_factory=dict)

    def lines(self, asked: Vocabulary) -> list[Line]:
        """All lines: what departments said, and of what the programme reads also that they said nothing."""
        found = [line for subject, names in self._subjects() for name in names for line in self._of(subject, name)]
        return [line for line in found if line.found is not None or line.differs or self._is_wanted(line, asked)]

    def _subjects(self) -> list[tuple[Subject, Mapping[str, FactDefinition]]]:
        return [(None, self.vocabulary.household), *((each, self.vocabulary.person) for each in self.members)]

    def _is_wanted(self, line: Line, asked: Vocabulary) -> bool:
        entries = asked.household if line.person_id is None else asked.person
        return line.name in entries and "department" in entries[line.name].supplied_by

    def _of(self, subject: Subject, name: str) -> Iterable[Line]:
        definition, own = self._definition(name), self.told.get((subject, name), Told())
        found = own.found
        yield self._line(subject, name, definition, found)
        other = self.county.get((subject, name))
        if other is not None and (found is None or other.pk != found.pk):
            yield self._line(subject, name, definition, other)

    def _line(self, subject: Subject, name: str, definition: FactDefinition, found: Fact | None) -> Line:
        target, whose = self.target(subject, name)
        told = self.told.get((whose, target), Told())
        if definition.compared_with is not None:
            differs = self._is_beside(definition.compared_with, name, found, told) or self._is_contradicted(
                target, told.declared, told.seen
            )
        else:
            # Another county's figure differs from what would be used without it.
            more = [told.found] if found is not None and found.origin == Fact.Origin.COUNTY else []
            differs = self._is_contradicted(name, found, told.declared, told.seen, *more)
        return Line(subject, name, target, found, told.declared, told.seen, told.chosen, differs)

    def target(self, subject: Subject, name: str) -> tuple[str, Subject]:
        """The fact that the rules read for a register's figure, and whose it is."""
        compared = self._definition(name).compared_with
        if compared is None:
            return name, subject
        return compared.fact, None if compared.fact in self.vocabulary.household else subject

    def value(self, name: str, fact: Fact | None) -> Value | None:
        """A fact's value, None where there is none or it says "not known"."""
        if fact is None or fact.is_unknown:
            return None
        return restored(self._definition(name), fact.value_int, fact.value_text)

    def as_told(self, name: str, found: Fact) -> Value | None:
        """A register's figure as the fact that the rules read."""
        compared, value = self._definition(name).compared_with, self.value(name, found)
        if compared is None or value is None:
            return value
        return _as_told(compared, value, self._total(name, found))

    def _total(self, name: str, found: Fact) -> int:
        """What a register has of all members together, with this figure in its place."""
        figures = {each: self.told.get((each, name), Told()).found for each in self.members}
        figures[found.person_id or 0] = found
        known = [self.value(name, fact) for fact in figures.values()]
        return sum(value for value in known if isinstance(value, int))

    def _is_beside(self, compared: Comparison, name: str, found: Fact | None, told: Told) -> bool:
        register = self.value(name, found)
        if found is None or register is None:
            return False
        wanted = _as_told(compared, register, self._total(name, found))
        said = [self.value(compared.fact, fact) for fact in (told.declared, told.seen)]
        if compared.how == "within_total":
            # The difference stands beside those members of whom the register has something.
            return register != 0 and any(
                isinstance(each, int) and isinstance(wanted, int) and wanted > each for each in said
            )
        return any(each is not None and each != wanted for each in said)

    def _is_contradicted(self, name: str, *facts: Fact | None) -> bool:
        return len({value for value in (self.value(name, fact) for fact in facts) if value is not None}) > 1

    def _definition(self, name: str) -> FactDefinition:
        definition = self.vocabulary.definition(name)
        assert definition is not None  # noqa: S101 - only names of the vocabulary come here
        return definition


def _as_told(compared: Comparison, value: Value, total: int) -> Value:
    if compared.how == "any":
        return bool(value)
    return total if compared.how == "within_total" else value


def compare_family(household: Household, *, on: date, vocabulary: Vocabulary) -> Comparing:
    """Read a family's facts for a comparison."""
    members = [row.person_id for row in current_members(household, on)]
    rows = list(Fact.objects.filter(Q(household=household) | Q(person__in=members)))
    county: dict[tuple[Subject, str], Fact] = {}
    for row in sorted((row for row in rows if row.origin == Fact.Origin.COUNTY), key=lambda row: row.pk):
        county[row.person_id, row.name] = row
    return Comparing(vocabulary, members, newest_words(rows), county)
