"""`doudi`: the engine's command line. It needs no office, no database and no network.

Here, at the edge, are the clock, the environment and the paths; everything below gets them as arguments. Exit codes: 0
all is well, 1 a refusal or a failed case, 2 wrong use of the command. What goes wrong is told as advice, without a
traceback.
"""

import json
import os
import sys
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal
from zoneinfo import ZoneInfo

from cyclopts import App, CycloptsError, Parameter
from rich.console import Console
from rich.text import Text

from doudi.demo.city import build_city, read_mix
from doudi.demo.score import score_night
from doudi.engine.pack.document import read_document
from doudi.engine.pack.pack import Pack, load_pack
from doudi.engine.pack.vocabulary import load_vocabulary
from doudi.engine.pipeline.household import assess_household, explain_family
from doudi.engine.pipeline.listing import list_findings
from doudi.engine.pipeline.manifest import Run, latest_run, open_run
from doudi.engine.pipeline.night import ENGINE_VERSION, Step, run_night
from doudi.engine.pipeline.pack_check import check_pack, run_cases, shown_pack, shown_parameter
from doudi.engine.pipeline.snapshot import Snapshot, first_night, read_snapshot
from doudi.engine.pipeline.stored_family import find_household, stored_family
from doudi.engine.pipeline.visiting import Per, choose_visits
from doudi.engine.pipeline.workbook import masked_heads, quality_rows, write_run_workbook, write_workbook
from doudi.engine.rules.family import Family
from doudi.engine.rules.family_file import read_family
from doudi.engine.rules.programme import programme_ids
from doudi.engine.values.errors import DoudiError
from doudi.engine.values.keys import Keyring
from doudi.terminal import findings_table, inputs_table, remarks, visits_table

CHINA = ZoneInfo("Asia/Shanghai")
KEYS_VARIABLE = "DOUDI_KEYS"

Lang = Literal["zh", "en"]
Json = Annotated[bool, Parameter(name="--json", negative=(), help="Write JSON to standard output.")]
LakeFolder = Annotated[Path, Parameter(help="Folder of the lake.")]
KeysFile = Annotated[
    Path | None, Parameter(help=f"File of keys; else ${KEYS_VARIABLE}; else <lake>.keys beside the lake.")
]
AsOf = Annotated[date | None, Parameter(help="Day for which it is computed; today unless given.")]
RegionDir = Annotated[Path | None, Parameter(help="Folder of a bureau's own divisions and parameters.")]
OneProgramme = Annotated[str | None, Parameter(help="Id of one programme; all of them unless given.")]
RunId = Annotated[str | None, Parameter(name="--run", help="Id of a run; the latest unless given.")]

out = Console(soft_wrap=True)
notes = Console(stderr=True, soft_wrap=True)
app = App(
    name="doudi",
    help="Find the household that is falling, and say why.",
    version=ENGINE_VERSION,
    console=out,
    error_console=notes,
)
pack_app = App(name="pack", help="The rule pack: check it, run its cases, show it.")
demo_app = App(name="demo", help="The invented city for trying everything out.")
keys_app = App(name="keys", help="The secrets that pseudonyms and seals are made with.")
app.command(pack_app)
app.command(demo_app)
app.command(keys_app)


class CommandError(DoudiError):
    """The command can't be done as it was given."""

    code: ClassVar[str] = "DD-CLI-001"


def main() -> None:
    """Run the command and leave with its exit code."""
    sys.exit(run_command(sys.argv[1:]))


def run_command(arguments: list[str]) -> int:
    """Run one command; every refusal becomes advice and exit code 1, every wrong use exit code 2."""
    try:
        result = app(arguments, exit_on_error=False, print_error=True, result_action="return_value")
    except CycloptsError:
        return 2
    except DoudiError as error:
        tell_refusal(error)
        return 1
    except KeyboardInterrupt:
        notes.print("Stopped. A night that was stopped goes on with the same command.")
        return 1
    return result if isinstance(result, int) else 0


def tell_refusal(error: DoudiError) -> None:
    """What happened, where, and what to do about it."""
    head = f"{error.where}: {error.message}" if error.where else error.message
    notes.print(Text.assemble((f"[{error.code}] ", "bold red"), head))
    if error.advice:
        notes.print(Text.assemble(("→ ", "bold"), error.advice.strip()))


@app.command
def run(
    *,
    extracts: Annotated[Path, Parameter(help="Folder with the departments' files.")],
    lake: LakeFolder,
    as_of: AsOf = None,
    snapshot: Annotated[Path | None, Parameter(help="Snapshot folder that the office wrote.")] = None,
    first_night_: Annotated[
        bool,
        Parameter(name="--first-night", negative=(), help="Nobody receives anything through Doudi yet."),
    ] = False,
    keys: KeysFile = None,
    region_dir: RegionDir = None,
    as_json: Json = False,
) -> int:
    """Run the night: accept the departments' files, link, gather facts, assess, screen, and seal the run.

    Who receives what is told by the office's snapshot. Before the office exists, say --first-night: then nobody
    receives anything yet. With neither it is unknown, and no alert that depends on it speaks. The first run makes the
    file of keys if there is none; keep a copy of it apart from the data: what it sealed can't be opened without it.
    Beside the run lies a workbook of its findings, with masked names.
    """
    if snapshot is not None and first_night_:
        raise CommandError("--snapshot and --first-night contradict each other.", advice="Give one of them.")
    told: Snapshot | None = first_night() if first_night_ else read_snapshot(snapshot) if snapshot else None
    if told is None:
        notes.print("Without --snapshot or --first-night it is unknown who receives; alerts that need it stay silent.")
    pack, keyring = load_pack(extra_region_dir=region_dir), _keyring(keys, lake, may_make=True)
    sealed = run_night(
        extracts=extracts,
        lake=lake,
        as_of=as_of or _today(),
        at=datetime.now(CHINA),
        pack=pack,
        keyring=keyring,
        snapshot=told,
        progress=_tell_step,
    )
    notes.print(Text(str(write_run_workbook(sealed, pack, keyring))))
    if as_json:
        _print_json(sealed.manifest.model_dump(mode="json"))
    else:
        out.print(inputs_table(sealed))
        out.print(", ".join(f"{name} {number:,}" for name, number in sorted(sealed.manifest.counts.items())))
    return 0


@app.command
def findings(
    *,
    lake: LakeFolder,
    run_id: RunId = None,
    lang: Lang = "zh",
    visits: Annotated[
        int | None, Parameter(help="So many visits are possible this week: list those, of each county or township.")
    ] = None,
    per: Annotated[Per, Parameter(help="Of what the number of visits is.")] = "county",
    closed: Annotated[bool, Parameter(negative=(), help="Also those whose reason has gone.")] = False,
    xlsx: Annotated[Path | None, Parameter(help="Also write a workbook, with masked names of heads.")] = None,
    keys: KeysFile = None,
    region_dir: RegionDir = None,
    as_json: Json = False,
) -> int:
    """List what a run found: the household's pseudonym, the rule, and the reason in one sentence. No names.

    With --visits it lists this week's visits instead: households, each with the reasons for its place; a small share is
    drawn by lot and marked. Only --xlsx opens the sealed names, for heads of households in findings, and masks them.
    """
    chosen, pack = _run(lake, run_id), load_pack(extra_region_dir=region_dir)
    lines = list_findings(chosen, pack, lang=lang, with_closed=closed)
    week = choose_visits(chosen, pack, lang=lang, visits=visits, per=per)
    if xlsx is not None:
        heads = masked_heads(chosen, _keyring(keys, lake, may_make=False), {line.household_key for line in lines})
        write_workbook(chosen, pack, xlsx, lang=lang, visits=week, heads=heads)
        notes.print(Text(str(xlsx)))
    if as_json:
        told: dict[str, Any] = {
            "run_id": chosen.run_id,
            "held": [hold.model_dump() for hold in chosen.manifest.held],
            "switched_off": [off.model_dump() for off in chosen.manifest.switched_off],
            "rule_quality": quality_rows(chosen),
        }
        shown = {"findings": [line.to_dict() for line in lines]} if visits is None else {}
        _print_json({**told, **shown, "visits": [visit.to_dict() for visit in week]})
        return 0
    out.print(findings_table(lines, chosen.run_id, lang) if visits is None else visits_table(week, chosen.run_id, lang))
    for words in remarks(chosen):
        notes.print(Text(words))
    return 0


@app.command
def explain(
    household: str,
    *,
    lake: LakeFolder,
    run_id: RunId = None,
    programme: OneProgramme = None,
    lang: Lang = "zh",
    region_dir: RegionDir = None,
    as_json: Json = False,
) -> int:
    """Explain one household of a run: each condition with value, threshold, source and date, and what would change it.

    HOUSEHOLD is the pseudonym that `doudi findings` shows, or its beginning. Every programme of the run is explained,
    in the order of the law.
    """
    chosen, pack = _run(lake, run_id), load_pack(extra_region_dir=region_dir)
    if pack.hash != chosen.manifest.pack.hash:
        notes.print("The pack has changed since this run: the explanation follows the pack of today.")
    family = stored_family(chosen, find_household(chosen, household), load_vocabulary(pack))
    return _tell_family(pack, family, chosen.manifest.as_of, programme, lang, as_json, of_all=True)


@app.command
def assess(
    file: Path,
    *,
    as_of: AsOf = None,
    programme: OneProgramme = None,
    lang: Lang = "zh",
    region_dir: RegionDir = None,
    as_json: Json = False,
) -> int:
    """Assess one family written as a YAML or JSON file: region, basis, household facts, members with their facts.

    One application, classified: the programmes are looked at in the order of the law, and the first that fits is the
    family's. With --json every value and condition of every programme is shown.
    """
    if not file.is_file():
        raise CommandError(
            "there is no such file.", advice="Give a YAML or JSON file with one family.", where=str(file)
        )
    family = read_family(read_document(file))
    return _tell_family(load_pack(extra_region_dir=region_dir), family, as_of or _today(), programme, lang, as_json)


@pack_app.command
def check(*, region_dir: RegionDir = None, as_json: Json = False) -> int:
    """Read every part of the pack and say what is wrong with it, with file and line."""
    pack = load_pack(extra_region_dir=region_dir)
    parts = check_pack(pack)
    if as_json:
        _print_json({"release": pack.release, "hash": pack.hash, "parts": parts})
    else:
        out.print(f"{pack.release}  {pack.hash[:16]}  " + ", ".join(f"{n} {name}" for name, n in parts.items()))
    return 0


@pack_app.command(name="test")
def run_all_cases(*, region_dir: RegionDir = None, as_json: Json = False) -> int:
    """Run every case of every programme and alert, on every executor. Exit code 1 if one of them fails."""
    results = list(run_cases(load_pack(extra_region_dir=region_dir)))
    failed = [result for result in results if result.failure]
    if as_json:
        _print_json({"cases": len(results), "failed": [asdict(result) for result in failed]})
    else:
        for result in failed:
            out.print(Text(f"{result.where}: {result.name}: {result.failure}"))
        out.print(f"{len(results)} cases, {len(failed)} failed")
    return 1 if failed else 0


@pack_app.command
def show(
    name: str = "", *, region: str = "", on: AsOf = None, region_dir: RegionDir = None, as_json: Json = False
) -> int:
    """Show the pack's parameters, or what one of them (NAME) is worth in a --region on a day, and where it stands."""
    pack = load_pack(extra_region_dir=region_dir)
    if bool(name) != bool(region):
        raise CommandError("a parameter has a value in a place.", advice="Give both NAME and --region, or neither.")
    shown = shown_parameter(pack, name, region, on or _today()) if name else shown_pack(pack)
    if as_json:
        _print_json(shown)
    else:
        for key, part in shown.items():
            for line in [f"{k}  {v}" for k, v in part.items()] if isinstance(part, dict) else [part]:
                out.print(Text(f"{key}: {line}"))
    return 0


@demo_app.command
def build(
    *,
    out_folder: Annotated[Path, Parameter(name="--out", help="Folder to write to.")],
    size: str = "small",
    seed: int = 1,
    later: Annotated[bool, Parameter(negative=(), help="Also the next month's delivery.")] = False,
    event: Annotated[
        tuple[str, ...], Parameter(negative=(), help="How often one kind of event is planted, as double_grant=5.")
    ] = (),
    keys: Annotated[
        Path | None, Parameter(help="File of keys, made if there is none; then also the office's snapshot is written.")
    ] = None,
    as_json: Json = False,
) -> int:
    """Build the invented city: the departments' files, and beside them the truth, which the engine never reads.

    With --keys it also writes a snapshot of whom the office pays already, for `doudi run --snapshot`; the night must
    use the same keys. Without it nobody receives anything yet, and rules about receiving families stay silent.
    """
    keyring = None if keys is None else Keyring.load(keys) if keys.exists() else Keyring.generate(keys)
    summary = build_city(size, out_folder, seed, later, keyring=keyring, events=read_mix(event))
    if as_json:
        _print_json({key: str(part) if isinstance(part, Path) else part for key, part in asdict(summary).items()})
    else:
        out.print(f"{summary.extracts}: {summary.households} households, {summary.people} people")
        if summary.extracts_later is not None:
            out.print(f"{summary.extracts_later}")
    return 0


@demo_app.command
def score(
    *,
    lake: LakeFolder,
    city: Annotated[Path, Parameter(help="Folder of the invented city whose files the night read.")],
    run_id: RunId = None,
    keys: KeysFile = None,
    region_dir: RegionDir = None,
    as_json: Json = False,
) -> int:
    """Hold a night against the truth of the city: found, missed, wrongly accused, and the place in the list."""
    result = score_night(
        _run(lake, run_id),
        city,
        pack=load_pack(extra_region_dir=region_dir),
        keyring=_keyring(keys, lake, may_make=False),
    )
    if as_json:
        _print_json(result.to_dict())
    else:
        for line in result.lines():
            out.print(Text(line))
    return 0


@keys_app.command
def new(file: Path) -> int:
    """Make a new file of keys that only you can read. Keep it apart from the data, and keep a copy."""
    Keyring.generate(file)
    out.print(f"{file}")
    return 0


def _today() -> date:
    return datetime.now(CHINA).date()


def _keyring(keys: Path | None, lake: Path, *, may_make: bool) -> Keyring:
    named = keys or (Path(os.environ[KEYS_VARIABLE]) if os.environ.get(KEYS_VARIABLE) else None)
    home = lake.resolve()
    path = named or home.with_name(f"{home.name}.keys")
    if path.exists() or named is not None or not may_make:
        return Keyring.load(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    notes.print(f"New keys in {path}. Keep a copy apart from the data.")
    return Keyring.generate(path)


def _run(lake: Path, run_id: str | None) -> Run:
    return latest_run(lake) if run_id is None else open_run(lake, run_id)


def _tell_step(step: Step) -> None:
    notes.print(Text.assemble((f"{step.done}/{step.of} {step.stage:<7}", "bold"), f" {step.words}"))


def _tell_family(
    pack: Pack, family: Family, day: date, programme: str | None, lang: str, as_json: bool, *, of_all: bool = False
) -> int:
    """One programme's explanation, or the family's place among all of them."""
    if programme is None:
        classified = explain_family(pack, family, day, lang=lang)
        data, told = classified.to_dict(), classified.sentences(of_all=of_all)
        asked = [classified.explanations[name] for name in classified.told]
    elif programme in programme_ids(pack):
        assessment, explanation = assess_household(pack, programme, family, day, lang=lang)
        data, told = {**explanation.to_dict(), "values": dict(assessment.values)}, explanation.sentences()
        asked = [explanation]
    else:
        advice = f"The programmes are: {', '.join(programme_ids(pack))}."
        raise CommandError("the pack has no such programme.", advice=advice, where=programme)
    if as_json:
        _print_json(data)
        return 0
    questions = [f"→ {one.cheapest_question.question}" for one in asked if one.cheapest_question is not None]
    for line in (*told, *dict.fromkeys(questions)):
        out.print(Text(line))
    return 0


def _print_json(content: Any) -> None:
    sys.stdout.write(json.dumps(content, ensure_ascii=False, indent=1, default=str) + "\n")
