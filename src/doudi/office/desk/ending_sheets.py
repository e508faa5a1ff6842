"""The forms of an ending: proposed, decided, told, objected to, answered; and the return visits after it."""

from django import forms
from django.utils.translation import gettext_lazy as _

from doudi.office.desk.labels import ANSWERS, ENDING_CAUSES, ENDING_OUTCOMES
from doudi.office.desk.sheets import DayField, ReasonField, Sheet


class ProposeSheet(Sheet):
    """Why the help should end."""

    cause = forms.ChoiceField(label=_("Why it ends"), choices=list(ENDING_CAUSES.items()), widget=forms.RadioSelect)
    reason = ReasonField()


class DecideSheet(Sheet):
    """The county's word on the proposal."""

    outcome = forms.ChoiceField(label=_("Decision"), choices=list(ENDING_OUTCOMES.items()), widget=forms.RadioSelect)
    reason = ReasonField()


class DeliverSheet(Sheet):
    """The family has the notice."""

    delivered_on = DayField(label=_("Delivered on"))
    delivery = forms.CharField(label=_("How"), max_length=40)


class ObjectSheet(Sheet):
    """What the family says against it."""

    objected_on = DayField(label=_("Received on"))
    text = ReasonField(label=_("What is said"))


class AnswerSheet(Sheet):
    """Another officer's answer."""

    outcome = forms.ChoiceField(label=_("Answer"), choices=list(ANSWERS.items()), widget=forms.RadioSelect)
    reason = ReasonField()


class FollowUpSheet(Sheet):
    """A return visit."""

    follow_up_id = forms.IntegerField(widget=forms.HiddenInput)
    done_on = DayField(label=_("Visited on"))
    found = ReasonField(label=_("What was found"))
    is_in_hardship_again = forms.BooleanField(
        label=_("In hardship again: the family was told that it can apply anew"), required=False
    )
