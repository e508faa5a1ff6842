"""The pairs of a night that wait for people, one for each claim and person, with where both sides are from."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from doudi.engine.facts.build import REGISTRY
from doudi.engine.linkage.exact import ALONE, CLASHING_NAME, CONTRADICTION, TWO_NAMES
from doudi.engine.linkage.search import LIKELY
from doudi.engine.pipeline.manifest import Run, read_grey_pairs, sealed_table
from doudi.engine.sources.store import list_batches
from doudi.engine.tables import LINKS
from doudi.engine.values.keys import Keyring
from doudi.engine.values.parquet import read_parquet

GREY_PAIRS = "grey_pairs"
Kind = Literal["two_names", "name", "contradiction", "alone", "likely"]
KINDS: Mapping[str, Kind] = {
    TWO_NAMES: "two_names",
    CLASHING_NAME: "name",
    CONTRADICTION: "contradiction",
    ALONE: "alone",
    LIKELY: "likely",
}
_SETTLED = ["certain", "decided", "probable"]


@dataclass(frozen=True)
class SaidOfBoth:
    """What the row and the known person say in one field, and the grade of their agreement."""

    field: str
    in_row: str | None
    known: str | None
    verdict: str


@dataclass(frozen=True)
class WaitingPair:
    """A claim and a person of whom it may speak. `row` is the newest of the `rows` that make the claim.

    `delivered` is the month of the delivery. `known_source` is the most trusted source that speaks of the known person,
    empty where none does. `area` is where the known person is registered, else where the row or the number says.
    """

    claim_key: str
    person_key: str
    kind: Kind
    source: str
    batch: str
    row: int
    delivered: str
    rows: int
    known_source: str
    known_delivered: str
    said: tuple[SaidOfBoth, ...]
    weight: int | None
    area: str


def waiting_pairs(run: Run, keyring: Keyring) -> list[WaitingPair]:
    """Open the sealed pairs of a run. Whoever calls this records for what purpose."""
    if GREY_PAIRS not in run.manifest.sealed:
        return []  # a run of a release that sealed none
    claims: defaultdict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for line in read_grey_pairs(run, keyring).to_pylist():
        claims[line["claim_key"], line["person_key"]].append(line)
    delivered = _delivered(run)
    known = _spoken_of(run, {person for _, person in claims}, delivered)

    def newest(lines: list[dict[str, Any]]) -> dict[str, Any]:
        return max(lines, key=lambda line: (delivered[line["source"], line["batch"]], line["row"]))

    return [_pair(newest(lines), lines, delivered, known) for _, lines in sorted(claims.items())]


def _pair(
    newest: Mapping[str, Any],
    lines: list[dict[str, Any]],
    delivered: Mapping[tuple[str, str], str],
    known: Mapping[str, tuple[str, str]],
) -> WaitingPair:
    said = tuple(SaidOfBoth(**field) for field in newest["evidence"])
    known_source, known_delivered = known.get(newest["person_key"], ("", ""))
    return WaitingPair(
        claim_key=newest["claim_key"],
        person_key=newest["person_key"],
        kind=KINDS[newest["reason"]],
        source=newest["source"],
        batch=newest["batch"],
        row=newest["row"],
        delivered=delivered[newest["source"], newest["batch"]],
        rows=len(lines),
        known_source=known_source,
        known_delivered=known_delivered,
        said=said,
        weight=newest["weight"],
        area=_area(said),
    )


def _area(said: tuple[SaidOfBoth, ...]) -> str:
    fields = {each.field: each for each in said}
    area, number = fields["area_code"], fields.get("id_number")
    # Where nobody says it, the county in which the number was first given out.
    return area.known or area.in_row or ((number.known or "")[:6] if number else "")


def _delivered(run: Run) -> dict[tuple[str, str], str]:
    return {
        (each.source, stored.batch): stored.delivered
        for each in run.manifest.inputs
        for stored in list_batches(run.lake, each.source)
    }


def _spoken_of(run: Run, people: set[str], delivered: Mapping[tuple[str, str], str]) -> dict[str, tuple[str, str]]:
    """The most trusted source that speaks of each of these people, and the month of its newest delivery."""
    if not people:
        return {}
    path = sealed_table(run, LINKS.name)
    links = read_parquet(path, schema=LINKS.schema, filters=[("person_key", "in", sorted(people))])
    found: dict[str, tuple[str, str]] = {}
    for line in links.to_pylist():
        if line["certainty"] not in _SETTLED:
            continue
        candidate = line["source"], delivered[line["source"], line["batch"]]
        found[line["person_key"]] = max(found.get(line["person_key"], candidate), candidate, key=_by_trust)
    return found


def _by_trust(spoken: tuple[str, str]) -> tuple[bool, str, str]:
    source, month = spoken
    return source == REGISTRY, month, source
