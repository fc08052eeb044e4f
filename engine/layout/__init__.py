"""Drawing a diagram that has no picture: the BPMN diagram interchange (BPMN 2.0.2, chapter 12) of a file.

Columns follow the flow from left to right, rows lie within lanes, edges are orthogonal. The same file always gets the
same picture, and only the picture of the file changes.
"""

from engine.layout.checking import complaints
from engine.layout.drawing import lay_out
from engine.layout.picture import Box, Line, Picture, Shape, read_picture

__all__ = ["Box", "Line", "Picture", "Shape", "complaints", "lay_out", "read_picture"]
