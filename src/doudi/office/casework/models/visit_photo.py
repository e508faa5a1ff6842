"""Photos and signatures of a visit: what was photographed, what was taken out again, and who stands for the record."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from doudi.office.casework.models.visit import Visit
from doudi.office.crypto import EncryptedBytesField, EncryptedTextField


class VisitPhoto(models.Model):
    """One photo of a visit, or the photographed sheet that the family signed. Time and place are the form's own words.

    What the camera wrote into the picture is never read: it is gone before anything is kept.
    """

    personal: ClassVar[bool] = True

    class Kind(models.TextChoices):
        """What it shows."""

        SHEET = "sheet", "the signed sheet"
        HOME = "home", "the home"
        BELONGING = "belonging", "a vehicle, animals, something of worth"
        PAPER = "paper", "a paper that was shown"
        OTHER = "other", "something else"

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="photos")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    media = models.CharField(max_length=20)
    page_count = models.PositiveSmallIntegerField()
    kept_bytes = models.PositiveIntegerField()
    shows = EncryptedTextField(blank=True)
    taken_on = models.DateField()
    taken_at = models.TimeField(null=True)
    # Empty: at the place of the visit.
    place = EncryptedTextField(blank=True)
    # Keyed digest of what was sent, so that the same file twice has one effect.
    content_index = models.CharField(max_length=64)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    area = models.CharField(max_length=12)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["visit", "content_index"], name="casework_visitphoto_content")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(kind__in=["sheet", "home", "belonging", "paper", "other"]),
                name="casework_visitphoto_kind_is_known",
            ),
            models.CheckConstraint(
                condition=Q(media="image/jpeg") | Q(media="application/pdf", kind__in=["sheet", "paper"]),
                name="casework_visitphoto_media_fits_its_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"photo {self.pk}"


class VisitPhotoContent(models.Model):
    """What a photo shows, encrypted, apart from its row so that no list ever carries it."""

    personal: ClassVar[bool] = True

    photo = models.OneToOneField(VisitPhoto, on_delete=models.PROTECT, related_name="content")
    page = EncryptedBytesField()
    thumbnail = EncryptedBytesField()
    area = models.CharField(max_length=12)

    def __str__(self) -> str:
        return f"content of photo {self.photo_id}"


class VisitPhotoRemoval(models.Model):
    """A photo was taken out of the record, by whom and why. Its row stays; nobody but the auditor opens it again."""

    personal: ClassVar[bool] = True

    photo = models.OneToOneField(VisitPhoto, on_delete=models.PROTECT, related_name="removal")
    reason = EncryptedTextField()
    removed_at = models.DateTimeField()
    removed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    area = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(reason=""), name="casework_visitphoto_removed_with_reason"),
        ]

    def __str__(self) -> str:
        return f"removal of photo {self.photo_id}"


class VisitWord(models.Model):
    """What the second visitor says of the record, logged in as that person: it was so, or it was not, and what was.

    The first visitor stands for it by having recorded it. A later word stands instead of an earlier one.
    """

    personal: ClassVar[bool] = True

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="words")
    said_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    agrees = models.BooleanField()
    text = EncryptedTextField(blank=True)
    said_at = models.DateTimeField()
    area = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(agrees=True) | ~Q(text=""), name="casework_visitword_says_what_was_not"),
        ]

    def __str__(self) -> str:
        return f"word on visit {self.visit_id}"
