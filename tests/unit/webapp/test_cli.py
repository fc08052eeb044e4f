"""The command line as its users call it: what it prints, and that it exits non-zero with one sentence on failure."""

from __future__ import annotations

import io
import json
import sqlite3
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

from webapp.cli import main

ROOT = Path(__file__).parents[3]
PROCESSES = ROOT / "processes"
SUPPLIER = PROCESSES / "equipment_supplier"
OF_SUPPLIER = ("--organisation", "equipment_supplier")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command printed, and its exit code."""

    stdout: str
    stderr: str
    returncode: int


def baoxiu(home: Path, *words: str) -> Answer:
    """Run a command with a home of its own, in this process: importing the engine takes longer than most commands."""
    out, err = io.StringIO(), io.StringIO()
    code: int | str | None = 0
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setenv("BAOXIU_HOME", str(home))
        patch.delenv("BAOXIU_DATABASE_URL", raising=False)
        try:
            main(words)
        except SystemExit as end:
            code = end.code
    if isinstance(code, str):
        err.write(code + "\n")
        code = 1
    return Answer(out.getvalue(), err.getvalue(), code or 0)


def refused(answer: Answer) -> str:
    """The one sentence of a command that failed."""
    assert answer.returncode != 0
    assert "Traceback" not in answer.stderr
    return answer.stderr.strip().splitlines()[-1]


def test_from_an_empty_machine_to_a_deployed_organisation(tmp_path: Path) -> None:
    assert "equipment_supplier: set up" in baoxiu(tmp_path, "init").stdout
    words = ("user", "add", "li", "--role", "cs_clerk", "--password", "a long password")
    assert "say which organisation" in refused(baoxiu(tmp_path, *words))
    added = baoxiu(tmp_path, *words, *OF_SUPPLIER)
    assert added.stdout == "li: added\n", added.stderr
    first = baoxiu(tmp_path, "deploy", str(SUPPLIER)).stdout
    assert first.startswith("equipment_supplier: deployment 1, ")
    again = baoxiu(tmp_path, "deploy", str(SUPPLIER)).stdout
    assert "0 new versions" in again
    assert "the event log is whole" in baoxiu(tmp_path, "verify-log").stdout
    lines = baoxiu(tmp_path, "export", "csv", *OF_SUPPLIER).stdout.splitlines()
    assert len(lines) > 2
    assert "deployed" in "".join(lines)


def test_a_broken_log_fails_with_the_place(tmp_path: Path) -> None:
    baoxiu(tmp_path, "init")
    baoxiu(tmp_path, "deploy", str(SUPPLIER))
    with sqlite3.connect(tmp_path / "baoxiu.db") as connection:
        connection.execute("UPDATE event SET performer = 'somebody' WHERE key = 1")
    answer = baoxiu(tmp_path, "verify-log")
    assert answer.returncode == 1
    assert "event 1" in answer.stderr
    assert refused(answer) == "baoxiu: the event log is broken in 1 places"


def test_errors_in_files_are_listed_and_nothing_is_deployed(tmp_path: Path) -> None:
    folder = tmp_path / "equipment_supplier"
    folder.mkdir()
    (folder / "organisation.yaml").write_bytes((PROCESSES / "equipment_supplier/organisation.yaml").read_bytes())
    (folder / "bad.bpmn").write_text("<open>", encoding="utf-8")
    lint = baoxiu(tmp_path / "home", "lint", str(folder))
    assert lint.returncode == 1
    assert "bad.bpmn" in lint.stdout
    answer = baoxiu(tmp_path / "home", "deploy", str(folder))
    assert "were not deployed" in refused(answer)
    assert baoxiu(tmp_path / "home", "deploy", str(SUPPLIER)).stdout.startswith("equipment_supplier: deployment 1")


@pytest.mark.parametrize(
    ("words", "printed"),
    [
        (("feel", "1 + 2"), "3"),
        (("feel", "sum(parts.price)", "--context", '{"parts": [{"price": 2.5}, {"price": 1}]}'), "3.5"),
        (("feel", '@"2026-03-02" + @"P1D"'), "2026-03-03"),
    ],
)
def test_feel_prints_the_value(tmp_path: Path, words: tuple[str, ...], printed: str) -> None:
    assert baoxiu(tmp_path, *words).stdout == f"{printed}\n"


def test_feel_says_where_a_mistake_is(tmp_path: Path) -> None:
    assert "column 4" in refused(baoxiu(tmp_path, "feel", "1 +"))


def test_a_decision_is_evaluated_and_checked(tmp_path: Path) -> None:
    table = str(PROCESSES / "equipment_supplier/quote_review_route.dmn")
    inputs = json.dumps({"deviation_percent": 12, "floor_covered": True, "signed_price": 1, "quoted_price": 2})
    answer = baoxiu(tmp_path, "dmn", "eval", table, "--decision", "quote_review_route", "--input", inputs)
    assert json.loads(answer.stdout)["next_reviewer"] == "general_manager", answer.stderr
    assert baoxiu(tmp_path, "dmn", "check", table).returncode == 0
    assert "nobody" in refused(baoxiu(tmp_path, "dmn", "eval", table, "--decision", "nobody"))


def test_a_changed_table_is_tried_on_past_cases(tmp_path: Path) -> None:
    baoxiu(tmp_path, "init")
    table = str(PROCESSES / "equipment_supplier/quote_review_route.dmn")
    answer = baoxiu(tmp_path, "dmn", "backtest", table, *OF_SUPPLIER)
    assert answer.stdout.splitlines()[-1].startswith("0 evaluated"), answer.stderr


def test_a_wrong_word_is_explained(tmp_path: Path) -> None:
    assert "No such command" in baoxiu(tmp_path, "explode").stderr
    assert "organisation" in refused(baoxiu(tmp_path, "export", "csv"))


def test_the_console_script_fails_with_one_sentence(tmp_path: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", "from webapp.cli import main; main()", "feel", "1 +"],
        env={"PATH": "/usr/bin:/bin", "BAOXIU_HOME": str(tmp_path), "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert answer.returncode == 1
    assert len(answer.stderr.strip().splitlines()) == 1
