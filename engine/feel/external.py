"""External functions. Nothing outside is ever called; a few pure functions of Java's library have a double here, so
that models written for other engines keep working."""

from __future__ import annotations

from typing import Any

from engine.errors import N_
from engine.feel.environment import Environment
from engine.feel.values import Function


def external_function(parameters: tuple[str, ...], body: Any, environment: Environment) -> Function | None:
    """The double of `function(…) external {java: {class: …, method signature: …}}`, or null."""
    source = body.get("java") if isinstance(body, dict) else None
    if not isinstance(source, dict):
        return environment.null(N_("External functions are not supported; write the function in FEEL."))
    return None
