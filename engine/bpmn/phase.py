"""The steps of an element instance's life."""

from __future__ import annotations

from enum import IntEnum


class Phase(IntEnum):
    """A step; the snapshot keeps the number of the one that failed, so these numbers never change."""

    ENTER = 0
    ARM = 1
    ACT = 2
    LEAVE = 3
    ITEM = 4
    ROUTE = 5
