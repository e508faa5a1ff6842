"""The command line as the data officer meets it: what it prints, how it ends, and how it refuses."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from doudi.cli import run_command


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A city built and one night run, by the commands themselves."""
    root = tmp_path_factory.mktemp("cli")
    assert run_command(["demo", "build", "--size", "small", "--out", str(root / "city"), "--seed", "7"]) == 0
    arguments = [
        "run",
        "--extracts",
        str(root / "city" / "extracts"),
        "--lake",
        str(root / "lake"),
        "--as-of",
        "2026-11-23",
    ]
    assert run_command([*arguments, "--first-night"]) == 0
    return root


def found(city: Path, capsys: pytest.CaptureFixture[str], *more: str) -> dict[str, object]:
    capsys.readouterr()
    assert run_command(["findings", "--lake", str(city / "lake"), "--json", *more]) == 0
    answer: dict[str, object] = json.loads(capsys.readouterr().out)
    return answer


def test_the_first_run_makes_keys_that_only_the_owner_reads(city: Path) -> None:
    assert stat.S_IMODE((city / "lake.keys").stat().st_mode) == 0o600


def test_findings_show_pseudonym_rule_and_reason_and_no_name(city: Path, capsys: pytest.CaptureFixture[str]) -> None:
    story = json.loads((city / "city" / "truth" / "story_a1.json").read_text("utf-8"))
    answer = found(city, capsys)
    lines = answer["findings"]
    assert isinstance(lines, list)
    assert lines[0]["rule"] == "large_hospital_bill"
    assert "68,000.00" in lines[0]["reason"]
    assert lines[0]["household_key"].startswith("a1-")
    assert run_command(["findings", "--lake", str(city / "lake"), "--lang", "en"]) == 0
    printed = capsys.readouterr().out
    for member in story["members"]:
        assert member["name"] not in json.dumps(answer, ensure_ascii=False) + printed
        assert member["id_number"] not in json.dumps(answer) + printed


def test_findings_as_a_workbook_hold_text_cells_only(
    city: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = found(city, capsys, "--xlsx", str(tmp_path / "f.xlsx"))["findings"]
    assert isinstance(lines, list)
    sheet = CalamineWorkbook.from_path(str(tmp_path / "f.xlsx")).get_sheet_by_name("预警线索")
    rows = sheet.to_python(skip_empty_area=False)
    assert len(rows) == 3 + len(lines)
    assert rows[3][1] == lines[0]["household_key"]
    assert all(isinstance(cell, str) for row in rows for cell in row)


def test_the_weeks_visits_are_households_with_the_reasons_for_their_place(
    city: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = found(city, capsys, "--visits", "3", "--per", "township")
    visits = answer["visits"]
    assert isinstance(visits, list)
    assert "findings" not in answer
    assert [visit["turn"] for visit in visits if visit["area"].startswith("419901101")] == [1, 2, 3]
    assert visits[0]["because"]
    assert isinstance(answer["rule_quality"], list)
    assert run_command(["findings", "--lake", str(city / "lake"), "--visits", "3"]) == 0
    assert "+60" in capsys.readouterr().out
    assert run_command(["findings", "--lake", str(city / "lake"), "--visits", "0"]) == 1
    assert "DD-VISITS-001" in capsys.readouterr().err


def test_a_run_lays_a_workbook_beside_itself(city: Path) -> None:
    (book,) = (city / "lake" / "workbooks").iterdir()
    assert stat.S_IMODE(book.stat().st_mode) == 0o600


@pytest.mark.parametrize(("lang", "words"), [("zh", "最低生活保障"), ("en", "dibao")])
def test_explain_takes_the_beginning_of_a_key(
    city: Path, capsys: pytest.CaptureFixture[str], lang: str, words: str
) -> None:
    lines = found(city, capsys)["findings"]
    assert isinstance(lines, list)
    key = str(lines[0]["household_key"])[:13]
    arguments = ["explain", key, "--lake", str(city / "lake"), "--lang", lang]
    assert run_command([*arguments, "--programme", "dibao", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["outcome"] == "undetermined"
    assert answer["missing"]
    assert run_command([*arguments, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert list(answer["explanations"]) == list(answer["assessments"])
    assert {"tekun", "dibao", "dibao_edge", "rigid_expense"} <= set(answer["explanations"])
    assert "dibao" in answer["open_before"]
    assert run_command(arguments) == 0
    assert words in capsys.readouterr().out.lower()


@pytest.mark.parametrize("suffix", ["yaml", "json"])
def test_assess_reads_one_family_from_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str], suffix: str) -> None:
    nothing = {"membership_exclusion": "none", "birth_date": "1990-05-01"} | dict.fromkeys(
        (
            "wage_insured_monthly",
            "social_contribution_monthly",
            "pension_monthly",
            "unemployment_benefit_monthly",
            "wage_casual_monthly",
            "support_received_monthly",
        ),
        0,
    )
    household = dict.fromkeys(("other_income_monthly", "financial_assets", "motor_vehicles", "dwellings"), 0)
    family = {
        "region": "419901101002",
        "household": household | {"residence": "rural"},
        "members": [{"relation": "02", "facts": nothing}, {"relation": "20", "facts": nothing}],
    }
    path = tmp_path / f"family.{suffix}"
    path.write_text(json.dumps(family), "utf-8")
    assert run_command(["assess", str(path), "--as-of", "2026-11-23", "--programme", "dibao", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["outcome"], answer["amount_fen"]) == ("eligible", 84_000)
    assert answer["values"]["income_line"] == 84_000
    assert run_command(["assess", str(path), "--as-of", "2026-11-23", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["tier"], answer["amount_fen"]) == ("dibao", 84_000)
    assert answer["assessments"]["dibao"]["values"]["income_line"] == 84_000
    income = next(line for line in answer["explanations"]["dibao"]["conditions"] if line["name"] == "meets_income_test")
    assert income["distance"] == 84_000
    assert run_command(["assess", str(path), "--as-of", "2026-11-23"]) == 0
    first, *_ = capsys.readouterr().out.splitlines()
    assert first.startswith("按现有情况，对上的是：最低生活保障（家庭）。合计每月 840.00 元。")


def test_assess_takes_a_bureaus_own_standard(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = tmp_path / "own" / "419901101"
    own.mkdir(parents=True)
    citation = "{instrument: 柳林镇的通知（示例）, article: '', mark: L}"
    (own / "parameters.yaml").write_text(
        "parameters:\n  dibao_standard_rural:\n    values:\n"
        f"      - {{effective_from: 2026-01-01, value: 50000, status: example, citation: {citation}}}\n",
        "utf-8",
    )
    path = tmp_path / "family.yaml"
    path.write_text('region: "419901101002"\nhousehold: {residence: rural}\nmembers:\n  - {relation: "02"}\n', "utf-8")
    assert (
        run_command(["assess", str(path), "--as-of", "2026-11-23", "--region-dir", str(tmp_path / "own"), "--json"])
        == 0
    )
    assert json.loads(capsys.readouterr().out)["assessments"]["dibao"]["values"]["standard"] == 50_000


def test_the_pack_is_whole_and_its_cases_hold(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["pack", "check", "--json"]) == 0
    parts = json.loads(capsys.readouterr().out)["parts"]
    assert parts["sources"] >= 14
    assert parts["alerts"] >= 16
    assert run_command(["pack", "test", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["failed"] == []
    assert answer["cases"] >= 50


def test_pack_show_says_where_a_number_comes_from(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["pack", "show", "dibao_standard_rural", "--region", "419901101", "--on", "2026-11-23", "--json"]
    assert run_command(arguments) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["value"], answer["status"], answer["layer"]) == (42_000, "example", "419901")
    assert "清河县" in answer["citation"]
    assert run_command(["pack", "show"]) == 0
    assert "large_hospital_bill_from" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["findings", "--lake", "nowhere"], 1, "DD-RUN-001"),
        (["run", "--extracts", "nowhere", "--lake", "{tmp}/lake"], 1, "DD-NIGHT-001"),
        (["run", "--extracts", ".", "--lake", "{tmp}/lake", "--keys", "{tmp}/none.keys"], 1, "DD-KEYS-001"),
        (["run", "--extracts", ".", "--lake", "{tmp}/lake", "--first-night", "--snapshot", "."], 1, "DD-CLI-001"),
        (["run", "--extracts", ".", "--lake", "{tmp}/lake", "--snapshot", "{tmp}"], 1, "DD-SNAPSHOT-001"),
        (["assess", "{tmp}/none.yaml"], 1, "DD-CLI-001"),
        (["assess", "{tmp}/empty.yaml"], 1, "DD-PACK-001"),
        (["assess", "{tmp}/family.yaml", "--programme", "no_such"], 1, "DD-CLI-001"),
        (["assess", "{tmp}/family.yaml", "--lang", "fr"], 2, "--lang"),
        (["assess"], 2, "--file"),
        (["explain", "a1"], 2, "--lake"),
        (["pack", "show", "dibao_standard_rural"], 1, "DD-CLI-001"),
        (["pack", "show", "no_such_number", "--region", "419901"], 1, "DD-PACK-001"),
        (["demo", "build", "--size", "huge", "--out", "{tmp}/d"], 1, "DD-DEMO-001"),
        (["demo", "build", "--out", "{tmp}/d", "--event", "hidden_car"], 1, "DD-DEMO-001"),
        (["demo", "build", "--out", "{tmp}/d", "--event", "earthquake=1"], 1, "DD-DEMO-001"),
        (["run", "--lake", "x"], 2, "--extracts"),
        (["run", "--extracts", "x", "--lake", "y", "--as-of", "yesterday"], 2, "--as-of"),
        (["nonsense"], 2, "nonsense"),
    ],
)
def test_refusals_are_advice_and_wrong_use_is_told_apart(
    arguments: list[str], code: int, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty.yaml").write_text("", "utf-8")
    (tmp_path / "family.yaml").write_text('region: "419901101002"\nmembers: []\n', "utf-8")
    assert run_command([a.replace("{tmp}", str(tmp_path)) for a in arguments]) == code
    told = capsys.readouterr().err
    assert words in told
    assert "Traceback" not in told


def test_the_score_says_what_the_night_found_of_what_was_planted(
    city: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["demo", "score", "--lake", str(city / "lake"), "--city", str(city / "city")]
    capsys.readouterr()
    assert run_command([*arguments, "--json"]) == 0
    events = {event["kind"]: event for event in json.loads(capsys.readouterr().out)["events"]}
    assert (events["story_a1"]["found"], events["story_a1"]["place_first"]) == (1, 1)
    assert events["hidden_car"]["found"] == 0, "on a first night it is not known that they receive"
    assert run_command(arguments) == 0
    assert "| story_a1 | large_hospital_bill | 1 | 1 | 0 |" in capsys.readouterr().out


def test_a_city_built_with_keys_has_a_snapshot_for_the_night(tmp_path: Path) -> None:
    keys, folder = str(tmp_path / "keys"), str(tmp_path / "city")
    assert run_command(["demo", "build", "--out", folder, "--keys", keys, "--event", "hidden_car=2"]) == 0
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o600
    assert (tmp_path / "city" / "snapshot" / "office_receipts.parquet").is_file()


def test_keys_are_made_once_and_never_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["keys", "new", str(tmp_path / "k")]) == 0
    assert run_command(["keys", "new", str(tmp_path / "k")]) == 1
    assert "DD-KEYS-001" in capsys.readouterr().err


def test_the_installed_command_leaves_with_its_exit_code(tmp_path: Path) -> None:
    command = Path(sys.executable).with_name("doudi")
    done = subprocess.run(
        [command, "findings", "--lake", tmp_path], capture_output=True, text=True, env=os.environ, check=False
    )
    assert done.returncode == 1
    assert "DD-RUN-001" in done.stderr
    assert subprocess.run([command, "--version"], capture_output=True, check=False).returncode == 0
