"""Trying mutants: each in worlds of its own, until the first scenario that notices; on all cores where that pays."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from engine.errors import BaoxiuError
from engine.handling import handler_modules, load_handlers
from engine.scenarios.model import Scenario
from engine.scenarios.mutants import Mutant
from engine.scenarios.player import Played, play
from engine.scenarios.world import World, build_world

FEW = 24
"""Up to so many mutants are tried in this process: starting others would take longer."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A mutant and the scenarios that can notice it."""

    mutant: Mutant
    scenarios: tuple[Scenario, ...]


def trials(mutants: Iterable[Mutant], plays: Sequence[Played]) -> list[Trial]:
    """Each mutant with the scenarios that came by the changed place; short scenarios first."""
    ordered = sorted((played for played in plays if played.passed), key=lambda played: len(played.scenario.steps))
    return [
        Trial(mutant, tuple(played.scenario for played in ordered if mutant.concerns(played))) for mutant in mutants
    ]


def survivors(folder: Path, world: World, tried: Sequence[Trial]) -> list[Mutant]:
    """The mutants that no scenario notices, in order."""
    if len(tried) <= FEW:
        caught: Sequence[bool] = [is_caught(world, trial) for trial in tried]
    else:
        caught = _on_all_cores(folder, tried)
    return [trial.mutant for trial, noticed in zip(tried, caught, strict=True) if not noticed]


def is_caught(world: World, trial: Trial) -> bool:
    """Whether a scenario fails on the mutant (or the mutant cannot even run)."""
    for scenario in trial.scenarios:
        try:
            changed = world.copy({trial.mutant.file: trial.mutant.content})
        except BaoxiuError:
            return True
        if not play(changed, scenario).passed:
            return True
    return False


def _on_all_cores(folder: Path, tried: Sequence[Trial]) -> list[bool]:
    workers = max(os.cpu_count() or 1, 1)
    pool = ProcessPoolExecutor(workers, get_context("spawn"), _prepare, (folder, handler_modules()))
    with pool:
        return list(pool.map(_try, tried, chunksize=max(len(tried) // (workers * 8), 1)))


_worlds: dict[str, World] = {}


def _prepare(folder: Path, modules: list[str]) -> None:
    load_handlers(modules)
    _worlds["here"] = build_world(folder)


def _try(trial: Trial) -> bool:
    return is_caught(_worlds["here"], trial)
