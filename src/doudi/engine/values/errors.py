"""Errors as advice: what happened, what to do about it, and where."""

from typing import ClassVar


class DoudiError(Exception):
    """Something that a person can act on. Subclasses carry a stable code and their own page in the documentation.

    A message never quotes personal data: it names the file, the line, the column and the rule, not the cell.
    """

    code: ClassVar[str] = "DD-GENERAL-001"

    def __init__(self, message: str, *, advice: str = "", where: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice
        self.where = where

    def __str__(self) -> str:
        head = f"{self.where}: {self.message}" if self.where else self.message
        return f"{head} {self.advice}".rstrip()
