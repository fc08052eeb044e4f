"""Scenarios: who does what with which data on which day, and what must come of it; the proof beside each diagram.

The format of ``<process>.scenarios.yaml`` is described in docs/guide/scenarios.md.
"""

from engine.scenarios.coverage import Coverage
from engine.scenarios.errors import BrokenScenario, NothingToTest
from engine.scenarios.model import Expectation, Scenario, Start, Step, StepKind
from engine.scenarios.player import Played, failing, play, quiet, run_until, told
from engine.scenarios.reader import read_scenarios
from engine.scenarios.report import Report
from engine.scenarios.run import Suite, find_suites, prepared, run_scenarios
from engine.scenarios.world import World, build_world

__all__ = [
    "BrokenScenario",
    "Coverage",
    "Expectation",
    "NothingToTest",
    "Played",
    "Report",
    "Scenario",
    "Start",
    "Step",
    "StepKind",
    "Suite",
    "World",
    "build_world",
    "failing",
    "find_suites",
    "play",
    "prepared",
    "quiet",
    "read_scenarios",
    "run_scenarios",
    "run_until",
    "told",
]
