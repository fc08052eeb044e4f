"""What a compiler comes across in an expression, by literal: the material of the static checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.dmn.boxed import Compiler, Heard
from engine.dmn.model import Expression, Literal
from engine.feel import UnaryTestsExpression


class Hearing:
    """Everything that was heard; literals are found by their identity, for two cells may say the same."""

    def __init__(self, heard: Mapping[int, Heard]) -> None:
        self._heard = heard

    @property
    def all(self) -> list[Heard]:
        """In the order of compilation."""
        return list(self._heard.values())

    def of(self, literal: Literal) -> Heard | None:
        """What was heard of a literal; None when it was empty."""
        return self._heard.get(id(literal))

    def tests(self, literal: Literal) -> UnaryTestsExpression | None:
        """The compiled cell; None when it tests nothing or cannot be read."""
        heard = self.of(literal)
        compiled = None if heard is None else heard.compiled
        return compiled if isinstance(compiled, UnaryTestsExpression) else None

    def is_broken(self, literal: Literal) -> bool:
        """Whether the literal cannot be read."""
        heard = self.of(literal)
        return heard is not None and heard.compiled is None


def hear(compiler: Callable[[Callable[[Heard], None]], Compiler], expression: Expression) -> Hearing:
    """Compile an expression and listen; `compiler` makes a compiler with a listener."""
    heard: dict[int, Heard] = {}

    def listen(one: Heard) -> None:
        heard[id(one.literal)] = one

    compiler(listen).expression(expression)
    return Hearing(heard)
