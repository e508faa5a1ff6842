"""What is typed of a person's papers, read strictly: nothing is coerced, and a refusal repeats nothing of it."""

from datetime import date

from django.utils.translation import gettext as _

from doudi.engine.values.identity import IdentityError, IdNumber, parse_id
from doudi.office.errors import Unacceptable


def typed_name(name: str) -> str:
    """A name without blanks at its ends."""
    typed = " ".join(name.split())
    if not typed or len(typed) > 60 or not all(char.isprintable() for char in typed):
        raise Unacceptable(
            _("The name is empty, too long, or has signs that can't be printed."), advice=_("Type it anew.")
        )
    return typed


def typed_id(text: str, today: date) -> IdNumber:
    """A whole identity number whose check digit is right."""
    try:
        return parse_id("".join(text.split()), as_of=today)
    except IdentityError as error:
        raise Unacceptable(_("This is no valid identity number."), advice=f"{error.message} {error.advice}") from None
