"""How every form of the desk ends: done and sent on, or shown again with what was typed and what to put right."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from django import forms
from django.db import transaction
from django.utils.translation import get_language

from doudi.office.desk.sheets import Sheet
from doudi.office.errors import NotAllowed, NotYours, Refused

Done = TypeVar("Done")
TO_PUT_RIGHT = 422


def attempt(sheet: Sheet, act: Callable[[], Done]) -> Done | None:
    """Does it, or puts the office's refusal on the form. What is absent or foreign is never explained."""
    try:
        with transaction.atomic():
            return act()
    except (NotYours, NotAllowed):
        raise
    except Refused as refusal:
        sheet.refuse(refusal)
        return None


def status_of(*sheets: forms.Form) -> int:
    """200 for a fresh form, 422 for one that came back."""
    return TO_PUT_RIGHT if any(sheet.is_bound for sheet in sheets) else 200


def language() -> str:
    """`en` or `zh`: the two languages that packs speak."""
    return "en" if (get_language() or "").startswith("en") else "zh"


@dataclass(frozen=True)
class Crumb:
    """One step of the way from the menu to this page."""

    label: str
    href: str


def crumbs(*steps: tuple[str, str]) -> list[Crumb]:
    """The way to this page; the last step is the page itself and has no address."""
    return [Crumb(label, href) for label, href in steps]
