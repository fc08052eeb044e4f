"""The engine against the automaton: the same states, by the same steps, in the same order."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from engine.bpmn import Specification, read_processes
from tests.bpmn_host import specification
from tests.unit.bpmn.random_processes import Generator, draw_process
from tests.unit.semantics.driving import Driver, TooMuch
from tests.unit.semantics.random_diagrams import Draughtsman

PROCESSES = sorted(Path("processes").glob("*/*.bpmn"))
SHORT = 400


@pytest.fixture(autouse=True)
def _circles_are_seen_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.bpmn.workflow.MAX_STEPS", SHORT)


def compare(specified: Specification, most: int = 15) -> int:
    """The edges driven; 0 where a step has too many outcomes to try them all."""
    driver = Driver(specified, most)
    try:
        driver.compare()
    except TooMuch:
        return 0
    return driver.edges


def random_diagrams(seeds: range) -> int:
    """How many edges of random diagrams were compared."""
    edges = 0
    for seed in seeds:
        resource = read_processes(Draughtsman(seed).diagram())
        if not resource.findings:
            edges += compare(resource.processes[0])
    return edges


def structured_diagrams(seeds: range) -> int:
    """The same for block-structured ones."""
    return sum(compare(specification(*draw_process(Generator(random.Random(seed)).process(2)))) for seed in seeds)


def test_random_diagrams_run_as_the_automaton_says() -> None:
    assert random_diagrams(range(40)) > 200


def test_structured_diagrams_run_as_the_automaton_says() -> None:
    assert structured_diagrams(range(20)) > 100


@pytest.mark.parametrize("path", PROCESSES, ids=lambda path: path.stem)
def test_the_shipped_processes_run_as_the_automaton_says(path: Path) -> None:
    for process in read_processes(path.read_bytes(), path.name).processes:
        if process.can_run:
            assert compare(process, most=60) > 0


@pytest.mark.slow
@pytest.mark.parametrize("block", range(60))
def test_thousands_of_random_diagrams_run_as_the_automaton_says(block: int) -> None:
    assert random_diagrams(range(1_000 + block * 90, 1_090 + block * 90)) > 100


@pytest.mark.slow
@pytest.mark.parametrize("block", range(10))
def test_many_structured_diagrams_run_as_the_automaton_says(block: int) -> None:
    assert structured_diagrams(range(1_000 + block * 60, 1_060 + block * 60)) > 100
