"""The benchmark's floor does what it claims to do."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from engine.bpmn.floor import Floor


def test_the_floor_runs_its_diagram_through_a_durable_row(tmp_path: Path) -> None:
    floor = Floor(tmp_path / "floor.sqlite")
    instance = floor.start()
    assert not floor.complete_task(instance, amount=60)
    assert floor.complete_task(instance)
    small = floor.start()
    assert floor.complete_task(small, amount=10)
    floor.close()
    with sqlite3.connect(tmp_path / "floor.sqlite") as connection:
        assert connection.execute("SELECT count(*) FROM instance").fetchone() == (2,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()
