"""Finding and reading a pack: its release, its digest, its documents, parameters, calendar and division names."""

import hashlib
from collections.abc import Iterator
from datetime import date
from functools import cached_property
from pathlib import Path

from pydantic import Field

from doudi.engine.pack.citation import Label, Strict
from doudi.engine.pack.document import Document, PackError, decode_document, read_bytes, validate
from doudi.engine.pack.parameters import DatedValue, Parameters
from doudi.engine.values.calendar import CalendarYear, WorkCalendar
from doudi.engine.values.region import Region

_SHIPPED = Path(__file__).resolve().parents[2] / "packs" / "cn"
_OWN = "own-regions"


class _About(Strict):
    release: str
    label: Label
    jurisdiction: str


class _CalendarFile(Strict):
    year: int
    provisional: bool = False
    notice: str
    holidays: tuple[date, ...] = Field(strict=False)
    make_up_working_days: tuple[date, ...] = Field(strict=False)


class _Division(Strict):
    code: str
    name: Label


class _Divisions(Strict):
    divisions: tuple[_Division, ...] = Field(strict=False)


def load_pack(root: Path | None = None, *, extra_region_dir: Path | None = None) -> "Pack":
    """Read the pack that ships with Doudi, or the one at `root`.

    `extra_region_dir` holds a bureau's own divisions, laid out like the pack's `regions/` folder; its files count
    in the pack's digest as much as the shipped ones.
    """
    folder = root or _SHIPPED
    if not (folder / "pack.yaml").is_file():
        raise PackError("there is no pack here.", advice="A pack is a folder with a pack.yaml.", where=folder.name)
    files = dict(_files(folder, ""))
    if extra_region_dir is not None:
        if not extra_region_dir.is_dir():
            raise PackError("there is no folder of own regions here.", where=extra_region_dir.name)
        files.update(_files(extra_region_dir, f"{_OWN}/"))
    return Pack(files)


class Pack:
    """A pack as it lay on the disk when it was loaded: what is read and what the digest covers are the same bytes."""

    def __init__(self, files: dict[str, Path]) -> None:
        self._files = files
        self._contents = {relative: read_bytes(path, relative) for relative, path in files.items()}
        self._documents: dict[str, Document] = {}
        about = validate(self.document("pack.yaml"), _About)
        self.release: str = about.release
        self.label: Label = about.label
        self.jurisdiction: str = about.jurisdiction

    @cached_property
    def hash(self) -> str:
        """SHA-256 over the names and bytes of all files: two packs with the same digest say the same."""
        digest = hashlib.sha256()
        for relative in sorted(self._contents):
            content = self._contents[relative]
            digest.update(f"{relative}\0{len(content)}\0".encode())
            digest.update(content)
        return digest.hexdigest()

    def document(self, relative: str) -> Document:
        """One file by its path inside the pack, such as `programmes/dibao/formulas.yaml`."""
        if relative not in self._documents:
            if relative not in self._files:
                raise PackError("the pack has no such file.", advice="Check its name.", where=relative)
            path, content = self._files[relative], self._contents[relative]
            self._documents[relative] = decode_document(content, path=path, relative=relative)
        return self._documents[relative]

    def has_document(self, relative: str) -> bool:
        """Is there such a file?"""
        return relative in self._files

    def documents(self, folder: str) -> list[Document]:
        """Every YAML file in a folder of the pack, at any depth, in the order of their paths.

        Folders that begin with an underscore are templates to copy from and are left out.
        """
        prefix = f"{folder.strip('/')}/"
        return [
            self.document(relative)
            for relative in sorted(self._files)
            if relative.startswith(prefix) and relative.endswith(".yaml") and "/_" not in relative
        ]

    def all_documents(self) -> list[Document]:
        """Every YAML file of the pack."""
        return [self.document(relative) for relative in sorted(self._files) if relative.endswith(".yaml")]

    @cached_property
    def parameters(self) -> Parameters:
        """All parameters, declared and given."""
        regional = list(self._regional())
        known = {id(document) for _, document in regional}
        national = [
            self.document(relative)
            for relative in sorted(self._files)
            if relative.endswith("/parameters.yaml") and "/_" not in relative
        ]
        return Parameters([document for document in national if id(document) not in known], regional)

    def parameter(self, name: str, *, region: str, on: date) -> DatedValue:
        """The value of a parameter in a place on a day, with its source."""
        return self.parameters.value(name, region=region, on=on)

    def calendar(self) -> WorkCalendar:
        """The working days of every year that the pack knows."""
        return self._calendar

    def region_name(self, code: str, lang: str) -> str:
        """The name of a division; a code that the pack doesn't name is an error."""
        try:
            return self._division_names[code].in_language(lang)
        except KeyError:
            raise PackError(
                f"division {Region(code)} has no name.",
                advice="Add it to divisions.yaml.",
                where="regions/divisions.yaml",
            ) from None

    def divisions(self) -> list[str]:
        """Codes of all named divisions, parents before their children."""
        return sorted(self._division_names)

    @cached_property
    def _calendar(self) -> WorkCalendar:
        years: dict[int, CalendarYear] = {}
        for document in self.documents("calendar"):
            read = validate(document, _CalendarFile)
            if read.year in years:
                raise PackError(f"the year {read.year} has two calendars.", where=document.where("year"))
            years[read.year] = CalendarYear(
                read.year,
                frozenset(read.holidays),
                frozenset(read.make_up_working_days),
                is_provisional=read.provisional,
                notice=read.notice,
            )
        return WorkCalendar(years)

    @cached_property
    def _division_names(self) -> dict[str, Label]:
        names: dict[str, Label] = {}
        for relative in ("regions/divisions.yaml", f"{_OWN}/divisions.yaml"):
            if self.has_document(relative):
                document = self.document(relative)
                names.update({Region(d.code).code: d.name for d in validate(document, _Divisions).divisions})
        return names

    def _regional(self) -> Iterator[tuple[str, Document]]:
        for relative in sorted(self._files):
            parts = relative.split("/")
            if len(parts) == 3 and parts[0] in ("regions", _OWN) and parts[2] == "parameters.yaml":
                yield Region(parts[1]).code, self.document(relative)


def _files(folder: Path, prefix: str) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.is_file() and not any(part.startswith(".") or part == "__pycache__" for part in parts):
            yield prefix + "/".join(parts), path
