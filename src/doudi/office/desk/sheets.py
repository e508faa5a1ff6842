"""Forms as the desk shows them: our look, our fields, and what the office refused put back beside what was typed."""

import secrets
import unicodedata
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from doudi.engine.values.money import Fen, MoneyError, format_yuan, parse_yuan
from doudi.office.desk.labels import Text
from doudi.office.errors import Refused

NARRATIVE_LENGTH_MAX = 4000
REASON_LENGTH_MAX = 1000


def new_token() -> str:
    """An unguessable mark for one form on one screen."""
    return secrets.token_hex(16)


class Sheet(forms.Form):
    """A form of the desk. Refusals of the office appear on it like any other mistake, and nothing typed is lost."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.setdefault("class", class_of(field))

    def choose(self, name: str, choices: Iterable[tuple[Any, Any]]) -> None:
        """Gives a choice field what may be chosen here and now."""
        field = self.fields[name]
        if not isinstance(field, forms.ChoiceField):
            raise TypeError(f"{name} is not a field with choices")
        field.choices = list(choices)

    def refuse(self, refusal: Refused) -> None:
        """Shows why the office did not do it, in the office's own words."""
        self.add_error(None, refusal.message)
        if refusal.advice:
            self.add_error(None, refusal.advice)


class TokenField(forms.CharField):
    """A mark made with the form, so that the same form sent twice has one effect."""

    def __init__(self) -> None:
        super().__init__(widget=forms.HiddenInput, max_length=64, initial=new_token)


class DayField(forms.DateField):
    """A day, written 2026-11-23; browsers that can show a calendar for it."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(widget=widget, input_formats=["%Y-%m-%d"], **kwargs)


class YuanField(forms.CharField):
    """An amount typed in yuan that becomes whole fen. Full-width digits of a Chinese keyboard are understood."""

    default_error_messages = {  # noqa: RUF012 - Django merges these along the classes
        "not_money": _("Write an amount in yuan with at most two decimals, such as 1286.50."),
        "negative": _("The amount can't be below zero."),
    }

    def __init__(self, *, may_be_negative: bool = False, unit: Text = "", **kwargs: Any) -> None:
        self.may_be_negative = may_be_negative
        self.unit = unit or _("yuan")
        widget = forms.TextInput(
            attrs={"inputmode": "decimal", "autocomplete": "off", "class": "form-control is-money"}
        )
        super().__init__(widget=widget, max_length=20, **kwargs)

    def clean(self, value: Any) -> Fen | None:
        """Returns fen, or None when nothing was typed: empty is not zero."""
        text = super().clean(value)
        if not text:
            return None
        plain = unicodedata.normalize("NFKC", text).replace(" ", "")
        try:
            amount_fen = parse_yuan(plain)
        except MoneyError as error:
            raise forms.ValidationError(self.error_messages["not_money"], code="not_money") from error
        if amount_fen < 0 and not self.may_be_negative:
            raise forms.ValidationError(self.error_messages["negative"], code="negative")
        return amount_fen

    def prepare_value(self, value: Any) -> Any:
        """Shows stored fen as yuan; typed text stays as it was typed."""
        return format_yuan(value) if isinstance(value, int) else value


class ReasonField(forms.CharField):
    """A reason in words. Agreeing and departing both need one (promise P21)."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Reason"))
        kwargs.setdefault("max_length", REASON_LENGTH_MAX)
        super().__init__(widget=forms.Textarea(attrs={"rows": 3}), **kwargs)


class LookFirstSheet(Sheet):
    """A form that enters somebody: who might be meant is shown first, then a tick lets it go on."""

    has_looked = forms.BooleanField(
        label=_("I have compared them with the papers and go on"), required=False, widget=forms.HiddenInput
    )

    def takes_looked(self) -> bool:
        """Was the tick set? It is no part of what the form is about."""
        return bool(self.cleaned_data.pop("has_looked", False))

    def offer_to_go_on(self) -> None:
        """Shows the tick, before everything else."""
        self.fields["has_looked"].widget = forms.CheckboxInput(attrs={"class": "form-check-input"})
        self.order_fields(["has_looked", *(name for name in self.fields if name != "has_looked")])


class BareSheet(Sheet):
    """A form that asks nothing: one button, one token."""

    form_token = TokenField()


def class_of(field: forms.Field) -> str:
    """The style class of a field's input."""
    if isinstance(field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple | forms.CheckboxInput):
        return "form-check-input"
    return "form-select" if isinstance(field.widget, forms.Select) else "form-control"
