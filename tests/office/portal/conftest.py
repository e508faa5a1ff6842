"""The office of the flows' tests, for tests that look at it from outside."""

from tests.office.flows.conftest import lake, office

__all__ = ["lake", "office"]
