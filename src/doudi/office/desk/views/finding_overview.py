"""Looks at all findings: the night's figures, where they lie, whom to visit first, and how often rules are right."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from doudi.engine.pipeline.manifest import Input
from doudi.office.casework.queries import count_findings
from doudi.office.casework.queries.nights import PlaceRow, night_figures, visiting_list
from doudi.office.casework.queries.quality import RuleQuality, rule_quality
from doudi.office.desk.labels import FINDING_FAMILIES, FINDING_STATES, RULE_VERDICTS, Mark
from doudi.office.desk.lists import ExportColumn, is_export, page_of
from doudi.office.desk.packwords import place, rule_label, source_label
from doudi.office.desk.replies import crumbs, language
from doudi.office.desk.township_map import read_map, step_of
from doudi.office.desk.workbook import workbook_reply
from doudi.office.org.presence import person_at

VISITS_OF_A_TOWNSHIP = 200


@require_GET
def by_township(request: HttpRequest) -> HttpResponse:
    """A map and its table: findings by township, of one rule and state or of all; each leads to its rows."""
    person = person_at(request)
    asked = request.GET.get("state", "open")
    state = "" if asked == "all" else asked if asked in FINDING_STATES else "open"
    rules = count_findings(person, state=state).rules
    rule = given if (given := request.GET.get("rule", "")) in rules else ""
    counts = count_findings(person, state=state, rule=rule)
    drawn = read_map(settings.DOUDI_MAP)
    shown = {each.code for each in drawn.townships} if drawn else set()
    # A township without any finding stands in the table too, where the map names it.
    codes = sorted(set(counts.townships) | {code for code in shown if code.startswith(person.area_id[:9])})
    most = max(counts.townships.values(), default=0)
    rows = {
        code: {
            "name": place(code),
            "count": counts.townships.get(code, 0),
            "step": step_of(counts.townships.get(code, 0), most),
            "href": f"{reverse('findings')}?{urlencode({'town': code, 'rule': rule, 'state': state or 'all'})}",
        }
        for code in codes
    }
    if is_export(request):
        columns: list[ExportColumn[tuple[str, dict[str, Any]]]] = [
            ExportColumn(_("Division code"), lambda row: row[0]),
            ExportColumn(_("Township"), lambda row: row[1]["name"]),
            ExportColumn(_("Findings"), lambda row: row[1]["count"], "number"),
        ]
        return workbook_reply(
            request, name="townships", title=_("Findings by township"), columns=columns, rows=list(rows.items())
        )
    context = {
        "map": drawn,
        "shapes": [
            {"shape": each, **rows[each.code]} for each in (drawn.townships if drawn else ()) if each.code in rows
        ],
        "rows": list(rows.values()),
        "total": sum(counts.townships.values()),
        "rule": rule,
        "state": state,
        "rules": [(key, rule_label(key), count) for key, count in sorted(rules.items(), key=lambda item: -item[1])],
        "states": [(key, mark.word) for key, mark in FINDING_STATES.items()],
        "export_href": f"?{urlencode({'rule': rule, 'state': state or 'all', 'export': 'xlsx'})}",
        "crumbs": crumbs((_("Findings"), reverse("findings")), (_("By township"), "")),
    }
    return render(request, "desk/findings_map.html", context)


@require_GET
def night(request: HttpRequest) -> HttpResponse:
    """What the newest night checked and raised: counted from its sealed tables, each warning with its rows."""
    found = night_figures(person_at(request))
    base = reverse("findings")
    if is_export(request):
        inputs = found.inputs if found else ()
        return workbook_reply(
            request, name="night", title=_("The night's figures"), columns=_input_columns(), rows=inputs
        )
    context = {
        "night": found,
        "all_href": f"{base}?state=all",
        "rules": [
            (rule_label(rule), count, f"{base}?{urlencode({'rule': rule, 'state': 'all'})}")
            for rule, count in sorted(found.by_rule.items(), key=lambda item: (-item[1], item[0]))
        ]
        if found
        else [],
        "inputs": [{**each.model_dump(), "label": source_label(each.source)} for each in found.inputs] if found else [],
        "received": f"{sum(each.received for each in found.inputs):,}" if found else "",
        "figures": {n: f"{getattr(found, n):,}" for n in ("people", "households", "warnings")} if found else {},
        "crumbs": crumbs((_("Findings"), base), (_("The night's figures"), "")),
    }
    return render(request, "desk/findings_night.html", context)


@require_GET
def visits(request: HttpRequest) -> HttpResponse:
    """The visiting list: each household once, in the order of its points, with why it stands there and what became."""
    rows = visiting_list(person_at(request), lang=language(), visits=VISITS_OF_A_TOWNSHIP)
    if is_export(request):
        return workbook_reply(request, name="visits", title=_("Visiting list"), columns=_visit_columns(), rows=rows)
    context = {
        "page": page_of(request, rows, shown=_place),
        "crumbs": crumbs((_("Findings"), reverse("findings")), (_("Visiting list"), "")),
    }
    return render(request, "desk/findings_visits.html", context)


def _place(row: PlaceRow) -> dict[str, Any]:
    return {
        **vars(row),
        "href": reverse("finding", args=[row.finding_pk]),
        "village": place(row.area),
        "rules": [rule_label(rule) for rule in row.rules],
        "states": list({state: FINDING_STATES[state] for state in row.states}.values()),
    }


def _visit_columns() -> list[ExportColumn[PlaceRow]]:
    return [
        ExportColumn(_("Place"), lambda row: row.place, "number"),
        ExportColumn(_("Family"), lambda row: row.head_name),
        ExportColumn(_("Village"), lambda row: place(row.area)),
        ExportColumn(_("Points"), lambda row: row.points, "number"),
        ExportColumn(_("Why here"), lambda row: "；".join(row.because)),
        ExportColumn(_("Why"), lambda row: "；".join(rule_label(rule) for rule in row.rules)),
        ExportColumn(_("State"), lambda row: "；".join(str(FINDING_STATES[state].word) for state in row.states)),
        ExportColumn(_("Reason of the outcome"), lambda row: row.close_reason),
    ]


@require_GET
def rules(request: HttpRequest) -> HttpResponse:
    """How often each rule is right, with its interval, its floor and what follows (promise P23)."""
    rows = rule_quality(person_at(request))
    if is_export(request):
        return workbook_reply(
            request, name="rules", title=_("How often rules are right"), columns=_columns(), rows=rows
        )
    context = {
        "rows": [_shown(row) for row in rows],
        "crumbs": crumbs((_("Findings"), reverse("findings")), (_("How often rules are right"), "")),
    }
    return render(request, "desk/findings_rules.html", context)


def _shown(row: RuleQuality) -> dict[str, Any]:
    base = reverse("findings")
    links = {
        state: f"{base}?{urlencode({'rule': row.rule, 'state': state})}"
        for state in ("open", "confirmed", "cleared", "unknown")
    }
    return {
        **vars(row),
        "label": row.label.in_language(language()),
        "kind": FINDING_FAMILIES[row.family],
        "checked": row.confirmed + row.cleared,
        "rate": _percent(10_000 * row.confirmed // (row.confirmed + row.cleared)) if row.low is not None else "",
        "interval": interval(row),
        "mark": verdict_mark(row),
        "links": links,
    }


def interval(row: RuleQuality) -> str:
    """`53.2 % – 71.0 %`; empty where nothing was checked."""
    return f"{_percent(row.low)} – {_percent(row.high)}" if row.low is not None and row.high is not None else ""


def verdict_mark(row: RuleQuality) -> Mark:
    """What the next night does with the rule."""
    return RULE_VERDICTS[row.verdict]


def _percent(ten_thousandths: int) -> str:
    return f"{ten_thousandths // 100}.{ten_thousandths % 100 // 10} %"


def _columns() -> list[ExportColumn[RuleQuality]]:
    return [
        ExportColumn(_("Rule"), lambda row: row.label.in_language(language())),
        ExportColumn(_("Kind"), lambda row: FINDING_FAMILIES[row.family]),
        ExportColumn(_("Confirmed"), lambda row: row.confirmed, "number"),
        ExportColumn(_("Cleared"), lambda row: row.cleared, "number"),
        ExportColumn(_("Unknown"), lambda row: row.unknown, "number"),
        ExportColumn(_("95 % interval"), interval),
        ExportColumn(_("Floor"), lambda row: f"{row.floor_percent} %"),
        ExportColumn(_("What follows"), lambda row: verdict_mark(row).word),
    ]


def _input_columns() -> list[ExportColumn[Input]]:
    return [
        ExportColumn(_("Department"), lambda row: source_label(row.source)),
        ExportColumn(_("Delivered"), lambda row: row.delivered),
        ExportColumn(_("Received"), lambda row: row.received, "number"),
        ExportColumn(_("Accepted"), lambda row: row.accepted, "number"),
        ExportColumn(_("In quarantine"), lambda row: row.quarantined, "number"),
        ExportColumn(_("Duplicate"), lambda row: row.duplicate, "number"),
        ExportColumn(_("Not known since"), lambda row: row.unknown_since),
    ]
