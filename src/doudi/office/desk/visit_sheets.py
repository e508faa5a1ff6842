"""The forms of a visit's record: photos, what takes one out again, and the second visitor's word."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from doudi.office.desk.intake_sheets import FilesField
from doudi.office.desk.labels import PHOTOS
from doudi.office.desk.sheets import DayField, Sheet
from doudi.office.flows.visit_record import NewPhoto

PICTURES = "image/jpeg,image/png"
SEEN = {kind: word for kind, word in PHOTOS.items() if kind != "sheet"}


class PhotosPart(Sheet):
    """The part of the visit's own form: the signed sheet, and photos of one kind with the words for them."""

    sheet_photos = FilesField(
        label=_("Signed sheet"),
        required=False,
        help_text=_("Photo or scan of the sheet that the family signed: JPEG, PNG or PDF."),
    )
    photos = FilesField(
        label=_("Photos of what you saw"),
        required=False,
        accept=PICTURES,
        help_text=_(
            "Several at once. Day, time and place are those of this form; what the camera wrote into them is removed."
        ),
    )
    photos_kind = forms.ChoiceField(label=_("What they show"), choices=[*SEEN.items()], initial="home", required=False)
    photos_show = forms.CharField(label=_("What can be seen on them"), max_length=200, required=False)

    def new_photos(self) -> list[NewPhoto]:
        """What was chosen, as the flow takes it."""
        typed = self.cleaned_data
        kind, shows = typed["photos_kind"] or "home", typed["photos_show"]
        return [
            *(NewPhoto(each.read(), "sheet") for each in typed["sheet_photos"]),
            *(NewPhoto(each.read(), kind, shows) for each in typed["photos"]),
        ]


class PhotosSheet(Sheet):
    """Photos that come into the record afterwards."""

    kind = forms.ChoiceField(label=_("What they show"), choices=[("", "—"), *PHOTOS.items()])
    photos = FilesField(
        label=_("Photos"), help_text=_("JPEG or PNG, up to 16 MB each; a sheet or paper may also be PDF.")
    )
    shows = forms.CharField(label=_("What can be seen on them"), max_length=200, required=False)
    taken_on = DayField(label=_("Taken on"))
    taken_at = forms.TimeField(
        label=_("At"),
        required=False,
        input_formats=["%H:%M"],
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    place = forms.CharField(
        label=_("Where"), max_length=200, required=False, help_text=_("Only if it was not at the place of the visit.")
    )

    def new_photos(self) -> list[NewPhoto]:
        """What was chosen, as the flow takes it."""
        typed: dict[str, Any] = dict(self.cleaned_data)
        return [NewPhoto(each.read(), **typed) for each in typed.pop("photos")]


class RemovePhotoSheet(Sheet):
    """Why a photo does not belong into the record."""

    reason = forms.CharField(label=_("Why it does not belong here"), max_length=200)


class WordSheet(Sheet):
    """What the second visitor says of the record."""

    agrees = forms.ChoiceField(
        label=_("The record"),
        choices=[("yes", _("is right: I was there and it was so")), ("no", _("is not right"))],
        widget=forms.RadioSelect,
    )
    text = forms.CharField(
        label=_("What was otherwise"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        if typed.get("agrees") == "no" and not (typed.get("text") or "").strip():
            self.add_error("text", _("Say what was otherwise."))
        return typed
