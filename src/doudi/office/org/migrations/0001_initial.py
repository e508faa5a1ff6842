import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="LoginThrottle",
            fields=[
                ("bucket", models.IntegerField(primary_key=True, serialize=False)),
                ("failures", models.IntegerField()),
                ("since", models.DateTimeField()),
            ],
            options={
                "db_table": "org_login_throttle",
            },
        ),
        migrations.CreateModel(
            name="Area",
            fields=[
                ("code", models.CharField(max_length=12, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=60)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("city", "city"),
                            ("county", "county"),
                            ("township", "township"),
                            ("village", "village"),
                        ],
                        max_length=10,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("code__regex", "^[0-9]{4}$"), ("kind", "city")),
                            models.Q(("code__regex", "^[0-9]{6}$"), ("kind", "county")),
                            models.Q(("code__regex", "^[0-9]{9}$"), ("kind", "township")),
                            models.Q(("code__regex", "^[0-9]{12}$"), ("kind", "village")),
                            _connector="OR",
                        ),
                        name="org_area_code_fits_its_kind",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("username", models.CharField(max_length=60, unique=True)),
                ("display_name", models.CharField(max_length=60)),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("assistant", "assistant"),
                            ("clerk", "clerk"),
                            ("reviewer", "reviewer"),
                            ("approver", "approver"),
                            ("finance", "finance"),
                            ("service", "service"),
                        ],
                        max_length=20,
                    ),
                ),
                ("is_active", models.BooleanField(default=True)),
                ("is_service_account", models.BooleanField(default=False)),
                (
                    "area",
                    models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="users", to="org.area"),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("role__in", ["assistant", "clerk", "reviewer", "approver", "finance", "service"])
                        ),
                        name="org_user_role_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("is_service_account", True), ("role", "service")),
                            models.Q(("is_service_account", False), models.Q(("role", "service"), _negated=True)),
                            _connector="OR",
                        ),
                        name="org_user_service_accounts_have_their_own_role",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ScopeKey",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("inner_pad", models.BinaryField()),
                ("outer_pad", models.BinaryField()),
            ],
            options={
                "db_table": "org_scope_key",
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="org_scope_key_is_single")],
            },
        ),
        migrations.CreateModel(
            name="SessionScope",
            fields=[
                ("token_hash", models.BinaryField(primary_key=True, serialize=False)),
                ("nonce", models.UUIDField(unique=True)),
                ("role", models.CharField(max_length=20)),
                ("area_code", models.CharField(max_length=12)),
                ("purpose", models.CharField(max_length=200)),
                ("opened_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "org_session_scope",
                "indexes": [
                    models.Index(fields=["expires_at"], name="org_session_scope_expiry"),
                ],
            },
        ),
    ]
