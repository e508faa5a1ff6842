"""Steps by the procedure's own ids, clocks that stop, meetings, classification, withdrawal."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Until now every programme had the steps of 低保. The tables hide their rows from the owner, who fills them here.
FILL = """
ALTER TABLE casework_decision NO FORCE ROW LEVEL SECURITY;
ALTER TABLE casework_decision DISABLE TRIGGER casework_decision_guarded;
UPDATE casework_decision SET step = CASE stage WHEN 'opinion' THEN 'preliminary_opinion' ELSE stage END;
ALTER TABLE casework_decision ENABLE TRIGGER casework_decision_guarded;
ALTER TABLE casework_decision FORCE ROW LEVEL SECURITY;
ALTER TABLE casework_publicity NO FORCE ROW LEVEL SECURITY;
UPDATE casework_publicity SET step = 'publicity';
ALTER TABLE casework_publicity FORCE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    """Procedures as data."""

    dependencies = [
        ("casework", "0002_row_security"),
        ("evidence", "0002_row_security"),
        ("registry", "0003_reasons_kept_apart"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Classification",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("before", models.CharField(max_length=40)),
                ("recommended", models.CharField(blank=True, max_length=40)),
                ("open_before", models.JSONField(default=list)),
                ("chosen", models.CharField(max_length=40)),
                ("reason", models.TextField()),
                ("as_of", models.DateField()),
                ("pack_release", models.CharField(max_length=40)),
                ("pack_hash", models.CharField(max_length=64)),
                ("chosen_at", models.DateTimeField()),
                ("area", models.CharField(max_length=12)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="casework_classification_has_reason"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ClockExtension",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("extension", models.CharField(max_length=40)),
                ("reason", models.TextField()),
                ("granted_at", models.DateTimeField()),
                ("area", models.CharField(max_length=12)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="casework_clock_extension_has_reason"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ClockStop",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("stop", models.CharField(max_length=40)),
                ("reason", models.TextField()),
                ("since", models.DateField()),
                ("until", models.DateField(null=True)),
                ("area", models.CharField(max_length=12)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="casework_clock_stop_has_reason"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Meeting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("held_on", models.DateField()),
                ("agenda", models.TextField()),
                ("minutes", models.TextField()),
                ("amount_fen", models.BigIntegerField()),
                (
                    "outcome",
                    models.CharField(
                        choices=[("agreed", "agreed to help"), ("not_agreed", "not agreed")], max_length=10
                    ),
                ),
                ("votes_for", models.PositiveSmallIntegerField()),
                ("votes_against", models.PositiveSmallIntegerField()),
                ("abstained", models.PositiveSmallIntegerField()),
                ("recorded_at", models.DateTimeField()),
                ("set_aside_at", models.DateTimeField(null=True)),
                ("area", models.CharField(max_length=12)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount_fen__gt", 0)), name="casework_meeting_amount_is_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("agenda", ""), _negated=True), models.Q(("minutes", ""), _negated=True)
                        ),
                        name="casework_meeting_has_agenda_and_minutes",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MeetingMember",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "vote",
                    models.CharField(
                        choices=[
                            ("for", "for"),
                            ("against", "against"),
                            ("abstained", "abstained"),
                            ("recused", "stepped aside"),
                        ],
                        max_length=10,
                    ),
                ),
                ("recusal_reason", models.CharField(blank=True, max_length=200)),
                ("area", models.CharField(max_length=12)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("vote", "recused"), models.Q(("recusal_reason", ""), _negated=True)),
                            models.Q(("vote__in", ["for", "against", "abstained"]), ("recusal_reason", "")),
                            _connector="OR",
                        ),
                        name="casework_meeting_recusal_says_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Withdrawal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("signed_on", models.DateField()),
                ("reason", models.TextField()),
                ("recorded_at", models.DateTimeField()),
                ("area", models.CharField(max_length=12)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="casework_withdrawal_has_reason"
                    ),
                ],
            },
        ),
        migrations.RemoveConstraint(
            model_name="case",
            name="casework_case_state_is_known",
        ),
        migrations.RemoveConstraint(
            model_name="decision",
            name="casework_decision_once_a_stage",
        ),
        migrations.RemoveConstraint(
            model_name="decision",
            name="casework_decision_amount_only_if_approved",
        ),
        migrations.RemoveConstraint(
            model_name="publicity",
            name="casework_publicity_one_round_at_a_time",
        ),
        migrations.AddField(
            model_name="decision",
            name="step",
            field=models.CharField(default="", max_length=40),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="publicity",
            name="step",
            field=models.CharField(default="", max_length=40),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="steprecord",
            name="note",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="task",
            name="stands_still",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AlterField(
            model_name="case",
            name="channel",
            field=models.CharField(
                choices=[
                    ("visit", "from a visit"),
                    ("window", "at the window"),
                    ("phone", "by telephone"),
                    ("online", "online, by the family"),
                    ("neighbour", "a neighbour asked for help"),
                    ("direct", "found by the office, without an application"),
                ],
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="case",
            name="state",
            field=models.CharField(
                choices=[
                    ("open", "in procedure"),
                    ("approved", "approved"),
                    ("refused", "refused"),
                    ("withdrawn", "withdrawn by the family"),
                ],
                default="open",
                max_length=10,
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["open", "approved", "refused", "withdrawn"])),
                name="casework_case_state_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.UniqueConstraint(
                condition=models.Q(("set_aside_at__isnull", True)),
                fields=("case", "step"),
                name="casework_decision_once_a_step",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("amount_fen__gt", 0), ("outcome", "approve")),
                    ("amount_fen__isnull", True),
                    _connector="OR",
                ),
                name="casework_decision_amount_only_if_approved",
            ),
        ),
        migrations.AddConstraint(
            model_name="publicity",
            constraint=models.UniqueConstraint(
                condition=models.Q(("withdrawn_at__isnull", True)),
                fields=("case", "step"),
                name="casework_publicity_one_round_at_a_time",
            ),
        ),
        migrations.AddField(
            model_name="classification",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="classifications", to="casework.case"
            ),
        ),
        migrations.AddField(
            model_name="classification",
            name="chosen_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="clockextension",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="clock_extensions", to="casework.case"
            ),
        ),
        migrations.AddField(
            model_name="clockextension",
            name="granted_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="clockstop",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="clock_stops", to="casework.case"
            ),
        ),
        migrations.AddField(
            model_name="clockstop",
            name="resumed_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="clockstop",
            name="stopped_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="meeting",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="meetings", to="casework.case"
            ),
        ),
        migrations.AddField(
            model_name="meeting",
            name="recorded_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="meetingmember",
            name="meeting",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="members", to="casework.meeting"
            ),
        ),
        migrations.AddField(
            model_name="meetingmember",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="withdrawal",
            name="case",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="withdrawal", to="casework.case"
            ),
        ),
        migrations.AddField(
            model_name="withdrawal",
            name="recorded_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="withdrawal",
            name="signed_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.person"
            ),
        ),
        migrations.AddConstraint(
            model_name="clockextension",
            constraint=models.UniqueConstraint(
                fields=("case", "extension"), name="casework_clock_extended_once_for_a_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="clockstop",
            constraint=models.UniqueConstraint(
                condition=models.Q(("until__isnull", True)),
                fields=("case",),
                name="casework_clock_stops_once_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="clockstop",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("resumed_by__isnull", True), ("until__isnull", True)),
                    models.Q(("resumed_by__isnull", False), ("until__gte", models.F("since"))),
                    _connector="OR",
                ),
                name="casework_clock_resumed_by_whom_and_when",
            ),
        ),
        migrations.AddConstraint(
            model_name="meeting",
            constraint=models.UniqueConstraint(
                condition=models.Q(("set_aside_at__isnull", True)),
                fields=("case",),
                name="casework_meeting_one_in_force",
            ),
        ),
        migrations.AddConstraint(
            model_name="meetingmember",
            constraint=models.UniqueConstraint(fields=("meeting", "user"), name="casework_meeting_member_once"),
        ),
    ]
