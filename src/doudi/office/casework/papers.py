"""What an application still lacks. Asked once, all together, and never for what a department has anyway."""

from dataclasses import dataclass
from datetime import date

from doudi.engine.pack.vocabulary import Vocabulary
from doudi.office.casework.consents import valid_consents
from doudi.office.casework.family import family_of
from doudi.office.casework.models import Case
from doudi.office.evidence.family import told_about
from doudi.office.registry.terms import is_minor

# The parts of an application whose answers come from the vocabulary; the other two are signed and photographed.
ASKED_PARTS = ("members", "income", "assets", "expenses")


@dataclass(frozen=True)
class MissingPaper:
    """One thing that is missing: consent | id_number | payee_account | fact; of whom; and which fact."""

    kind: str
    person_id: int | None = None
    fact: str = ""

    @property
    def code(self) -> str:
        """As it is kept in the notice: no names, only numbers."""
        return ":".join(str(part) for part in (self.kind, self.person_id or "", self.fact))


def missing_papers(case: Case, *, on: date, vocabulary: Vocabulary) -> tuple[MissingPaper, ...]:
    """Everything that must still come from the family before the case can be accepted."""
    members = family_of(case, on)
    told = told_about(case.household, members)
    signed = valid_consents(case, on)
    missing = []
    for row in members:
        if not row.person.id_number:
            missing.append(MissingPaper("id_number", row.person_id))
        if not is_minor(row.person.birth_date, on) and row.person_id not in signed:
            missing.append(MissingPaper("consent", row.person_id))
    if case.payee_account_id is None:
        missing.append(MissingPaper("payee_account"))
    subjects = [(None, vocabulary.household), *((row.person_id, vocabulary.person) for row in members)]
    for subject, definitions in subjects:
        for name, definition in definitions.items():
            # What a department supplies must not be asked again (57号 art. 10).
            is_asked = "family" in definition.supplied_by and "department" not in definition.supplied_by
            if is_asked and (subject, name) not in told:
                missing.append(MissingPaper("fact", subject, name))
    return tuple(missing)
