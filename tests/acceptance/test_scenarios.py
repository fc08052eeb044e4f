"""What `baoxiu test processes/` shows, as tests: every scenario, the coverage of nodes and flows, and the mutants."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from engine.data_files import organisation_folders, processes_root
from engine.handling import load_handlers
from engine.scenarios import Scenario, Suite, World, find_suites, play, prepared, run_scenarios
from engine.scenarios.report import LEAST_CAUGHT
from engine.settings import DEFAULT_HANDLERS

SUITES = find_suites(processes_root())
FOLDERS = [suite.folder for suite in SUITES]
SCENARIOS = [(suite, scenario) for suite in SUITES for scenario in suite.scenarios]


def name_of(value: object) -> str:
    """A readable id: the file and the scenario's name."""
    if isinstance(value, Scenario):
        return f"{value.file.name.removesuffix('.scenarios.yaml')}: {value.name}"
    return "" if isinstance(value, Suite) else str(getattr(value, "name", value))


@cache
def world_of(folder: Path) -> World:
    load_handlers(DEFAULT_HANDLERS.split(","))
    [suite] = [suite for suite in SUITES if suite.folder == folder]
    return prepared(suite)


@pytest.mark.parametrize(
    ("suite", "scenario"), SCENARIOS, ids=[f"{suite.folder.name}/{name_of(scenario)}" for suite, scenario in SCENARIOS]
)
def test_the_scenario_holds(suite: Suite, scenario: Scenario) -> None:
    assert play(world_of(suite.folder).copy(), scenario).failures == []


@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
def test_the_scenarios_reach_every_node_and_flow(folder: Path) -> None:
    load_handlers(DEFAULT_HANDLERS.split(","))
    report = run_scenarios(folder)
    assert [covered for covered in report.coverage if not covered.is_complete] == []
    assert report.last_line.endswith("0 failed; nodes 100 %, flows 100 %")


def test_every_organisation_that_is_shipped_has_scenarios() -> None:
    assert organisation_folders(processes_root()) == FOLDERS


@pytest.mark.slow
@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
def test_the_scenarios_notice_small_mistakes(folder: Path) -> None:
    load_handlers(DEFAULT_HANDLERS.split(","))
    report = run_scenarios(folder, mutate=True)
    assert report.mutants
    assert report.caught_percent is not None
    assert report.caught_percent >= LEAST_CAUGHT, report.text
