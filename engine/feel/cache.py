"""A cache bounded by the length of the texts in it.

Compiled expressions are many small objects, and Python's garbage collector visits them all; a bound on their number
alone would let long expressions make its pauses long.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")


class TextCache(Generic[Value]):
    """Values made of a text and further keys; those not used for longest leave first. Safe between threads."""

    def __init__(self, characters: int) -> None:
        self.characters = characters
        self._held = 0
        self._values: OrderedDict[tuple[str, Hashable], Value] = OrderedDict()
        self._lock = Lock()

    def get(self, text: str, further: Hashable, make: Callable[[], Value]) -> Value:
        """The value of the keys, made where it is not here; what `make` raises is not remembered."""
        key = (text, further)
        with self._lock:
            value = self._values.get(key)
            if value is not None:
                self._values.move_to_end(key)
                return value
        value = make()
        with self._lock:
            if key not in self._values:
                self._held += len(text)
            self._values[key] = value
            while self._held > self.characters:
                (oldest, _), _ = self._values.popitem(last=False)
                self._held -= len(oldest)
        return value

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._values.clear()
            self._held = 0
