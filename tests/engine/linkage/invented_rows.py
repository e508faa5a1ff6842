"""Rows of invented people as the tests of linkage write them down."""

from functools import cache
from typing import Any

import pyarrow as pa

from doudi.engine.linkage import Linked, Model, PersonRows, load_model
from doudi.engine.linkage import link as link_people
from doudi.engine.pack.pack import load_pack
from doudi.engine.tables import OFFICE_PAIR_DECISIONS
from doudi.engine.values.identity import check_digit

_COLUMNS = {
    "batch": pa.string(),
    "row": pa.int64(),
    "household_no": pa.string(),
    "record_no": pa.string(),
    "id_number": pa.string(),
    "name": pa.string(),
    "birth_date": pa.date32(),
    "sex": pa.string(),
    "area_code": pa.string(),
    "address": pa.string(),
    "phone": pa.string(),
}
HOME = {"area_code": "419901101001", "address": "示范市清河县柳林镇石桥村3组12号"}


def number(birth: str, sequence: str) -> str:
    """An invented number of division 4199 with a right check digit."""
    seventeen = f"419901{birth}{sequence}"
    return seventeen + check_digit(seventeen)


def rows(source: str, *people: dict[str, Any], rank: int = 1, first_row: int = 2) -> PersonRows:
    """Rows of a source; what a person is not given is empty. The registry is the source of that name."""
    is_registry = source == "household_registry"
    lines = [
        dict.fromkeys(_COLUMNS)
        | {"batch": f"{source[:4]}-1", "row": place, "household_no": "H1", "record_no": f"R{place}"}
        | person
        for place, person in enumerate(people, start=first_row)
    ]
    own_key = ("household_no", "name", "birth_date") if is_registry else ("record_no",)
    table = pa.Table.from_pylist(lines, schema=pa.schema(list(_COLUMNS.items())))
    return PersonRows(source, table, own_key, 0 if is_registry else rank, states_members=is_registry)


def registry(*people: dict[str, Any]) -> PersonRows:
    """The household registry with these people, who live in one village unless they are given another place."""
    return rows("household_registry", *({**HOME, **person} for person in people))


@cache
def model() -> Model:
    """The model that ships in the pack."""
    return load_model(load_pack())


def link(sources: list[PersonRows], *, keyring: Any, **more: Any) -> Linked:
    """One night's linkage with the shipped model."""
    return link_people(iter(sources), keyring=keyring, model=model(), **({"run_id": "2026-11-23-00000000"} | more))


def decisions(*pairs: tuple[str, str, str]) -> pa.Table:
    """What people decided: (claim_key, person_key, verdict)."""
    lines = [
        {"claim_key": claim, "person_key": person, "verdict": verdict, "decided_on": None, "row": place}
        for place, (claim, person, verdict) in enumerate(pairs)
    ]
    nullable = pa.schema([field.with_nullable(True) for field in OFFICE_PAIR_DECISIONS.schema])
    return pa.Table.from_pylist(lines, schema=nullable)


def of(linked: Linked, source: str) -> list[dict[str, Any]]:
    """The links of a source in the order of its rows."""
    return [line for line in linked.links.to_pylist() if line["source"] == source]
