"""Answers to keys, shown to the area of whoever asked."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import doudi.office.crypto
from doudi.office.rowsecurity import ProtectByArea


class Migration(migrations.Migration):
    """The table and its protection."""

    initial = True

    dependencies = [("org", "0002_row_security")]

    operations = [
        migrations.CreateModel(
            name="Answer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=80)),
                ("request_digest", models.CharField(max_length=64)),
                ("status", models.PositiveSmallIntegerField(default=0)),
                ("content_type", models.CharField(default="", max_length=80)),
                ("body", doudi.office.crypto.EncryptedTextField(blank=True, default="")),
                ("answered_at", models.DateTimeField()),
                ("area", models.CharField(max_length=12)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["answered_at"], name="api_answer_age")],
                "constraints": [models.UniqueConstraint(fields=("user", "key"), name="api_answer_once_for_each_key")],
            },
        ),
        ProtectByArea("api_answer"),
    ]
