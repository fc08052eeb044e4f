"""From BPMN XML with ``zeebe:`` extensions to specifications and findings. Never executes anything."""

from __future__ import annotations

from engine.bpmn.model import Resource


def read_processes(xml: bytes, name: str = "file.bpmn") -> Resource:
    """Read every process of a file.

    Whatever we do not execute, every missing reference and every FEEL syntax error is an error finding with the
    element's id and what to do; nothing is skipped in silence. A process with errors has elements and flows (for
    pictures and editors) but cannot be executed. Raises `engine.xml.BrokenXml`.
    """
    raise NotImplementedError
