"""The explanation (为什么) as pages show it: numbered reasons with number, source, date and clause.

The engine writes the sentences; here they only get their marks, the names of sources, and the order of the page.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from doudi.engine.values.money import format_yuan
from doudi.office.desk.labels import CONDITION_STATES, PARAMETER_STATUS, VERDICTS
from doudi.office.desk.packwords import source_label
from doudi.office.evidence.rulebook import current_vocabulary

# So many facts stand beside a reason; the others are unfolded.
FACTS_SHOWN = 6


def reasons_of(explanation: Mapping[str, Any]) -> dict[str, Any]:
    """One stored explanation, ready for the page."""
    outcome = explanation["outcome"]
    return {
        "headline": explanation["headline"],
        "label": explanation["label"],
        "outcome": outcome,
        "tone": {"eligible": "yes", "ineligible": "no"}.get(outcome, "open"),
        "verdict": VERDICTS[outcome],
        "is_likely": explanation["is_likely"],
        "amount_fen": explanation["amount_fen"],
        "amount_sentence": explanation["amount_sentence"],
        "as_of": explanation["as_of"],
        "conditions": [_condition(line) for line in explanation["conditions"]],
        "unconfirmed": _unconfirmed(explanation),
        "missing": explanation["missing"],
        "cheapest": explanation["cheapest_question"],
        "flips": [flip["sentence"] for flip in explanation["flips"]],
        "flips_note": explanation["flips_note"],
        "notice": explanation["notice"],
        "pack_release": explanation["pack_release"],
        "pack_hash": explanation["pack_hash"],
    }


def _condition(line: Mapping[str, Any]) -> dict[str, Any]:
    facts = [{**fact, "source": source_label(fact["source"]) if fact["source"] else ""} for fact in line["facts"]]
    said = [fact for fact in facts if fact["unknown_since"] or not _is_quiet(fact)]
    # Figures first: when somebody was born explains who counts, not how much there is.
    loud = [fact for fact in said if not _is_date(fact)]
    # A condition that rests on a single zero shows just that; of many, whoever wants to can see them.
    shown = loud or (facts if len(facts) <= FACTS_SHOWN else [])
    quiet = [fact for fact in facts if fact not in shown and fact not in said]
    return {
        **line,
        "mark": CONDITION_STATES[line["state"]],
        # Where both sides are one small number, the sentence has said it already.
        "has_figures": bool(line["threshold"]) and line["distance"] != 0,
        "facts": shown[:FACTS_SHOWN],
        "more_facts": [*shown[FACTS_SHOWN:], *(fact for fact in said if fact not in shown)],
        "quiet_facts": quiet,
        "quiet_word": ngettext(
            "%(count)s more fact is zero or none", "%(count)s more facts are zero or none", len(quiet)
        )
        % {"count": len(quiet)},
        "ground": _("What it rests on: standards %(standards)s, facts %(facts)s")
        % {"standards": len(line["parameters"]), "facts": len(facts)},
        "parameters": [
            {**each, "status": "" if each["status"] == "confirmed" else PARAMETER_STATUS[each["status"]]}
            for each in line["parameters"]
        ],
    }


def _is_date(fact: Mapping[str, Any]) -> bool:
    definition = current_vocabulary().definition(fact["fact"])
    return definition is not None and definition.type == "date" and not fact["unknown_since"]


def _is_quiet(fact: Mapping[str, Any]) -> bool:
    """Whether a value in words is zero, no or none, whatever its unit."""
    text, definition = fact["value"], current_vocabulary().definition(fact["fact"])
    if text.split(" ", maxsplit=1)[0] in {"0", format_yuan(0)}:
        return True
    none = definition.codes.get("none") if definition else None
    return text in ({none.zh, none.en} if none else {"否", "no"})


def _unconfirmed(explanation: Mapping[str, Any]) -> list[str]:
    """The standards that nobody has confirmed, each once."""
    used = (each for line in explanation["conditions"] for each in line["parameters"])
    return list(dict.fromkeys(each["label"] for each in used if each["status"] != "confirmed"))


def as_table(explanation: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The conditions as rows of a workbook."""
    return [
        {
            "label": line["label"],
            "state": CONDITION_STATES[line["state"]].word,
            "sentence": line["sentence"],
            "value": line["value"] or _("not known"),
            "threshold": line["threshold"],
            "citation": line["citation"],
        }
        for line in explanation["conditions"]
    ]
