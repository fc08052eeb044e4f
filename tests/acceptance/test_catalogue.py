"""Every shipped process has what the requirements catalogue says of it; the catalogue lies beside the project."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from engine.data_files import processes_root

CHECK = Path(__file__).resolve().parents[3] / "shared" / "catalogue" / "check.py"
PROCESS = re.compile(r'<bpmn:process id="([^"]+)"')
SHIPPED = sorted(
    found for file in processes_root().rglob("*.bpmn") for found in PROCESS.findall(file.read_text(encoding="utf-8"))
)


@pytest.mark.skipif(not CHECK.is_file(), reason=f"the requirements catalogue is absent: there is no {CHECK}")
@pytest.mark.parametrize("process", SHIPPED)
def test_nothing_of_the_catalogue_is_missing(process: str) -> None:
    command = [sys.executable, str(CHECK), str(processes_root()), "--process", process]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr
