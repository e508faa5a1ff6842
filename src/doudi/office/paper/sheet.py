"""The sheet for the village board: exactly what the public page shows, and nothing else (promise P31)."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from doudi.office.casework.models import PublicSheet
from doudi.office.paper.naming import place_name, programme_name
from doudi.office.paper.setting import set_pdf
from doudi.office.paper.wording import Wording


def publicity_sheet_pdf(sheet: PublicSheet, *, lang: str, font_dir: Path, at: datetime) -> bytes:
    """The sheet in Chinese (`zh`) or English (`en`). It is made from the public sheet's own columns alone."""
    data = sheet_data(sheet, Wording("en" if lang.startswith("en") else "zh"))
    return set_pdf("sheet.typ", data, font_dir=font_dir, at=at)


def sheet_data(sheet: PublicSheet, say: Wording) -> Mapping[str, Any]:
    """Everything that the sheet says."""
    programme = programme_name(sheet.programme, say.lang)
    township = say("sheet_township", township=place_name(sheet.village[:9], say.lang))
    starts_on, ends_on = say.day(sheet.starts_on), say.day(sheet.ends_on)
    rows = [
        ("sheet_applicant", sheet.masked_name),
        ("sheet_members", say("sheet_members_value", count=sheet.member_count)),
        ("sheet_village", place_name(sheet.village, say.lang)),
        ("sheet_opinion", say(f"sheet_{sheet.opinion}")),
        ("sheet_days", say("sheet_days_value", start=starts_on, end=ends_on)),
    ]
    return {
        "lang": say.lang,
        "title": say("sheet_title"),
        "subtitle": say("sheet_subtitle", programme=programme),
        "opening": say("sheet_opening"),
        "rows": [{"label": say(key), "value": value} for key, value in rows],
        "closing": [say("sheet_objection", township=township)],
        "office": township,
        "date": starts_on,
        "seal_note": say("seal_note"),
        "footer": say("sheet_footer", end=ends_on),
    }
