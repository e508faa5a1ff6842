"""What can be wrong with a rule, each with a stable code and the file and line where to put it right."""

from typing import ClassVar

from doudi.engine.values.errors import DoudiError


class RuleError(DoudiError):
    """A rule of the pack can't be used as it is written."""

    code: ClassVar[str] = "DD-RULE-001"


class FormulaTextError(RuleError):
    """The text is too long, too deep, or not one expression of the formula language."""

    code: ClassVar[str] = "DD-RULE-002"


class FormulaWordError(RuleError):
    """The formula uses a construction or a function that the language doesn't have."""

    code: ClassVar[str] = "DD-RULE-003"


class FormulaNameError(RuleError):
    """The formula reads a name that is neither a fact, a parameter nor a formula."""

    code: ClassVar[str] = "DD-RULE-004"


class FormulaTypeError(RuleError):
    """Types or units do not fit together."""

    code: ClassVar[str] = "DD-RULE-005"


class FormulaOverflowError(RuleError):
    """It can't be proved that the value always fits into 64 bits."""

    code: ClassVar[str] = "DD-RULE-006"


class FormulaCircleError(RuleError):
    """Formulas need each other's results in a circle."""

    code: ClassVar[str] = "DD-RULE-007"


class FormulaPeriodError(RuleError):
    """A longer period's total is spread over months, which no formula may do (promise 16)."""

    code: ClassVar[str] = "DD-RULE-008"


class SentenceError(RuleError):
    """A sentence of the explanation names a value that the programme doesn't have."""

    code: ClassVar[str] = "DD-RULE-009"


class FactError(DoudiError):
    """A fact handed to the rules has another type than the vocabulary says, or lies outside its bounds."""

    code: ClassVar[str] = "DD-FACT-001"


class FamilyShapeError(DoudiError):
    """A family or a set of columns is not of the shape that the rules read."""

    code: ClassVar[str] = "DD-FACT-002"


class CaseFileError(RuleError):
    """A case of the pack is not written as cases are."""

    code: ClassVar[str] = "DD-RULE-010"


class KernelCacheError(DoudiError):
    """The folder for compiled kernels can't be trusted or written."""

    code: ClassVar[str] = "DD-RULE-011"
