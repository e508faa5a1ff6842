"""Recognitions of families under programmes that pay nothing themselves."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from doudi.office.rowsecurity import ProtectByArea


class Migration(migrations.Migration):
    """Recognitions."""

    dependencies = [
        ("casework", "0003_procedures_as_data"),
        ("entitlements", "0002_rules"),
        ("registry", "0003_reasons_kept_apart"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Recognition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("programme", models.CharField(max_length=40)),
                ("valid_from", models.DateField()),
                ("valid_until", models.DateField(null=True)),
                ("recognised_at", models.DateTimeField()),
                ("area", models.CharField(max_length=12)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="recognitions", to="casework.case"
                    ),
                ),
                (
                    "decision",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="recognition", to="casework.decision"
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="recognitions",
                        to="registry.household",
                    ),
                ),
                (
                    "recognised_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_until__isnull", True), ("valid_until__gte", models.F("valid_from")), _connector="OR"
                        ),
                        name="entitlements_recognition_ends_after_it_begins",
                    )
                ],
            },
        ),
        ProtectByArea("entitlements_recognition"),
    ]
