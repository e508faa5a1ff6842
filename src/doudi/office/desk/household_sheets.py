"""The forms of a household's file: each change with its day, its reason and the paper that shows it."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from doudi.office.desk.case_sheets import Choices
from doudi.office.desk.labels import JOIN_CAUSES, LEAVE_CAUSES, RELATIONS, SEXES, UNMASK_REASONS
from doudi.office.desk.sheets import DayField, LookFirstSheet, ReasonField, Sheet, class_of
from doudi.office.flows.newcomers import Papers
from doudi.office.registry.ground import Ground
from doudi.office.registry.identity import Identity
from doudi.office.registry.queries import MemberView

_NONE = [("", "—")]


class GroundSheet(Sheet):
    """From which day, why, by which paper."""

    on = DayField(label=_("Holds from"))
    reason = ReasonField()
    paper = forms.CharField(
        label=_("Paper that shows it"),
        max_length=200,
        required=False,
        help_text=_("Such as the marriage certificate and its number, or a page of the household book."),
    )

    def ground(self) -> Ground:
        """As the flow takes it."""
        typed = self.cleaned_data
        return Ground(typed["on"], typed["reason"], typed["paper"])

    def asks_last(self, names: Sequence[str]) -> None:
        """Puts day, reason and paper behind what the form is about."""
        self.order_fields([*names, "on", "reason", "paper"])


class RelationsSheet(GroundSheet):
    """One relation for each member. With `may_stay` an empty one says that the member stays where he or she is."""

    def __init__(
        self,
        *args: Any,
        members: Sequence[MemberView],
        may_stay: bool = False,
        is_filled: bool = False,
        without_head: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        empty = [("", _("stays"))] if may_stay else _NONE
        offered = [(code, word) for code, word in RELATIONS.items() if not (without_head and code == "02")]
        for member in members:
            field = forms.ChoiceField(
                label=f"{member.name}（{RELATIONS[member.relation]}）",
                choices=[*empty, *offered],
                required=not may_stay,
                initial=member.relation if is_filled else "",
            )
            field.widget.attrs["class"] = class_of(field)
            self.fields[f"relation_{member.person_id}"] = field
        self.asks_last([f"relation_{member.person_id}" for member in members])

    def relations(self) -> Mapping[int, str]:
        """What was chosen, by person; who stays is left out."""
        given = {name: code for name, code in self.cleaned_data.items() if name.startswith("relation_") and code}
        return {int(name.removeprefix("relation_")): code for name, code in given.items()}


class SplitSheet(RelationsSheet):
    """Who founds a household of their own, each with the relation to its head, and where it lives."""

    area = forms.ChoiceField(label=_("Village"))
    address = forms.CharField(label=_("Address"), max_length=200)

    def __init__(self, *args: Any, areas: Choices, **kwargs: Any) -> None:
        super().__init__(*args, may_stay=True, **kwargs)
        self.choose("area", areas)
        self.asks_last([*(name for name in self.fields if name.startswith("relation_")), "area", "address"])


class FindHouseholdSheet(Sheet):
    """The other household of a merger."""

    number = forms.CharField(
        label=_("Household number"), max_length=20, help_text=_("As on its page, such as H419901-0000123.")
    )


class MoveSheet(GroundSheet):
    """Where the household lives from now on."""

    area = forms.ChoiceField(label=_("Village"))
    address = forms.CharField(label=_("Address"), max_length=200)

    def __init__(self, *args: Any, areas: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose("area", areas)
        self.asks_last(["area", "address"])


class AwaySheet(GroundSheet):
    """Which township is asked to receive the household."""

    to_area = forms.ChoiceField(label=_("Township"))
    address = forms.CharField(label=_("Address there, as the family says"), max_length=200)

    def __init__(self, *args: Any, areas: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose("to_area", areas)
        self.asks_last(["to_area", "address"])


class AnswerMoveSheet(Sheet):
    """Does the township receive the household, and in which village?"""

    outcome = forms.ChoiceField(
        label=_("Answer"),
        choices=[("accept", _("The household is received")), ("refuse", _("It is not received"))],
        widget=forms.RadioSelect,
    )
    area = forms.ChoiceField(label=_("Village"), required=False)
    answer = ReasonField(label=_("How it was looked at, or why not"))

    def __init__(self, *args: Any, areas: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose("area", [*_NONE, *areas])

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        if typed.get("outcome") == "accept" and not typed.get("area"):
            self.add_error("area", _("Choose the village."))
        return typed


class JoinSheet(LookFirstSheet, GroundSheet):
    """Who joins: by the number, or for a newborn child by birth date and sex."""

    name = forms.CharField(label=_("Name"), max_length=60)
    id_number = forms.CharField(
        label=_("ID number"),
        max_length=24,
        required=False,
        help_text=_("Leave empty only for a child without one; then birth date and sex are needed."),
    )
    birth_date = DayField(label=_("Born on"), required=False)
    sex = forms.ChoiceField(label=_("Sex"), choices=[*_NONE, *SEXES.items()], required=False)
    relation = forms.ChoiceField(label=_("Relation to the head"), choices=[*_NONE, *RELATIONS.items()])
    cause = forms.ChoiceField(label=_("Why"), choices=[*_NONE, *JOIN_CAUSES.items()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asks_last(["name", "id_number", "birth_date", "sex", "relation", "cause"])

    def papers(self) -> Papers:
        """As the flow takes it."""
        typed = self.cleaned_data
        return Papers(typed["name"], typed["id_number"], typed["birth_date"], typed["sex"])


class GoneSheet(GroundSheet):
    """Who belongs to the household no longer."""

    person_id = forms.TypedChoiceField(label=_("Member"), coerce=int)
    cause = forms.ChoiceField(label=_("Why"), choices=[*_NONE, *LEAVE_CAUSES.items()])

    def __init__(self, *args: Any, members: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose("person_id", [*_NONE, *members])
        self.asks_last(["person_id", "cause"])


class CorrectSheet(GroundSheet):
    """A person's data as the papers say them."""

    name = forms.CharField(label=_("Name"), max_length=60)
    id_number = forms.CharField(
        label=_("ID number"), max_length=24, required=False, help_text=_("Empty leaves the recorded number as it is.")
    )
    birth_date = DayField(label=_("Born on"), required=False)
    sex = forms.ChoiceField(label=_("Sex"), choices=[*_NONE, *SEXES.items()], required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["paper"].required = True
        self.asks_last(["name", "id_number", "birth_date", "sex"])

    def identity(self) -> Identity:
        """As the flow takes it."""
        typed = self.cleaned_data
        number = "".join(typed["id_number"].split()).upper()
        return Identity(typed["name"], number, typed["birth_date"], typed["sex"])


class UndoSheet(Sheet):
    """Why a change was wrong."""

    reason = ReasonField(label=_("Why the entry was wrong"))


class ReviewSheet(Sheet):
    """What the review of the members came to."""

    note = ReasonField(label=_("What the review came to"))


class UnmaskSheet(Sheet):
    """Why the whole number is needed."""

    reason = forms.ChoiceField(label=_("What it is needed for"), choices=[*_NONE, *UNMASK_REASONS.items()])


class HouseholdRelativeSheet(Sheet):
    """A member who is a near relative of somebody who handles cases, or that person."""

    person_id = forms.TypedChoiceField(label=_("Member"), coerce=int)
    official_id = forms.TypedChoiceField(
        label=_("Colleague of the office"), coerce=int, required=False, empty_value=None
    )
    official_name = forms.CharField(label=_("Or the name of the village cadre"), max_length=60, required=False)
    relation = forms.CharField(
        label=_("Relation between the two"),
        max_length=40,
        help_text=_("“Oneself”, where the member is the official."),
    )

    def __init__(self, *args: Any, members: Choices, officials: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose("person_id", [*_NONE, *members])
        self.choose("official_id", [*_NONE, *officials])
