"""The office of the flows' tests, for tests that look at it through its pages."""

from tests.office.desk.one_of_each import everything
from tests.office.flows.conftest import lake, office

__all__ = ["everything", "lake", "office"]
