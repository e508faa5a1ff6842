"""The pack and its vocabulary as this process works with them: read once, for reading takes longer than a page may."""

from collections.abc import Mapping
from functools import lru_cache

from django.conf import settings

from doudi.engine.pack.pack import Pack, load_pack
from doudi.engine.pack.vocabulary import FactDefinition, Vocabulary, load_vocabulary
from doudi.engine.rules.programme import load_programme, programme_ids


@lru_cache(maxsize=1)
def current_pack() -> Pack:
    """The rule pack that ships with this release of Doudi, with the bureau's own divisions and parameters.

    Another release is another process.
    """
    return load_pack(extra_region_dir=settings.DOUDI_REGION_DIR)


@lru_cache(maxsize=1)
def current_vocabulary() -> Vocabulary:
    """All facts that the office records: those of the programmes whose cases it carries out."""
    every, programmes = load_vocabulary(current_pack()), set(office_programmes())
    return Vocabulary(person=_asked(every.person, programmes), household=_asked(every.household, programmes))


@lru_cache(maxsize=64)
def asked_vocabulary(programme: str) -> Vocabulary:
    """What an application for one programme asks: the facts that its rules read."""
    every, formulas = load_vocabulary(current_pack()), load_programme(current_pack(), programme).formulas
    return Vocabulary(
        person=_asked({name: every.person[name] for name in formulas.member_facts}, {programme}),
        household=_asked({name: every.household[name] for name in formulas.household_facts}, {programme}),
    )


@lru_cache(maxsize=64)
def visit_vocabulary(programme: str = "") -> Vocabulary:
    """What a visit can bring to the file: what every form asks, and what the programme of the case asks besides."""
    every, programmes = load_vocabulary(current_pack()), {programme} if programme else set[str]()
    return Vocabulary(person=_asked(every.person, programmes), household=_asked(every.household, programmes))


def _asked(definitions: Mapping[str, FactDefinition], programmes: set[str]) -> dict[str, FactDefinition]:
    return {
        name: definition
        for name, definition in definitions.items()
        if not definition.asked_for or programmes & set(definition.asked_for)
    }


@lru_cache(maxsize=1)
def office_programmes() -> tuple[str, ...]:
    """The programmes whose cases the office can carry out, as the pack says of each."""
    pack = current_pack()
    return tuple(name for name in programme_ids(pack) if load_programme(pack, name).is_office)
