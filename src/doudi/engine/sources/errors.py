"""Why a whole delivery is refused. Each class is advice for the data officer; none quotes a cell."""

from typing import ClassVar

from doudi.engine.values.errors import DoudiError


class SourceRefused(DoudiError):
    """A delivery is refused as a whole; nothing of it was stored."""

    code: ClassVar[str] = "DD-SOURCE-001"


class DeliveryEmpty(SourceRefused):
    """The file has no content, or a header without a single row."""

    code: ClassVar[str] = "DD-SOURCE-002"


class WrongDelivery(SourceRefused):
    """The file's columns are those of another department, or of no source that we know."""

    code: ClassVar[str] = "DD-SOURCE-003"


class ColumnsMissing(SourceRefused):
    """A required column is missing or was renamed."""

    code: ClassVar[str] = "DD-SOURCE-004"


class ColumnTwice(SourceRefused):
    """Two columns of the file mean the same; which one is right can't be told."""

    code: ClassVar[str] = "DD-SOURCE-005"


class EncodingUnknown(SourceRefused):
    """The file's text is in none of the encodings that the contract allows."""

    code: ClassVar[str] = "DD-SOURCE-006"


class NotThisFormat(SourceRefused):
    """The file is of another kind than the contract says, or is protected by a password."""

    code: ClassVar[str] = "DD-SOURCE-007"


class DeliveryTooLarge(SourceRefused):
    """The file, or what it unpacks to, is larger than the reader's limits."""

    code: ClassVar[str] = "DD-SOURCE-008"


class SheetUnclear(SourceRefused):
    """A workbook holds more than one sheet with content, so rows could be overlooked."""

    code: ClassVar[str] = "DD-SOURCE-009"


class UnitUnclear(SourceRefused):
    """The file names two different units for the same column of money."""

    code: ClassVar[str] = "DD-SOURCE-010"


class DeliveryShrank(SourceRefused):
    """The delivery has far fewer usable rows than the last accepted one."""

    code: ClassVar[str] = "DD-SOURCE-011"


class DeliveryMonthUnclear(SourceRefused):
    """The file's name does not say for which month it was delivered."""

    code: ClassVar[str] = "DD-SOURCE-012"


class DeliveryFromFuture(SourceRefused):
    """The delivery is for a month that has not begun."""

    code: ClassVar[str] = "DD-SOURCE-013"


class ReaderStopped(SourceRefused):
    """Reading took too long, needed too much memory, or crashed; it happened apart and harmed nothing else."""

    code: ClassVar[str] = "DD-SOURCE-014"


class StoreBroken(DoudiError):
    """The folder of stored batches is not as it was written."""

    code: ClassVar[str] = "DD-SOURCE-015"


class NoBatch(DoudiError):
    """Nothing of this source has been accepted yet."""

    code: ClassVar[str] = "DD-SOURCE-016"


REFUSALS: dict[str, type[SourceRefused]] = {
    cls.code: cls
    for cls in (
        SourceRefused,
        DeliveryEmpty,
        WrongDelivery,
        ColumnsMissing,
        ColumnTwice,
        EncodingUnknown,
        NotThisFormat,
        DeliveryTooLarge,
        SheetUnclear,
        UnitUnclear,
        DeliveryShrank,
        DeliveryMonthUnclear,
        DeliveryFromFuture,
        ReaderStopped,
    )
}
