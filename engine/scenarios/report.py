"""What a run of scenarios found, as a text whose last line is for machines and people alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from engine.scenarios.coverage import Coverage, percent
from engine.scenarios.mutants import Mutant
from engine.scenarios.player import Played

LEAST_CAUGHT = 90
"""Percent of the mutants that scenarios must catch."""


@dataclass(frozen=True, slots=True)
class Survivor:
    """A change of a diagram or table that no scenario noticed."""

    file: str
    place: str
    change: str


@dataclass(slots=True)
class Report:
    """The result of `run_scenarios`."""

    plays: list[Played] = field(default_factory=list[Played])
    coverage: list[Coverage] = field(default_factory=list[Coverage])
    mutants: int | None = None
    """How many mutants were tried; None when none were asked for."""
    survivors: list[Survivor] = field(default_factory=list[Survivor])

    @property
    def passed(self) -> bool:
        """Whether every scenario passed (and enough mutants were caught)."""
        caught = self.caught_percent
        return all(played.passed for played in self.plays) and (caught is None or caught >= LEAST_CAUGHT)

    @property
    def caught_percent(self) -> float | None:
        """The share of mutants that a scenario caught; None when none were tried."""
        if self.mutants is None:
            return None
        return 100.0 if not self.mutants else 100 * (self.mutants - len(self.survivors)) / self.mutants

    @property
    def text(self) -> str:
        """The whole report; the last line is ``N scenarios passed, N failed; nodes X %, flows Y %``."""
        return "\n".join([*self._failures(), *self._missed(), *self._mutations(), self.last_line])

    @property
    def last_line(self) -> str:
        failed = sum(not played.passed for played in self.plays)
        nodes, flows = sum(c.elements for c in self.coverage), sum(c.flows for c in self.coverage)
        nodes_seen = nodes - sum(len(c.elements_missed) for c in self.coverage)
        flows_seen = flows - sum(len(c.flows_missed) for c in self.coverage)
        return (
            f"{len(self.plays) - failed} scenarios passed, {failed} failed; "
            f"nodes {percent(nodes_seen, nodes)} %, flows {percent(flows_seen, flows)} %"
        )

    def _failures(self) -> Iterator[str]:
        for played in self.plays:
            if not played.passed:
                yield f"FAILED {played.scenario.file.name}: {played.scenario.name}"
                yield from (f"  {failure}" for failure in played.failures)

    def _missed(self) -> Iterator[str]:
        for covered in self.coverage:
            if covered.elements_missed:
                yield f"{covered.process}: nodes never reached: {', '.join(covered.elements_missed)}"
            if covered.flows_missed:
                yield f"{covered.process}: flows never taken: {', '.join(covered.flows_missed)}"

    def _mutations(self) -> Iterator[str]:
        if self.mutants is None:
            return
        for survivor in self.survivors:
            yield f"SURVIVED {survivor.file}, {survivor.place}: {survivor.change}"
        caught = self.mutants - len(self.survivors)
        yield f"{self.mutants} mutants, {caught} caught ({percent(caught, self.mutants)} %)"


def survivor(mutant: Mutant) -> Survivor:
    """What the report says of a mutant that no scenario caught."""
    return Survivor(mutant.file, mutant.place, mutant.change)
