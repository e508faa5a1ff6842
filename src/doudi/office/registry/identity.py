"""What a person's papers say, as it is compared, corrected and kept."""

from dataclasses import asdict, dataclass
from datetime import date

from doudi.office.registry.models import Person


@dataclass(frozen=True)
class Identity:
    """What a person's papers say. An empty number means that none is known; dates are ISO, sex as GB/T 2261."""

    name: str
    id_number: str
    birth_date: date | None
    sex: str

    def as_text(self) -> dict[str, str]:
        """As it is kept in the change, encrypted."""
        return asdict(self) | {"birth_date": self.birth_date.isoformat() if self.birth_date else ""}

    @classmethod
    def from_text(cls, kept: dict[str, str]) -> "Identity":
        """Read back what `as_text` wrote."""
        born = date.fromisoformat(kept["birth_date"]) if kept["birth_date"] else None
        return cls(kept["name"], kept["id_number"], born, kept["sex"])


def identity_of(person: Person) -> Identity:
    """What is recorded of a person now."""
    return Identity(person.name, person.id_number, person.birth_date, person.sex)
