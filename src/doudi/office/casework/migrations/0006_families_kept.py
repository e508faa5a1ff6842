"""The family of an open case stays as it was applied for; consents end; relatives are declared at any time."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import doudi.office.crypto
from doudi.office.rowsecurity import AppendOnly, ProtectByArea


class Migration(migrations.Migration):
    """Kept families, consents that end, reviews of members."""

    dependencies = [
        ("casework", "0005_carried_over"),
        ("registry", "0005_known_then_and_now"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="KeptMember",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("area", models.CharField(max_length=12)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="consent",
            name="casework_consent_once",
        ),
        migrations.RemoveConstraint(
            model_name="task",
            name="casework_task_is_about_one_thing",
        ),
        migrations.AddField(
            model_name="consent",
            name="scope",
            field=models.CharField(
                choices=[("all", "departments and banks"), ("departments", "departments, no banks")],
                db_default="all",
                default="all",
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="consent",
            name="valid_until",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="consent",
            name="withdrawn_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="consent",
            name="withdrawn_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="consent",
            name="withdrawn_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="nearrelative",
            name="withdrawal_reason",
            field=doudi.office.crypto.EncryptedTextField(blank=True, default=""),
        ),
        migrations.AddField(
            model_name="nearrelative",
            name="withdrawn_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="nearrelative",
            name="withdrawn_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="task",
            name="note",
            field=doudi.office.crypto.EncryptedTextField(blank=True, default=""),
        ),
        migrations.AlterField(
            model_name="nearrelative",
            name="case",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="near_relatives",
                to="casework.case",
            ),
        ),
        migrations.AlterField(
            model_name="task",
            name="kind",
            field=models.CharField(
                choices=[
                    ("visit", "visit the family"),
                    ("apply", "help a confirmed family to apply"),
                    ("step", "act on a case"),
                    ("review", "review who belongs to a family that receives help"),
                ],
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.UniqueConstraint(
                condition=models.Q(("withdrawn_at__isnull", True)),
                fields=("case", "person", "signed_on"),
                name="casework_consent_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_until__isnull", True), ("valid_until__gte", models.F("signed_on")), _connector="OR"
                ),
                name="casework_consent_ends_after_it_begins",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("withdrawn_at__isnull", True), ("withdrawn_by__isnull", True), ("withdrawn_on__isnull", True)
                    ),
                    models.Q(
                        ("withdrawn_at__isnull", False),
                        ("withdrawn_by__isnull", False),
                        ("withdrawn_on__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="casework_consent_withdrawn_by_whom_and_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="nearrelative",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("withdrawn_at__isnull", True), ("withdrawn_by__isnull", True)),
                    models.Q(
                        ("withdrawn_at__isnull", False),
                        ("withdrawn_by__isnull", False),
                        models.Q(("withdrawal_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="casework_relative_withdrawn_with_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "review"), ("state", "open")),
                fields=("household",),
                name="casework_task_one_review_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("case__isnull", True),
                        ("finding__isnull", False),
                        ("kind__in", ["visit", "apply"]),
                        ("step", ""),
                    ),
                    models.Q(
                        ("case__isnull", False),
                        ("finding__isnull", True),
                        ("kind", "step"),
                        models.Q(("step", ""), _negated=True),
                    ),
                    models.Q(("case__isnull", True), ("finding__isnull", True), ("kind", "review"), ("step", "")),
                    _connector="OR",
                ),
                name="casework_task_is_about_one_thing",
            ),
        ),
        migrations.AddField(
            model_name="keptmember",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="kept_members", to="casework.case"
            ),
        ),
        migrations.AddField(
            model_name="keptmember",
            name="membership",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.membership"
            ),
        ),
        migrations.AddConstraint(
            model_name="keptmember",
            constraint=models.UniqueConstraint(fields=("case", "membership"), name="casework_kept_member_once"),
        ),
        ProtectByArea("casework_keptmember"),
        AppendOnly("casework_keptmember"),
    ]
