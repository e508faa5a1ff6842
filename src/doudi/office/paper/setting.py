"""Setting paper with Typst: a template of ours, data as data, fonts from one folder, nothing from anywhere else."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

import cn2an
import typst

from doudi.engine.values.errors import DoudiError
from doudi.engine.values.money import Fen

_FONT_PATTERN = "NotoSansSC*.ttf"


class PaperError(DoudiError):
    """A letter or sheet can't be set."""

    code: ClassVar[str] = "DD-PAPER-001"


def set_pdf(template: str, data: Mapping[str, Any], *, font_dir: Path, at: datetime) -> bytes:
    """Set one document. The same data, fonts and instant give the same bytes.

    Text goes in as JSON and is never parsed as Typst. Without our font the letter would silently come out empty of
    Chinese, so a missing font is refused.
    """
    if not any(font_dir.glob(_FONT_PATTERN)):
        raise PaperError(
            "the font for letters is not there.",
            advice="Build the assets: python scripts/build_assets.py.",
            where=str(font_dir),
        )
    return typst.compile(
        str(Path(__file__).with_name(template)),
        font_paths=[str(font_dir)],
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        # Typst keeps whole seconds.
        timestamp=at.replace(microsecond=0),
    )


def in_capitals(amount_fen: Fen) -> str:
    """An amount in the capital numerals (大写) that nobody can add a stroke to."""
    yuan, fen = divmod(amount_fen, 100)
    return str(cn2an.an2cn(f"{yuan}.{fen:02d}", "rmb"))
