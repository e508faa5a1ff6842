"""The forms of a verification report: the family's answer to a difference, and what a re-check found."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from doudi.engine.pack.vocabulary import FactDefinition
from doudi.office.desk.case_sheets import Choices
from doudi.office.desk.labels import RECHECK_OUTCOMES, REPORT_ANSWERS
from doudi.office.desk.questions import field_for
from doudi.office.desk.sheets import DayField, ReasonField, Sheet, TokenField, class_of


class AnswerSheet(Sheet):
    """What the family says to one difference."""

    form_token = TokenField()
    kind = forms.ChoiceField(label=_("The family"), choices=list(REPORT_ANSWERS.items()), widget=forms.RadioSelect)
    text = ReasonField(label=_("In its own words"))
    paper = forms.CharField(
        label=_("Paper that it brought"),
        max_length=200,
        required=False,
        help_text=_("Which paper, of which day; for example the contract by which the car was sold."),
    )
    said_by_id = forms.TypedChoiceField(label=_("Who answered"), coerce=int)
    said_on = DayField(label=_("Answered on"))

    def __init__(self, *args: Any, members: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose("said_by_id", members)


class RecheckSheet(Sheet):
    """What somebody who did not ask for the figure found out about it."""

    outcome = forms.ChoiceField(
        label=_("What came of it"), choices=list(RECHECK_OUTCOMES.items()), widget=forms.RadioSelect
    )
    authority = forms.CharField(
        label=_("Who looked again"), max_length=120, help_text=_("The department, or the officer by name.")
    )
    document = forms.CharField(label=_("By which letter"), max_length=120, required=False)
    reply = ReasonField(label=_("What the re-check found"))

    def __init__(self, *args: Any, definition: FactDefinition, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = field_for(definition)
        field.help_text = _("Only if the figure found was wrong: what holds instead.")
        field.widget.attrs.setdefault("class", class_of(field))
        self.fields["value"] = field

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        is_given = typed.get("value") not in (None, "")
        if typed.get("outcome") == "corrected" and not is_given and "value" not in self.errors:
            self.add_error("value", _("Write down what holds instead."))
        if typed.get("outcome") == "stands" and is_given:
            self.add_error("value", _("Leave this empty if the figure found stands."))
        if not is_given:
            typed["value"] = None
        return typed
