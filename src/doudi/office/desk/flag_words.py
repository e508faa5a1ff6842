"""Words for the flags of a case."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from doudi.office.desk.labels import Text

# Why a case is not confirmed with others.
FLAGS: Final[dict[str, Text]] = {
    "not_eligible": _("the rules don't say eligible"),
    "out_of_date": _("the facts have changed since the rules were run"),
    "departs": _("somebody departed from the rules"),
    "set_aside": _("an earlier word was set aside"),
    "not_compared": _("the departments were not asked"),
    "differs": _("declared and found differ"),
    "expired": _("the verification report has expired"),
    "objection": _("somebody objected"),
    "near_relative": _("an official is a near relative"),
    "visitors_disagree": _("the second visitor disagrees"),
    "meeting": _("a meeting was held on it"),
    "papers_follow": _("papers are still to come"),
    "family_changed": _("the family has changed since"),
}
