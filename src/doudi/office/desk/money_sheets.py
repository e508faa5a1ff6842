"""The forms of the money pages."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from doudi.engine.values.period import Month, PeriodError
from doudi.office.desk.sheets import ReasonField, Sheet, YuanField

UPLOAD_BYTES_MAX = 4 * 1024 * 1024


class MonthField(forms.CharField):
    """A month, written 2026-12."""

    default_error_messages = {"not_a_month": _("Write a month like 2026-12.")}  # noqa: RUF012 - Django merges these

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            widget=forms.TextInput(attrs={"type": "month", "placeholder": "2026-12"}), max_length=7, **kwargs
        )

    def clean(self, value: Any) -> Month:
        """Returns the month."""
        text = super().clean(value)
        try:
            return Month.parse(text)
        except PeriodError as error:
            raise forms.ValidationError(self.error_messages["not_a_month"], code="not_a_month") from error


class UploadField(forms.FileField):
    """A file of the bank's, small enough for one request."""

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Returns the upload, unless it is larger than a request may be."""
        upload = super().clean(data, initial)
        if upload.size > UPLOAD_BYTES_MAX:
            raise forms.ValidationError(_("The file is larger than 4 MB."), code="large")
        return upload


class FundSheet(Sheet):
    """A fund for a programme and year."""

    programme = forms.ChoiceField(label=_("Programme"))
    year = forms.IntegerField(label=_("Year"), min_value=2020, max_value=2100)
    name = forms.CharField(label=_("Name"), max_length=100)

    def __init__(self, *args: Any, programmes: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose("programme", programmes)


class AppropriationSheet(Sheet):
    """Money given to a fund by a document; the same document counts once."""

    amount_fen = YuanField(label=_("Amount"))
    document = forms.CharField(
        label=_("Number of the budget document"), max_length=100, help_text=_("The same document is booked only once.")
    )


class PrepareSheet(Sheet):
    """Which month to pay."""

    programme = forms.ChoiceField(label=_("Programme"))
    month = MonthField(label=_("Month"))

    def __init__(self, *args: Any, programmes: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose("programme", programmes)


class DiscardSheet(Sheet):
    """Why a draft is thrown away."""

    reason = ReasonField()


class ReleaseSheet(Sheet):
    """The second person's word."""

    has_compared = forms.BooleanField(label=_("I have compared the total and the differences with the list."))


class SentSheet(Sheet):
    """The very file that the bank was given."""

    handed_over = UploadField(
        label=_("The file the bank was given"),
        help_text=_("It is compared byte by byte with the file that was released."),
    )


class ReturnFileSheet(Sheet):
    """The bank's answer."""

    file = UploadField(label=_("Return file of the bank"))


class SettleSuspenseSheet(Sheet):
    """What became of a doubtful line."""

    outcome = forms.ChoiceField(
        label=_("Result"),
        choices=[
            ("paid", _("the household has the money")),
            ("returned", _("the money came back; still owed")),
            ("noted", _("no money of ours is concerned")),
        ],
        widget=forms.RadioSelect,
    )
    reason = ReasonField(label=_("What the bank told you, and when"))


class RetrySheet(Sheet):
    """Why the same account may be tried again."""

    reason = ReasonField(label=_("What the bank or the family told you"))


class NewAccountSheet(Sheet):
    """A household's new account, in force only after a second person compared it with the paper."""

    holder_id = forms.TypedChoiceField(label=_("Account holder"), coerce=int)
    bank_name = forms.CharField(label=_("Bank"), max_length=60)
    number = forms.CharField(
        label=_("Account number"),
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    reason = ReasonField()

    def __init__(self, *args: Any, members: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose("holder_id", members)


class AccountDecisionSheet(Sheet):
    """The second person's word on a new account."""

    outcome = forms.ChoiceField(
        label=_("After comparing it with the paper"),
        choices=[("confirm", _("It is right: use it from now on")), ("refuse", _("It is not right: keep the old one"))],
        widget=forms.RadioSelect,
    )
