"""What checking a diagram costs: reading, linting, and proving soundness, with and without the reduction."""

from __future__ import annotations

from collections.abc import Callable

from engine.bpmn import read_processes
from engine.linting import Surroundings, lint
from engine.semantics import Automaton, Explorer, Net, check_soundness
from tests.bench.timing import median, milliseconds
from tests.bpmn_xml import definitions
from tests.unit.semantics.large import TERMINATE, branches, sixty_nodes

ROUNDS = 7


def measure() -> dict[str, object]:
    """Milliseconds: a diagram of sixty nodes read, and linted with all rules and the proof; six branches of three."""
    sixty = definitions(*sixty_nodes())
    read, linted = _ms(lambda: read_processes(sixty)), _ms(lambda: lint({"x.bpmn": sixty}, Surroundings()))
    return {
        "nodes_60": {"read_ms": read, "lint_ms": linted, "ratio": round(linted / read, 1)},
        "branches_6x3": _soundness(branches(6, 3)),
        "branches_6x3_terminate": _soundness(branches(6, 3, TERMINATE)),
    }


def _soundness(place: tuple[str, str]) -> dict[str, object]:
    [process] = read_processes(definitions(*place)).processes
    space = Explorer(Automaton(Net(process, once=True))).explore()
    return {"states": len(space.states), "ms": _ms(lambda: check_soundness(process))}


def _ms(work: Callable[[], object]) -> float:
    return median([milliseconds(work) for _ in range(ROUNDS)])
