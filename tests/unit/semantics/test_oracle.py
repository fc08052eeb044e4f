"""The engine against the automaton: the same states, by the same steps, in the same order."""

from __future__ import annotations

import random
from dataclasses import dataclass
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


@dataclass
class Tally:
    """What was compared: diagrams, those of them in which every edge was driven, and edges."""

    diagrams: int = 0
    whole: int = 0
    edges: int = 0

    def compare(self, specified: Specification, most: int) -> None:
        """Drive a diagram through up to `most` states; a step with too many outcomes to try them all is left out."""
        driver = Driver(specified, most)
        try:
            driver.compare()
        except TooMuch:
            return
        self.diagrams += 1
        self.whole += driver.is_whole
        self.edges += driver.edges


def random_diagrams(seeds: range, most: int = 15) -> Tally:
    """Random diagrams, drawn without regard to structure."""
    tally = Tally()
    for seed in seeds:
        resource = read_processes(Draughtsman(seed).diagram())
        if not resource.findings:
            tally.compare(resource.processes[0], most)
    return tally


def structured_diagrams(seeds: range, most: int = 15) -> Tally:
    """Random block-structured diagrams."""
    tally = Tally()
    for seed in seeds:
        tally.compare(specification(*draw_process(Generator(random.Random(seed)).process(2))), most)
    return tally


def test_random_diagrams_run_as_the_automaton_says() -> None:
    assert random_diagrams(range(40)).edges > 200


def test_structured_diagrams_run_as_the_automaton_says() -> None:
    assert structured_diagrams(range(20)).edges > 100


@pytest.mark.parametrize("path", PROCESSES, ids=lambda path: path.stem)
def test_the_shipped_processes_run_as_the_automaton_says(path: Path) -> None:
    for process in read_processes(path.read_bytes(), path.name).processes:
        if process.can_run:
            tally = Tally()
            tally.compare(process, most=60)
            assert tally.edges > 0


@pytest.mark.slow
@pytest.mark.parametrize("block", range(42))
def test_thousands_of_random_diagrams_run_as_the_automaton_says(block: int) -> None:
    """At least 42 × 140 = 5,880 diagrams, at least 42 × 115 = 4,830 of them with every edge."""
    tally = random_diagrams(range(1_000 + block * 180, 1_180 + block * 180), most=40)
    assert tally.diagrams >= 140
    assert tally.whole >= 115
    assert tally.edges > 2_000


@pytest.mark.slow
@pytest.mark.parametrize("block", range(10))
def test_many_structured_diagrams_run_as_the_automaton_says(block: int) -> None:
    """600 diagrams, at least 540 with every edge; with those above more than 5,300 driven whole."""
    tally = structured_diagrams(range(1_000 + block * 60, 1_060 + block * 60), most=60)
    assert tally.diagrams == 60
    assert tally.whole >= 54
    assert tally.edges > 1_000
