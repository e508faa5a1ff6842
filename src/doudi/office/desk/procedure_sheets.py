"""The forms of what a procedure asks besides the ordinary steps: notes, clocks, withdrawal, meeting, tiers."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from doudi.office.desk.case_sheets import CaseSheet, Choices
from doudi.office.desk.labels import VOTES
from doudi.office.desk.sheets import DayField, ReasonField, YuanField, class_of
from doudi.office.flows.meet import Called


class NoteSheet(CaseSheet):
    """What was done and found in a step."""

    note = ReasonField(label=_("What was done and found"))


class PapersSheet(CaseSheet):
    """The papers that were allowed to follow have come."""

    note = forms.CharField(label=_("Remark"), max_length=200, required=False)


class StopSheet(CaseSheet):
    """Why the clock stands still."""

    stop = forms.ChoiceField(label=_("Reason of the procedure"), widget=forms.RadioSelect)
    reason = ReasonField(label=_("What the office waits for"))

    def __init__(self, *args: Any, stops: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose("stop", stops)


class ExtendSheet(CaseSheet):
    """Why a limit is extended."""

    extension = forms.ChoiceField(label=_("Reason of the procedure"), widget=forms.RadioSelect)
    reason = ReasonField(label=_("Why this case needs more time"))

    def __init__(self, *args: Any, extensions: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose("extension", extensions)


class WithdrawSheet(CaseSheet):
    """The family takes its application back."""

    signed_by_id = forms.TypedChoiceField(label=_("Who signed"), coerce=int, widget=forms.RadioSelect)
    signed_on = DayField(label=_("Signed on"))
    reason = ReasonField(label=_("What the family said"))

    def __init__(self, *args: Any, members: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose("signed_by_id", members)


class TierSheet(CaseSheet):
    """Which programme the application is for. Following the rules and departing from them ask for the same."""

    programme = forms.ChoiceField(label=_("The application is for"), widget=forms.RadioSelect)
    reason = ReasonField()

    def __init__(self, *args: Any, programmes: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose("programme", programmes)


class MeetingSheet(CaseSheet):
    """A meeting on the case: everybody who was called, with a vote or why he or she stepped aside."""

    held_on = DayField(label=_("Held on"))
    agenda = forms.CharField(label=_("Agenda"), max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))
    amount_fen = YuanField(label=_("Amount voted on"))
    minutes = ReasonField(label=_("Minutes"))

    def __init__(self, *args: Any, colleagues: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.colleagues = list(colleagues)
        for pk, name in self.colleagues:
            vote = forms.ChoiceField(label=name, choices=[("", _("was not there")), *VOTES.items()], required=False)
            why = forms.CharField(label=_("Why stepped aside"), max_length=200, required=False)
            for key, field in ((f"vote_{pk}", vote), (f"why_{pk}", why)):
                field.widget.attrs.setdefault("class", class_of(field))
                self.fields[key] = field

    def seats(self) -> list[dict[str, Any]]:
        """The fields of each colleague, for the table."""
        return [{"name": name, "vote": self[f"vote_{pk}"], "why": self[f"why_{pk}"]} for pk, name in self.colleagues]

    def plain_fields(self) -> list[Any]:
        """The fields about the meeting as a whole."""
        return [self[name] for name in ("version", "held_on", "agenda", "amount_fen", "minutes")]

    def called(self) -> list[Called]:
        """Who was there and how they voted."""
        typed = self.cleaned_data
        return [
            Called(pk, typed[f"vote_{pk}"], typed[f"why_{pk}"])
            for pk, _name in self.colleagues
            if typed.get(f"vote_{pk}")
        ]
