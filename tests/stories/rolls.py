"""Families of the old system's roll, one at a time, so that stories do not get in each other's way."""

import csv
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

from desks import Office

Row = dict[str, str]
SPOUSE = "配偶"


def couples(office: Office, village: str) -> list[list[Row]]:
    """The families of a village's roll in which a couple lives, as rows of members, head first."""
    members: defaultdict[str, list[Row]] = defaultdict(list)
    for row in read(office.state / "city" / "roll" / "存量名册.csv"):
        members[row["户号"]].append(row)
    return [
        rows
        for rows in members.values()
        if rows[0]["区划代码"] == village and any(row["与户主关系"] == SPOUSE for row in rows)
    ]


def facts_of(office: Office, rows: list[Row]) -> list[Row]:
    """What the old system's last review found out about a family."""
    found = read(office.state / "city" / "roll" / "复核指标.csv")
    return [row for row in found if row["户号"] == rows[0]["户号"]]


def take_over(office: Office, rows: list[Row], facts: list[Row], name: str) -> None:
    """Two people take this family alone over from the old system, which pays through November."""
    roll, review = office.state / f"{name}-roll.csv", office.state / f"{name}-review.csv"
    write(roll, rows)
    write(review, facts)
    command = [str(Path(sys.executable).parent / "doudi-office"), "roll"]
    given = ["--review", str(review), "--as-of", "2026-11-20", "--paid-through", "2026-11", "--by", "reviewer1"]
    number = run(office, [*command, "prepare", str(roll), *given]).split("roll ", 1)[1].split(":", 1)[0]
    assert "1 families" in run(office, [*command, "confirm", number, "--by", "approver1", "--reason", "与旧系统一致。"])


def read(path: Path) -> list[Row]:
    """Rows of a file as old systems write it."""
    with path.open(encoding="gb18030", newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, rows: list[Row]) -> None:
    """Write rows as old systems do."""
    with path.open("w", encoding="gb18030", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def run(office: Office, command: list[str]) -> str:
    """What a command of the office says; it must succeed."""
    done = subprocess.run(command, env=office.environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
