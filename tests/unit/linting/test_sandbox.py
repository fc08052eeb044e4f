"""Files of strangers are linted in a process of their own first; what ends that process is a finding."""

from __future__ import annotations

import time

import pytest

from engine import linting, sandbox
from engine.sandbox import endured, lint_in_subprocess
from tests.builders import small_process

NOTHING = linting.Surroundings()


def test_files_that_do_no_harm_are_linted_as_ever() -> None:
    files = {"small.bpmn": small_process(), "bad.dmn": b"<open>"}
    contents = lint_in_subprocess(files, NOTHING)
    assert contents.findings == linting.lint(files, NOTHING).findings
    assert contents.processes["small.bpmn"][0].process_id == "small"


def test_a_file_that_takes_too_long_is_a_finding() -> None:
    contents = lint_in_subprocess({"slow.bpmn": small_process()}, NOTHING, seconds=0.001)
    assert [(found.code, found.file) for found in contents.findings] == [("too-slow", "slow.bpmn")]
    assert contents.findings[0].advice


def test_a_check_that_never_ends_is_ended() -> None:
    began = time.monotonic()
    found = endured(b"", 0.2, 64, ("-c", "import signal; signal.setitimer(signal.ITIMER_PROF, 0.2)\nwhile True: pass"))
    assert found is not None
    assert found.code == "too-slow"
    assert time.monotonic() - began < 30


def test_a_check_that_waits_for_ever_is_ended_by_the_wall_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_START_SECONDS", 0.2)
    found = endured(b"", 0.1, 64, ("-c", "import signal; signal.pause()"))
    assert found is not None
    assert found.code == "too-slow"


def test_files_that_take_too_much_memory_are_a_finding() -> None:
    names = "".join(f"<e{number}/>" for number in range(40_000))
    contents = lint_in_subprocess({"a.bpmn": f"<x>{names}</x>".encode(), "b.bpmn": b"<x/>"}, NOTHING, megabytes=1)
    assert [(found.code, found.file) for found in contents.findings] == [("too-much-memory", "")]
    assert "1 MB" in contents.findings[0].message


@pytest.mark.parametrize(
    "program", ["import os; os.abort()", "import os; os.kill(os.getpid(), 9)", "raise SystemExit(7)"]
)
def test_a_check_that_crashes_is_a_finding_and_is_logged(program: str, caplog: pytest.LogCaptureFixture) -> None:
    found = endured(b"", 5, 64, ("-c", program))
    assert found is not None
    assert (found.code, bool(found.advice)) == ("check-failed", True)
    assert "linting ended with status" in caplog.text


def test_a_question_that_is_none_is_a_failure_not_a_pass() -> None:
    found = endured(b"no json", 5, 64)
    assert found is not None
    assert found.code == "check-failed"
