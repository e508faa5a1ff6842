"""A procedure that nobody could follow is refused when it is read."""

import shutil
from pathlib import Path

import pytest

import doudi
from doudi.engine.pack.document import PackError
from doudi.engine.pack.pack import Pack, load_pack
from doudi.engine.pipeline.pack_check import check_pack
from doudi.engine.workflow.procedure import ProcedureError
from doudi.engine.workflow.reading import load_procedure

SHIPPED = Path(doudi.__file__).parent / "packs" / "cn"
CITATION = "{instrument: 示例, article: 第一条, mark: L}"
GOOD = f"""\
programme: p
label: {{zh: 程序, en: procedure}}
total: &
total_special: &
steps:
  - id: ask
    kind: apply
    label: {{zh: 申请, en: ask}}
    role: clerk
    citation: {CITATION}
  - id: look
    kind: visit
    label: {{zh: 看, en: look}}
    role: assistant
    requires: [ask]
    citation: {CITATION}
  - id: say
    kind: confirm
    label: {{zh: 定, en: say}}
    role: approver
    requires: [look]
    four_eyes_with: [look]
    citation: {CITATION}
""".replace(": &", f": {{n: 5, unit: working_days, from: ask, until: say, citation: {CITATION}}}")


def pack_with(folder: Path, procedure: str) -> Pack:
    (folder / "programmes" / "p").mkdir(parents=True)
    (folder / "pack.yaml").write_text('release: "1"\njurisdiction: CN\nlabel: {zh: 包, en: pack}\n', encoding="utf-8")
    (folder / "programmes" / "p" / "procedure.yaml").write_text(procedure, encoding="utf-8")
    return load_pack(folder)


def test_the_good_one_is_read(tmp_path: Path) -> None:
    procedure = load_procedure(pack_with(tmp_path, GOOD), "p")
    assert [step.id for step in procedure.steps] == ["ask", "look", "say"]
    assert procedure.upstream("say") == {"ask", "look"}


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("requires: [look]", "requires: [leap]", "line 21.*step leap that does not exist"),
        ("role: clerk", "role: clerk\n    requires: [say]", "ask -> say -> look -> ask"),
        ("id: say", "id: look", "twice"),
        ("id: say", "id: say_2", "id"),
        ("kind: visit", "kind: dance", "kind"),
        ("kind: confirm", "kind: record", "ends in one of kind confirm"),
        ("kind: visit", "kind: apply", "begins with one step of kind apply"),
        ("kind: visit", "kind: publicity", "publicity_days belongs"),
        ("role: assistant", "role: assistant\n    repeat: {times: 1}", "times"),
        ("role: assistant", "role: assistant\n    guard: amount >= limit", "guard"),
        ("role: assistant", "role: assistant\n    later_if: is_urgent", "later_if"),
        (
            "steps:",
            f"extensions: [{{id: e, label: {{zh: 延, en: e}}, of: look, n: 3, citation: {CITATION}}}]\nsteps:",
            "no limit of its own",
        ),
        (
            "steps:",
            f"extensions: [{{id: e, label: {{zh: 延, en: e}}, of: total, n: 3, citation: {CITATION}}}]\nsteps:",
            "total_special",
        ),
        (
            "steps:",
            f"clock_stops: [{{id: s, label: {{zh: 停, en: s}}, steps: [leap], citation: {CITATION}}}]\nsteps:",
            "no step leap",
        ),
        ("from: ask", "from: leap", "no step leap"),
        ("until: say", "until: leap", "no step leap"),
        ("four_eyes_with: [look]", "four_eyes_with: [say]", "looks back to say"),
        ("role: clerk", "role: emperor", "role"),
        ("n: 5", "n: -5", "total"),
        ("unit: working_days", "unit: moons", "unit"),
        ("programme: p", "programme: q", "says it is of q"),
        ("role: assistant", "role: assistant\n    people: 0", "people"),
        ("kind: visit", "kind: publicity\n    publicity_days: 0", "publicity_days"),
        ("role: assistant", "role: assistant\n    colour: red", "colour"),
    ],
)
def test_a_procedure_nobody_could_follow_is_refused(tmp_path: Path, before: str, after: str, complaint: str) -> None:
    assert before in GOOD
    with pytest.raises(PackError, match=complaint):
        load_procedure(pack_with(tmp_path, GOOD.replace(before, after)), "p")


def test_a_limit_may_not_count_from_a_step_that_comes_later(tmp_path: Path) -> None:
    limit = f"deadline: {{n: 1, unit: working_days, from: say, citation: {CITATION}}}"
    with pytest.raises(PackError, match="looks back to say"):
        load_procedure(pack_with(tmp_path, GOOD.replace("requires: [ask]", f"requires: [ask]\n    {limit}")), "p")


def test_a_programme_without_a_procedure_is_an_error(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED / "calendar", tmp_path / "calendar")
    with pytest.raises(PackError, match="no such file"):
        load_procedure(pack_with(tmp_path, GOOD), "none")


def test_dibao_has_its_steps_roles_and_law() -> None:
    procedure = load_procedure(load_pack(), "dibao")
    assert [step.id for step in procedure.steps] == [
        "apply",
        "accept",
        "near_relatives",
        "home_visit",
        "information_check",
        "preliminary_opinion",
        "publicity",
        "county_visit",
        "review",
        "confirm",
        "notify",
    ]
    assert (procedure.total.n, procedure.total.unit, procedure.total.counted_from) == (30, "working_days", ("accept",))
    assert procedure.total_special.n == 45
    assert procedure.step("publicity").publicity_days == 7
    assert procedure.step("home_visit").people == 2
    assert "review" in procedure.step("confirm").four_eyes_with
    assert all(step.citation.document_number == "民发〔2021〕57号" for step in procedure.steps)


def test_a_repeated_step_is_written_out_and_whoever_waits_for_it_waits_for_its_last_round() -> None:
    procedure = load_procedure(load_pack(), "hardship_worker")
    first, second = procedure.step("home_visit"), procedure.step("home_visit_2")
    assert (second.requires, second.four_eyes_with) == (("home_visit",), ("home_visit",))
    assert (first.label.zh, second.label.zh) == ("入户核实（第一次）", "入户核实（第二次）")
    assert procedure.step("neighbours").requires == ("home_visit_2",)
    assert set(procedure.step("review").four_eyes_with) == {"accept", "home_visit", "home_visit_2", "opinion"}


def test_a_condition_that_the_programme_does_not_compute_is_refused(tmp_path: Path) -> None:
    copy = tmp_path / "cn"
    shutil.copytree(SHIPPED, copy)
    assert check_pack(load_pack(copy))["programmes"] >= 10
    procedure = copy / "programmes" / "temporary_assistance" / "procedure.yaml"
    written = procedure.read_text(encoding="utf-8")
    for wrong in ("is_never_heard_of", "amount > is_urgent", "township_limit"):
        procedure.write_text(written.replace("guard: amount > ordinary_limit", f"guard: {wrong}"), encoding="utf-8")
        with pytest.raises(ProcedureError, match="computes no such"):
            check_pack(load_pack(copy))
