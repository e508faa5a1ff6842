"""The forms on which people say what a doubtful pair is: each answer needs a reason of the same kind (promise P21)."""

from django import forms
from django.utils.translation import gettext_lazy as _

from doudi.office.desk.pair_words import VERDICTS
from doudi.office.desk.sheets import ReasonField, Sheet


class PairWordSheet(Sheet):
    """A word on the records as they were shown; newer ones ask for a new look."""

    digest = forms.CharField(widget=forms.HiddenInput, max_length=64)
    reason = ReasonField(label=_("What you looked at"))


class PairSheet(PairWordSheet):
    """The first word."""

    verdict = forms.ChoiceField(label=_("Answer"), choices=list(VERDICTS.items()), widget=forms.RadioSelect)
    field_order = ("digest", "verdict", "reason")
