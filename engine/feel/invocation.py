"""Calling function values: the arguments must fit, and calls must not nest without end."""

from __future__ import annotations

from typing import Any

from engine.errors import N_
from engine.feel.environment import Environment
from engine.feel.values import Function, kind


def invoke(function: Any, arguments: list[Any], environment: Environment) -> Any:
    """Call a function value with positional arguments."""
    if not isinstance(function, Function):
        return environment.null(N_("{kind} is no function and cannot be called."), kind=kind(function))
    if not function.accepts(len(arguments)):
        return environment.null(
            N_("{function} does not take {count} arguments."),
            function=function.name or "The function",
            count=len(arguments),
        )
    environment.enter_call()
    try:
        return function.call(*arguments)
    finally:
        environment.leave_call()


def invoke_named(function: Any, arguments: dict[str, Any], environment: Environment) -> Any:
    """Call a function value with named arguments; those left out are null."""
    if not isinstance(function, Function):
        return environment.null(N_("{kind} is no function and cannot be called."), kind=kind(function))
    if not arguments.keys() <= set(function.parameters):
        return environment.null(
            N_("{function} has no arguments named {names}."),
            function=function.name or "The function",
            names=", ".join(arguments),
        )
    given = [arguments.get(name) for name in function.parameters]
    while given and function.accepts(len(given) - 1) and function.parameters[len(given) - 1] not in arguments:
        given.pop()
    return invoke(function, given, environment)
