"""Where names are looked up while an expression runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.feel.environment import Environment


class Missing:
    """What a lookup gives for a name that nobody bound; null is a value."""


MISSING = Missing()


class Scope:
    """Variables, those around them, and the environment of the evaluation."""

    __slots__ = ("environment", "parent", "variables")

    def __init__(self, variables: Mapping[str, Any], parent: Scope | None, environment: Environment) -> None:
        self.variables = variables
        self.parent = parent
        self.environment = environment

    def inner(self, variables: Mapping[str, Any]) -> Scope:
        """A scope within this one."""
        return Scope(variables, self, self.environment)

    def find(self, name: str) -> Any:
        """The value bound to the name, or MISSING."""
        scope: Scope | None = self
        while scope is not None:
            value = scope.variables.get(name, MISSING)
            if value is not MISSING:
                return value
            scope = scope.parent
        return MISSING
