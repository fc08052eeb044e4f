"""Running scenario files: `baoxiu test PATH`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.data_files import organisation_folders
from engine.scenarios.coverage import coverage_of
from engine.scenarios.errors import BrokenScenario, NothingToTest
from engine.scenarios.model import Scenario
from engine.scenarios.mutants import mutants_of
from engine.scenarios.mutation import survivors, trials
from engine.scenarios.player import Played, play
from engine.scenarios.reader import ENDING, read_scenarios
from engine.scenarios.report import Report, survivor
from engine.scenarios.world import World, build_world


@dataclass(frozen=True, slots=True)
class Suite:
    """The scenarios of one organisation that are to be played."""

    folder: Path
    scenarios: tuple[Scenario, ...]


def find_suites(path: Path) -> list[Suite]:
    """The scenarios of a file, of a folder, or of all organisations below a folder.

    Raises `NothingToTest`, `BrokenScenario`.
    """
    path = path.resolve()
    suites: list[Suite] = []
    for folder in organisation_folders(path):
        below = path if path.is_relative_to(folder) else folder
        files = [path] if path.is_file() else sorted(below.rglob(f"*{ENDING}"))
        scenarios = tuple(scenario for file in files for scenario in read_scenarios(file))
        if scenarios:
            suites.append(Suite(folder, scenarios))
    if not suites:
        raise NothingToTest(path=path)
    return suites


def run_scenarios(path: Path, mutate: bool = False) -> Report:
    """Play every scenario at a path, each on its own, and with `mutate` try whether they notice small mistakes.

    The handlers must be loaded. Raises `NothingToTest`, `BrokenScenario`, and what deploying the files raises.
    """
    report = Report(mutants=0 if mutate else None)
    for suite in find_suites(path):
        world = prepared(suite)
        plays = [play(world.copy(), scenario) for scenario in suite.scenarios]
        report.plays.extend(plays)
        processes = dict.fromkeys(scenario.process for scenario in suite.scenarios)
        report.coverage.extend(coverage_of(world.specifications[process], plays) for process in processes)
        if mutate:
            _mutate(report, suite.folder, world, plays)
    return report


def prepared(suite: Suite) -> World:
    """The suite's organisation, deployed. Raises `BrokenScenario` for a scenario of a process that it does not have."""
    world = build_world(suite.folder)
    for scenario in suite.scenarios:
        if scenario.process not in world.specifications:
            known = ", ".join(sorted(world.specifications))
            problem = f"there is no process {scenario.process}; the organisation has {known}"
            raise BrokenScenario(file=scenario.file.name, place="process", problem=problem)
    return world


def _mutate(report: Report, folder: Path, world: World, plays: list[Played]) -> None:
    processes = {played.scenario.process for played in plays}
    decisions = set[str]().union(*(played.decisions for played in plays))
    wanted = [
        mutant for mutant in mutants_of(world.files) if mutant.process in processes or mutant.decisions & decisions
    ]
    report.mutants = (report.mutants or 0) + len(wanted)
    left = survivors(folder, world, trials(wanted, plays))
    report.survivors.extend(survivor(mutant) for mutant in left)
