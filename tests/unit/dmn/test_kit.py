"""The DMN test kit: the adapter always, the kit itself where it lies beside the project.

Where it does not, tests/conftest.py says so at the end of the run.
"""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from pathlib import Path

from engine.dmn.tck import evaluate_decision
from engine.feel.temporal import Date
from tests.kit import KIT, ROOT
from tests.unit.dmn.models import decision, document, input_data, literal, table


class Temporal(str):
    """What the kit's runner hands over for dates and times."""

    __slots__ = ()


def test_the_adapter_reads_temporal_inputs_wherever_they_stand(tmp_path: Path) -> None:
    path = tmp_path / "m.dmn"
    path.write_bytes(document(input_data("v"), decision("d", literal("v"), inputs=["i_v"])))
    given = {"day": Temporal("2026-03-02"), "list": [Temporal("2026-03-02")], "text": "2026-03-02", "n": Decimal(1)}
    day = Date(2026, 3, 2)
    assert evaluate_decision(str(path), "d", {"v": given}) == {**given, "day": day, "list": [day]}


def test_the_adapter_gives_null_where_the_product_raises(tmp_path: Path) -> None:
    path = tmp_path / "m.dmn"
    path.write_bytes(document(decision("d", table(["1"], ["out"], [("-", "1"), ("-", "2")]))))
    assert evaluate_decision(str(path), "d", {}) is None
    assert evaluate_decision(str(path), "nobody", {}) is None


def test_the_adapter_finds_imported_models_beside_the_model(tmp_path: Path) -> None:
    head = '<import name="{0}" namespace="urn:{0}" importType="x"/>'
    (tmp_path / "m.dmn").write_bytes(
        document(head.format("a"), decision("d", literal("a.d + 1"), decisions=["urn:a#d"]), namespace="urn:m")
    )
    # The two import each other: such a circle is cut where it closes.
    (tmp_path / "a.dmn").write_bytes(document(head.format("m"), decision("d", literal("41")), namespace="urn:a"))
    (tmp_path / "z.dmn").write_bytes(document(namespace="urn:z"))
    assert evaluate_decision(str(tmp_path / "m.dmn"), "d", {}) == Decimal(42)


if KIT.exists():

    def test_the_kit_is_passed() -> None:
        command = [sys.executable, str(KIT), "--adapter", "engine.dmn.tck:evaluate_decision"]
        bounds = ["--min-l2", "100", "--min-l3", "99", "--min-nonnull", "98.8"]
        done = subprocess.run([*command, *bounds], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
