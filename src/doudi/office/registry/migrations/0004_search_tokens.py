"""People are found by equality of keyed tokens, the only search that an index can serve below row security."""

import django.db.models.deletion
from django.db import migrations, models

from doudi.office.rowsecurity import ProtectByArea


class Migration(migrations.Migration):
    """The table of tokens. It is an index: it may be emptied and made anew (`doudi-office reindex`)."""

    dependencies = [("registry", "0003_reasons_kept_apart"), ("org", "0002_row_security")]

    operations = [
        migrations.RemoveIndex(model_name="person", name="registry_person_name"),
        migrations.CreateModel(
            name="SearchToken",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "token", "area", "person_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("token", models.BigIntegerField()),
                ("area", models.CharField(max_length=12)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="tokens", to="registry.person"
                    ),
                ),
            ],
            options={"db_table": "registry_search_token"},
        ),
        ProtectByArea("registry_search_token"),
        migrations.RunSQL(
            "GRANT DELETE ON registry_search_token TO doudi_app, doudi_worker",
            "REVOKE DELETE ON registry_search_token FROM doudi_app, doudi_worker",
        ),
    ]
