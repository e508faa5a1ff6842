"""Questions to a family, drawn from the vocabulary: a new fact in the pack is a new field here, without any code."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from doudi.engine.pack.citation import Label
from doudi.engine.pack.vocabulary import FactDefinition, Vocabulary
from doudi.office.desk.sheets import DayField, Sheet, YuanField

UNITS = {
    "fen": _("yuan"),
    "fen_per_month": _("yuan a month"),
    "fen_per_12_months": _("yuan in 12 months"),
}


@dataclass(frozen=True)
class Subject:
    """Whom a group of questions is about: a member, or the household as a whole when there is no id."""

    person_id: int | None
    title: str
    note: str = ""


@dataclass(frozen=True)
class Answer:
    """One answered question."""

    name: str
    value: int | str | bool | date
    person_id: int | None


@dataclass(frozen=True)
class Group:
    """The questions about one subject, ready to be drawn."""

    subject: Subject
    fields: list[BoundField]


class QuestionSheet(Sheet):
    """Facts of the household and of each member that this supplier may give. An empty field stays unanswered."""

    def __init__(
        self,
        *args: Any,
        vocabulary: Vocabulary,
        supplier: str,
        subjects: Sequence[Subject],
        known: Mapping[tuple[int | None, str], Any],
        leave_out: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.own = list(self.fields)
        self.subjects = subjects
        self.asked: dict[str, tuple[str, int | None]] = {}
        for subject in subjects:
            entries = vocabulary.household if subject.person_id is None else vocabulary.person
            for name, definition in entries.items():
                if supplier in definition.supplied_by and leave_out not in definition.supplied_by:
                    self._ask(subject, name, definition, known.get((subject.person_id, name)))

    def _ask(self, subject: Subject, name: str, definition: FactDefinition, known: Any) -> None:
        place = f"{'home' if subject.person_id is None else subject.person_id}-{name}"
        field = field_for(definition)
        field.initial = known
        field.widget.attrs.setdefault("class", "form-select" if definition.type in ("text", "bool") else "form-control")
        self.fields[place] = field
        self.asked[place] = (name, subject.person_id)

    def groups(self) -> list[Group]:
        """The questions by subject, in the order in which the subjects were named."""
        return [
            Group(
                subject, [self[place] for place, (_, person_id) in self.asked.items() if person_id == subject.person_id]
            )
            for subject in self.subjects
        ]

    def own_fields(self) -> list[BoundField]:
        """Fields that are no questions: version, token."""
        return [self[name] for name in self.own]

    def answers(self) -> Iterator[Answer]:
        """The questions that were answered."""
        for place, (name, person_id) in self.asked.items():
            value = self.cleaned_data[place]
            if value is not None and value != "":
                yield Answer(name, value, person_id)


class DeclareSheet(QuestionSheet):
    """What the family declares, for one version of the case."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


def field_for(definition: FactDefinition) -> forms.Field:
    """The form field that takes a value of this fact, with its bounds and its unit."""
    low, high = definition.bounds
    label = in_language(definition.label)
    if definition.type == "fen":
        return YuanField(label=label, required=False, unit=UNITS[definition.unit], may_be_negative=low < 0)
    if definition.type == "count":
        widget = forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "off", "class": "form-control is-money"}
        )
        return forms.IntegerField(label=label, required=False, min_value=low, max_value=high, widget=widget)
    if definition.type == "date":
        return DayField(label=label, required=False)
    if definition.type == "bool":
        choices = [("", _("not found out")), ("yes", _("yes")), ("no", _("no"))]
        return forms.TypedChoiceField(
            label=label, required=False, choices=choices, coerce=lambda text: text == "yes", empty_value=None
        )
    codes = [(code, in_language(text)) for code, text in definition.codes.items()]
    return forms.ChoiceField(label=label, required=False, choices=[("", _("not found out")), *codes])


def in_language(label: Label) -> str:
    """A pack's label in the reader's language."""
    return label.en if (get_language() or "").startswith("en") else label.zh
