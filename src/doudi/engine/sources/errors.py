"""Why a whole delivery is refused. Each class is advice for the data officer; none quotes a cell."""

from typing import ClassVar

from doudi.engine.values.errors import DoudiError


class SourceError(DoudiError):
    """A delivery is refused as a whole; nothing of it was stored."""

    code: ClassVar[str] = "DD-SOURCE-001"


class EmptyDeliveryError(SourceError):
    """The file has no content, or a header without a single row."""

    code: ClassVar[str] = "DD-SOURCE-002"


class WrongDeliveryError(SourceError):
    """The file's columns are those of another department, or of no source that we know."""

    code: ClassVar[str] = "DD-SOURCE-003"


class ColumnsMissingError(SourceError):
    """A required column is missing or was renamed."""

    code: ClassVar[str] = "DD-SOURCE-004"


class ColumnTwiceError(SourceError):
    """Two columns of the file mean the same; which one is right can't be told."""

    code: ClassVar[str] = "DD-SOURCE-005"


class UnknownEncodingError(SourceError):
    """The file's text is in none of the encodings that the contract allows."""

    code: ClassVar[str] = "DD-SOURCE-006"


class WrongFormatError(SourceError):
    """The file is of another kind than the contract says, or is protected by a password."""

    code: ClassVar[str] = "DD-SOURCE-007"


class OversizedDeliveryError(SourceError):
    """The file, or what it unpacks to, is larger than the reader's limits."""

    code: ClassVar[str] = "DD-SOURCE-008"


class UnclearSheetError(SourceError):
    """A workbook holds more than one sheet with content, so rows could be overlooked."""

    code: ClassVar[str] = "DD-SOURCE-009"


class UnclearUnitError(SourceError):
    """The file names two different units for the same column of money."""

    code: ClassVar[str] = "DD-SOURCE-010"


class ShrunkDeliveryError(SourceError):
    """The delivery has far fewer usable rows than the last accepted one."""

    code: ClassVar[str] = "DD-SOURCE-011"


class UnclearMonthError(SourceError):
    """The file's name does not say for which month it was delivered."""

    code: ClassVar[str] = "DD-SOURCE-012"


class FutureDeliveryError(SourceError):
    """The delivery is for a month that has not begun."""

    code: ClassVar[str] = "DD-SOURCE-013"


class ReaderStoppedError(SourceError):
    """Reading took too long, needed too much memory, or crashed; it happened apart and harmed nothing else."""

    code: ClassVar[str] = "DD-SOURCE-014"


class StoreError(DoudiError):
    """The folder of stored batches is not as it was written."""

    code: ClassVar[str] = "DD-SOURCE-015"


class NoBatchError(DoudiError):
    """Nothing of this source has been accepted yet."""

    code: ClassVar[str] = "DD-SOURCE-016"


class ColumnTypeError(SourceError):
    """A typed file keeps a column in a type that can't hold it safely, such as an identity number as a number."""

    code: ClassVar[str] = "DD-SOURCE-017"


REFUSALS: dict[str, type[SourceError]] = {
    cls.code: cls
    for cls in (
        SourceError,
        EmptyDeliveryError,
        WrongDeliveryError,
        ColumnsMissingError,
        ColumnTwiceError,
        UnknownEncodingError,
        WrongFormatError,
        OversizedDeliveryError,
        UnclearSheetError,
        UnclearUnitError,
        ShrunkDeliveryError,
        UnclearMonthError,
        FutureDeliveryError,
        ReaderStoppedError,
        ColumnTypeError,
    )
}
