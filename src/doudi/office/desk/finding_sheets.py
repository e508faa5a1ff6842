"""The forms about findings beside the visit's."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from doudi.office.desk.case_sheets import Choices
from doudi.office.desk.labels import FINDING_FAMILIES
from doudi.office.desk.sheets import ReasonField, Sheet, TokenField


class FieldFindingSheet(Sheet):
    """What somebody found by themselves."""

    form_token = TokenField()
    family = forms.ChoiceField(
        label=_("What it is about"), choices=list(FINDING_FAMILIES.items()), widget=forms.RadioSelect
    )
    text = ReasonField(
        label=_("What you saw or were told"),
        help_text=_("For example: the wife has been in hospital since May and was never counted in the grant."),
    )


class AssignSheet(Sheet):
    """Who goes."""

    to_id = forms.TypedChoiceField(label=_("Colleague of the township"), coerce=int)

    def __init__(self, *args: Any, colleagues: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose("to_id", colleagues)


class WhySheet(Sheet):
    """Why somebody lets go of a visit, or takes a close back."""

    reason = ReasonField()
