"""The ledger of the long tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.soak import ledger


def test_a_run_goes_on_where_it_stopped_and_adds_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BAOXIU_SOAK", str(tmp_path / "new" / "ledger.jsonl"))
    assert list(ledger.open_rounds("kills", 3)) == [0, 1, 2]
    ledger.note("kills", 0, kills=50, worst_wait_s=2.0)
    ledger.note("kills", 2, kills=50, worst_wait_s=1.5)
    with ledger.path().open("a", encoding="utf-8") as file:
        file.write('{"measurement": "kil')
    assert list(ledger.open_rounds("kills", 3)) == [1]
    assert ledger.totals() == {"kills": {"rounds": 2, "kills": 100, "worst_wait_s": 2.0}}
