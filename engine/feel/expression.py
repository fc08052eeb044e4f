"""Compiled expressions and unary tests, cached by their text and the names they were read with."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from engine.errors import N_
from engine.feel import tree
from engine.feel.builtins import BUILTINS
from engine.feel.cache import TextCache
from engine.feel.compiler import Compiler, Test, any_of
from engine.feel.environment import DEFAULT_LIMITS, Environment, Limits
from engine.feel.errors import LimitExceeded
from engine.feel.parser import parse_expression, parse_unary_tests
from engine.feel.references import References, references
from engine.feel.scope import Scope
from engine.feel.types import Types

CACHED_CHARACTERS = 50_000
_NO_TYPES = Types()
_NO_NAMES: frozenset[str] = frozenset()
_BUILTIN_NAMES = frozenset(BUILTINS)


class Expression:
    """A compiled expression; shared, immutable, and safe to run in several threads."""

    __slots__ = ("_found", "_run", "text", "tree")

    def __init__(self, text: str, node: tree.Node, types: Types) -> None:
        self.text = text
        self.tree = node
        self._run = Compiler(types).closure(node)
        self._found: References | None = None

    def evaluate(self, scope: Mapping[str, Any], environment: Environment) -> Any:
        """The value, null (None) where the standard says so; raises FeelError when a limit is exceeded."""
        environment.enter()
        try:
            return self._run(Scope(scope, None, environment))
        except RecursionError as error:
            raise LimitExceeded(what=N_("nested calls"), limit=environment.limits.calls) from error
        finally:
            environment.leave()

    @property
    def found(self) -> References:
        """All about the names it takes from outside."""
        if self._found is None:
            self._found = references(self.tree)
        return self._found

    @property
    def references(self) -> frozenset[str]:
        """The free names, without those of builtins that are called; possibly members of filtered items among them."""
        return _free(self.found)


class UnaryTestsExpression:
    """The compiled cell of a decision table."""

    __slots__ = ("_found", "_negated", "_test", "any_value", "text", "tree")

    def __init__(self, text: str, node: tree.UnaryTests, types: Types) -> None:
        self.text = text
        self.tree = node
        self.any_value = not node.tests
        self._negated = node.negated
        compiler = Compiler(types)
        self._test = _one_test([compiler.test(test, in_cell=True) for test in node.tests])
        self._found: References | None = None

    def evaluate(self, input_value: Any, scope: Mapping[str, Any], environment: Environment) -> bool | None:
        """Whether the value passes; None where that cannot be told."""
        environment.enter()
        try:
            return self.passes(input_value, Scope(scope, None, environment))
        except RecursionError as error:
            raise LimitExceeded(what=N_("nested calls"), limit=environment.limits.calls) from error
        finally:
            environment.leave()

    def passes(self, input_value: Any, scope: Scope) -> bool | None:
        """`evaluate` within an evaluation that has begun: a table asks many cells, and prepares the scope but once."""
        if self.any_value:
            return True
        verdict = self._test(input_value, scope)
        return (None if verdict is None else not verdict) if self._negated else verdict

    @property
    def found(self) -> References:
        """All about the names it takes from outside."""
        if self._found is None:
            self._found = references(self.tree)
        return self._found

    @property
    def references(self) -> frozenset[str]:
        """The free names, without those of builtins that are called and without `?`."""
        return _free(self.found)


_EXPRESSIONS: TextCache[Expression] = TextCache(CACHED_CHARACTERS)
_UNARY_TESTS: TextCache[UnaryTestsExpression] = TextCache(CACHED_CHARACTERS)


def _one_test(tests: list[Test]) -> Test:
    return tests[0] if len(tests) == 1 else lambda value, scope: any_of(tests, value, scope)


def _free(found: References) -> frozenset[str]:
    return frozenset(name for name in found.names if name not in BUILTINS or name not in found.called)


def compile_expression(
    text: str,
    names: Collection[str] = _NO_NAMES,
    functions: Collection[str] = _NO_NAMES,
    types: Types = _NO_TYPES,
    limits: Limits = DEFAULT_LIMITS,
) -> Expression:
    """Compile an expression.

    `names` are the variables (and members of contexts) whose names have several words or operators in them, and
    `functions` the same for functions passed in the scope; others need not be named. `types` are those a model
    defines. Raises FeelSyntaxError and LimitExceeded. The result is cached.
    """
    known, callable_names = frozenset(names), frozenset(functions)
    return _EXPRESSIONS.get(
        text,
        (known, callable_names, types, limits),
        lambda: Expression(
            text, parse_expression(text, known | callable_names, _BUILTIN_NAMES, frozenset(types), limits), types
        ),
    )


def compile_unary_tests(
    text: str,
    names: Collection[str] = _NO_NAMES,
    functions: Collection[str] = _NO_NAMES,
    types: Types = _NO_TYPES,
    limits: Limits = DEFAULT_LIMITS,
) -> UnaryTestsExpression:
    """Compile the cell of a decision table; the arguments are those of `compile_expression`."""
    known, callable_names = frozenset(names), frozenset(functions)
    return _UNARY_TESTS.get(
        text,
        (known, callable_names, types, limits),
        lambda: UnaryTestsExpression(
            text, parse_unary_tests(text, known | callable_names, _BUILTIN_NAMES, frozenset(types), limits), types
        ),
    )
