"""The office of the flows' tests, for tests that look at it through its pages."""

from tests.office.flows.conftest import lake, office

__all__ = ["lake", "office"]
