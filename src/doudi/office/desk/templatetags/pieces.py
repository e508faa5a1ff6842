"""The pieces that templates are put together from: money, days, marks, fields, the frame's facts."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django import forms, template
from django.forms.boundfield import BoundField
from django.http import HttpRequest
from django.template import Context
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from doudi.engine.values.money import format_yuan
from doudi.office.desk.frame import FrameFacts, facts_of_frame, print_size_of
from doudi.office.desk.icons import ICONS
from doudi.office.desk.labels import Mark
from doudi.office.desk.sheets import class_of

register = template.Library()

SHOWN_WHEN_ABSENT = "—"
# More choices than that stand in columns.
CHOICES_IN_A_LINE = 8


@register.filter
def money(fen: int | None) -> str:
    """Fen as yuan with two decimals; a dash when there is no amount."""
    return SHOWN_WHEN_ABSENT if fen is None else format_yuan(fen)


@register.filter
def count(number: int) -> str:
    """A number of things, in groups of three digits."""
    return f"{number:,}"


@register.filter
def day(value: date | datetime | None) -> str:
    """A day as 2026-11-23, in every language."""
    if value is None:
        return SHOWN_WHEN_ABSENT
    if isinstance(value, datetime):
        value = timezone.localtime(value)
    return value.strftime("%Y-%m-%d")


@register.filter
def moment(value: datetime | None) -> str:
    """An instant as 2026-11-23 09:05, in the office's time zone."""
    return SHOWN_WHEN_ABSENT if value is None else timezone.localtime(value).strftime("%Y-%m-%d %H:%M")


@register.simple_tag
def mark(state: Mark) -> SafeString:
    """A state as a word in a coloured box; the word carries the meaning."""
    return format_html('<span class="mark mark-{}">{}</span>', state.tone, state.word)


@register.simple_tag
def icon(name: str) -> SafeString:
    """A small drawing beside a word; it says nothing of its own."""
    return mark_safe(  # noqa: S308 - drawn by us, no value of a user's in it
        '<svg aria-hidden="true" viewBox="0 0 20 20" fill="none" stroke="currentColor" stroke-width="1.6" '
        f'stroke-linecap="round" stroke-linejoin="round">{ICONS[name]}</svg>'
    )


@register.inclusion_tag("desk/pieces/field.html")
def field(bound: BoundField, shape: str = "", label: str = "") -> dict[str, Any]:
    """A form field with its label, hint, errors and input, tied together for screen readers."""
    widget = bound.field.widget
    # Django's own forms, such as the log-in's, know nothing of our look.
    widget.attrs.setdefault("class", class_of(bound.field))
    is_group = isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple)
    if label:
        bound.label = label
    return {
        "field": bound,
        "is_hidden": bound.is_hidden,
        "is_group": is_group,
        "is_long": is_group and len(list(bound)) > CHOICES_IN_A_LINE,
        "is_check": isinstance(widget, forms.CheckboxInput),
        # Where everything may stay empty, saying so beside each field would be noise.
        "is_optional": not bound.field.required and shape != "question",
        "unit": getattr(bound.field, "unit", ""),
        "is_wide": shape == "wide" or isinstance(widget, forms.Textarea),
    }


@register.inclusion_tag("desk/pieces/error_summary.html")
def error_summary(*sheets: forms.BaseForm) -> dict[str, Any]:
    """What is wrong with the forms of a page, each line a link to its field."""
    problems = []
    for sheet in sheets:
        for name, errors in sheet.errors.items():
            bound = sheet[name] if name in sheet.fields else None
            anchor = bound.auto_id if bound is not None and not bound.is_hidden else ""
            label = bound.label if anchor and bound is not None else ""
            problems += [{"anchor": anchor, "label": label, "text": text} for text in errors]
    return {"problems": problems}


@register.simple_tag(takes_context=True)
def frame_facts(context: Context) -> FrameFacts:
    """What the frame around every staff page shows: who, which role and area, which day, which rooms."""
    return facts_of_frame(_request(context))


@register.simple_tag(takes_context=True)
def print_size(context: Context) -> str:
    """`large` when the reader asked for large print (大字版), else `normal`. Error pages may have no request."""
    request = context.get("request")
    return print_size_of(request) if isinstance(request, HttpRequest) else "normal"


@register.filter
def entry(table: Mapping[str, Any], key: str) -> Any:
    """A table's entry, for keys that a template only knows by name."""
    return table[key]


def _request(context: Context) -> HttpRequest:
    request = context["request"]
    assert isinstance(request, HttpRequest)  # noqa: S101 - told by Django's own context processor
    return request
