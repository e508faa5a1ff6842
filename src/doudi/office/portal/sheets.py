"""The citizens' forms: plain words, few fields, nothing that the state has already."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

STORY_MAX, ANSWER_MAX = 2000, 2000


class PlainForm(forms.Form):
    """A form that is read aloud well and keeps what was typed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)


class OnlineForm(PlainForm):
    """An application from home (网上申请)."""

    writer = forms.CharField(
        label=_("If you write for somebody else: your name, and how you are related"),
        max_length=100,
        required=False,
        help_text=_(
            "A relative, neighbour or village assistant may write. The person concerned consents later, on paper."
        ),
    )
    name = forms.CharField(label=_("Name of the person who needs help"), max_length=60)
    id_number = forms.CharField(
        label=_("Identity number of this person"), max_length=24, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    phone = forms.RegexField(
        r"^[0-9+ \-]{7,20}$",
        label=_("Telephone number under which you can be reached"),
        error_messages={"invalid": _("Write the number in digits.")},
    )
    area = forms.ChoiceField(label=_("Village or community where the person lives"))
    address = forms.CharField(label=_("Street, house or group"), max_length=200)
    programme = forms.ChoiceField(label=_("What you apply for"), required=False)
    story = forms.CharField(
        label=_("What happened, and what is needed"), max_length=STORY_MAX, widget=forms.Textarea(attrs={"rows": 5})
    )
    consent = forms.BooleanField(
        label=_(
            "I agree that the office compares these details with the departments' data to decide on this application"
        )
    )

    def __init__(
        self,
        *args: object,
        areas: Sequence[tuple[str, str]],
        programmes: Sequence[tuple[str, str]],
        **kwargs: object,
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("area", areas), ("programme", programmes)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
            field.choices = list(choices)


class FollowForm(PlainForm):
    """What stands on the receipt."""

    number = forms.CharField(label=_("Number on the receipt"), max_length=80)
    last_four = forms.CharField(
        label=_("Last four signs of the identity number"),
        max_length=8,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    code = forms.CharField(
        label=_("Code on the receipt"), max_length=20, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


class AnswerForm(FollowForm):
    """The answer to what the office asks."""

    number = forms.CharField(widget=forms.HiddenInput, max_length=80)
    last_four = forms.CharField(widget=forms.HiddenInput, max_length=8)
    code = forms.CharField(widget=forms.HiddenInput, max_length=20)
    answer = forms.CharField(label=_("Your answer"), max_length=ANSWER_MAX, widget=forms.Textarea(attrs={"rows": 4}))
