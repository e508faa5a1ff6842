"""Endings of entitlements with notice, objection and answer; return visits after a gradual exit."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import doudi.office.crypto
from doudi.office.rowsecurity import ProtectByArea

# No job, no night and no finding proposes, decides or answers (promise P17).
BY_A_PERSON = """
CREATE FUNCTION entitlements_ending_guard() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM org_user u WHERE u.id IN (NEW.proposed_by_id, NEW.decided_by_id, NEW.answered_by_id)
             AND u.is_service_account) THEN
    RAISE EXCEPTION 'only a person ends help' USING ERRCODE = 'check_violation',
      CONSTRAINT = 'entitlements_ending_by_a_person';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER entitlements_ending_guarded BEFORE INSERT OR UPDATE ON entitlements_ending
  FOR EACH ROW EXECUTE FUNCTION entitlements_ending_guard();
"""
BY_ANYBODY = """
DROP TRIGGER entitlements_ending_guarded ON entitlements_ending;
DROP FUNCTION entitlements_ending_guard();
"""


class Migration(migrations.Migration):
    """Endings and return visits."""

    dependencies = [
        ("entitlements", "0004_carried_over"),
        ("evidence", "0003_carried_over"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Ending",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("stop", "the conditions are no longer met"),
                            ("death", "the person died"),
                            ("gradual_exit", "gradual exit after finding work"),
                        ],
                        max_length=12,
                    ),
                ),
                ("reason", models.TextField()),
                ("proposed_at", models.DateTimeField()),
                (
                    "outcome",
                    models.CharField(
                        blank=True, choices=[("approve", "it ends"), ("refuse", "it goes on")], max_length=10
                    ),
                ),
                ("decide_reason", models.TextField(blank=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("delivered_on", models.DateField(null=True)),
                ("delivery", models.CharField(blank=True, max_length=40)),
                ("notice_until", models.DateField(null=True)),
                ("object_until", models.DateField(null=True)),
                ("last_month", models.CharField(max_length=7, null=True)),
                ("objected_on", models.DateField(null=True)),
                ("objection", doudi.office.crypto.EncryptedTextField(blank=True)),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[("upheld", "the ending stands"), ("overturned", "the ending is undone")],
                        max_length=10,
                    ),
                ),
                ("answer_reason", models.TextField(blank=True)),
                ("answered_at", models.DateTimeField(null=True)),
                ("area", models.CharField(max_length=12)),
                (
                    "answered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "assessment",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="evidence.assessment",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "delivered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "entitlement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="endings",
                        to="entitlements.entitlement",
                    ),
                ),
                (
                    "objection_recorded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(
                            models.Q(("outcome", "refuse"), _negated=True),
                            models.Q(("answer", "overturned"), _negated=True),
                        ),
                        fields=("entitlement",),
                        name="entitlements_ending_one_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="entitlements_ending_has_reason"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("cause", "death"), ("assessment__isnull", False), _connector="OR"),
                        name="entitlements_ending_rests_on_the_rules",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("decide_reason", ""),
                                ("decided_at__isnull", True),
                                ("decided_by__isnull", True),
                                ("outcome", ""),
                            ),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                                ("outcome__in", ["approve", "refuse"]),
                                models.Q(("decide_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="entitlements_ending_decided_whole_or_not_at_all",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by__isnull", True),
                            models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="entitlements_ending_four_eyes",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("delivered_on__isnull", True),
                                ("last_month__isnull", True),
                                ("notice_until__isnull", True),
                            ),
                            models.Q(
                                ("delivered_by__isnull", False),
                                ("delivered_on__isnull", False),
                                ("last_month__isnull", False),
                                ("notice_until__gte", models.F("delivered_on")),
                                ("object_until__isnull", False),
                                ("outcome", "approve"),
                            ),
                            _connector="OR",
                        ),
                        name="entitlements_ending_takes_effect_by_its_notice",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer", ""), ("answered_by__isnull", True)),
                            models.Q(
                                ("answered_by__isnull", False),
                                ("objected_on__isnull", False),
                                models.Q(("answer_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="entitlements_ending_answered_whole_or_not_at_all",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("answered_by__isnull", True),
                            models.Q(
                                models.Q(("answered_by", models.F("decided_by")), _negated=True),
                                models.Q(("answered_by", models.F("proposed_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="entitlements_ending_answered_by_another",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FollowUp",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("due_on", models.DateField()),
                ("done_on", models.DateField(null=True)),
                ("found", models.TextField(blank=True)),
                ("is_in_hardship_again", models.BooleanField(null=True)),
                ("area", models.CharField(max_length=12)),
                (
                    "done_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "ending",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="follow_ups", to="entitlements.ending"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("ending", "due_on"), name="entitlements_follow_up_once_a_day"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("done_by__isnull", True),
                                ("done_on__isnull", True),
                                ("found", ""),
                                ("is_in_hardship_again__isnull", True),
                            ),
                            models.Q(
                                ("done_by__isnull", False),
                                ("done_on__isnull", False),
                                ("is_in_hardship_again__isnull", False),
                                models.Q(("found", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="entitlements_follow_up_done_whole_or_not_at_all",
                    ),
                ],
            },
        ),
        migrations.RunSQL(BY_A_PERSON, BY_ANYBODY),
        ProtectByArea("entitlements_ending"),
        ProtectByArea("entitlements_followup"),
    ]
