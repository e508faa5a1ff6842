"""Which rule of the database was broken. The database is the last judge of a race; its word becomes a plain refusal."""

from django.db import IntegrityError


def broken_constraint(error: IntegrityError) -> str:
    """Name of the constraint that refused the row, or "" when the database did not say.

    Only the name is taken: the database's own message quotes values, and values here are people's.
    """
    diagnosis = getattr(error.__cause__, "diag", None)
    return str(getattr(diagnosis, "constraint_name", None) or "")
