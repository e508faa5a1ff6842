"""How a value of the vocabulary is checked, stored and read back. One place, so that all three origins agree."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from doudi.engine.pack.vocabulary import EPOCH, FactDefinition, Vocabulary
from doudi.engine.values.money import format_yuan
from doudi.office.errors import Unacceptable

Value = int | str | bool | date


@dataclass(frozen=True)
class Seen:
    """One answer to one question of the vocabulary. No value means: could not be found out."""

    name: str
    value: Value | None
    person_id: int | None = None


@dataclass(frozen=True)
class Stored:
    """A value in the two columns in which facts keep it."""

    value_int: int | None
    value_text: str | None

    @property
    def is_unknown(self) -> bool:
        return self.value_int is None and self.value_text is None


UNKNOWN = Stored(None, None)

# English needs none: "2 dwellings" would double the label beside it.
_COUNTING_WORDS = {"vehicles": "辆", "dwellings": "套", "grade": "级", "persons": "人", "months": "个月", "days": "天"}


def definition_for(vocabulary: Vocabulary, seen: Seen, supplier: str) -> FactDefinition:
    """The vocabulary's entry for an answer, if this supplier may give it about this kind of subject."""
    entries = vocabulary.household if seen.person_id is None else vocabulary.person
    definition = entries.get(seen.name)
    if definition is None:
        raise Unacceptable(
            _("There is no such question about a person or household."),
            advice=_("Use the form; it asks what the rules know."),
        )
    if supplier not in definition.supplied_by:
        raise Unacceptable(
            _("“%(fact)s” can't be given in this form.") % {"fact": _label(definition)},
            advice=_("It comes from a department, from the family or from a visit, as the vocabulary says."),
        )
    return definition


def stored(definition: FactDefinition, value: Value | None) -> Stored:
    """Check a value by its type and bounds. Nothing is coerced: a value of another type is refused."""
    if value is None:
        return UNKNOWN
    if definition.type == "text":
        if not isinstance(value, str) or value not in definition.codes:
            raise Unacceptable(
                _("“%(fact)s” has a value that is not in its list.") % {"fact": _label(definition)},
                advice=_("Choose one of the list."),
            )
        return Stored(None, value)
    number = _number(definition, value)
    low, high = definition.bounds
    lang = get_language() or ""
    if number is None or not low <= number <= high:
        raise Unacceptable(
            _("“%(fact)s” has a value that can't be.") % {"fact": _label(definition)},
            advice=_("It lies between %(low)s and %(high)s.")
            % {"low": in_words(definition, low, lang), "high": in_words(definition, high, lang)},
        )
    return Stored(number, None)


def _label(definition: FactDefinition) -> str:
    return definition.label.in_language(get_language() or "")


def _number(definition: FactDefinition, value: Value) -> int | None:
    if definition.type == "bool":
        return int(value) if isinstance(value, bool) else None
    if definition.type == "date":
        return (value - EPOCH).days if isinstance(value, date) else None
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value


def restored(definition: FactDefinition, value_int: int | None, value_text: str | None) -> Value | None:
    """Read a stored value back as what it is."""
    if definition.type == "text":
        return value_text
    if value_int is None:
        return None
    if definition.type == "bool":
        return bool(value_int)
    if definition.type == "date":
        return EPOCH + timedelta(days=value_int)
    return value_int


def in_words(definition: FactDefinition, value: Value | None, lang: str) -> str:
    """A value as people read it; nothing at all where nothing is known, so that no screen can print a zero for it."""
    is_english = lang.startswith("en")
    if value is None:
        return ""
    if definition.type == "text":
        return definition.codes[str(value)].in_language(lang) if str(value) in definition.codes else str(value)
    if isinstance(value, bool):
        return ("yes" if value else "no") if is_english else ("是" if value else "否")
    if definition.type == "fen" and isinstance(value, int):
        return money_in_words(value, lang)
    if isinstance(value, date):
        return value.isoformat()
    if definition.unit == "grade" and value == 0:
        return "none" if is_english else "无"
    word = "" if is_english else _COUNTING_WORDS.get(definition.unit, "")
    return f"{value} {word}".rstrip()


def money_in_words(amount_fen: int, lang: str) -> str:
    """An amount in yuan with its unit."""
    return f"{format_yuan(amount_fen)} {'yuan' if lang.startswith('en') else '元'}"
