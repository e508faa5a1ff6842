"""Papers (材料) of a case by photo or scan, and what was typed and not yet saved."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from doudi.office.casework.models.case import Case
from doudi.office.crypto import EncryptedBytesField, EncryptedTextField
from doudi.office.registry.models import Person


class Paper(models.Model):
    """One photographed or scanned paper. Withdrawn or replaced it stays in the file, with who, when and why."""

    personal: ClassVar[bool] = True

    class Kind(models.TextChoices):
        """What it is."""

        APPLICATION = "application", "application form"
        AUTHORISATION = "authorisation", "signed authorisation of the means check"
        IDENTITY = "identity", "identity card or household book"
        INCOME = "income", "proof of income"
        PROPERTY = "property", "proof of property"
        EXPENSE = "expense", "bills and receipts"
        ILLNESS = "illness", "proof of illness or disability"
        HOUSING = "housing", "lease or proof of where the family lives"
        ACCOUNT = "account", "bank card or passbook"
        OTHER = "other", "another paper"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="papers")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    # Whose it is; none: the whole family's.
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    media = models.CharField(max_length=20)
    page_count = models.PositiveSmallIntegerField()
    kept_bytes = models.PositiveIntegerField()
    file_name = EncryptedTextField(blank=True)
    # Keyed digest of what was sent, so that the same file twice has one effect.
    content_index = models.CharField(max_length=64)
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="replaced_by")
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_reason = EncryptedTextField(blank=True)
    area = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case", "content_index"],
                condition=Q(withdrawn_at__isnull=True),
                name="casework_paper_once_in_a_case",
            ),
            models.CheckConstraint(
                condition=Q(media__in=["image/jpeg", "application/pdf"]), name="casework_paper_media_is_known"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True, withdrawn_reason="")
                | (Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False) & ~Q(withdrawn_reason="")),
                name="casework_paper_withdrawn_by_whom_and_why",
            ),
        ]

    def __str__(self) -> str:
        return f"paper {self.pk}"


class PaperContent(models.Model):
    """What a paper shows, encrypted, apart from its row so that no list ever carries it. A picture has a small one."""

    personal: ClassVar[bool] = True

    paper = models.OneToOneField(Paper, on_delete=models.PROTECT, related_name="content")
    page = EncryptedBytesField()
    thumbnail = EncryptedBytesField()
    area = models.CharField(max_length=12)

    def __str__(self) -> str:
        return f"content of paper {self.paper_id}"


class Draft(models.Model):
    """What somebody typed in a part of an application and has not saved yet. Only that person is shown it again."""

    personal: ClassVar[bool] = True

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="drafts")
    part = models.CharField(max_length=20)
    typed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # Field names and what stands in them, as JSON; empty once saved.
    fields = EncryptedTextField(blank=True)
    kept_at = models.DateTimeField()
    area = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "part", "typed_by"], name="casework_draft_one_each"),
        ]

    def __str__(self) -> str:
        return f"draft {self.pk}"
