"""What an administrator may do lies in the database: its functions ask who holds the scope, and refuse everybody else.

The web itself can still neither make users nor move them; with the scope of an administrator it can, through these
functions only, within the administrator's area, and never for the administrator's own account. In return no row of any
family is visible to an administrator.
"""

from django.db import migrations

# The scope of a deputy holds as long as the delegation does; that of everybody else as long as role and area stay.
_HOLDS = """
    s.token_hash = sha256(convert_to(current_setting('doudi.scope', true), 'UTF8'))
    AND s.expires_at > statement_timestamp()
    AND (s.user_id IS NULL
      OR (s.delegation_id IS NULL AND u.is_active AND u.area_id = s.area_code AND u.role = s.role)
      OR (u.is_active AND a.is_active AND a.area_id = s.area_code AND a.role = s.role AND d.ended_at IS NULL
          AND public.org_day() BETWEEN d.first_day AND d.last_day))
"""
_JOINED = """
  FROM public.org_session_scope s
  LEFT JOIN public.org_user u ON u.id = s.user_id
  LEFT JOIN public.org_delegation d ON d.id = s.delegation_id
  LEFT JOIN public.org_user a ON a.id = d.absent_id
"""
_DEFINER = "SECURITY DEFINER SET search_path = pg_catalog, pg_temp"

SCOPES = """
-- The day in the office's time zone, by the database's clock.
CREATE FUNCTION public.org_day() RETURNS date LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$ SELECT (statement_timestamp() AT TIME ZONE 'Asia/Shanghai')::date; $$;

CREATE OR REPLACE FUNCTION public.org_scope_area()
RETURNS text LANGUAGE sql STABLE PARALLEL SAFE <definer> AS $$
  SELECT s.area_code <joined> WHERE <holds> AND s.role <> 'admin';
$$;

CREATE OR REPLACE FUNCTION public.org_scope_user()
RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE <definer> AS $$
  SELECT s.user_id <joined> WHERE <holds>;
$$;

CREATE FUNCTION public.org_open_delegated_scope(
  for_user bigint, delegation bigint, nonce uuid, lives_seconds integer, proof bytea)
RETURNS text LANGUAGE plpgsql <definer> AS $$
DECLARE
  token text := replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
  key record;
  colleague record;
BEGIN
  SELECT k.inner_pad, k.outer_pad INTO key FROM public.org_scope_key k;
  IF key IS NULL OR proof IS DISTINCT FROM sha256(key.outer_pad || sha256(key.inner_pad ||
       convert_to(for_user || ':' || nonce || ':' || lives_seconds || ':' || delegation, 'UTF8'))) THEN
    RAISE EXCEPTION 'no scope without proof of a log-in' USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF lives_seconds NOT BETWEEN 1 AND 43200 THEN
    RAISE EXCEPTION 'a scope lives for at most twelve hours' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  SELECT a.role, a.area_id INTO colleague FROM public.org_delegation d
    JOIN public.org_user a ON a.id = d.absent_id JOIN public.org_user u ON u.id = d.deputy_id
    WHERE d.id = delegation AND d.deputy_id = for_user AND d.ended_at IS NULL
      AND public.org_day() BETWEEN d.first_day AND d.last_day
      AND a.is_active AND u.is_active AND NOT u.is_service_account
      AND a.role NOT IN ('admin', 'auditor', 'service') AND u.role NOT IN ('admin', 'auditor', 'service');
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no scope by this delegation' USING ERRCODE = 'insufficient_privilege';
  END IF;
  INSERT INTO public.org_session_scope
    (token_hash, nonce, user_id, delegation_id, role, area_code, purpose, opened_at, expires_at)
  VALUES (sha256(convert_to(token, 'UTF8')), nonce, for_user, delegation, colleague.role, colleague.area_id,
          'delegation', statement_timestamp(), statement_timestamp() + make_interval(secs => lives_seconds));
  RETURN token;
END $$;
"""

ADMINISTRATION = """
-- Who asks: an administrator's own scope, or nothing happens. Returns the administrator's area.
CREATE FUNCTION public.org_administrators_area() RETURNS text LANGUAGE plpgsql STABLE <definer> AS $$
DECLARE own_area text;
BEGIN
  SELECT u.area_id INTO own_area FROM public.org_user u WHERE u.id = public.org_scope_user() AND u.role = 'admin';
  IF NOT FOUND THEN
    RAISE EXCEPTION 'only an administrator does this' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN own_area;
END $$;

-- Refuses an account that is not there, elsewhere, a job's, or the administrator's own.
CREATE FUNCTION public.org_check_target(target bigint) RETURNS void LANGUAGE plpgsql STABLE <definer> AS $$
BEGIN
  IF target = public.org_scope_user() OR NOT EXISTS (
       SELECT FROM public.org_user u WHERE u.id = target AND NOT u.is_service_account
         AND starts_with(u.area_id, public.org_administrators_area())) THEN
    RAISE EXCEPTION 'not an account that this administrator looks after' USING ERRCODE = 'insufficient_privilege';
  END IF;
END $$;

CREATE FUNCTION public.org_check_place(role text, area text) RETURNS void LANGUAGE plpgsql STABLE <definer> AS $$
BEGIN
  IF role = 'service' OR NOT starts_with(area, public.org_administrators_area()) THEN
    RAISE EXCEPTION 'not a role or an area that this administrator gives' USING ERRCODE = 'insufficient_privilege';
  END IF;
END $$;

CREATE FUNCTION public.org_add_user(username text, display_name text, role text, area text, organisation text)
RETURNS bigint LANGUAGE plpgsql <definer> AS $$
DECLARE made bigint;
BEGIN
  PERFORM public.org_check_place(role, area);
  INSERT INTO public.org_user
    (password, username, display_name, role, area_id, organisation, is_active, is_service_account)
  VALUES ('!' || replace(gen_random_uuid()::text, '-', ''), username, display_name, role, area, organisation, true, false)
  RETURNING id INTO made;
  RETURN made;
END $$;

CREATE FUNCTION public.org_change_user(
  target bigint, new_username text, new_name text, new_role text, new_area text, new_organisation text, active boolean)
RETURNS void LANGUAGE plpgsql <definer> AS $$
BEGIN
  PERFORM public.org_check_target(target);
  PERFORM public.org_check_place(new_role, new_area);
  UPDATE public.org_user SET username = new_username, display_name = new_name, role = new_role, area_id = new_area,
    organisation = new_organisation, is_active = active WHERE id = target;
END $$;

CREATE FUNCTION public.org_invite(target bigint, hash bytea, minutes integer)
RETURNS void LANGUAGE plpgsql <definer> AS $$
BEGIN
  PERFORM public.org_check_target(target);
  IF minutes NOT BETWEEN 1 AND 10080 THEN
    RAISE EXCEPTION 'a code lives for at most a week' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  UPDATE public.org_invitation SET expires_at = statement_timestamp() WHERE user_id = target AND used_at IS NULL;
  INSERT INTO public.org_invitation (user_id, code_hash, expires_at)
  VALUES (target, hash, statement_timestamp() + make_interval(mins => minutes));
END $$;

CREATE FUNCTION public.org_forget_second_factor(target bigint) RETURNS integer LANGUAGE plpgsql <definer> AS $$
DECLARE gone integer;
BEGIN
  PERFORM public.org_check_target(target);
  DELETE FROM public.mfa_authenticator WHERE user_id = target;
  GET DIAGNOSTICS gone = ROW_COUNT;
  RETURN gone;
END $$;

CREATE FUNCTION public.org_set_area(new_code text, new_name text, new_kind text)
RETURNS boolean LANGUAGE plpgsql <definer> AS $$
BEGIN
  IF NOT starts_with(new_code, public.org_administrators_area()) OR new_code = public.org_administrators_area() THEN
    RAISE EXCEPTION 'not an area that this administrator looks after' USING ERRCODE = 'insufficient_privilege';
  END IF;
  INSERT INTO public.org_area (code, name, kind) VALUES (new_code, new_name, new_kind)
  ON CONFLICT (code) DO UPDATE SET name = EXCLUDED.name;
  RETURN true;
END $$;

CREATE FUNCTION public.org_delegate(absent bigint, deputy bigint, first_day date, last_day date)
RETURNS bigint LANGUAGE plpgsql <definer> AS $$
DECLARE made bigint;
BEGIN
  PERFORM public.org_check_target(absent);
  PERFORM public.org_check_target(deputy);
  INSERT INTO public.org_delegation (absent_id, deputy_id, first_day, last_day, made_by_id)
  VALUES (absent, deputy, first_day, last_day, public.org_scope_user()) RETURNING id INTO made;
  RETURN made;
END $$;

CREATE FUNCTION public.org_end_delegation(target bigint) RETURNS void LANGUAGE plpgsql <definer> AS $$
DECLARE absent bigint;
BEGIN
  SELECT d.absent_id INTO absent FROM public.org_delegation d WHERE d.id = target;
  PERFORM public.org_check_target(absent);
  UPDATE public.org_delegation SET ended_at = statement_timestamp() WHERE id = target AND ended_at IS NULL;
END $$;
"""
_PUBLIC = (
    "org_day",
    "org_open_delegated_scope",
    "org_administrators_area",
    "org_add_user",
    "org_change_user",
    "org_invite",
    "org_forget_second_factor",
    "org_set_area",
    "org_delegate",
    "org_end_delegation",
)
_FUNCTIONS = ", ".join(f"public.{name}" for name in _PUBLIC)
GRANTS = f"""
REVOKE ALL ON FUNCTION {_FUNCTIONS}, public.org_check_target, public.org_check_place FROM PUBLIC;
GRANT EXECUTE ON FUNCTION {_FUNCTIONS} TO doudi_app;
GRANT EXECUTE ON FUNCTION public.org_day TO doudi_worker;
REVOKE INSERT, UPDATE ON org_invitation, org_delegation FROM doudi_app;
-- Setting a password with a code uses it up.
GRANT UPDATE (used_at) ON org_invitation TO doudi_app;
"""

BACK = """
GRANT INSERT, UPDATE ON org_invitation, org_delegation TO doudi_app;
DROP FUNCTION public.org_end_delegation, public.org_delegate, public.org_set_area, public.org_forget_second_factor,
  public.org_invite, public.org_change_user, public.org_add_user, public.org_check_place, public.org_check_target,
  public.org_administrators_area, public.org_open_delegated_scope;
CREATE OR REPLACE FUNCTION public.org_scope_area()
RETURNS text LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT s.area_code FROM public.org_session_scope s
  LEFT JOIN public.org_user u ON u.id = s.user_id
  WHERE s.token_hash = sha256(convert_to(current_setting('doudi.scope', true), 'UTF8'))
    AND s.expires_at > statement_timestamp()
    AND (s.user_id IS NULL OR (u.is_active AND u.area_id = s.area_code AND u.role = s.role));
$$;
CREATE OR REPLACE FUNCTION public.org_scope_user()
RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT s.user_id FROM public.org_session_scope s
  WHERE s.token_hash = sha256(convert_to(current_setting('doudi.scope', true), 'UTF8'))
    AND public.org_scope_area() IS NOT NULL;
$$;
DROP FUNCTION public.org_day;
"""


def _written(text: str) -> str:
    return text.replace("<definer>", _DEFINER).replace("<joined>", _JOINED).replace("<holds>", _HOLDS)


class Migration(migrations.Migration):
    """Functions and rights."""

    dependencies = [("org", "0005_administration")]

    operations = [migrations.RunSQL(_written(SCOPES + ADMINISTRATION) + GRANTS, BACK)]
