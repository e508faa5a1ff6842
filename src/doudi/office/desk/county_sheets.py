"""The forms of verification between counties: the request, the answer to each fact asked for, and a refusal."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from doudi.engine.pack.vocabulary import FactDefinition
from doudi.office.desk.case_sheets import Choices
from doudi.office.desk.questions import field_for
from doudi.office.desk.sheets import DayField, ReasonField, Sheet, TokenField, class_of
from doudi.office.flows.county import Replied


class RequestSheet(Sheet):
    """Whom to ask, about whom, and what."""

    form_token = TokenField()
    person_id = forms.TypedChoiceField(label=_("About whom"), coerce=int, widget=forms.RadioSelect)
    answering_area = forms.ChoiceField(label=_("Which county"))
    asked_facts = forms.MultipleChoiceField(label=_("What is asked"), widget=forms.CheckboxSelectMultiple)
    reason = ReasonField(label=_("Why this county would know"))

    def __init__(self, *args: Any, members: Choices, counties: Choices, facts: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose("person_id", members)
        self.choose("answering_area", counties)
        self.choose("asked_facts", facts)


class ReplySheet(Sheet):
    """One answer for each fact asked for: a figure with its day, or that it is not known here."""

    text = ReasonField(label=_("Which departments were asked, and what they said"))

    def __init__(self, *args: Any, asked: Mapping[str, FactDefinition], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = list(asked)
        for name, definition in asked.items():
            value = field_for(definition)
            value.help_text = _("Leave empty what is not known here: it is passed on as “no data”, never as zero.")
            day = DayField(label=_("As of"), initial=today)
            for key, field in ((f"value-{name}", value), (f"day-{name}", day)):
                field.widget.attrs.setdefault("class", class_of(field))
                self.fields[key] = field

    def replies(self) -> Sequence[Replied]:
        """What was typed, fact by fact."""
        typed = self.cleaned_data
        values = {name: typed[f"value-{name}"] for name in self.asked}
        return [
            Replied(name, None if value in (None, "") else value, typed[f"day-{name}"])
            for name, value in values.items()
        ]


class RefusalSheet(Sheet):
    """Why this county does not answer."""

    text = ReasonField(label=_("Why this county does not answer"))
