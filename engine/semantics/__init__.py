"""BPMN token semantics as an automaton over a diagram; knows nothing of the engine that executes diagrams.

`check_soundness` proves at deployment that a process can always end; `Follower` follows traces of element events
and says where they leave the diagram.
"""

from __future__ import annotations

from engine.semantics.explore import DEFAULT_CAP, Explorer, Space
from engine.semantics.moves import Automaton, Move
from engine.semantics.net import Net
from engine.semantics.replay import Event, Follower, Replay, Verdict, replay
from engine.semantics.soundness import check_soundness

__all__ = [
    "DEFAULT_CAP",
    "Automaton",
    "Event",
    "Explorer",
    "Follower",
    "Move",
    "Net",
    "Replay",
    "Space",
    "Verdict",
    "check_soundness",
    "replay",
]
