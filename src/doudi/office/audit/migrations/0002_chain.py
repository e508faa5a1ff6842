"""Entries are sealed in blocks, in the order of their transactions; the office's roles choose neither number nor time."""

import django.db.models.functions.comparison
import django.db.models.functions.datetime
from django.db import migrations, models

from doudi.office.rowsecurity import AppendOnly

COLUMNS = "at, actor_id, actor_name, role, verb, object_type, object_id, area, purpose, details, request_id"
GRANTS = f"""
REVOKE INSERT ON audit_entry FROM doudi_app, doudi_worker;
GRANT INSERT ({COLUMNS}) ON audit_entry TO doudi_app, doudi_worker;
REVOKE INSERT, UPDATE ON audit_block, audit_anchor FROM doudi_app;
"""
NO_GRANTS = f"""
REVOKE INSERT ({COLUMNS}) ON audit_entry FROM doudi_app, doudi_worker;
GRANT INSERT ON audit_entry, audit_block, audit_anchor TO doudi_app, doudi_worker;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial"), ("org", "0002_row_security")]

    operations = [
        migrations.CreateModel(
            name="Anchor",
            fields=[
                ("block", models.BigIntegerField(primary_key=True, serialize=False)),
                ("anchored_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name="Block",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("from_xid", models.BigIntegerField()),
                ("to_xid", models.BigIntegerField()),
                ("entries", models.IntegerField()),
                ("root", models.BinaryField()),
                ("fingerprints", models.BinaryField()),
                ("sealed_at", models.DateTimeField()),
                ("previous", models.BinaryField()),
                ("digest", models.BinaryField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("number__gte", 1), ("from_xid__lt", models.F("to_xid"))),
                        name="audit_block_moves_forward",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="entry",
            name="xid",
            field=models.BigIntegerField(
                db_default=django.db.models.functions.comparison.Cast(
                    django.db.models.functions.comparison.Cast(
                        models.Func(function="pg_current_xact_id", output_field=models.TextField()), models.TextField()
                    ),
                    models.BigIntegerField(),
                )
            ),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["xid", "id"], name="audit_entry_chain"),
        ),
        AppendOnly("audit_block"),
        AppendOnly("audit_anchor"),
        migrations.RunSQL(GRANTS, NO_GRANTS),
    ]
