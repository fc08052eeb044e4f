"""Chromium for the browser tests: finding one, and installing one.

``make browsers`` runs ``python -m tests.browsers``.

A Chromium is taken from the variable CHROMIUM, from PATH, or from Playwright's own folder, in this order.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
DEBIAN_PACKAGES = ("chromium", "fonts-noto-cjk", "libpango-1.0-0", "libpangoft2-1.0-0")
NONE_FOUND = "no Chromium in CHROMIUM, PATH or Playwright's own folder; run: make browsers"


def find_chromium() -> str | None:
    """The path of a Chromium that can be started; None where there is none."""
    named = os.environ.get("CHROMIUM", "")
    if named:
        return named if Path(named).is_file() else None
    on_path = next((found for name in NAMES if (found := shutil.which(name))), None)
    return on_path or _of_playwright()


def install() -> str:
    """Install what is missing, a Chromium and a Chinese font; the Chromium's path. Raises SystemExit when it fails."""
    can_use_apt = hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get") is not None
    if can_use_apt and not (find_chromium() and _has_chinese_font()):
        _run(["apt-get", "update", "-qq"])
        _run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *DEBIAN_PACKAGES])
    elif find_chromium() is None:
        _run([sys.executable, "-m", "playwright", "install", "chromium"])
    found = find_chromium()
    if found is None:
        raise SystemExit(f"The installation has not brought one: {NONE_FOUND}")
    if not _has_chinese_font():
        print("There is no Chinese font on this machine; pages will show boxes. Install fonts-noto-cjk.")
    return found


def _of_playwright() -> str | None:
    """The Chromium that ``playwright install chromium`` has put into its folder."""
    folder = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    found = [
        path
        for pattern in ("chromium-*/chrome-*/chrome", "chromium_headless_shell-*/*/*shell")
        for path in folder.glob(pattern)
    ]
    return str(sorted(found)[-1]) if found else None


def _has_chinese_font() -> bool:
    """Whether fontconfig knows a font for Chinese; where there is no fontconfig, the system brings its own."""
    if shutil.which("fc-list") is None:
        return True
    answer = subprocess.run(["fc-list", ":lang=zh-cn", "family"], capture_output=True, text=True, check=False)
    return bool(answer.stdout.strip())


def _run(command: list[str]) -> None:
    print("+", " ".join(command), flush=True)
    result = subprocess.run(command, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, check=False)
    if result.returncode:
        raise SystemExit(f"{' '.join(command)} failed with {result.returncode}")


if __name__ == "__main__":
    print(install())
