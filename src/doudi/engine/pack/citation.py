"""What a pack says of its own words: labels in two languages, and the instrument that a rule or number comes from."""

from typing import Literal

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """A part of a pack's file: immutable, no unknown entries, no guessing of types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Label(Strict):
    """A name or sentence in Chinese and English."""

    zh: str
    en: str

    def in_language(self, lang: str) -> str:
        """The text for `zh`, `zh-hans`, `en` and the like; Chinese unless English is asked for."""
        return self.en if lang.lower().startswith("en") else self.zh


class Citation(Strict):
    """The legal source 依据 of a rule or number.

    mark: V the text was read; R recalled, to be confirmed; L set locally; S reported practice.
    """

    instrument: str
    article: str
    document_number: str | None = None
    mark: Literal["V", "R", "L", "S"]

    def __str__(self) -> str:
        number = f"（{self.document_number}）" if self.document_number else ""
        return f"《{self.instrument}》{number}{self.article}"
