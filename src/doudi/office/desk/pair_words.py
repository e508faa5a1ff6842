"""Words for doubtful pairs: what is doubtful, where a pair stands, what a field is called and how far it agrees."""

from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from doudi.office.desk.labels import Mark, Text

KINDS: Final[dict[str, Text]] = {
    "name": _("Same number, another name"),
    "two_names": _("One number under two names in the registry"),
    "contradiction": _("Birth date or sex contradicts the number"),
    "alone": _("A number with nothing beside it"),
    "likely": _("No usable number, likely this person"),
}

STATES: Final[dict[str, Mark]] = {
    "open": Mark(_("waits for a look"), "now"),
    "asked": Mark(_("called the same, waits for a second person"), "soon"),
    "same": Mark(_("the same person"), "done"),
    "different": Mark(_("two people"), "done"),
    "unsure": Mark(_("could not be said"), "soon"),
    "gone": Mark(_("the night asks no more"), "wait"),
}

VERDICTS: Final[dict[str, Text]] = {
    "same": _("The same person"),
    "different": _("Not the same person"),
    "unsure": _("I can't say"),
}

USES: Final[dict[int, Text]] = {
    2: _("a finding or case of the family is open"),
    1: _("known to the office"),
    0: "",
}

FIELDS: Final[dict[str, Text]] = {
    "id_number": _("ID number"),
    "name": _("Name"),
    "birth_date": _("Birth date"),
    "sex": _("Sex"),
    "area_code": _("Division"),
    "address": _("Address"),
    "phone": _("Telephone"),
}

SEXES: Final[dict[str, Text]] = {"1": pgettext_lazy("sex", "male"), "2": pgettext_lazy("sex", "female")}

AGREES: Final[dict[bool | None, Mark]] = {
    True: Mark(_("✓ agrees"), "done"),
    False: Mark(_("≠ differs"), "late"),
    None: Mark(_("only one side says it"), "wait"),
}
NEITHER: Final = Mark(_("neither side says it"), "wait")

# The grades in which names, dates, places and numbers differ, as far as a word helps whoever looks.
GRADES: Final[dict[str, Text]] = {
    "variant": _("a variant of the same character"),
    "homophone": _("sounds alike"),
    "other_order": _("other order"),
    "near_sound": _("sounds nearly alike"),
    "one_character": _("one character differs"),
    "surname": _("only the surname agrees"),
    "day_for_month": _("day and month exchanged"),
    "one_digit": _("one digit differs"),
    "digits_swapped": _("two digits swapped"),
    "lunar": _("may be the lunar date"),
    "same_year": _("only the year agrees"),
    "house": _("the same house"),
    "village": _("the same village"),
    "township": _("the same township"),
    "county": _("the same county"),
    "county_known_only": _("the same county; no more is known"),
}
