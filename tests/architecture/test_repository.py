"""What the repository contains, we wrote; what it locks names no registry; what it says is whole."""

import importlib
import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def tracked() -> list[Path]:
    names = (
        subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout.decode().split("\0")
    )
    return [ROOT / name for name in names if name and (ROOT / name).exists()]


def test_locked_dependencies_have_hashes_and_no_address() -> None:
    lock = (ROOT / "requirements" / "dev.lock").read_text("utf-8")
    pinned = re.findall(r"^[A-Za-z0-9_.\-\[\]]+==", lock, flags=re.M)
    assert len(pinned) > 50
    assert lock.count("--hash=sha256:") >= len(pinned)
    assert "://" not in lock
    assert "--index" not in lock


def test_locked_front_end_has_digests_and_no_address() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text("utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    assert all("integrity" in entry for entry in packages.values())
    assert all("resolved" not in entry for entry in packages.values())


def test_nothing_tracked_was_built_or_bundled() -> None:
    built = [
        p
        for p in tracked()
        if p.suffix in {".whl", ".so", ".mo", ".ttf", ".woff", ".woff2", ".parquet", ".pdf"} or ".min." in p.name
    ]
    assert built == []


def test_no_tracked_text_carries_a_real_looking_identity_number() -> None:
    """Demo and test people are invented: each 18-digit number that passes the check begins with 4199."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    real = []
    for path in tracked():
        if path.suffix in {".lock"} or path.name == "package-lock.json":
            continue
        text = path.read_text("utf-8", errors="ignore")
        for match in re.finditer(
            r"(?<![0-9A-Za-z])([1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx])(?![0-9A-Za-z])",
            text,
        ):
            number = match.group(1).upper()
            right = "10X98765432"[sum(int(d) * w for d, w in zip(number, weights, strict=False)) % 11]
            if number[-1] == right and not number.startswith("4199"):
                real.append(f"{path.relative_to(ROOT)}: {number[:6]}...")
    assert real == []


def test_every_error_has_a_stable_code_and_the_reference_is_up_to_date() -> None:
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        reference = importlib.import_module("reference_pages")
    finally:
        sys.path.pop(0)
    classes = reference.error_classes()
    assert len(classes) > 20
    for cls in classes:
        assert re.fullmatch(r"DD-[A-Z]+-\d{3}", cls.code), cls.__name__
        assert cls.__doc__, f"{cls.__name__} does not say what it means"
    codes = [cls.code for cls in classes]
    assert sorted(set(codes)) == codes, "a code is used twice"
    assert (ROOT / "docs" / "reference" / "errors.md").read_text("utf-8") == reference.page(), (
        "run: python scripts/reference_pages.py"
    )


def test_the_glossary_holds_each_word_of_the_design_once() -> None:
    text = (ROOT / "GLOSSARY.md").read_text("utf-8")
    terms = re.findall(r"^\| `?([a-z_ ]+)`? \|", text, flags=re.M)
    assert len(terms) >= 40
    assert len(terms) == len(set(terms))


def test_the_read_me_files_name_commands_that_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), flags=re.M))
    for name in ("README.md", "README.zh-CN.md", "CONTRIBUTING.md"):
        used = set(re.findall(r"`make ([a-z-]+)", (ROOT / name).read_text("utf-8")))
        assert used, f"{name} names no command"
        assert used <= targets, f"{name}: {used - targets}"


def test_each_test_that_the_security_page_names_exists() -> None:
    named = set(re.findall(r"`(test_p\d+_\w+)`", (ROOT / "SECURITY.md").read_text("utf-8")))
    written = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("*.py"))
    assert len(named) > 30
    assert [name for name in sorted(named) if f"def {name}(" not in written] == []
