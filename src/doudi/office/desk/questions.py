"""Questions to a family, drawn from the vocabulary: a new fact in the pack is a new field here, without any code."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.text import format_lazy
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from doudi.engine.pack.citation import Label
from doudi.engine.pack.vocabulary import FactDefinition, Vocabulary
from doudi.office.desk.labels import Text
from doudi.office.desk.sheets import DayField, Sheet, YuanField

UNITS = {
    "fen": _("yuan"),
    "fen_per_month": _("yuan a month"),
    "fen_per_12_months": _("yuan in 12 months"),
    "vehicles": pgettext_lazy("counting word", "vehicles"),
    "dwellings": pgettext_lazy("counting word", "dwellings"),
}
GRADE = "grade"
NONE = "none"
"""The code by which the vocabulary says that there is nothing of the kind."""


@dataclass(frozen=True)
class Subject:
    """Whom a group of questions is about: a member, or the household as a whole when there is no id."""

    person_id: int | None
    title: str
    note: str = ""


@dataclass(frozen=True)
class Answer:
    """One answered question. No value: it was asked, and could not be found out."""

    name: str
    value: int | str | bool | date | None
    person_id: int | None


@dataclass(frozen=True)
class Group:
    """The questions about one subject, ready to be drawn."""

    subject: Subject
    fields: list[BoundField]
    rest: BoundField | None
    unclear: BoundField | None


class CountField(forms.IntegerField):
    """A whole number with its counting word beside it."""

    def __init__(self, *, unit: Text, **kwargs: Any) -> None:
        self.unit = unit
        widget = forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "off", "class": "form-control is-money"}
        )
        super().__init__(widget=widget, **kwargs)


class QuestionSheet(Sheet):
    """Facts of the household and of each member that this supplier may give. An empty field stays unanswered.

    Two ticks save typing without guessing: a member's other questions were all asked and the answer was none; and,
    on a visit, these were asked and could not be found out.
    """

    def __init__(
        self,
        *args: Any,
        vocabulary: Vocabulary,
        supplier: str,
        subjects: Sequence[Subject],
        known: Mapping[tuple[int | None, str], Any],
        leave_out: str = "",
        may_be_unclear: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.own = list(self.fields)
        self.subjects = subjects
        self.vocabulary = vocabulary
        self.asked: dict[str, tuple[str, int | None]] = {}
        for subject in subjects:
            asked = [
                (name, definition)
                for name, definition in self._entries(subject.person_id).items()
                if supplier in definition.supplied_by and leave_out not in definition.supplied_by
            ]
            # Amounts before kinds: that is what a visit is about.
            for name, definition in sorted(asked, key=lambda each: each[1].type != "fen"):
                self._ask(subject, name, definition, known.get((subject.person_id, name)))
            self._offer_ticks(subject, dict(asked), may_be_unclear=may_be_unclear)

    def _entries(self, person_id: int | None) -> Mapping[str, FactDefinition]:
        return self.vocabulary.household if person_id is None else self.vocabulary.person

    def _ask(self, subject: Subject, name: str, definition: FactDefinition, known: Any) -> None:
        place = f"{_prefix(subject.person_id)}-{name}"
        field = field_for(definition)
        field.initial = known
        is_choice = isinstance(field, forms.ChoiceField)
        field.widget.attrs.setdefault("class", "form-select" if is_choice else "form-control")
        self.fields[place] = field
        self.asked[place] = (name, subject.person_id)

    def _offer_ticks(self, subject: Subject, asked: Mapping[str, FactDefinition], *, may_be_unclear: bool) -> None:
        prefix = _prefix(subject.person_id)
        if subject.person_id is not None:
            self.fields[f"{prefix}-rest"] = forms.BooleanField(
                label=_("Everything left empty here was asked: there is none"),
                required=False,
                widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
            )
        if may_be_unclear:
            self.fields[f"{prefix}-unclear"] = forms.MultipleChoiceField(
                label=_("Asked, but could not be found out"),
                required=False,
                choices=[(name, in_language(definition.label)) for name, definition in asked.items()],
                widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
            )

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        for place, (name, person_id) in self.asked.items():
            if _is_given(typed.get(place)) and name in typed.get(f"{_prefix(person_id)}-unclear", ()):
                self.add_error(place, _("Either an answer, or “could not be found out”: not both."))
        return typed

    def groups(self) -> list[Group]:
        """The questions by subject, in the order in which the subjects were named."""
        return [
            Group(
                subject,
                [self[place] for place, (_, person_id) in self.asked.items() if person_id == subject.person_id],
                self._tick(subject, "rest"),
                self._tick(subject, "unclear"),
            )
            for subject in self.subjects
        ]

    def _tick(self, subject: Subject, tick: str) -> BoundField | None:
        place = f"{_prefix(subject.person_id)}-{tick}"
        return self[place] if place in self.fields else None

    def own_fields(self) -> list[BoundField]:
        """Fields that are no questions: version, token."""
        return [self[name] for name in self.own]

    def answers(self) -> Iterator[Answer]:
        """The questions that were answered, also with "none" or with "could not be found out"."""
        for place, (name, person_id) in self.asked.items():
            value, prefix = self.cleaned_data[place], _prefix(person_id)
            if _is_given(value):
                yield Answer(name, value, person_id)
            elif name in self.cleaned_data.get(f"{prefix}-unclear", ()):
                yield Answer(name, None, person_id)
            elif self.cleaned_data.get(f"{prefix}-rest"):
                none = self._none_of(name, person_id)
                if none is not None:
                    yield Answer(name, none, person_id)

    def _none_of(self, name: str, person_id: int | None) -> int | str | None:
        """What "there is none" means for a question; nothing where it has no such answer."""
        definition = self._entries(person_id)[name]
        low, high = definition.bounds
        if definition.type == "text":
            return NONE if NONE in definition.codes else None
        if definition.unit == GRADE and self._has_a_kind(person_id):
            return None
        return 0 if definition.type in ("fen", "count") and low <= 0 <= high else None

    def _has_a_kind(self, person_id: int | None) -> bool:
        """Whether a kind was chosen for this person: its grade is then open, and certainly not none."""
        entries = self._entries(person_id)
        places = (place for place, (name, who) in self.asked.items() if who == person_id and entries[name].codes)
        return any(self.cleaned_data[place] not in ("", NONE) for place in places)


class DeclareSheet(QuestionSheet):
    """What the family declares, for one version of the case."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


def field_for(definition: FactDefinition) -> forms.Field:
    """The form field that takes a value of this fact, with its bounds and its unit."""
    low, high = definition.bounds
    label = in_language(definition.label)
    if definition.type == "fen":
        return YuanField(label=label, required=False, unit=UNITS[definition.unit], may_be_negative=low < 0)
    if definition.unit == GRADE:
        grades = [(grade, grade_word(grade)) for grade in range(low, high + 1)]
        choices = [("", _("not filled in")), *grades]
        return forms.TypedChoiceField(label=label, required=False, choices=choices, coerce=int, empty_value=None)
    if definition.type == "count":
        unit = UNITS.get(definition.unit, "")
        return CountField(label=label, required=False, min_value=low, max_value=high, unit=unit)
    if definition.type == "date":
        return DayField(label=label, required=False)
    if definition.type == "bool":
        choices = [("", _("not filled in")), ("yes", _("yes")), ("no", _("no"))]
        return forms.TypedChoiceField(
            label=label, required=False, choices=choices, coerce=lambda text: text == "yes", empty_value=None
        )
    codes = [(code, in_language(text)) for code, text in definition.codes.items()]
    return forms.ChoiceField(label=label, required=False, choices=[("", _("not filled in")), *codes])


def grade_word(grade: int) -> Text:
    """A grade as people say it; none is none, not "grade 0"."""
    if grade == 0:
        return pgettext_lazy("grade", "none")
    return format_lazy(pgettext_lazy("grade", "grade {number}"), number=grade)


def _prefix(person_id: int | None) -> str:
    return "home" if person_id is None else str(person_id)


def _is_given(value: Any) -> bool:
    return value is not None and value != ""


def in_language(label: Label) -> str:
    """A pack's label in the reader's language."""
    return label.en if (get_language() or "").startswith("en") else label.zh
