"""What can be said of an expression of a diagram without running it: calls of nothing, and values of the wrong kind."""

from __future__ import annotations

from collections.abc import Iterator

from engine.calendar import WORKING_TIME_NAMES
from engine.errors import N_
from engine.feel import Expression, tree
from engine.feel.builtins import BUILTINS

FUNCTIONS = WORKING_TIME_NAMES | {"members"}
"""What every expression may call besides FEEL's own functions (engine.runtime.environment)."""

_KINDS: dict[type[tree.Node], str] = {
    tree.NumberLiteral: "number",
    tree.StringLiteral: "text",
    tree.BooleanLiteral: "truth",
    tree.AtLiteral: "time",
    tree.ListLiteral: "list",
    tree.For: "list",
    tree.ContextLiteral: "context",
    tree.RangeLiteral: "range",
    tree.FunctionDefinition: "function",
    tree.Arithmetic: "calculation",
    tree.Comparison: "truth",
    tree.Logical: "truth",
    tree.Between: "truth",
    tree.In: "truth",
    tree.InstanceOf: "truth",
    tree.Quantified: "truth",
}
_TRUTH, _LIST = frozenset({"truth"}), frozenset({"list"})
_TIME = frozenset({"text", "time", "calculation"})
_NUMBER = frozenset({"number", "text", "calculation"})
_TEXT = frozenset({"text", "calculation"})
_WANTED: dict[str, tuple[str, frozenset[str]]] = {
    "condition": (N_("true or false"), _TRUTH),
    "completion condition": (N_("true or false"), _TRUTH),
    "loop condition": (N_("true or false"), _TRUTH),
    "input collection": (N_("a list"), _LIST),
    "due date": (N_("a date and time"), _TIME),
    "follow-up date": (N_("a date and time"), _TIME),
    "timer": (N_("a date and time or a duration"), _TIME),
    "time to live": (N_("a duration"), _TIME),
    "priority": (N_("a number"), _NUMBER),
    "retries": (N_("a number"), _NUMBER),
    "loop cardinality": (N_("a number"), _NUMBER),
    "assignee": (N_("a text"), _TEXT),
    "task type": (N_("a text"), _TEXT),
    "decision": (N_("a text"), _TEXT),
    "process": (N_("a text"), _TEXT),
    "candidate groups": (N_("a list or a text"), _TEXT | _LIST),
    "candidate users": (N_("a list or a text"), _TEXT | _LIST),
}


def unknown_functions(expression: Expression) -> list[str]:
    """The names that an expression calls and nobody defines; variables are data and never functions."""
    return sorted(name for name in expression.found.called if name not in BUILTINS and name not in FUNCTIONS)


def wrong_kind(what: str, expression: Expression) -> str | None:
    """What must stand at a place (`Place.what`), where the expression is seen to give something else; else None."""
    if what not in _WANTED:
        return None
    wanted, allowed = _WANTED[what]
    return wanted if any(kind not in allowed for kind in _kinds(expression.tree)) else None


def _kinds(node: tree.Node) -> Iterator[str]:
    """The kinds of value that a node is seen to give: nothing for names, calls and null."""
    if isinstance(node, tree.If):
        yield from _kinds(node.then)
        yield from _kinds(node.otherwise)
    elif type(node) in _KINDS:
        yield _KINDS[type(node)]
