"""Areas, the people who work there, and the scopes under which the database shows them rows."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Area(models.Model):
    """A division (区划) that staff work for: county, township or village, by its code."""

    class Kind(models.TextChoices):
        """How large it is; the length of the code says the same."""

        CITY = "city", _("city")
        COUNTY = "county", _("county")
        TOWNSHIP = "township", _("township")
        VILLAGE = "village", _("village")

    code = models.CharField(max_length=12, primary_key=True)
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=Kind.choices)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^[0-9]{4}$", kind="city")
                | Q(code__regex=r"^[0-9]{6}$", kind="county")
                | Q(code__regex=r"^[0-9]{9}$", kind="township")
                | Q(code__regex=r"^[0-9]{12}$", kind="village"),
                name="org_area_code_fits_its_kind",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    """What somebody is employed for; `permissions.py` says what each may do."""

    ASSISTANT = "assistant", _("assistant")
    CLERK = "clerk", _("clerk")
    TOWNSHIP_REVIEWER = "township_reviewer", _("township reviewer")
    REVIEWER = "reviewer", _("reviewer")
    APPROVER = "approver", _("approver")
    FINANCE = "finance", _("finance")
    ANALYST = "analyst", _("analyst")
    AUDITOR = "auditor", _("auditor")
    ADMIN = "admin", _("admin")
    SERVICE = "service", _("service")


class UserManager(BaseUserManager["User"]):
    """Finds users by the name they log in with."""


class User(AbstractBaseUser):
    """Somebody who works here (工作人员), in one role for one area; or a service account, which can't log in.

    While somebody acts for a colleague who is away, `role` and `area` of the object at hand are the colleague's and
    `acts_for_id` says whose they are; the person stays who they are, and so does the row.
    """

    acts_for_id: int | None = None

    username = models.CharField(max_length=60, unique=True)
    display_name = models.CharField(max_length=60)
    role = models.CharField(max_length=20, choices=Role.choices)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="users")
    # 单位: the bureau, the union branch, another department. For people to read; no right depends on it.
    organisation = models.CharField(max_length=60, blank=True, db_default="")
    is_active = models.BooleanField(default=True)
    is_service_account = models.BooleanField(default=False)

    objects = UserManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["display_name", "role", "area"]

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(role__in=list(Role)), name="org_user_role_is_known"),
            models.CheckConstraint(
                condition=Q(is_service_account=True, role="service") | Q(is_service_account=False) & ~Q(role="service"),
                name="org_user_service_accounts_have_their_own_role",
            ),
        ]

    def __str__(self) -> str:
        return self.display_name


class SessionScope(models.Model):
    """The area under which one log-in or one job sees rows. Only the database's own functions read or write it.

    The token itself is known to the session alone; here lies its hash.
    """

    token_hash = models.BinaryField(primary_key=True)
    nonce = models.UUIDField(unique=True)
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    role = models.CharField(max_length=20)
    area_code = models.CharField(max_length=12)
    purpose = models.CharField(max_length=200)
    delegation = models.ForeignKey("Delegation", on_delete=models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "org_session_scope"
        indexes: ClassVar = [models.Index(fields=["expires_at"], name="org_session_scope_expiry")]

    def __str__(self) -> str:
        return "session scope"


class ScopeKey(models.Model):
    """The key that proves to the database that a log-in really took place. Only the database's own functions read it.

    Kept as the two padded blocks of HMAC-SHA256, because the database can hash but knows no HMAC.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    inner_pad = models.BinaryField()
    outer_pad = models.BinaryField()

    class Meta:
        db_table = "org_scope_key"
        constraints: ClassVar = [models.CheckConstraint(condition=Q(id=1), name="org_scope_key_is_single")]

    def __str__(self) -> str:
        return "scope key"


class LoginThrottle(models.Model):
    """Failed log-ins of late, counted in 2**20 buckets by hash: no typed name is stored, and the table is bounded."""

    bucket = models.IntegerField(primary_key=True)
    failures = models.IntegerField()
    since = models.DateTimeField()

    class Meta:
        db_table = "org_login_throttle"

    def __str__(self) -> str:
        return f"log-in bucket {self.bucket}"


class Delegation(models.Model):
    """Somebody acts for a colleague (代理), in that colleague's role and area, from one day to another."""

    absent = models.ForeignKey(User, on_delete=models.PROTECT, related_name="delegations_given")
    deputy = models.ForeignKey(User, on_delete=models.PROTECT, related_name="delegations_held")
    first_day = models.DateField()
    last_day = models.DateField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(first_day__lte=F("last_day")), name="org_delegation_begins_before_it_ends"
            ),
            models.CheckConstraint(condition=~Q(absent=F("deputy")), name="org_delegation_is_to_somebody_else"),
        ]

    def __str__(self) -> str:
        return f"delegation {self.pk}"


class Invitation(models.Model):
    """A code with which somebody sets a password, once and before it expires. Only its hash is kept."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="invitations")
    code_hash = models.BinaryField(unique=True)
    made_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"invitation {self.pk}"
