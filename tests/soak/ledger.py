"""What the long tests have done so far, so that `make soak` goes on where it stopped and prints the figures of it all.

One JSON line per finished round in BAOXIU_SOAK (default var/soak/ledger.jsonl); remove the file to begin a new run.
``python -m tests.soak.ledger`` prints the figures.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

WORST = ("worst_", "p95_", "peak_")
"""Figures whose names begin so are not added up over the rounds: the greatest counts."""


def path() -> Path:
    """Where the ledger lies."""
    return Path(os.environ.get("BAOXIU_SOAK", "var/soak/ledger.jsonl"))


def entries() -> list[dict[str, Any]]:
    """Every finished round, oldest first; a line that a power cut left unfinished is no round."""
    found: list[dict[str, Any]] = []
    if path().exists():
        for line in path().read_text(encoding="utf-8").splitlines():
            try:
                found.append(json.loads(line))
            except json.JSONDecodeError:
                continue
    return found


def open_rounds(measurement: str, rounds: int) -> Iterator[int]:
    """The numbers of the rounds of a measurement that are still to do."""
    done = {entry["round"] for entry in entries() if entry["measurement"] == measurement}
    return (number for number in range(rounds) if number not in done)


def note(measurement: str, number: int, **figures: float) -> None:
    """A round is finished and found to be right."""
    path().parent.mkdir(parents=True, exist_ok=True)
    entry = {"measurement": measurement, "round": number, "at": datetime.now(UTC).isoformat(), "figures": figures}
    with path().open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry) + "\n")


def totals() -> dict[str, dict[str, float]]:
    """The figures by measurement: sums, and the greatest of what is a worst case."""
    found: dict[str, dict[str, float]] = {}
    for entry in entries():
        total = found.setdefault(entry["measurement"], {"rounds": 0})
        total["rounds"] += 1
        for name, figure in entry["figures"].items():
            known = total.get(name, 0)
            total[name] = max(known, figure) if name.startswith(WORST) else known + figure
    return found


def main() -> None:
    """Print the figures, one measurement a line."""
    for measurement, figures in totals().items():
        said = ", ".join(f"{name.replace('_', ' ')} {round(figure, 2):,}" for name, figure in figures.items())
        print(f"{measurement}: {said}")


if __name__ == "__main__":
    main()
