"""What screens are told of a case: plain data."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from doudi.engine.pack.citation import Citation, Label
from doudi.engine.workflow.procedure import Kind
from doudi.office.casework.consents import ConsentView
from doudi.office.casework.papers import MissingPaper
from doudi.office.casework.queries.findings import FindingFactView
from doudi.office.casework.queries.papers import PaperView
from doudi.office.casework.queries.visit_views import VisitView
from doudi.office.evidence.queries import FactLine
from doudi.office.registry.queries import AccountView, MemberView


@dataclass(frozen=True)
class CaseRow:
    """One line of the list. `open_steps` are ids of the procedure."""

    case_number: str
    programme: str
    state: str
    household_id: int
    household_number: str
    head_name: str
    area: str
    opened_at: datetime
    open_steps: tuple[str, ...]
    due_on: date | None


@dataclass(frozen=True)
class StepView:
    """One step: done | open | waiting (its turn comes on `allowed_from`) | not_yet."""

    step: str
    kind: Kind
    label: Label
    role: str
    state: str
    done_on: date | None
    done_by: tuple[str, ...]
    due_on: date | None
    due_is_provisional: bool
    is_overdue: bool
    allowed_from: date | None
    can_do: bool
    citation: Citation
    # Since when it lies there, and whether its clock stands still.
    since: date | None = None
    stands_still: bool = False
    evidence: tuple[Label, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class AssessmentView:
    """What the rules said, with the explanation's data in the reader's language."""

    assessment_id: int
    as_of: date
    outcome: str
    amount_fen: int | None
    pack_release: str
    pack_hash: str
    explanation: dict[str, Any]
    result: dict[str, Any]
    is_up_to_date: bool


@dataclass(frozen=True)
class DecisionView:
    """One officer's word."""

    decision_id: int
    stage: str
    outcome: str
    recommended: str
    reason: str
    amount_fen: int | None
    actor: str
    decided_at: datetime
    is_set_aside: bool


@dataclass(frozen=True)
class ObjectionView:
    """An objection; its words are for those who handle the case only."""

    objection_id: int
    received_on: date
    objector: str
    text: str
    outcome: str
    settle_reason: str
    settled_at: datetime | None


@dataclass(frozen=True)
class PublicityView:
    """One round of publicity."""

    starts_on: date
    ends_on: date
    token: str
    is_withdrawn: bool
    is_running: bool
    objections: tuple[ObjectionView, ...]


@dataclass(frozen=True)
class NoticeView:
    """The notice of the decision."""

    made_at: datetime
    delivered_on: date | None
    delivery: str
    object_until: date | None


@dataclass(frozen=True)
class ClockStopView:
    """A time for which the clock stood still; it stands still while `until` is None."""

    label: str
    reason: str
    since: date
    until: date | None
    stopped_by: str


@dataclass(frozen=True)
class ExtensionView:
    """A limit that was extended."""

    label: str
    reason: str
    granted_at: datetime
    granted_by: str


@dataclass(frozen=True)
class ClassificationView:
    """Which programme an officer chose, beside what the rules had found."""

    before: str
    recommended: str
    open_before: tuple[str, ...]
    chosen: str
    reason: str
    chosen_at: datetime
    chosen_by: str


@dataclass(frozen=True)
class MeetingView:
    """A meeting on the case: who voted how, who stepped aside, what was agreed."""

    held_on: date
    agenda: str
    minutes: str
    amount_fen: int
    outcome: str
    votes_for: int
    votes_against: int
    abstained: int
    members: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class CarriedView:
    """What a taken-over case rests on: the old system's decision, and where the roll states it."""

    decision_no: str
    decided_on: date
    reviewed_on: date
    receiving_since: str
    roll: int
    row: int


@dataclass(frozen=True)
class ReportNote:
    """The newest verification report in a line: does it hold, what is disputed, on what was the family not heard."""

    number: str
    valid_until: date
    has_expired: bool
    open_rechecks: int
    unheard: int
    differences: int


@dataclass(frozen=True)
class CasePage:
    """Everything about one case. `can` names what this user can do now, by the name of the flow."""

    case_number: str
    version: int
    programme: str
    state: str
    channel: str
    area: str
    household_id: int
    household_number: str
    address: str
    residence: str
    applicant_id: int
    opened_at: datetime
    total_due_on: date | None
    total_is_provisional: bool
    total_is_special: bool
    clock_stops: tuple[ClockStopView, ...]
    extensions: tuple[ExtensionView, ...]
    papers_may_follow: bool
    withdrawn_on: date | None
    classification: ClassificationView | None
    meeting: MeetingView | None
    steps: tuple[StepView, ...]
    members: tuple[MemberView, ...]
    consents: tuple[ConsentView, ...]
    # The registry has changed since: these are the members as the family applied.
    family_is_kept: bool
    account: AccountView | None
    papers: tuple[PaperView, ...]
    reporter: str
    missing: tuple[MissingPaper, ...]
    missing_notified_at: datetime | None
    facts: tuple[FactLine, ...]
    # What the finding rests on that led to this case: known before anybody asked.
    reason_facts: tuple[FindingFactView, ...]
    visits: tuple[VisitView, ...]
    near_relatives: tuple[str, ...]
    assessment: AssessmentView | None
    publicities: tuple[PublicityView, ...]
    decisions: tuple[DecisionView, ...]
    notice: NoticeView | None
    carried: CarriedView | None
    # The newest verification report, and what stands in the way of a decision on it.
    report: ReportNote | None
    can: frozenset[str]
