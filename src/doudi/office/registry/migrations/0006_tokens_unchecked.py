"""The search's tokens are an index, written with the person they point at: no look-up of the person for each of them."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Fifteen look-ups for each person were a tenth of the time in which a night is loaded."""

    dependencies = [("registry", "0005_known_then_and_now")]

    operations = [
        migrations.AlterField(
            model_name="searchtoken",
            name="person",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="tokens",
                to="registry.person",
            ),
        ),
    ]
