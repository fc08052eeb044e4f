"""What can be wrong with scenario files."""

from __future__ import annotations

from engine.errors import N_, BaoxiuError


class BrokenScenario(BaoxiuError):
    """A scenario file says something that cannot be played."""

    template = N_("{file}, {place}: {problem}")
    status = 422


class NothingToTest(BaoxiuError):
    """There are no scenarios at the path."""

    template = N_(
        "{path} has no scenarios. Put a file <process>.scenarios.yaml beside the diagram, "
        "in a folder with organisation.yaml."
    )
    status = 422


class StepFailed(BaoxiuError):
    """A step cannot be done, or does what it should not."""

    template = N_("{detail}")
