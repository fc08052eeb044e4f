"""How much room a text takes, and where it breaks."""

from __future__ import annotations

import unicodedata
from typing import Final

GLYPH: Final = 14
NARROW: Final = 7.5
LINE: Final = 14
LABEL_WIDTH: Final = 84


def glyph_width(glyph: str) -> float:
    """Wide and full-width glyphs take a square, others about half of it."""
    return GLYPH if unicodedata.east_asian_width(glyph) in "WF" else NARROW


def text_width(text: str) -> float:
    """The width of a line."""
    return sum(map(glyph_width, text))


def broken(text: str, width: float) -> list[str]:
    """The lines of a text: a break is possible at blanks and beside wide glyphs."""
    lines, line = list[str](), ""
    for word in _words(text):
        if line and text_width(line + word.rstrip()) > width:
            lines.append(line.strip())
            line = ""
        line += word
    return [*lines, line.strip()] if line.strip() else lines


def _words(text: str) -> list[str]:
    words = list[str]()
    for glyph in text:
        last = words[-1][-1] if words else ""
        narrow = words and GLYPH not in (glyph_width(glyph), glyph_width(last)) and last != " "
        if words and (narrow or glyph == " "):
            words[-1] += glyph
        else:
            words.append(glyph)
    return words


def text_size(text: str, width: float = LABEL_WIDTH) -> tuple[int, int]:
    """Width and height of a text that breaks at `width`."""
    lines = broken(text, width)
    return int(max(map(text_width, lines), default=0) + 0.5), LINE * len(lines)
