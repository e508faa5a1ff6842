"""The forms of papers and of applications from outside."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from doudi.office.desk.case_sheets import Choices
from doudi.office.desk.paper_words import KINDS
from doudi.office.desk.sheets import ReasonField, Sheet

FILES_AT_ONCE_MAX = 10
_ACCEPTED = "image/jpeg,image/png,application/pdf"


class _ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or more files, chosen or photographed at once."""

    def __init__(self, *, accept: str = _ACCEPTED, **kwargs: Any) -> None:
        super().__init__(widget=_ManyFiles(attrs={"accept": accept, "class": "form-control"}), **kwargs)

    def clean(self, data: Any, initial: Any = None) -> "list[UploadedFile[Any]]":
        """Returns the files; each is looked at later, by a process of its own."""
        sent = [each for each in (data if isinstance(data, list) else [data]) if each]
        if not sent:
            super().clean(None, initial)
        if len(sent) > FILES_AT_ONCE_MAX:
            raise forms.ValidationError(_("At most 10 files at once."))
        one = super().clean
        return [one(each, initial) for each in sent]


class PaperSheet(Sheet):
    """Photos or scans of one kind of paper."""

    kind = forms.ChoiceField(label=_("What it is"), choices=[("", "—"), *KINDS.items()])
    person_id = forms.TypedChoiceField(label=_("Whose it is"), coerce=int, required=False, empty_value=None)
    photos = FilesField(
        label=_("Photos or scans"), help_text=_("JPEG, PNG or PDF, up to 16 MB each; several at once are taken."),
    )  # fmt: skip
    replaces_id = forms.TypedChoiceField(label=_("Takes the place of"), coerce=int, required=False, empty_value=None)
    replace_reason = forms.CharField(label=_("Why the earlier one does not count"), max_length=200, required=False)

    def __init__(self, *args: Any, members: Choices, earlier: Sequence[tuple[Any, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose("person_id", [("", _("the whole family")), *members])
        self.choose("replaces_id", [("", _("nothing: it is a further one")), *earlier])
        if not earlier:
            del self.fields["replaces_id"], self.fields["replace_reason"]

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        if typed.get("replaces_id"):
            if not typed.get("replace_reason"):
                self.add_error("replace_reason", _("Say why the earlier one does not count."))
            if len(typed.get("photos") or []) > 1:
                self.add_error("photos", _("One file takes the place of one paper."))
        return typed


class WithdrawPaperSheet(Sheet):
    """Why a paper does not count."""

    reason = forms.CharField(label=_("Why it does not count"), max_length=200)


class AcceptOnlineSheet(Sheet):
    """What the office makes of an application from outside."""

    programme = forms.ChoiceField(label=_("Programme"))
    area = forms.ChoiceField(label=_("Village"))
    residence = forms.ChoiceField(
        label=_("Standard that applies"),
        choices=[("urban", _("urban")), ("rural", _("rural"))],
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, areas: Choices, programmes: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose("area", areas)
        self.choose("programme", programmes)


class AskBackSheet(Sheet):
    """Everything that is missing, asked once."""

    question = ReasonField(label=_("What is missing"))


class SetAsideSheet(Sheet):
    """Why it is no application; the citizen reads it."""

    reason = ReasonField(label=_("Why it is no application"))
