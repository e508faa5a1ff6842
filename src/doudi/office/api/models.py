"""What was answered to a write, so that a repetition gets the same answer and has no second effect."""

from typing import ClassVar

from django.db import models

from doudi.office.crypto import EncryptedTextField
from doudi.office.org.models import User


class Answer(models.Model):
    """The answer to one Idempotency-Key of one person. The body may show people, so it is kept encrypted."""

    personal: ClassVar[bool] = True

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=80)
    # Of method, address and body: the same key with other content is refused.
    request_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    content_type = models.CharField(max_length=80, default="")
    body = EncryptedTextField(blank=True, default="")
    answered_at = models.DateTimeField()
    area = models.CharField(max_length=12)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "key"], name="api_answer_once_for_each_key")]
        indexes: ClassVar = [models.Index(fields=["answered_at"], name="api_answer_age")]

    def __str__(self) -> str:
        return f"answer {self.pk}"
