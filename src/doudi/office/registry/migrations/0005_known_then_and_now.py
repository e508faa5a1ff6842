"""Memberships keep what was known when; changes and requests to move have tables of their own."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import doudi.office.crypto
from doudi.office.rowsecurity import AppendOnly, ProtectByArea

# A row says for good what was held true; only the end of its being held true is written later, and only once.
SUPERSEDED_ONCE = """
CREATE FUNCTION registry_membership_guard() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.superseded_at IS NOT NULL OR NEW.superseded_at IS NULL
     OR (to_jsonb(NEW) - 'superseded_at' - 'superseded_by_id') <> (to_jsonb(OLD) - 'superseded_at' - 'superseded_by_id')
  THEN
    RAISE EXCEPTION 'membership % is history: supersede it once by a further row', OLD.id
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER registry_membership_guarded BEFORE UPDATE OR DELETE ON registry_membership
  FOR EACH ROW EXECUTE FUNCTION registry_membership_guard();
"""
CHANGED_AT_WILL = """
DROP TRIGGER registry_membership_guarded ON registry_membership;
DROP FUNCTION registry_membership_guard();
"""

_HERE = "{column} >= (SELECT public.org_scope_area()) AND {column} < (SELECT public.org_scope_area() || ':')"
_SENT, _RECEIVED = _HERE.format(column="area"), _HERE.format(column="to_area")
# Each side sees the request itself; who asks writes it, and either side answers.
BOTH_SIDES = f"""
ALTER TABLE registry_moverequest ADD CONSTRAINT registry_moverequest_area_is_a_division
  CHECK (area ~ '^[0-9]{{2,12}}$' AND to_area ~ '^[0-9]{{9}}$');
ALTER TABLE registry_moverequest ENABLE ROW LEVEL SECURITY;
ALTER TABLE registry_moverequest FORCE ROW LEVEL SECURITY;
CREATE POLICY registry_moverequest_is_seen ON registry_moverequest FOR SELECT
  USING (({_SENT}) OR ({_RECEIVED}));
CREATE POLICY registry_moverequest_is_asked ON registry_moverequest FOR INSERT WITH CHECK ({_SENT});
CREATE POLICY registry_moverequest_is_answered ON registry_moverequest FOR UPDATE
  USING (({_SENT}) OR ({_RECEIVED})) WITH CHECK (({_SENT}) OR ({_RECEIVED}));
"""
ONE_SIDE = """
DROP POLICY registry_moverequest_is_answered ON registry_moverequest;
DROP POLICY registry_moverequest_is_asked ON registry_moverequest;
DROP POLICY registry_moverequest_is_seen ON registry_moverequest;
ALTER TABLE registry_moverequest NO FORCE ROW LEVEL SECURITY;
ALTER TABLE registry_moverequest DISABLE ROW LEVEL SECURITY;
ALTER TABLE registry_moverequest DROP CONSTRAINT registry_moverequest_area_is_a_division;
"""

# The one door through which a record passes from township to township. Neither side's scope holds both, so the function
# opens one for its own few statements, after it has seen that the receiving side asks for an open request of another's.
DOOR = """
CREATE FUNCTION public.registry_receive_household(request bigint, village text, at timestamptz)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  token text := replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
  before text := current_setting('doudi.scope', true);
  mine text := public.org_scope_area();
  me bigint := public.org_scope_user();
  asked record;
  movers bigint[];
BEGIN
  SELECT r.* INTO asked FROM public.registry_moverequest r WHERE r.id = request AND r.state = 'asked' FOR UPDATE;
  IF NOT FOUND OR me IS NULL OR asked.asked_by_id = me OR NOT starts_with(asked.to_area, mine)
     OR NOT starts_with(village, asked.to_area) OR village !~ '^[0-9]{12}$'
     OR left(asked.area, 4) <> left(asked.to_area, 4) THEN
    RAISE EXCEPTION 'no household to be received' USING ERRCODE = 'insufficient_privilege';
  END IF;
  INSERT INTO public.org_session_scope
    (token_hash, nonce, user_id, role, area_code, purpose, opened_at, expires_at)
  VALUES (sha256(convert_to(token, 'UTF8')), gen_random_uuid(), NULL, 'service', left(asked.to_area, 4),
          'receive a household', statement_timestamp(), statement_timestamp() + interval '1 minute');
  PERFORM set_config('doudi.scope', token, true);
  SELECT array_agg(m.person_id) INTO movers FROM public.registry_membership m
    WHERE m.household_id = asked.household_id AND m.to_date IS NULL AND m.superseded_at IS NULL;
  UPDATE public.registry_household SET area = village WHERE id = asked.household_id;
  UPDATE public.registry_person SET area = village WHERE id = ANY (movers);
  UPDATE public.registry_search_token SET area = village WHERE person_id = ANY (movers);
  UPDATE public.registry_bankaccount SET area = village WHERE household_id = asked.household_id AND active;
  WITH gone AS (
    UPDATE public.registry_membership SET superseded_at = at
      WHERE household_id = asked.household_id AND to_date IS NULL AND superseded_at IS NULL
      RETURNING household_id, person_id, relation, from_date, end_reason
  )
  INSERT INTO public.registry_membership
    (household_id, person_id, relation, from_date, end_reason, recorded_at, area)
    SELECT household_id, person_id, relation, from_date, end_reason, at, village FROM gone;
  PERFORM set_config('doudi.scope', coalesce(before, ''), true);
  DELETE FROM public.org_session_scope s WHERE s.token_hash = sha256(convert_to(token, 'UTF8'));
  RETURN asked.household_id;
END $$;
REVOKE ALL ON FUNCTION public.registry_receive_household FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.registry_receive_household TO doudi_app;
"""
# Whether somebody is recorded anywhere in the asker's city: yes or no, never who or where.
ELSEWHERE = """
CREATE FUNCTION public.registry_is_known(number_index text, typed_name text, born date, typed_sex text)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  token text := replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
  before text := current_setting('doudi.scope', true);
  mine text := public.org_scope_area();
  found boolean;
BEGIN
  IF mine IS NULL OR public.org_scope_user() IS NULL THEN
    RAISE EXCEPTION 'nobody asks' USING ERRCODE = 'insufficient_privilege';
  END IF;
  INSERT INTO public.org_session_scope
    (token_hash, nonce, user_id, role, area_code, purpose, opened_at, expires_at)
  VALUES (sha256(convert_to(token, 'UTF8')), gen_random_uuid(), NULL, 'service', left(mine, 6),
          'is somebody known', statement_timestamp(), statement_timestamp() + interval '1 minute');
  PERFORM set_config('doudi.scope', token, true);
  SELECT EXISTS (
    SELECT 1 FROM public.registry_person p WHERE p.id_index = number_index
    UNION ALL
    SELECT 1 FROM public.registry_person p
      WHERE p.birth_date = born AND p.name = typed_name AND p.sex = typed_sex AND typed_name <> ''
  ) INTO found;
  PERFORM set_config('doudi.scope', coalesce(before, ''), true);
  DELETE FROM public.org_session_scope s WHERE s.token_hash = sha256(convert_to(token, 'UTF8'));
  RETURN found;
END $$;
REVOKE ALL ON FUNCTION public.registry_is_known FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.registry_is_known TO doudi_app;
"""
NOT_ASKED = "DROP FUNCTION public.registry_is_known;"
NO_DOOR = "DROP FUNCTION public.registry_receive_household;"


class Migration(migrations.Migration):
    """Bitemporal memberships, changes, requests to move."""

    dependencies = [
        ("registry", "0004_search_tokens"),
        ("org", "0006_administrators_rights"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Change",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("split", "members founded a household of their own"),
                            ("merge", "two households became one"),
                            ("move", "moved"),
                            ("move_in", "moved in from another township"),
                            ("head", "another head"),
                            ("join", "somebody joined"),
                            ("leave", "somebody left"),
                            ("correct", "a person's data were corrected"),
                            ("undo", "a change was undone"),
                        ],
                        max_length=10,
                    ),
                ),
                ("cause", models.CharField(blank=True, max_length=10)),
                ("on", models.DateField()),
                ("reason", doudi.office.crypto.EncryptedTextField()),
                ("paper", doudi.office.crypto.EncryptedTextField(blank=True)),
                ("before", doudi.office.crypto.EncryptedTextField(blank=True)),
                ("after", doudi.office.crypto.EncryptedTextField(blank=True)),
                ("recorded_at", models.DateTimeField()),
                ("area", models.CharField(max_length=12)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                ["split", "merge", "move", "move_in", "head", "join", "leave", "correct", "undo"],
                            )
                        ),
                        name="registry_change_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="registry_change_says_why"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MoveRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("told", doudi.office.crypto.EncryptedTextField()),
                ("address", doudi.office.crypto.EncryptedTextField()),
                ("on", models.DateField()),
                ("reason", doudi.office.crypto.EncryptedTextField()),
                ("paper", doudi.office.crypto.EncryptedTextField(blank=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "waits for the other township"),
                            ("accepted", "accepted"),
                            ("refused", "not accepted"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="asked",
                        max_length=10,
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(null=True)),
                ("answer", doudi.office.crypto.EncryptedTextField(blank=True)),
                ("area", models.CharField(max_length=12)),
                ("to_area", models.CharField(max_length=12)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="membership",
            name="registry_membership_one_at_a_time",
        ),
        migrations.AddField(
            model_name="membership",
            name="recorded_at",
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
        ),
        migrations.AddField(
            model_name="membership",
            name="superseded_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="change",
            name="household",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="changes", to="registry.household"
            ),
        ),
        migrations.AddField(
            model_name="change",
            name="other",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.household"
            ),
        ),
        migrations.AddField(
            model_name="change",
            name="person",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.person"
            ),
        ),
        migrations.AddField(
            model_name="change",
            name="recorded_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="change",
            name="undoes",
            field=models.OneToOneField(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="undone_by", to="registry.change"
            ),
        ),
        migrations.AddField(
            model_name="membership",
            name="change",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="brought", to="registry.change"
            ),
        ),
        migrations.AddField(
            model_name="membership",
            name="superseded_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="replaced", to="registry.change"
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(
                condition=models.Q(("superseded_at__isnull", True), ("to_date__isnull", True)),
                fields=("person",),
                name="registry_membership_one_at_a_time",
            ),
        ),
        migrations.AddField(
            model_name="moverequest",
            name="answered_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="moverequest",
            name="asked_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="moverequest",
            name="household",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="move_requests", to="registry.household"
            ),
        ),
        migrations.AddConstraint(
            model_name="change",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "undo"), ("undoes__isnull", False)),
                    models.Q(models.Q(("kind", "undo"), _negated=True), ("undoes__isnull", True)),
                    _connector="OR",
                ),
                name="registry_change_undoes_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="moverequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "asked")), fields=("household",), name="registry_move_asked_once_at_a_time"
            ),
        ),
        migrations.AddConstraint(
            model_name="moverequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answered_by__isnull", True), ("state", "asked")),
                    ("answered_by__isnull", False),
                    _connector="OR",
                ),
                name="registry_move_answered_by_whom",
            ),
        ),
        migrations.AddConstraint(
            model_name="moverequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "accepted"), _negated=True),
                    models.Q(("answered_by", models.F("asked_by")), _negated=True),
                    _connector="OR",
                ),
                name="registry_move_by_two_people",
            ),
        ),
        migrations.AddIndex(
            model_name="person",
            index=models.Index(fields=["birth_date", "name"], name="registry_person_born_named"),
        ),
        ProtectByArea("registry_change"),
        AppendOnly("registry_change"),
        migrations.RunSQL(BOTH_SIDES, ONE_SIDE),
        migrations.RunSQL(SUPERSEDED_ONCE, CHANGED_AT_WILL),
        migrations.RunSQL(DOOR, NO_DOOR),
        migrations.RunSQL(ELSEWHERE, NOT_ASKED),
    ]
