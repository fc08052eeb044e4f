"""Where the DMN test kit lies when there is one: beside the project, in ../shared/tck."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KIT = ROOT.parent / "shared" / "tck" / "run_tck.py"
