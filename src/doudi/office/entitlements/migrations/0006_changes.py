"""Changes of running help, amounts by month, changes of standard, and reviews that fall due."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import doudi.office.crypto
from doudi.office.rowsecurity import AppendOnly, ProtectByArea

# No job, no night and no finding proposes, reviews, decides or answers (promise P17).
BY_A_PERSON = """
CREATE FUNCTION entitlements_change_guard() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM org_user u
             WHERE u.id IN (NEW.proposed_by_id, NEW.reviewed_by_id, NEW.decided_by_id, NEW.answered_by_id)
             AND u.is_service_account) THEN
    RAISE EXCEPTION 'only a person changes help' USING ERRCODE = 'check_violation',
      CONSTRAINT = 'entitlements_change_by_a_person';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER entitlements_change_guarded BEFORE INSERT OR UPDATE ON entitlements_change
  FOR EACH ROW EXECUTE FUNCTION entitlements_change_guard();

CREATE FUNCTION entitlements_adjustment_guard() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM org_user u WHERE u.id IN (NEW.prepared_by_id, NEW.settled_by_id) AND u.is_service_account)
  THEN
    RAISE EXCEPTION 'only a person applies a new standard' USING ERRCODE = 'check_violation',
      CONSTRAINT = 'entitlements_adjustment_by_a_person';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER entitlements_adjustment_guarded BEFORE INSERT OR UPDATE ON entitlements_adjustment
  FOR EACH ROW EXECUTE FUNCTION entitlements_adjustment_guard();

-- An amount is what a person's decision says: the change's new or old one, or a released line that gives more.
CREATE FUNCTION entitlements_version_guard() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  rests_on_decision boolean;
BEGIN
  IF NEW.change_id IS NOT NULL THEN
    SELECT c.outcome = 'approve' AND c.entitlement_id = NEW.entitlement_id AND (
             (NEW.amount_fen = c.new_amount_fen AND (c.new_amount_fen > c.old_amount_fen
               OR (c.delivered_on IS NOT NULL AND NEW.from_month > to_char(c.notice_until, 'YYYY-MM'))))
             OR (NEW.amount_fen = c.old_amount_fen AND c.objected_on IS NOT NULL
               AND c.new_amount_fen < c.old_amount_fen))
      INTO rests_on_decision FROM entitlements_change c WHERE c.id = NEW.change_id;
  ELSE
    SELECT a.state = 'released' AND l.effect = 'up' AND l.entitlement_id = NEW.entitlement_id
           AND l.new_amount_fen = NEW.amount_fen
      INTO rests_on_decision FROM entitlements_adjustmentline l
      JOIN entitlements_adjustment a ON a.id = l.adjustment_id WHERE l.id = NEW.line_id;
  END IF;
  IF rests_on_decision IS NOT TRUE THEN
    RAISE EXCEPTION 'no decision in effect gives this amount' USING ERRCODE = 'check_violation',
      CONSTRAINT = 'entitlements_version_rests_on_a_decision';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER entitlements_version_guarded BEFORE INSERT ON entitlements_amountversion
  FOR EACH ROW EXECUTE FUNCTION entitlements_version_guard();
"""
BY_ANYBODY = """
DROP TRIGGER entitlements_version_guarded ON entitlements_amountversion;
DROP FUNCTION entitlements_version_guard();
DROP TRIGGER entitlements_adjustment_guarded ON entitlements_adjustment;
DROP FUNCTION entitlements_adjustment_guard();
DROP TRIGGER entitlements_change_guarded ON entitlements_change;
DROP FUNCTION entitlements_change_guard();
"""


class Migration(migrations.Migration):
    """Changes, versions, adjustments, reviews."""

    dependencies = [
        ("entitlements", "0005_endings"),
        ("evidence", "0004_held_release"),
        ("registry", "0004_search_tokens"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Adjustment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("county", models.CharField(max_length=6)),
                ("programme", models.CharField(max_length=40)),
                ("from_month", models.CharField(max_length=7)),
                ("reason", models.TextField()),
                ("pack_release", models.CharField(max_length=40)),
                ("pack_hash", models.CharField(max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("computing", "being computed"),
                            ("ready", "waits for its release"),
                            ("released", "released"),
                            ("discarded", "given up"),
                        ],
                        default="computing",
                        max_length=10,
                    ),
                ),
                ("entitlements", models.PositiveIntegerField()),
                ("computed", models.PositiveIntegerField(default=0)),
                ("seal", models.CharField(blank=True, max_length=64)),
                ("prepared_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(null=True)),
                ("settle_reason", models.TextField(blank=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["computing", "ready"])),
                        fields=("county", "programme"),
                        name="entitlements_adjustment_one_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("from_month__regex", "^[0-9]{4}-(0[1-9]|1[0-2])$")),
                        name="entitlements_adjustment_from_a_month",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AdjustmentLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("old_amount_fen", models.BigIntegerField()),
                ("new_amount_fen", models.BigIntegerField(null=True)),
                (
                    "effect",
                    models.CharField(
                        choices=[
                            ("up", "more"),
                            ("same", "the same"),
                            ("down", "less: to be reviewed"),
                            ("lost", "no longer met: to be reviewed"),
                            ("unknown", "not known: to be reviewed"),
                        ],
                        max_length=8,
                    ),
                ),
                ("family", models.JSONField()),
                ("area", models.CharField(max_length=12)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("effect", "up"), ("new_amount_fen__gt", models.F("old_amount_fen"))),
                            models.Q(("effect", "same"), ("new_amount_fen", models.F("old_amount_fen"))),
                            models.Q(("effect", "down"), ("new_amount_fen__lt", models.F("old_amount_fen"))),
                            models.Q(("effect__in", ["lost", "unknown"]), ("new_amount_fen__isnull", True)),
                            _connector="OR",
                        ),
                        name="entitlements_line_effect_is_the_difference",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AmountVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("from_month", models.CharField(max_length=7)),
                ("amount_fen", models.BigIntegerField()),
                ("written_at", models.DateTimeField()),
                ("area", models.CharField(max_length=12)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount_fen__gt", 0)), name="entitlements_version_amount_is_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("from_month__regex", "^[0-9]{4}-(0[1-9]|1[0-2])$")),
                        name="entitlements_version_from_a_month",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Change",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.TextField()),
                ("proposed_at", models.DateTimeField()),
                (
                    "outcome",
                    models.CharField(
                        blank=True, choices=[("approve", "as proposed"), ("refuse", "it stays as it is")], max_length=10
                    ),
                ),
                ("decide_reason", models.TextField(blank=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("delivered_on", models.DateField(null=True)),
                ("delivery", models.CharField(blank=True, max_length=40)),
                ("notice_until", models.DateField(null=True)),
                ("object_until", models.DateField(null=True)),
                ("objected_on", models.DateField(null=True)),
                ("objection", doudi.office.crypto.EncryptedTextField(blank=True)),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[("upheld", "the decision stands"), ("overturned", "the decision is undone")],
                        max_length=10,
                    ),
                ),
                ("answer_reason", models.TextField(blank=True)),
                ("answered_at", models.DateTimeField(null=True)),
                ("area", models.CharField(max_length=12)),
                (
                    "occasion",
                    models.CharField(
                        choices=[
                            ("review", "a review that was due"),
                            ("visit", "found at the door"),
                            ("follow_up", "a return visit"),
                            ("report", "the family told it"),
                        ],
                        max_length=12,
                    ),
                ),
                ("old_amount_fen", models.BigIntegerField()),
                ("new_amount_fen", models.BigIntegerField()),
                ("differences", models.JSONField()),
                (
                    "review_outcome",
                    models.CharField(
                        blank=True, choices=[("approve", "as proposed"), ("refuse", "it stays as it is")], max_length=10
                    ),
                ),
                ("review_reason", models.TextField(blank=True)),
                ("reviewed_at", models.DateTimeField(null=True)),
                ("from_month", models.CharField(max_length=7, null=True)),
            ],
            options={
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="entitlements_change_has_reason"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("new_amount_fen__gt", 0),
                            models.Q(("new_amount_fen", models.F("old_amount_fen")), _negated=True),
                        ),
                        name="entitlements_change_changes_something",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Review",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("periodic", "the time has come"), ("standard", "a new standard would pay less")],
                        max_length=10,
                    ),
                ),
                ("due_on", models.DateField()),
                ("opened_at", models.DateTimeField()),
                (
                    "result",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("unchanged", "nothing changes"),
                            ("change", "a change was proposed"),
                            ("ending", "an ending was proposed"),
                        ],
                        max_length=10,
                    ),
                ),
                ("found", models.TextField(blank=True)),
                ("done_at", models.DateTimeField(null=True)),
                ("area", models.CharField(max_length=12)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("result", "")), fields=["area", "due_on"], name="entitlements_review_due"
                    ),
                ],
            },
        ),
        migrations.RemoveConstraint(
            model_name="entitlementmonth",
            name="entitlements_month_once_per_household",
        ),
        migrations.AddField(
            model_name="entitlementmonth",
            name="sequence",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AlterField(
            model_name="ending",
            name="answer",
            field=models.CharField(
                blank=True,
                choices=[("upheld", "the decision stands"), ("overturned", "the decision is undone")],
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="ending",
            name="entitlement",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="%(class)ss", to="entitlements.entitlement"
            ),
        ),
        migrations.AlterField(
            model_name="ending",
            name="outcome",
            field=models.CharField(
                blank=True, choices=[("approve", "as proposed"), ("refuse", "it stays as it is")], max_length=10
            ),
        ),
        migrations.AddConstraint(
            model_name="entitlementmonth",
            constraint=models.UniqueConstraint(
                fields=("household", "programme", "month", "sequence"), name="entitlements_month_once_per_household"
            ),
        ),
        migrations.AddField(
            model_name="adjustment",
            name="prepared_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="adjustment",
            name="settled_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="adjustmentline",
            name="adjustment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="entitlements.adjustment"
            ),
        ),
        migrations.AddField(
            model_name="adjustmentline",
            name="entitlement",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="adjustment_lines",
                to="entitlements.entitlement",
            ),
        ),
        migrations.AddField(
            model_name="amountversion",
            name="entitlement",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="versions", to="entitlements.entitlement"
            ),
        ),
        migrations.AddField(
            model_name="amountversion",
            name="line",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="version",
                to="entitlements.adjustmentline",
            ),
        ),
        migrations.AddField(
            model_name="amountversion",
            name="written_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="change",
            name="answered_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="change",
            name="assessment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="evidence.assessment"
            ),
        ),
        migrations.AddField(
            model_name="change",
            name="decided_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="change",
            name="delivered_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="change",
            name="entitlement",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="%(class)ss", to="entitlements.entitlement"
            ),
        ),
        migrations.AddField(
            model_name="change",
            name="objection_recorded_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="change",
            name="proposed_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="change",
            name="reviewed_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="amountversion",
            name="change",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="versions",
                to="entitlements.change",
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="done_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="entitlement",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="reviews", to="entitlements.entitlement"
            ),
        ),
        migrations.AddField(
            model_name="review",
            name="line",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="review",
                to="entitlements.adjustmentline",
            ),
        ),
        migrations.AddConstraint(
            model_name="adjustment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "released"), _negated=True),
                    models.Q(
                        models.Q(("settled_by", models.F("prepared_by")), _negated=True),
                        models.Q(("seal", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="entitlements_adjustment_released_by_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="adjustment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("settled_at__isnull", True),
                        ("settled_by__isnull", True),
                        ("state__in", ["computing", "ready"]),
                    ),
                    models.Q(
                        ("settled_at__isnull", False),
                        ("settled_by__isnull", False),
                        ("state__in", ["released", "discarded"]),
                        models.Q(("settle_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="entitlements_adjustment_settled_whole_or_not_at_all",
            ),
        ),
        migrations.AddIndex(
            model_name="adjustmentline",
            index=models.Index(fields=["adjustment", "effect"], name="entitlements_line_effect"),
        ),
        migrations.AddConstraint(
            model_name="adjustmentline",
            constraint=models.UniqueConstraint(fields=("adjustment", "entitlement"), name="entitlements_line_once"),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
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
                name="entitlements_change_decided_whole_or_not_at_all",
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decided_by__isnull", True),
                    models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                    _connector="OR",
                ),
                name="entitlements_change_four_eyes",
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answer", ""), ("answered_by__isnull", True)),
                    models.Q(
                        ("answered_by__isnull", False),
                        ("objected_on__isnull", False),
                        models.Q(("answer_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="entitlements_change_answered_whole_or_not_at_all",
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("answered_by__isnull", True),
                    models.Q(
                        models.Q(("answered_by", models.F("decided_by")), _negated=True),
                        models.Q(("answered_by", models.F("proposed_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="entitlements_change_answered_by_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    models.Q(("outcome", "refuse"), _negated=True),
                    models.Q(("review_outcome", "refuse"), _negated=True),
                    ("from_month__isnull", True),
                ),
                fields=("entitlement",),
                name="entitlements_change_one_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("review_outcome", ""), ("reviewed_at__isnull", True), ("reviewed_by__isnull", True)),
                    models.Q(
                        ("review_outcome__in", ["approve", "refuse"]),
                        ("reviewed_at__isnull", False),
                        ("reviewed_by__isnull", False),
                        models.Q(("review_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="entitlements_change_reviewed_whole_or_not_at_all",
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("reviewed_by__isnull", True),
                    models.Q(("reviewed_by", models.F("proposed_by")), _negated=True),
                    _connector="OR",
                ),
                name="entitlements_change_reviewed_by_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("outcome", ""),
                    models.Q(
                        ("review_outcome", "approve"),
                        ("reviewed_by__isnull", False),
                        models.Q(("decided_by", models.F("reviewed_by")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="entitlements_change_reviewed_before_decided",
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("from_month__isnull", True),
                    models.Q(
                        ("from_month__regex", "^[0-9]{4}-(0[1-9]|1[0-2])$"),
                        ("new_amount_fen__gt", models.F("old_amount_fen")),
                        ("outcome", "approve"),
                    ),
                    models.Q(
                        ("delivered_by__isnull", False),
                        ("delivered_on__isnull", False),
                        ("from_month__regex", "^[0-9]{4}-(0[1-9]|1[0-2])$"),
                        ("notice_until__gte", models.F("delivered_on")),
                        ("object_until__isnull", False),
                        ("outcome", "approve"),
                    ),
                    _connector="OR",
                ),
                name="entitlements_change_takes_effect_by_its_notice",
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("answered_by__isnull", True),
                    models.Q(("answered_by", models.F("reviewed_by")), _negated=True),
                    _connector="OR",
                ),
                name="entitlements_change_answered_by_a_third",
            ),
        ),
        migrations.AddConstraint(
            model_name="amountversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("change__isnull", True), ("line__isnull", False)),
                    models.Q(("change__isnull", False), ("line__isnull", True)),
                    _connector="OR",
                ),
                name="entitlements_version_rests_on_one_decision",
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.UniqueConstraint(
                condition=models.Q(("kind", "periodic"), ("result", "")),
                fields=("entitlement",),
                name="entitlements_review_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("done_at__isnull", True), ("done_by__isnull", True), ("result", "")),
                    models.Q(
                        ("done_at__isnull", False),
                        ("done_by__isnull", False),
                        ("result__in", ["unchanged", "change", "ending"]),
                        models.Q(("found", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="entitlements_review_done_whole_or_not_at_all",
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "periodic"), ("line__isnull", True)),
                    models.Q(("kind", "standard"), ("line__isnull", False)),
                    _connector="OR",
                ),
                name="entitlements_review_names_its_line",
            ),
        ),
        migrations.RunSQL(BY_A_PERSON, BY_ANYBODY),
        AppendOnly("entitlements_amountversion"),
        AppendOnly("entitlements_adjustmentline"),
        ProtectByArea("entitlements_change"),
        ProtectByArea("entitlements_amountversion"),
        ProtectByArea("entitlements_adjustmentline"),
        ProtectByArea("entitlements_review"),
    ]
