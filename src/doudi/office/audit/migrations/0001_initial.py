import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("actor_id", models.BigIntegerField(null=True)),
                ("actor_name", models.CharField(blank=True, max_length=60)),
                ("role", models.CharField(blank=True, max_length=20)),
                ("verb", models.CharField(max_length=60)),
                ("object_type", models.CharField(blank=True, max_length=60)),
                ("object_id", models.CharField(blank=True, max_length=80)),
                ("area", models.CharField(blank=True, max_length=12)),
                ("purpose", models.CharField(blank=True, max_length=200)),
                ("details", models.JSONField()),
                ("request_id", models.CharField(blank=True, max_length=32)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["object_type", "object_id"], name="audit_entry_object"),
                    models.Index(fields=["actor_id", "at"], name="audit_entry_actor"),
                    models.Index(fields=["area", "at"], name="audit_entry_area"),
                ],
            },
        ),
    ]
