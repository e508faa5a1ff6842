"""The night (夜间批次), from top to bottom: departments' files in, findings out. Its lines are the stages.

    1 accept   contract -> accepted rows | quarantined rows with a reason      sources
    2 link     who is who                                                      linkage
    3 gather   dated facts per person and household, each traced               facts
    4 assess   the pack in force on `as_of`                                    rules
    5 screen   against what is received and against last time                  screening
    6 rank     the visiting list: merged per household, each place with reasons screening
    7 seal     inputs, pack, engine, digests                                   manifest

The same inputs give the same run: its id is made of them. A night that was stopped goes on where it stopped; a night
that was sealed is not run again. Nothing here decides anything: the engine writes leads for people.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path

import polars as pl
import pyarrow as pa

from doudi.engine.facts import Absent, Links, gather
from doudi.engine.facts.office import OFFICE
from doudi.engine.linkage import link, load_model, resolved_office
from doudi.engine.pack.pack import Pack
from doudi.engine.pack.vocabulary import load_vocabulary
from doudi.engine.pipeline.about import earlier_facts, read_about
from doudi.engine.pipeline.brake import held_rules, load_brake, rules_held
from doudi.engine.pipeline.columns import Families, build_families
from doudi.engine.pipeline.household_keys import StandingHouseholds, household_aliases
from doudi.engine.pipeline.intake import Intake, take_in
from doudi.engine.pipeline.judge import assess_all, find_hits
from doudi.engine.pipeline.kept_claims import KeptClaims
from doudi.engine.pipeline.kept_pseudonyms import KeptPseudonyms
from doudi.engine.pipeline.manifest import (
    Held,
    Manifest,
    PackUsed,
    Run,
    RunError,
    publish,
    read_table,
    sealed_runs,
)
from doudi.engine.pipeline.snapshot import FIRST_NIGHT, Snapshot
from doudi.engine.pipeline.visiting import held_back_of, switched_off, visiting_list_of
from doudi.engine.pipeline.work import Content, Made, Staged, Work, only_night
from doudi.engine.screening import load_alerts, screen
from doudi.engine.screening.quality import rule_quality, rules_of
from doudi.engine.screening.ranking import load_ranking, rank
from doudi.engine.sources.acceptance import BatchReport, load_contracts
from doudi.engine.tables import TABLES
from doudi.engine.values.keys import Keyring

_KERNELS = "kernels"
ENGINE_VERSION = version("doudi")


@dataclass(frozen=True)
class Step:
    """One word of progress: the stage, how far (done of all), and what it found in a few words."""

    stage: str
    done: int
    of: int
    words: str


Progress = Callable[[Step], None]
STAGES = ("accept", "link", "gather", "assess", "screen", "rank", "seal")


def run_night(
    *,
    extracts: Path,
    lake: Path,
    as_of: date,
    at: datetime,
    pack: Pack,
    keyring: Keyring,
    snapshot: Snapshot | None,
    progress: Progress = lambda step: None,
) -> Run:
    """Run the whole batch and seal it. `snapshot` None means that nobody knows who receives what.

    `at` is written into the manifest and nothing else depends on it.
    """
    with only_night(lake):
        intake = _accept(extracts, lake=lake, pack=pack, keyring=keyring, as_of=as_of, progress=progress)
        inputs_hash = _inputs_hash(intake, snapshot, pack, keyring)
        runs = sealed_runs(lake)
        for run in runs:
            if run.manifest.inputs_hash == inputs_hash:
                progress(Step("seal", len(STAGES), len(STAGES), f"{run.run_id}: sealed before from the same inputs"))
                return run
        _refuse_a_second_first_night(runs, snapshot)
        earlier = [run for run in runs if run.manifest.as_of <= as_of]
        run_id = f"{as_of.isoformat()}-{inputs_hash[:8]}"
        previous = earlier[-1].run_id if earlier else None
        work = Work(lake / "work" / f"{run_id}-{(previous or 'first')[-8:]}", run_id, keyring)
        night = _Night(intake, snapshot, pack, keyring, earlier, work, progress)

        linked = night.stage("link", night.link)
        gathered = night.stage("gather", lambda: night.gather(linked))
        assessed = night.stage("assess", lambda: night.assess(gathered))
        screened = night.stage("screen", lambda: night.screen(gathered, assessed))
        ranked = night.stage("rank", lambda: night.rank(gathered, screened))
        return night.seal(gathered, assessed, screened, ranked, at=at, inputs_hash=inputs_hash)


def _accept(extracts: Path, *, lake: Path, pack: Pack, keyring: Keyring, as_of: date, progress: Progress) -> Intake:
    def tell(report: BatchReport) -> None:
        known = ", known already" if report.was_known else ""
        words = (
            f"{report.file_name}: received {report.received:,} = accepted {report.accepted:,} + "
            f"quarantined {report.quarantined:,} + duplicate {report.duplicate:,}{known}"
        )
        progress(Step("accept", 0, len(STAGES), words))

    intake = take_in(extracts, lake=lake, contracts=load_contracts(pack), keyring=keyring, as_of=as_of, on_report=tell)
    for absent in intake.absent:
        words = f"{absent.source}: nothing known since {absent.unknown_since}; what it would say is unknown, not zero"
        progress(Step("accept", 0, len(STAGES), words))
    progress(Step("accept", 1, len(STAGES), f"{len(intake.batches)} sources count on {as_of}"))
    return intake


@dataclass(frozen=True)
class _Night:
    """What all stages of one night share."""

    intake: Intake
    snapshot: Snapshot | None
    pack: Pack
    keyring: Keyring
    earlier: list[Run]
    work: Work
    progress: Progress
    families: list[Families] = field(default_factory=list)

    def stage(self, name: str, build: Callable[[], Made]) -> Staged:
        """Do a stage, or take over what an interrupted night had finished, and tell of it."""
        staged = self.work.stage(name, build)
        words = ", ".join(f"{table} {rows:,}" for table, rows in staged.rows.items() if table in TABLES)
        self.progress(Step(name, STAGES.index(name) + 1, len(STAGES), words))
        return staged

    @property
    def as_of(self) -> date:
        return self.intake.as_of

    def link(self) -> Made:
        linked = link(
            self.intake.claims(KeptClaims(self._sealed("claims"), self.keyring)),
            keyring=KeptPseudonyms(self._sealed("pseudonyms"), self.keyring),
            model=load_model(self.pack),
            run_id=self.work.run_id,
            decisions=None if self.snapshot is None else self.snapshot.tables["office_pair_decisions"],
            earlier_aliases=self._earlier_aliases(),
        )
        tables: dict[str, Content] = {
            "links": linked.pieces,
            "aliases": linked.aliases,
            "identity": linked.identity,
            "grey_pairs": linked.grey_pairs,
            "waiting": linked.waiting,
            "people": linked.people,
            "places": linked.places,
            "spoken_of": linked.spoken_of,
        }
        return Made(tables, {"grey_rows": linked.grey_pairs.num_rows, "people": linked.identity.num_rows})

    def gather(self, linked: Staged) -> Made:
        absent = [*self.intake.absent]
        if self.snapshot is None:
            absent.append(Absent(OFFICE, self.as_of))
        aliases = linked.read("aliases")
        gathered = gather(
            delivered=self.intake.deliveries(),
            absent=absent,
            links=self._links(linked),
            waiting=linked.read("waiting"),
            office=None if self.snapshot is None else resolved_office(self.snapshot.tables, aliases),
            snapshot="" if self.snapshot is None else self.snapshot.id,
            vocabulary=load_vocabulary(self.pack),
            as_of=self.as_of,
            run_id=self.work.run_id,
            keyring=KeptPseudonyms(self._sealed("pseudonyms"), self.keyring),
            earlier=earlier_facts(self.earlier[-1], aliases) if self.earlier else None,
        )
        tables: dict[str, Content] = {
            "households": gathered.households,
            "memberships": gathered.memberships,
            "household_aliases": household_aliases(
                self.earlier[-1] if self.earlier else None,
                households=gathered.households,
                memberships=gathered.memberships,
                people=aliases,
                run_id=self.work.run_id,
            ),
            "facts": gathered.facts,
            "common_facts": gathered.common_facts,
            "fact_digests": gathered.digests,
        }
        tables |= {f"known_{entity}": columns for entity, columns in gathered.known.items()}
        return Made(tables, gathered.counts)

    @staticmethod
    def _links(linked: Staged) -> Links:
        def of_source(source: str) -> pl.DataFrame:
            return linked.scan("places").filter(pl.col("source") == source).select("row", "person").collect()

        people = pl.DataFrame(pl.from_arrow(linked.read("people"))).get_column("person_key")
        digests = {line["source"]: line["digest"] for line in linked.read("spoken_of").to_pylist()}
        return Links(people, of_source, digests)

    def _earlier_aliases(self) -> pa.Table | None:
        """The last run's; a run of before there were any has none."""
        has_some = self.earlier and "aliases" in self.earlier[-1].manifest.tables
        return read_table(self.earlier[-1], "aliases") if has_some else None

    def assess(self, gathered: Staged) -> Made:
        families = self._families(gathered)
        assessed = partial(assess_all, families, pack=self.pack, as_of=self.as_of, kernels=self._kernels())
        return Made({"assessments": assessed}, families.set_aside)

    def screen(self, gathered: Staged, assessed: Staged) -> Made:
        hits = find_hits(
            self._families(gathered),
            assessments=assessed.scan("assessments"),
            receipts=None if self.snapshot is None else self.snapshot.tables["office_receipts"],
            pack=self.pack,
            as_of=self.as_of,
            kernels=self._kernels(),
        )
        quality = rule_quality(
            [hit.alert for hit in hits],
            self._office_findings(),
            hits={hit.alert.id: hit.values.num_rows for hit in hits},
        )
        off = rules_of(quality, "switched_off")
        kept = [hit for hit in hits if hit.alert.id not in off]
        households = StandingHouseholds.of(gathered)
        about = read_about(
            gathered,
            household_keys={key for hit in kept for key in hit.values.column("household_key").to_pylist()},
            names={name for hit in kept for name in hit.alert.facts_read},
        )
        screened = screen(
            kept,
            households=about.households,
            memberships=about.memberships,
            facts=about.facts,
            earlier_findings=households.put(read_table(self.earlier[-1], "findings") if self.earlier else None),
            office_findings=households.put(self._office_findings()),
            former_keys=households.former,
            as_of=self.as_of,
            held_back=held_back_of(self.earlier[-1]) if self.earlier else (),
        )
        counts = {"findings_left_in_peace": screened.left_in_peace}
        tables: dict[str, Content] = {
            "findings": screened.findings,
            "finding_facts": screened.finding_facts,
            "rule_quality": quality,
        }
        return Made(tables, counts)

    def rank(self, gathered: Staged, screened: Staged) -> Made:
        alerts = [alert for alert, _ in load_alerts(self.pack)]
        households = StandingHouseholds.of(gathered)
        ranked = rank(
            screened.read("findings"),
            ranking=load_ranking(self.pack),
            office_findings=households.put(self._office_findings()),
            earlier_list=households.put(visiting_list_of(self.earlier[-1]) if self.earlier else None),
            held=rules_held(alerts, self._held(gathered, screened)),
            often_wrong=rules_of(screened.read("rule_quality"), "below_floor"),
            as_of=self.as_of,
        )
        return Made({"visiting_list": ranked}, {"households_to_visit": ranked.num_rows})

    def seal(
        self, gathered: Staged, assessed: Staged, screened: Staged, ranked: Staged, *, at: datetime, inputs_hash: str
    ) -> Run:
        """Write the manifest and let the run be seen."""
        tables, sealed, table_digests, sealed_digests, counts = self.work.gather_up()
        findings = screened.read("findings")
        counts |= _by_state(screened, "findings", "status", "findings")
        counts |= _by_state(assessed, "assessments", "outcome", "assessed")
        held = self._held(gathered, screened)
        off = switched_off(screened.read("rule_quality"))
        manifest = Manifest(
            run_id=self.work.run_id,
            as_of=self.as_of,
            sealed_at=at,
            inputs_hash=inputs_hash,
            engine_version=ENGINE_VERSION,
            pack=PackUsed(release=self.pack.release, hash=self.pack.hash),
            snapshot=None if self.snapshot is None else self.snapshot.id,
            previous_run=self.earlier[-1].run_id if self.earlier else None,
            inputs=self.intake.inputs,
            tables=table_digests,
            sealed=sealed_digests,
            counts=counts,
            held=held,
            switched_off=off,
        )
        run = publish(self.work.folder.parents[1], manifest, tables, sealed)
        self.work.clear()
        for words in (*(f"held: {hold.words}" for hold in held), *(f"switched off: {each.words}" for each in off)):
            self.progress(Step("seal", len(STAGES) - 1, len(STAGES), words))
        words = f"{run.run_id} sealed, findings {findings.num_rows:,}"
        words += f", households to visit {ranked.rows['visiting_list']:,}"
        self.progress(Step("seal", len(STAGES), len(STAGES), words))
        return run

    def _held(self, gathered: Staged, screened: Staged) -> tuple[Held, ...]:
        limits = load_brake(self.pack)
        return held_rules(
            [alert for alert, _ in load_alerts(self.pack)],
            screened.read("findings"),
            [read_table(run, "findings") for run in self.earlier[-limits.runs_looked_back - 1 :]],
            _recipients(gathered),
            limits,
        )

    def _office_findings(self) -> pa.Table | None:
        return None if self.snapshot is None else self.snapshot.tables["office_findings"]

    def _families(self, gathered: Staged) -> Families:
        """The families of this night, put into columns once."""
        if not self.families:
            built = build_families(
                gathered.read("households"),
                gathered.read("memberships"),
                {entity: gathered.read(f"known_{entity}") for entity in ("person", "household")},
                pack=self.pack,
                vocabulary=load_vocabulary(self.pack),
            )
            self.families.append(built)
        return self.families[0]

    def _sealed(self, what: str) -> Path:
        return self.intake.lake / "sealed" / what

    def _kernels(self) -> Path:
        return self.work.folder.parents[1] / _KERNELS


def _inputs_hash(intake: Intake, snapshot: Snapshot | None, pack: Pack, keyring: Keyring) -> str:
    """The digest of everything that the run is made of. Who runs it, when and where is not among it."""
    content = {
        "as_of": intake.as_of.isoformat(),
        "batches": {s: [b.digest for b in batches] for s, batches in sorted(intake.batches.items())},
        "contracts": {source: contract.hash for source, contract in sorted(intake.contracts.items())},
        "pack": pack.hash,
        "snapshot": None if snapshot is None else snapshot.id,
        "engine": ENGINE_VERSION,
        "pseudonyms": keyring.secret("pseudonym").key_id,
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _refuse_a_second_first_night(runs: list[Run], snapshot: Snapshot | None) -> None:
    """Saying "nobody receives anything yet" after the office has said who does would send people to paid families."""
    is_first = snapshot is not None and snapshot.id == FIRST_NIGHT
    if is_first and any(run.manifest.snapshot not in (None, FIRST_NIGHT) for run in runs):
        raise RunError(
            "this lake has runs with an office snapshot, so this is not the first night.",
            advice="Give the newest snapshot with --snapshot.",
        )


def _by_state(staged: Staged, table: str, column: str, prefix: str) -> dict[str, int]:
    states = staged.scan(table).group_by(column).len().collect()
    return {f"{prefix}_{state}": int(number) for state, number in states.iter_rows()}


def _recipients(gathered: Staged) -> int:
    """How many households are known to receive dibao."""
    receives = (pl.col("name") == "dibao_received_monthly") & (pl.col("value_int") > 0)
    return int(gathered.scan("facts").filter(receives).select(pl.len()).collect().item())
