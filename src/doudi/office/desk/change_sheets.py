"""The forms of a change of what running help pays."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from doudi.office.desk.labels import CHANGE_ANSWERS, CHANGE_OUTCOMES, OCCASIONS, RELATIONS
from doudi.office.desk.money_sheets import MonthField
from doudi.office.desk.sheets import DayField, ReasonField, Sheet


class ProposeChangeSheet(Sheet):
    """What led to it, and why. The amount comes from the rules."""

    occasion = forms.ChoiceField(label=_("What led to it"), choices=list(OCCASIONS.items()), widget=forms.RadioSelect)
    reason = ReasonField()


class ChangeWordSheet(Sheet):
    """An officer's word on the proposed amount."""

    outcome = forms.ChoiceField(label=_("Decision"), choices=list(CHANGE_OUTCOMES.items()), widget=forms.RadioSelect)
    reason = ReasonField()


class AnswerChangeSheet(Sheet):
    """Another officer's answer to the objection."""

    outcome = forms.ChoiceField(label=_("Answer"), choices=list(CHANGE_ANSWERS.items()), widget=forms.RadioSelect)
    reason = ReasonField()


class JoiningSheet(Sheet):
    """Somebody who lives with the family and was never in the grant."""

    name = forms.CharField(label=_("Name"), max_length=60)
    id_number = forms.CharField(label=_("ID number"), max_length=24)
    relation = forms.ChoiceField(label=_("Relation to the head"), choices=[("", "—"), *RELATIONS.items()])
    phone = forms.CharField(label=_("Telephone"), max_length=30, required=False)
    signed_on = DayField(
        label=_("Authorisation signed on"), required=False, help_text=_("An adult signs before anything is checked.")
    )


class NothingSheet(Sheet):
    """A button alone."""


class ReviewSheet(Sheet):
    """Nothing changes; what was looked at."""

    found = ReasonField(label=_("What the review found"))


class BeginStandardSheet(Sheet):
    """Which programme, and from which month the new numbers are in force."""

    programme = forms.ChoiceField(label=_("Programme"))
    from_month = MonthField(label=_("In force from month"))
    reason = ReasonField(label=_("Document and reason"))

    def __init__(self, *args: Any, programmes: Iterable[tuple[Any, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose("programme", programmes)


class SettleSheet(Sheet):
    """Why it is released or given up."""

    reason = ReasonField()
