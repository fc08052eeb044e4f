"""The pictures of the shipped diagrams: nothing overlaps, no edge passes through a node, every node is in its lane."""

from pathlib import Path

import pytest

from engine.data_files import processes_root
from engine.layout import complaints, read_picture

FILES = sorted(processes_root().glob("*/*.bpmn"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_shipped_diagram_is_drawn_without_faults(file: Path) -> None:
    content = file.read_bytes()

    assert read_picture(content, file.name)
    assert complaints(content, file.name) == []
