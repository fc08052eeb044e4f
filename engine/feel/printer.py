"""Trees to text that reads back as the same tree; parentheses only where the binding asks for them.

A name of several words reads back only where the parser is told that it exists.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.feel import tree
from engine.feel.parser import ADDITIVE, AND, COMPARISON, MULTIPLICATIVE, OR, POWER
from engine.feel.scanner import KEYWORDS, NAME, scan
from engine.feel.values import quote

NEGATION, INSTANCE, POSTFIX = POWER + 1, POWER + 2, POWER + 3
# What begins with a word (if, for, function …) reaches as far to the right as it can.
OPEN = 0
_PLAIN = (tree.NumberLiteral, tree.StringLiteral, tree.AtLiteral, tree.Name, tree.Invocation)
_ARITHMETIC = {"+": ADDITIVE, "-": ADDITIVE, "*": MULTIPLICATIVE, "/": MULTIPLICATIVE, "**": POWER}


def print_expression(node: tree.Node) -> str:
    """The text of an expression or of unary tests."""
    if isinstance(node, tree.UnaryTests):
        return _unary_tests(node)
    return _PRINTERS[type(node)](node)


def _level(node: tree.Node) -> int:
    match node:
        case tree.If() | tree.For() | tree.Quantified() | tree.FunctionDefinition() | tree.UnaryRange():
            return OPEN
        case tree.Logical(operator, _):
            return OR if operator == "or" else AND
        case tree.Comparison() | tree.Between() | tree.In():
            return COMPARISON
        case tree.Arithmetic(operator, _, _):
            return _ARITHMETIC[operator]
        case tree.Negation():
            return NEGATION
        case tree.InstanceOf():
            return INSTANCE
        case _:
            return POSTFIX


def _within(node: tree.Node, level: int) -> str:
    """The text of an operand, in parentheses where it binds looser than its place needs."""
    text = print_expression(node)
    return text if _level(node) >= level else f"({text})"


def _number(node: tree.NumberLiteral) -> str:
    return format(node.value, "f")


def _path(node: tree.Path) -> str:
    return f"{_within(node.source, POSTFIX)}.{node.name}"


def _filter(node: tree.Filter) -> str:
    return f"{_within(node.source, POSTFIX)}[{print_expression(node.condition)}]"


def _list(node: tree.ListLiteral) -> str:
    return f"[{', '.join(map(print_expression, node.items))}]"


def _context(node: tree.ContextLiteral) -> str:
    return f"{{{', '.join(f'{_key(key)}: {print_expression(value)}' for key, value in node.entries)}}}"


def _key(key: str) -> str:
    return key if is_plain_name(key) else quote(key)


def is_plain_name(text: str) -> bool:
    """Whether the text is a name of one word that needs no declaration."""
    if not text.isprintable() or '"' in text or text in KEYWORDS:
        return False
    tokens = scan(text) if text and not text.startswith(("/", "@")) else []
    return len(tokens) == 2 and tokens[0].kind == NAME and tokens[0].text == text


def _range(node: tree.RangeLiteral) -> str:
    opening, closing = "[" if node.start_included else "(", "]" if node.end_included else ")"
    # A filter at the end would be taken for the bracket that closes the range.
    end = print_expression(node.end)
    end = end if isinstance(node.end, _PLAIN) else f"({end})"
    return f"{opening}{_within(node.start, OR)}..{end}{closing}"


def _unary_range(node: tree.UnaryRange) -> str:
    return f"{node.operator} {_within(node.end, ADDITIVE)}"


def _arithmetic(node: tree.Arithmetic) -> str:
    level = _ARITHMETIC[node.operator]
    return f"{_within(node.left, level)} {node.operator} {_within(node.right, level + 1)}"


def _negation(node: tree.Negation) -> str:
    return f"-{_within(node.operand, NEGATION)}"


def _comparison(node: tree.Comparison) -> str:
    return f"{_within(node.left, COMPARISON)} {node.operator} {_within(node.right, ADDITIVE)}"


def _logical(node: tree.Logical) -> str:
    level = _level(node)
    first, *rest = node.operands
    # A chain in first place would melt into this one.
    texts = [_within(first, level + 1), *(_within(operand, level + 1) for operand in rest)]
    return f" {node.operator} ".join(texts)


def _between(node: tree.Between) -> str:
    value, low, high = _within(node.value, COMPARISON), _within(node.low, ADDITIVE), _within(node.high, ADDITIVE)
    return f"{value} between {low} and {high}"


def _in(node: tree.In) -> str:
    value = _within(node.value, COMPARISON)
    only, *others = node.tests
    if others:
        return f"{value} in ({', '.join(map(print_expression, node.tests))})"
    if isinstance(only, tree.UnaryRange):
        return f"{value} in {_unary_range(only)}"
    return f"{value} in {_within(only, ADDITIVE)}"


def _instance_of(node: tree.InstanceOf) -> str:
    return f"{_within(node.value, INSTANCE)} instance of {_type(node.type)}"


def _type(node: tree.TypeNode) -> str:
    if node.bare:
        return node.name
    arguments = ", ".join(map(_type, node.arguments))
    fields = ", ".join(f"{_key(name)}: {_type(inner)}" for name, inner in node.fields)
    result = f" -> {_type(node.result)}" if node.result is not None else ""
    return f"{node.name}<{arguments}{fields}>{result}"


def _if(node: tree.If) -> str:
    condition, then, otherwise = map(print_expression, (node.condition, node.then, node.otherwise))
    return f"if {condition} then {then} else {otherwise}"


def _iterators(iterators: tuple[tree.Iterator, ...]) -> str:
    texts: list[str] = []
    for iterator in iterators:
        end = f"..{print_expression(iterator.end)}" if iterator.end is not None else ""
        texts.append(f"{iterator.name} in {_within(iterator.source, OR)}{end}")
    return ", ".join(texts)


def _for(node: tree.For) -> str:
    return f"for {_iterators(node.iterators)} return {print_expression(node.body)}"


def _quantified(node: tree.Quantified) -> str:
    return f"{node.quantifier} {_iterators(node.iterators)} satisfies {print_expression(node.condition)}"


def _function(node: tree.FunctionDefinition) -> str:
    parameters = ", ".join(name if kind is None else f"{name}: {_type(kind)}" for name, kind in node.parameters)
    return f"function({parameters}) {'external ' if node.external else ''}{print_expression(node.body)}"


def _invocation(node: tree.Invocation) -> str:
    named = [f"{_key(name)}: {print_expression(value)}" for name, value in node.named]
    arguments = [*map(print_expression, node.arguments), *named]
    return f"{_within(node.function, POSTFIX)}({', '.join(arguments)})"


def _unary_tests(node: tree.UnaryTests) -> str:
    if not node.tests:
        return "-"
    text = ", ".join(map(print_expression, node.tests))
    if text.startswith("not") and not node.negated:
        # Here a call of `not` would negate the tests.
        text = ", ".join(f"({print_expression(test)})" for test in node.tests)
    return f"not({text})" if node.negated else text


_PRINTERS: dict[type[tree.Node], Callable[[Any], str]] = {
    tree.NumberLiteral: _number,
    tree.StringLiteral: lambda node: quote(node.value),
    tree.BooleanLiteral: lambda node: "true" if node.value else "false",
    tree.NullLiteral: lambda node: "null",
    tree.AtLiteral: lambda node: f"@{quote(node.text)}",
    tree.Name: lambda node: node.name,
    tree.Path: _path,
    tree.Filter: _filter,
    tree.ListLiteral: _list,
    tree.ContextLiteral: _context,
    tree.RangeLiteral: _range,
    tree.UnaryRange: _unary_range,
    tree.Arithmetic: _arithmetic,
    tree.Negation: _negation,
    tree.Comparison: _comparison,
    tree.Logical: _logical,
    tree.Between: _between,
    tree.In: _in,
    tree.InstanceOf: _instance_of,
    tree.If: _if,
    tree.For: _for,
    tree.Quantified: _quantified,
    tree.FunctionDefinition: _function,
    tree.Invocation: _invocation,
}
