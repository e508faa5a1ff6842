"""Refusals of the office: shown to the user as plain words, never as a broken page."""

from http import HTTPStatus
from typing import ClassVar

from doudi.engine.values.errors import DoudiError


class Refused(DoudiError):  # noqa: N818 - it is no error: an answer of the office's
    """The office refuses an act as things stand: already done, too early, not allowed in this state."""

    code: ClassVar[str] = "DD-OFFICE-001"
    status: ClassVar[int] = HTTPStatus.CONFLICT


class Unacceptable(Refused):
    """What was typed or uploaded can't be taken as it is."""

    code: ClassVar[str] = "DD-OFFICE-002"
    status: ClassVar[int] = HTTPStatus.UNPROCESSABLE_ENTITY


class NotAllowed(Refused):
    """This user's role does not include this act."""

    code: ClassVar[str] = "DD-OFFICE-003"
    status: ClassVar[int] = HTTPStatus.FORBIDDEN


class NotYours(Refused):
    """The record is absent or lies in another area; the answer is the same for both, so that nothing is learned."""

    code: ClassVar[str] = "DD-OFFICE-004"
    status: ClassVar[int] = HTTPStatus.NOT_FOUND
