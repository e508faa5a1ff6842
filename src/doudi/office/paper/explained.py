"""The parts of an explanation as rows and sentences of a letter. The explanation is the one that screens show."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from doudi.office.paper.naming import source_name
from doudi.office.paper.wording import Wording


def condition_rows(explanation: Mapping[str, Any], say: Wording) -> list[Mapping[str, Any]]:
    """Each condition: met or not, its sentence, the distance to the line, and the law."""
    return [
        {
            "state": say(line["state"]),
            "is_met": line["state"] == "met",
            "sentence": line["sentence"],
            # "Exactly on the line" says nothing where the line is a count that the family just keeps.
            "distance": line["distance_sentence"] if line["distance"] else "",
            "citation": say("citation", citation=line["citation"]),
        }
        for line in _conditions(explanation)
    ]


def fact_rows(explanation: Mapping[str, Any], say: Wording) -> list[list[str]]:
    """Each fact once, though several conditions may rest on it."""
    rows: dict[tuple[str, str | None], list[str]] = {}
    for line in _conditions(explanation):
        for fact in line["facts"]:
            rows.setdefault(
                (fact["fact"], fact["member"]),
                [fact["label"], fact["value"], source_name(fact["source"], say), _as_of(fact, say)],
            )
    return list(rows.values())


def parameter_rows(explanation: Mapping[str, Any], say: Wording) -> list[list[str]]:
    """Each number of the law once, with its document and date; a number not yet confirmed says so."""
    rows: dict[str, list[str]] = {}
    for line in _conditions(explanation):
        for used in line["parameters"]:
            doubt = "" if used["status"] == "confirmed" else say(f"status_{used['status']}")
            since = say.day(date.fromisoformat(used["effective_from"]))
            in_force = say("in_force_value", citation=used["citation"], day=since)
            rows.setdefault(used["parameter"], [used["label"], used["value"] + doubt, used["layer_name"], in_force])
    return list(rows.values())


def flip_sentences(explanation: Mapping[str, Any]) -> list[str]:
    """What would have to be different for another result."""
    sentences = [str(flip["sentence"]) for flip in explanation.get("flips", [])]
    note = str(explanation.get("flips_note", ""))
    return [*sentences, note] if note else sentences


def _conditions(explanation: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from explanation.get("conditions", [])


def _as_of(fact: Mapping[str, Any], say: Wording) -> str:
    if fact["unknown_since"]:
        return say("unknown_since", day=fact["unknown_since"])
    return str(fact["as_of"] or "")
