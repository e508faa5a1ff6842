"""The texts that people read: finds every msgid of the office and brings the catalogues up to date.

`python scripts/messages.py` adds new msgids to each language's catalogue with an empty translation, and takes out those
that are no longer used. `tests/architecture/test_translations.py` fails while one is empty. No gettext tools needed.
"""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

import django
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
OFFICE = ROOT / "src" / "doudi" / "office"
LANGUAGES = ("zh_Hans", "en")
# Texts of an app live with that app; what several share lives with the desk.
DEFAULT_APP = "desk"
KEYWORDS = {
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "_": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}

Message = tuple[str | tuple[str, ...], str | None, str]
"""The msgid (with its plural), its context, and where it stands."""


def messages() -> Iterator[Message]:
    """Every msgid of the office, in the order of the files."""
    for path in sorted(OFFICE.rglob("*")):
        if "static-built" in path.parts or "migrations" in path.parts:
            continue
        if path.suffix == ".py" or (path.suffix in {".html", ".txt"} and "templates" in path.parts):
            yield from messages_of(path)


def messages_of(path: Path) -> Iterator[Message]:
    """The msgids of one file; templates go through Django's own translation of template tags into calls."""
    text = path.read_text("utf-8")
    source = text if path.suffix == ".py" else templatize(text)
    where = str(path.relative_to(ROOT))
    for _line, msgid, _comments, context in extract("python", io.BytesIO(source.encode()), keywords=KEYWORDS):
        if msgid:
            yield msgid, context, where


def app_of(where: str) -> str:
    """The app whose catalogue holds a file's texts."""
    parts = Path(where).relative_to("src/doudi/office").parts
    return parts[0] if len(parts) > 1 and (OFFICE / parts[0] / "apps.py").is_file() else DEFAULT_APP


def catalogue_path(app: str, language: str) -> Path:
    """Where an app keeps its texts in a language."""
    return OFFICE / app / "locale" / language / "LC_MESSAGES" / "django.po"


def read_catalogue(app: str, language: str) -> Catalog:
    """An app's catalogue, empty when there is none yet."""
    path = catalogue_path(app, language)
    if not path.is_file():
        return Catalog(locale=language)
    with path.open("rb") as text:
        return read_po(text, locale=language, abort_invalid=True)


def written(catalogue: Catalog) -> bytes:
    """A catalogue as a file, without the dates and names that would change with every run."""
    buffer = io.BytesIO()
    write_po(buffer, catalogue, sort_output=False, width=110)
    kept = ("Content-", "MIME-", "Language:", "Plural-")
    lines = [
        line
        for line in buffer.getvalue().decode().splitlines()
        if not (line.startswith('"') and line.endswith('\\n"') and ": " in line and not line[1:].startswith(kept))
    ]
    text = "\n".join(lines[next(place for place, line in enumerate(lines) if line.startswith("msgid")) :])
    return f"# Texts of the office; kept by scripts/messages.py.\n{text.rstrip()}\n".encode()


def main() -> int:
    """Rewrites each catalogue with exactly the msgids in use, keeping the translations that it had."""
    settings.configure(USE_I18N=True)
    django.setup()
    found: dict[str, dict[tuple[str | tuple[str, ...], str | None], set[str]]] = {}
    for msgid, context, where in messages():
        found.setdefault(app_of(where), {}).setdefault((msgid, context), set()).add(where)
    missing = 0
    for app, entries in sorted(found.items()):
        for language in LANGUAGES:
            old = read_catalogue(app, language)
            new = Catalog(locale=language, project="Doudi", fuzzy=False, charset="utf-8")
            for (msgid, context), places in entries.items():
                known = old.get(msgid, context)
                text = known.string if known is not None else ""
                if language == "en":
                    text = msgid
                missing += not (all(text) if isinstance(text, tuple) else text)
                new.add(msgid, text, context=context, locations=[(place, None) for place in sorted(places)])
            path = catalogue_path(app, language)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(written(new))
    print(f"{sum(len(entries) for entries in found.values())} texts, {missing} without a translation")
    return 0


if __name__ == "__main__":
    sys.exit(main())
