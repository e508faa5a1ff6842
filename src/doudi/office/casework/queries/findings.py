"""Findings: the list, and one with its reason, its facts and what was done about it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from django.db.models import Count, Q
from django.db.models.functions import Left
from django.utils.translation import gettext as _

from doudi.engine.pack.citation import Citation, Label
from doudi.engine.pack.vocabulary import FactDefinition
from doudi.engine.screening.alert import Alert, load_alerts
from doudi.engine.screening.sentence import reason
from doudi.office import crypto
from doudi.office.audit.actions import record_read
from doudi.office.casework.models import Finding, FindingFact, Visit
from doudi.office.casework.queries.visit_views import VisitView, visit_views
from doudi.office.casework.queries.work import head_names
from doudi.office.errors import NotYours
from doudi.office.evidence.family import current_members
from doudi.office.evidence.rulebook import current_pack, current_vocabulary
from doudi.office.evidence.terms import Value, in_words, money_in_words, restored
from doudi.office.org.models import User
from doudi.office.org.permissions import require
from doudi.office.registry.listing import Listing
from doudi.office.registry.models import Person
from doudi.office.registry.queries import MemberView, member_view
from doudi.office.registry.search import matching_households


@dataclass(frozen=True)
class FindingRow:
    """One line of the list."""

    finding_pk: int
    finding_id: str
    rule: str
    rule_label: Label | None
    family: str
    state: str
    priority: int
    household_id: int
    household_number: str
    head_name: str
    area: str
    episode_start: date
    last_seen: date | None
    reason_gone_since: date | None
    due_on: date | None
    in_hands_of: str


@dataclass(frozen=True)
class FindingFactView:
    """A fact that the finding rests on, with where it comes from. A computed one has the source `rule`."""

    name: str
    label: str
    text: str
    value: Value | None
    person_id: int | None
    person_name: str
    as_of: date | None
    source: str
    batch: str
    row: int


@dataclass(frozen=True)
class FindingDetail:
    """One finding. `sentence` is its reason in words; `why` what the rule is for."""

    row: FindingRow
    sentence: str
    why: Label | None
    citation: Citation | None
    facts: tuple[FindingFactView, ...]
    members: tuple[MemberView, ...]
    visits: tuple[VisitView, ...]
    open_task_id: int | None
    apply_task_id: int | None
    case_numbers: tuple[str, ...]
    closed_at: datetime | None
    closed_by: str
    close_reason: str
    found_by: str
    found_text: str
    reopen_reason: str
    task_holder_id: int | None
    given_back_reason: str
    may_be_reopened: bool


def list_findings(
    user: User, *, state: str = "open", rule: str = "", family: str = "", area: str = "", text: str = ""
) -> Listing[Finding, FindingRow]:
    """Findings of the reader's area, most urgent first. An empty filter leaves everything in."""
    require(user, "finding.see")
    query = Finding.objects.select_related("household", "last_run").prefetch_related("tasks__taken_up_by")
    for name, value in (("state", state), ("rule", rule), ("family", family)):
        query = query.filter(**{name: value}) if value else query
    if area:
        query = query.filter(area__gte=area, area__lt=f"{area}:")
    if text.strip():
        found = matching_households(text.strip(), crypto.keyring())
        query = query.filter(pk__in=Finding.objects.filter(found).values("pk"))

    def build(page: list[Finding]) -> list[FindingRow]:
        heads = head_names([row.household_id for row in page])
        record_read(
            actor=user, objects=page, fields=("head_name", "rule"), area=user.area_id, purpose="list of findings"
        )
        return [_row(row, heads.get(row.household_id, "")) for row in page]

    return Listing(query.order_by("-priority", "pk"), build)


@dataclass(frozen=True)
class FindingCounts:
    """How many findings of one state lie in the reader's area, by family of rule, by rule and by township."""

    families: Mapping[str, int]
    rules: Mapping[str, int]
    townships: Mapping[str, int]


def count_findings(user: User, *, state: str = "open", rule: str = "") -> FindingCounts:
    """What a list can be narrowed down to, each with its number. No record is looked at."""
    require(user, "finding.see")
    query = Finding.objects.filter(state=state) if state else Finding.objects.all()
    query = query.filter(rule=rule) if rule else query
    families: Counter[str] = Counter()
    rules: Counter[str] = Counter()
    townships: Counter[str] = Counter()
    grouped = query.values_list("family", "rule", Left("area", 9)).annotate(Count("pk"))
    for family, rule, township, count in grouped.order_by():
        families[family] += count
        rules[rule] += count
        townships[township] += count
    return FindingCounts(families, rules, townships)


def finding_detail(user: User, finding_pk: int, *, today: date, lang: str, purpose: str) -> FindingDetail:
    """One finding; outside of the reader's area it is as if it were not there."""
    require(user, "finding.see")
    finding = (
        Finding.objects.select_related("household", "last_run", "closed_by", "found_by").filter(pk=finding_pk).first()
    )
    if finding is None:
        raise NotYours(_("There is no such finding."))
    members = current_members(finding.household, today)
    record_read(actor=user, objects=[finding], fields=("facts",), area=finding.area, purpose=purpose)
    record_read(
        actor=user,
        objects=[row.person for row in members],
        fields=("name", "id_number", "birth_date"),
        area=finding.area,
        purpose=purpose,
    )
    alert = _alerts().get(finding.rule)
    facts = list(finding.facts.filter(run=finding.last_run).order_by("pk"))
    waiting = list(finding.tasks.filter(state="open"))
    open_tasks = {task.kind: task.pk for task in waiting}
    cases = tuple(finding.household.cases.order_by("pk").values_list("number", flat=True))
    return FindingDetail(
        row=_row(finding, head_names([finding.household_id]).get(finding.household_id, "")),
        sentence=_sentence(alert, facts, lang),
        why=alert.rule.why if alert else None,
        citation=alert.rule.citation if alert else None,
        facts=_facts(facts, alert, lang),
        members=tuple(member_view(row, today) for row in members),
        visits=visit_views(Visit.objects.filter(Q(finding=finding) | Q(household=finding.household))),
        open_task_id=open_tasks.get("visit"),
        apply_task_id=open_tasks.get("apply"),
        case_numbers=cases,
        closed_at=finding.closed_at,
        closed_by=finding.closed_by.display_name if finding.closed_by else "",
        close_reason=finding.close_reason,
        found_by=finding.found_by.display_name if finding.found_by else "",
        found_text=finding.found_text,
        reopen_reason=finding.reopen_reason,
        task_holder_id=next((task.taken_up_by_id for task in waiting if task.kind == "visit"), None),
        given_back_reason=next((task.given_back_reason for task in waiting if task.given_back_reason), ""),
        may_be_reopened=nothing_followed(finding),
    )


def nothing_followed(finding: Finding) -> bool:
    """Was it closed by a person, and has nothing been built on that yet? Then the close can be undone."""
    if finding.closed_at is None or finding.state == Finding.State.ENDED:
        return False
    return not finding.household.cases.filter(opened_at__gte=finding.closed_at).exists()


@lru_cache(maxsize=1)
def _alerts() -> dict[str, Alert]:
    return {alert.id: alert for alert, _document in load_alerts(current_pack())}


def _row(finding: Finding, head: str) -> FindingRow:
    alert = _alerts().get(finding.rule)
    waiting = [task for task in finding.tasks.all() if task.state == "open"]
    hands = [task.taken_up_by.display_name for task in waiting if task.taken_up_by is not None]
    return FindingRow(
        finding_pk=finding.pk,
        finding_id=finding.finding_id,
        rule=finding.rule,
        rule_label=alert.rule.label if alert else None,
        family=finding.family,
        state=finding.state,
        priority=finding.priority,
        household_id=finding.household_id,
        household_number=finding.household.number,
        head_name=head,
        area=finding.area,
        episode_start=finding.episode_start,
        last_seen=finding.last_run.as_of if finding.last_run else None,
        reason_gone_since=finding.reason_gone_since,
        due_on=min((task.due_on for task in waiting), default=None),
        in_hands_of=", ".join(hands),
    )


def _sentence(alert: Alert | None, facts: Sequence[FindingFact], lang: str) -> str:
    if alert is None:
        return ""
    rows = [{"name": fact.name, "value_int": fact.value_int, "value_text": fact.value_text} for fact in facts]
    return reason(alert, rows, current_vocabulary(), lang)


def reason_facts(finding: Finding | None, lang: str) -> tuple[FindingFactView, ...]:
    """What the departments' files say of a family in a finding. Who calls this has recorded the look."""
    if finding is None:
        return ()
    facts = list(finding.facts.filter(run=finding.last_run).order_by("pk"))
    return _facts(facts, _alerts().get(finding.rule), lang)


def _facts(facts: Sequence[FindingFact], alert: Alert | None, lang: str) -> tuple[FindingFactView, ...]:
    vocabulary = current_vocabulary()
    people = {person.key: person for person in Person.objects.filter(key__in=[fact.subject for fact in facts])}
    views = []
    for fact in facts:
        definition = vocabulary.definition(fact.name)
        person = people.get(fact.subject)
        label, text, value = _said(fact, definition, alert, lang)
        views.append(
            FindingFactView(
                name=fact.name,
                label=label,
                text=text,
                value=value,
                person_id=person.pk if person else None,
                person_name=person.name if person else "",
                as_of=fact.as_of,
                source=fact.source,
                batch=fact.batch,
                row=fact.row,
            )
        )
    return tuple(views)


def _said(
    fact: FindingFact, definition: FactDefinition | None, alert: Alert | None, lang: str
) -> tuple[str, str, Value | None]:
    if definition is not None:
        value = restored(definition, fact.value_int, fact.value_text)
        return definition.label.in_language(lang), in_words(definition, value, lang), value
    formula = alert.rule.formulas.get(fact.name) if alert else None
    parts = formula if isinstance(formula, Mapping) else {}
    label = parts.get("label")
    words = str(label["en" if lang.startswith("en") else "zh"]) if isinstance(label, Mapping) else fact.name
    if fact.value_int is None:
        return words, "", None
    return (
        words,
        money_in_words(fact.value_int, lang) if parts.get("type") == "fen" else str(fact.value_int),
        fact.value_int,
    )
