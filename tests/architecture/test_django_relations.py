"""The ladder holds in the database too: no relation points up, and every table is protected or says why not."""

from django.apps import apps
from django.conf import settings
from django.db.models import Model

LADDER = {f"doudi.office.{name}": step for step, name in enumerate(settings.LADDER)}

# Tables without row-level security, each with the reason why nobody's private facts are in it or why it can't have any.
UNPROTECTED = {
    "django_content_type": "names of models",
    "auth_permission": "names of models; the office has its own table of capabilities",
    "auth_group": "empty: the office has roles",
    "auth_group_permissions": "empty: the office has roles",
    "django_session": "read before anybody has a scope; holds no token in plain text",
    "audit_block": "hashes and numbers of audit entries, no people",
    "audit_anchor": "numbers of blocks, no people",
    "account_emailaddress": "empty, closed to the office's roles: the office keeps no e-mail addresses",
    "account_emailconfirmation": "empty, closed to the office's roles: the office keeps no e-mail addresses",
    "mfa_authenticator": "second factors of staff, encrypted; read at log-in, before anybody has a scope",
    "org_area": "names of divisions",
    "org_user": "staff, not recipients; read at log-in, before anybody has a scope",
    "org_delegation": "staff acting for staff; read when a session begins",
    "org_invitation": "hashes of codes for staff; read before anybody has a scope",
    "org_session_scope": "closed to every role but its owner's functions",
    "org_scope_key": "closed to every role but its owner's functions",
    "org_login_throttle": "counts by hash, no names",
    "casework_followcard": "where a case is, by a keyed hash of its receipt; read by citizens without a log-in",
    "casework_knock": "tries at open doors, by hash and hour",
    "evidence_nightrun": "counts and digests of a night, no people",
    "casework_publicsheet": "made for everybody's eyes: allowed fields only, masked, gone after its last day",
    "entitlements_adjustment": "sums of a county's change of standard; its lines are protected",
    "payments_fund": "a county's appropriations, no people",
    "payments_payrun": "sums of a county's run; its lines are protected",
    "payments_ledgertransaction": "sums between a fund's accounts; whom they concern stands in protected lines",
    "payments_posting": "sums between a fund's accounts; whom they concern stands in protected lines",
}


def office_models() -> list[type[Model]]:
    return [m for m in apps.get_models(include_auto_created=True) if m.__module__.startswith("doudi.office")]


def step(model: type[Model]) -> int:
    return LADDER[model._meta.app_config.name]


def test_no_relation_points_up_the_ladder() -> None:
    up = [
        f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}"
        for model in office_models()
        for field in model._meta.get_fields(include_hidden=True)
        if field.is_relation
        and not field.auto_created
        and field.related_model is not None
        and field.related_model.__module__.startswith("doudi.office")
        and step(field.related_model) > step(model)
    ]
    assert up == []


def test_every_table_is_protected_by_area_or_says_why_not() -> None:
    silent = {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if not getattr(model, "personal", False) and model._meta.db_table not in UNPROTECTED
    }
    assert silent == set()


def test_a_protected_table_is_not_excused_as_well() -> None:
    protected = {m._meta.db_table for m in apps.get_models() if getattr(m, "personal", False)}
    assert protected & UNPROTECTED.keys() == set()
    tables = {m._meta.db_table for m in apps.get_models(include_auto_created=True)}
    assert UNPROTECTED.keys() - tables == set()


def test_every_personal_model_carries_its_area() -> None:
    without = [
        m._meta.label
        for m in office_models()
        if getattr(m, "personal", False) and "area" not in {f.name for f in m._meta.fields}
    ]
    assert without == []
