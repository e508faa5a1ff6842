"""What is known of one case on its way: the steps that were taken, which conditions hold, and how its clock ran."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class StepRecord:
    """A step that was done: on which day, by whom, and with whom (the second visitor of a home visit)."""

    at: date
    actor: str
    others: tuple[str, ...] = ()

    @property
    def people(self) -> frozenset[str]:
        """Everyone who took part."""
        return frozenset({self.actor, *self.others})


@dataclass(frozen=True)
class Pause:
    """A time for which the clock stood still: the days after `since`, up to and including `until`.

    It stands for the steps named, or for the whole case if none is. With no `until` it stands still.
    """

    since: date
    until: date | None = None
    steps: tuple[str, ...] = ()


@dataclass(frozen=True)
class CaseRecord:
    """A case as the procedure sees it.

    `conditions` says of each condition that is known whether it holds; one that is missing is not known yet, and then
    the step that names it is neither due nor passed over. `more_days` are the days by which a step's limit was
    extended; `is_special` puts the whole under the longer total limit. A case that was withdrawn has no open step.
    """

    done: Mapping[str, StepRecord] = field(default_factory=dict)
    conditions: Mapping[str, bool] = field(default_factory=dict)
    pauses: tuple[Pause, ...] = ()
    more_days: Mapping[str, int] = field(default_factory=dict)
    is_special: bool = False
    is_withdrawn: bool = False
