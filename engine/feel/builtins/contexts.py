"""Context functions: DMN 1.5, 10.3.4.9."""

from __future__ import annotations

from typing import Any, cast

from engine.errors import N_
from engine.feel.builtins.registry import builtin
from engine.feel.environment import Environment

Context = dict[str, Any]


@builtin("get value(m: context, key: string)")
def get_value(environment: Environment, context: Context, key: str) -> Any:
    """The value under a key; null without one."""
    return context.get(key)


@builtin("get value(context: context, keys: list)")
def get_value_at(environment: Environment, context: Context, keys: list[Any]) -> Any:
    """The value under keys of nested contexts."""
    value: Any = context
    for key in keys:
        if not isinstance(key, str) or not isinstance(value, dict):
            return environment.null(N_("There is no value under {keys}."), keys=str(keys))
        value = cast("Context", value).get(key)
    return value if keys else None


@builtin("get entries(m: context)")
def get_entries(environment: Environment, context: Context) -> list[Context]:
    """The entries as a list of contexts with key and value."""
    environment.check_list(len(context))
    return [{"key": key, "value": value} for key, value in context.items()]


@builtin("context(entries: list)")
def context_of(environment: Environment, entries: list[Any]) -> Context | None:
    """A context out of a list of contexts with key and value."""
    environment.check_list(len(entries))
    made: Context = {}
    for entry in entries:
        fields = cast("Context", entry) if isinstance(entry, dict) else {}
        key = fields.get("key")
        if not isinstance(key, str) or "value" not in fields or key in made:
            return environment.null(N_("context: every entry needs a key of its own and a value."))
        made[key] = fields["value"]
    return made


@builtin("context put(context: context, key: string, value: any)")
def context_put(environment: Environment, context: Context, key: str, value: Any) -> Context:
    """The context with another value under a key."""
    environment.check_list(len(context) + 1)
    return {**context, key: value}


@builtin("context put(context: context, keys: list, value: any)")
def context_put_at(environment: Environment, context: Context, keys: list[Any], value: Any) -> Context | None:
    """The context with another value under keys of nested contexts."""
    environment.check_list(len(context) + 1)
    if not keys or not isinstance(keys[0], str):
        return environment.null(N_("context put: the keys must be a list of texts, with at least one."))
    key, *rest = keys
    if not rest:
        return {**context, key: value}
    inner = context.get(key)
    if not isinstance(inner, dict):
        return environment.null(N_("context put: there is no context under “{key}”."), key=key)
    put = context_put_at(environment, cast("Context", inner), rest, value)
    return None if put is None else {**context, key: put}


@builtin("context merge(contexts: list)")
def context_merge(environment: Environment, contexts: list[Any]) -> Context | None:
    """One context out of several; later ones win."""
    merged: Context = {}
    for context in contexts:
        if not isinstance(context, dict):
            return environment.null(N_("context merge: every item of the list must be a context."))
        merged.update(cast("Context", context))
        environment.check_list(len(merged))
    return merged
