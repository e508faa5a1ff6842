"""The forms of a case, in the order in which a case meets them."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from doudi.office.desk.labels import AMOUNTS, CHANNELS, CONSENT_SCOPES, DECISIONS, RELATIONS, UNSIGNED
from doudi.office.desk.sheets import (
    NARRATIVE_LENGTH_MAX,
    DayField,
    LookFirstSheet,
    ReasonField,
    Sheet,
    TokenField,
    YuanField,
    class_of,
)
from doudi.office.flows.visit import Circumstances, Interview

Choices = Sequence[tuple[Any, Any]]
INTERVIEWS = 3
"""How many talks with neighbours the form of a visit has room for."""
# The others open their applications themselves: a visit, the citizens' page, the taking over of a roll.
_CAME = {key: CHANNELS[key] for key in ("window", "phone", "neighbour", "direct")}


class CaseSheet(Sheet):
    """A form about a case, made for one version of it: a stale form is refused."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class WindowSheet(LookFirstSheet):
    """An application at the window. The ID and the address are enough; what the state already has is not asked."""

    channel = forms.ChoiceField(label=_("How it came"), choices=[*_CAME.items()], initial="window")
    programme = forms.ChoiceField(label=_("Programme"))
    name = forms.CharField(label=_("Name"), max_length=60)
    id_number = forms.CharField(
        label=_("ID number"), max_length=24, help_text=_("As on the card; the check digit is verified.")
    )
    area = forms.ChoiceField(label=_("Village"))
    address = forms.CharField(label=_("Address"), max_length=200)
    residence = forms.ChoiceField(
        label=_("Standard that applies"),
        choices=[("urban", _("urban")), ("rural", _("rural"))],
        widget=forms.RadioSelect,
    )
    phone = forms.CharField(label=_("Telephone"), max_length=30, required=False)
    reporter_name = forms.CharField(
        label=_("If somebody else asks: who"),
        max_length=60,
        required=False,
        help_text=_("A neighbour or village assistant. The family itself consents later, on paper."),
    )
    reporter_relation = forms.CharField(label=_("How the two are related"), max_length=60, required=False)
    reporter_phone = forms.CharField(label=_("Telephone of who asks"), max_length=30, required=False)

    def __init__(self, *args: Any, areas: Choices, programmes: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose("area", areas)
        self.choose("programme", programmes)


class ApplicantSheet(Sheet):
    """Who of the family applies."""

    programme = forms.ChoiceField(label=_("Programme"))
    applicant_id = forms.TypedChoiceField(label=_("Who applies"), coerce=int, widget=forms.RadioSelect)

    def __init__(self, *args: Any, members: Choices, programmes: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose("applicant_id", members)
        self.choose("programme", programmes)


class MemberSheet(LookFirstSheet, CaseSheet):
    """One more member of the family living together."""

    name = forms.CharField(label=_("Name"), max_length=60)
    id_number = forms.CharField(label=_("ID number"), max_length=24)
    relation = forms.ChoiceField(label=_("Relation to the head"), choices=[("", "—"), *RELATIONS.items()])
    phone = forms.CharField(label=_("Telephone"), max_length=30, required=False)


class LeaveSheet(CaseSheet):
    """A member who does not live with the family."""

    person_id = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(label=_("Why this person is no member"), max_length=200)


class ConsentSheet(CaseSheet):
    """Which adults signed the authorisation of the means check."""

    person_ids = forms.TypedMultipleChoiceField(label=_("Who signed"), coerce=int, widget=forms.CheckboxSelectMultiple)
    scope = forms.ChoiceField(
        label=_("Whom the office may ask"), choices=[*CONSENT_SCOPES.items()], widget=forms.RadioSelect, initial="all"
    )
    signed_on = DayField(label=_("Signed on"))
    valid_until = DayField(
        label=_("Last day"), required=False, help_text=_("As the paper says; one that names no day holds for a year.")
    )

    def __init__(self, *args: Any, members: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose("person_ids", members)


class WithdrawConsentSheet(CaseSheet):
    """A member takes the authorisation back."""

    person_id = forms.IntegerField(widget=forms.HiddenInput)


class AccountSheet(CaseSheet):
    """The account that the money would go to: a member's own."""

    holder_id = forms.TypedChoiceField(label=_("Account holder"), coerce=int)
    bank_name = forms.CharField(label=_("Bank"), max_length=60)
    account_number = forms.CharField(
        label=_("Account number"),
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, members: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose("holder_id", members)


class RelativeSheet(CaseSheet):
    """Near relatives of people who handle cases or sit on the village committee, or that there are none."""

    has_none = forms.BooleanField(
        label=_("The family declares: no member is a near relative of such a person"), required=False
    )
    person_id = forms.TypedChoiceField(label=_("Member"), coerce=int, required=False, empty_value=None)
    official_id = forms.TypedChoiceField(
        label=_("Colleague of the office"), coerce=int, required=False, empty_value=None
    )
    official_name = forms.CharField(label=_("Or the name of the village cadre"), max_length=60, required=False)
    relation = forms.CharField(label=_("Relation between the two"), max_length=40, required=False)

    def __init__(self, *args: Any, members: Choices, officials: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose("person_id", [("", "—"), *members])
        self.choose("official_id", [("", "—"), *officials])

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        named = bool(typed.get("person_id"))
        if typed.get("has_none") == named:
            self.add_error("has_none", _("Either tick this, or name the member below."))
        if named and not (typed.get("official_id") or typed.get("official_name")):
            self.add_error("official_id", _("Choose the colleague or write the cadre's name."))
        if named and not typed.get("relation"):
            self.add_error("relation", _("Write how the two are related."))
        return typed


class CountVisitSheet(CaseSheet):
    """An earlier visit that is to count."""

    visit_id = forms.IntegerField(widget=forms.HiddenInput)


class DecisionSheet(CaseSheet):
    """An officer's word: following the rules and departing from them ask for the same (promise P21)."""

    outcome = forms.ChoiceField(label=_("Opinion"), choices=list(DECISIONS.items()), widget=forms.RadioSelect)
    amount_fen = YuanField(
        label=_("Amount a month"),
        required=False,
        help_text=_("Only when you approve; the rules' amount stands here already."),
    )
    reason = ReasonField()

    def __init__(self, *args: Any, pays: str = "monthly", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if pays:
            self.fields["amount_fen"].label = str(AMOUNTS[pays])
        else:
            # A recognition pays nothing, so there is nothing to state.
            del self.fields["amount_fen"]

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        if "amount_fen" not in self.fields:
            return typed
        if typed.get("outcome") == "approve" and not typed.get("amount_fen") and "amount_fen" not in self.errors:
            self.add_error("amount_fen", _("An approval names an amount above zero."))
        return typed


class TogetherSheet(Sheet):
    """Which cases, each with the version that was looked at, and why."""

    chosen = forms.MultipleChoiceField(
        label=_("Cases to approve as proposed"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Choose at least one case."),
            "invalid_choice": _("A chosen case was changed or decided meanwhile. Look at the list as it stands."),
        },
    )
    reason = ReasonField()


class ObjectionSheet(Sheet):
    """What somebody says against a publicised opinion. It may be anonymous."""

    form_token = TokenField()
    received_on = DayField(label=_("Received on"))
    objector = forms.CharField(
        label=_("Who objects"),
        max_length=60,
        required=False,
        help_text=_("May stay empty: anonymous objections count too."),
    )
    text = ReasonField(label=_("What is said"))


class SettleSheet(Sheet):
    """What was found about an objection."""

    objection_id = forms.IntegerField(widget=forms.HiddenInput)
    outcome = forms.ChoiceField(
        label=_("Result"),
        choices=[("unfounded", _("unfounded")), ("founded", _("founded: a new opinion is due"))],
        widget=forms.RadioSelect,
    )
    reason = ReasonField()


class NoticeSheet(CaseSheet):
    """How and when the letter reached the family."""

    delivered_on = DayField(label=_("Delivered on"))
    delivery = forms.ChoiceField(
        label=_("How"),
        choices=[
            ("in_person", _("handed over in person")),
            ("by_post", _("by post with receipt")),
            ("left_at_home", _("left at home before a witness")),
        ],
    )


class CloseFindingSheet(Sheet):
    """Why a finding ends without an answer."""

    reason = ReasonField(label=_("What was tried"))


class SettleRollSheet(Sheet):
    """The second person's word on a roll: taken over or discarded, and with what it was compared."""

    roll_id = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    act = forms.ChoiceField(choices=[("confirm", ""), ("discard", "")], widget=forms.HiddenInput)
    reason = ReasonField(label=_("With what it was compared, and what came of it"))


class HeldSheet(Sheet):
    """What somebody looked at before releasing what the brake holds."""

    reason = ReasonField(label=_("What you looked at"))


class VisitSheet(Sheet):
    """The frame of a visit form: who went when, what it comes to, who signed. The questions stand beside it."""

    form_token = TokenField()
    visited_on = DayField(label=_("Visited on"))
    arrived_at = forms.TimeField(
        label=_("Arrived at"),
        required=False,
        input_formats=["%H:%M"],
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    place = forms.CharField(
        label=_("Where it took place"),
        max_length=200,
        required=False,
        help_text=_("Only if it was not at the address above."),
    )
    position = forms.CharField(
        label=_("Position"), max_length=40, required=False, help_text=_("In degrees, such as 34.75120, 113.62541.")
    )
    second_visitor_id = forms.TypedChoiceField(
        label=_("Second visitor"), coerce=int, help_text=_("You are the first; two people go together.")
    )
    outcome = forms.ChoiceField(
        label=_("What the visit found"),
        choices=[
            ("confirmed", _("The family needs help")),
            ("cleared", _("The reason does not hold")),
            ("unknown", _("It could not be found out")),
        ],
        widget=forms.RadioSelect,
    )
    reason = ReasonField(label=_("What you saw and heard"), max_length=4000)
    signed_by_id = forms.TypedChoiceField(label=_("Signed by"), coerce=int, required=False, empty_value=None)
    unsigned_kind = forms.ChoiceField(
        label=_("If nobody signed"), choices=[("", "—"), *UNSIGNED.items()], required=False
    )
    unsigned_reason = forms.CharField(label=_("Why nobody signed, in words"), max_length=200, required=False)

    def __init__(self, *args: Any, visitors: Choices, members: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose("second_visitor_id", [("", "—"), *visitors])
        self.choose("signed_by_id", [("", _("nobody")), *members])
        for number in range(INTERVIEWS):
            said = ReasonField(label=_("What the neighbour said"), max_length=NARRATIVE_LENGTH_MAX, required=False)
            who = forms.CharField(label=_("Neighbour"), max_length=60, required=False, help_text=_("May stay empty."))
            lives = forms.CharField(label=_("Lives"), max_length=60, required=False, help_text=_("Next door, say."))
            for key, field in ((f"neighbour_{number}", who), (f"lives_{number}", lives), (f"said_{number}", said)):
                field.widget.attrs.setdefault("class", class_of(field))
                self.fields[key] = field

    def interview_fields(self) -> list[list[BoundField]]:
        """The fields of each interview."""
        return [[self[f"{name}_{number}"] for name in ("neighbour", "lives", "said")] for number in range(INTERVIEWS)]

    def visit(self) -> dict[str, Any]:
        """What was typed, as the flow takes it."""
        typed = dict(self.cleaned_data)
        told = {name: typed.pop(name) for name in ("arrived_at", "place", "position", "unsigned_kind")}
        interviews = [
            Interview(*(typed.pop(f"{name}_{number}") for name in ("said", "neighbour", "lives")))
            for number in range(INTERVIEWS)
        ]
        return {
            **typed,
            "circumstances": Circumstances(**told),
            "interviews": [each for each in interviews if each.said or each.neighbour or each.lives],
        }

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        if bool(typed.get("signed_by_id")) == bool(typed.get("unsigned_reason")):
            self.add_error("signed_by_id", _("Choose who signed, or write why nobody did - one of the two."))
        return typed
