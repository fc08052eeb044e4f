"""The runtime: load a process instance, let its tokens advance, write the difference."""

from engine.runtime.environment import Surroundings
from engine.runtime.running import Running, load, load_by_job, load_by_task

__all__ = ["Running", "Surroundings", "load", "load_by_job", "load_by_task"]
