"""`first-admin`: how the first person comes into an office in which there is nobody yet."""

import sys

from django.db import connection

from doudi.office.console.database import database_running
from doudi.office.errors import Refused
from doudi.office.org.actions import KIND_BY_DIGITS, create_area, create_user
from doudi.office.org.invitations import hash_of, new_code
from doudi.office.org.models import Area, User
from doudi.office.org.scope import job_scope

CODE_MINUTES = 30


def first_admin(*, area: str, area_name: str = "", username: str = "admin", name: str = "管理员") -> None:
    """Make the first administrator's account and print a code, valid for half an hour and once, to set its password.

    Once an administrator has logged in, this is refused: administrators make further ones.

    Parameters
    ----------
    area
        Code of the county or city that the administrator looks after.
    area_name
        Its name, if the office does not know it yet.
    username
        The name to log in with.
    name
        The name that others read.
    """
    if not (area.isascii() and area.isdigit() and len(area) in KIND_BY_DIGITS):
        raise Refused("a division's code has 4, 6, 9 or 12 digits.", advice="Name the county or city.", where=area)
    with database_running(), job_scope(area, "first administrator"):
        if User.objects.filter(role="admin", last_login__isnull=False, is_active=True).exists():
            raise Refused("there is an administrator already.", advice="Ask them to make another account.")
        if not Area.objects.filter(pk=area).exists():
            if not area_name:
                raise Refused("this division is not known yet.", advice="Give its name with --area-name.", where=area)
            create_area(actor=None, code=area, name=area_name)
        user = User.objects.filter(username=username).first()
        if user is None:
            user = create_user(actor=None, username=username, display_name=name, role="admin", area=area, password=None)
        elif user.role != "admin":
            raise Refused("this user name belongs to somebody else.", advice="Choose another with --username.")
        code = new_code()
        with connection.cursor() as cursor:
            cursor.execute("UPDATE org_invitation SET expires_at = statement_timestamp() WHERE used_at IS NULL")
            cursor.execute(
                "INSERT INTO org_invitation (user_id, code_hash, expires_at)"
                " VALUES (%s, %s, statement_timestamp() + make_interval(mins => %s))",
                [user.pk, hash_of(code), CODE_MINUTES],
            )
    sys.stdout.write(f"User name: {username}\nCode, valid {CODE_MINUTES} minutes and once: {code}\n")
    sys.stdout.write("Open /login/first and set a password with it.\n")
