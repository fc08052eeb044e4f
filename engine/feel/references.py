"""Which names an expression takes from outside."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.feel import tree


@dataclass(slots=True)
class References:
    """`names` are free names; `called` those of them that stand in front of an argument list; `perhaps_members` those
    that occur only within a filter, where they may be members of the filtered items instead."""

    names: set[str] = field(default_factory=set[str])
    called: set[str] = field(default_factory=set[str])
    certain: set[str] = field(default_factory=set[str])

    @property
    def perhaps_members(self) -> set[str]:
        return self.names - self.certain


def references(node: tree.Node) -> References:
    """The references of a tree."""
    found = References()
    _walk(node, frozenset(), False, found)
    for bound_by_the_language in ("?", "partial"):
        found.names.discard(bound_by_the_language)
        found.certain.discard(bound_by_the_language)
    return found


def mentions(node: tree.Node, name: str) -> bool:
    """Whether the name is free in the tree, `?` and `partial` included."""
    found = References()
    _walk(node, frozenset(), False, found)
    return name in found.names


def _walk(node: tree.Node, bound: frozenset[str], filtered: bool, found: References) -> None:
    match node:
        case tree.Name(name):
            if name not in bound:
                found.names.add(name)
                if not filtered:
                    found.certain.add(name)
        case tree.Invocation(function):
            if isinstance(function, tree.Name) and function.name not in bound:
                found.called.add(function.name)
            for inner in children(node):
                _walk(inner, bound, filtered, found)
        case tree.Filter(source, condition):
            _walk(source, bound, filtered, found)
            _walk(condition, bound | {"item"}, True, found)
        case tree.ContextLiteral(entries):
            for key, value in entries:
                _walk(value, bound, filtered, found)
                bound |= {key}
        case tree.For(iterators, body) | tree.Quantified(_, iterators, body):
            bound = _walk_iterators(iterators, bound, filtered, found)
            _walk(body, bound, filtered, found)
        case tree.FunctionDefinition(parameters, body, _):
            _walk(body, bound | {name for name, _ in parameters}, filtered, found)
        case _:
            for child in children(node):
                _walk(child, bound, filtered, found)


def _walk_iterators(
    iterators: tuple[tree.Iterator, ...], bound: frozenset[str], filtered: bool, found: References
) -> frozenset[str]:
    for iterator in iterators:
        for child in _sources((iterator,)):
            _walk(child, bound, filtered, found)
        bound |= {iterator.name}
    return bound


def children(node: tree.Node) -> tuple[tree.Node, ...]:
    """The expressions directly within a node."""
    match node:
        case tree.Path(source) | tree.UnaryRange(_, source) | tree.Negation(source) | tree.InstanceOf(source):
            return (source,)
        case tree.ListLiteral(items) | tree.UnaryTests(items) | tree.Logical(_, items):
            return items
        case tree.RangeLiteral(left, right) | tree.Arithmetic(_, left, right) | tree.Comparison(_, left, right):
            return (left, right)
        case tree.Filter(source, condition):
            return (source, condition)
        case tree.Between(value, low, high):
            return (value, low, high)
        case tree.In(value, tests):
            return (value, *tests)
        case tree.If(condition, then, otherwise):
            return (condition, then, otherwise)
        case tree.ContextLiteral(entries):
            return tuple(value for _, value in entries)
        case tree.Invocation(function, arguments, named):
            return (function, *arguments, *(value for _, value in named))
        case tree.For(iterators, body) | tree.Quantified(_, iterators, body):
            return (*_sources(iterators), body)
        case tree.FunctionDefinition(_, body, _):
            return (body,)
        case _:
            return ()


def size(node: tree.Node) -> int:
    """How many nodes the tree has."""
    count, rest = 0, [node]
    while rest:
        count += 1
        rest.extend(children(rest.pop()))
    return count


def _sources(iterators: tuple[tree.Iterator, ...]) -> tuple[tree.Node, ...]:
    return tuple(source for iterator in iterators for source in (iterator.source, iterator.end) if source is not None)
