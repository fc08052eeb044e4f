"""FEEL text to its tree: precedence climbing over the tokens, names resolved against those in scope.

Source: DMN 1.5, 10.3.1. From loose to tight: or, and, comparison, + -, * /, **, negation, instance of, postfix.
"""

from __future__ import annotations

from collections.abc import Collection, Generator
from contextlib import contextmanager

from engine.errors import N_
from engine.feel import tree
from engine.feel.environment import DEFAULT_LIMITS, Limits
from engine.feel.errors import FeelSyntaxError, LimitExceeded
from engine.feel.names import NAME_OPERATORS, Names, join, names_of
from engine.feel.number import from_text
from engine.feel.scanner import END, KEYWORDS, NAME, NUMBER, OPERATOR, STRING, Token, scan, syntax_error

OR, AND, COMPARISON, ADDITIVE, MULTIPLICATIVE, POWER = range(1, 7)
COMPARATORS = frozenset({"=", "!=", "<", "<=", ">", ">="})
_LEVELS: dict[str, int] = {"+": ADDITIVE, "-": ADDITIVE, "*": MULTIPLICATIVE, "/": MULTIPLICATIVE, "**": POWER}
_LEVELS.update(dict.fromkeys(COMPARATORS, COMPARISON))
_WORD_LEVELS = {"or": OR, "and": AND, "between": COMPARISON, "in": COMPARISON}
_TYPES_OF_WORDS = names_of(frozenset({"date and time", "days and time duration", "years and months duration"}))
# After `[1..3[` one of these shows that the bracket closed a range and opened no filter.
_AFTER_RANGE = COMPARATORS | {")", "]", "}", ",", ":", "+", "*", "/", "**", "..", ""}
_AFTER_RANGE_WORDS = frozenset({"and", "or", "then", "else", "return", "satisfies", "in", "between", "instance"})
_NO_NAMES: frozenset[str] = frozenset()


def parse_expression(
    text: str,
    names: Collection[str] = _NO_NAMES,
    builtins: Collection[str] = _NO_NAMES,
    types: Collection[str] = _NO_NAMES,
    limits: Limits = DEFAULT_LIMITS,
) -> tree.Node:
    """The tree of an expression. `names`, `builtins` and `types` tell which names of several words there are."""
    try:
        return _Parser(text, names, builtins, types, limits).whole_expression()
    except RecursionError as error:
        raise LimitExceeded(what=N_("nested expressions"), limit=limits.depth) from error


def parse_unary_tests(
    text: str,
    names: Collection[str] = _NO_NAMES,
    builtins: Collection[str] = _NO_NAMES,
    types: Collection[str] = _NO_NAMES,
    limits: Limits = DEFAULT_LIMITS,
) -> tree.UnaryTests:
    """The tree of a decision table's cell; an empty text means `-`."""
    try:
        return _Parser(text, names, builtins, types, limits).whole_unary_tests()
    except RecursionError as error:
        raise LimitExceeded(what=N_("nested expressions"), limit=limits.depth) from error


class _Parser:
    def __init__(
        self, text: str, names: Collection[str], builtins: Collection[str], types: Collection[str], limits: Limits
    ) -> None:
        if len(text) > limits.expression_length:
            raise LimitExceeded(what=N_("characters in an expression"), limit=limits.expression_length)
        self.text = text
        self.limits = limits
        self.tokens = scan(text)
        self.position = 0
        self.depth = 0
        self.in_range_end = False
        self.declared = names_of(frozenset(names))
        self.builtins = names_of(frozenset(builtins))
        self.types = names_of(frozenset(types))
        self.scopes: list[Names] = []
        self.members = Names()

    # -- the whole text ------------------------------------------------------------------------------------------------

    def whole_expression(self) -> tree.Node:
        if self.token.kind == END:
            raise self.error(N_("the expression is empty; write one, or null"))
        node = self.expression()
        self.expect_end()
        return node

    def whole_unary_tests(self) -> tree.UnaryTests:
        if self.token.kind == END:
            return tree.UnaryTests(())
        if self.token.text == "-" and self.peek().kind == END:
            return tree.UnaryTests((), at=self.token.start)
        if self.at_word("not") and self.peek().text == "(" and self.tokens[-2].text == ")":
            try:
                return self._negated_tests()
            except FeelSyntaxError:
                # `not(a) and (b)` calls a function; brackets of ranges need no partner, so only reading tells.
                self.position = self.depth = 0
                self.scopes.clear()
        tests = self._tests()
        self.expect_end()
        return tree.UnaryTests(tests)

    def _negated_tests(self) -> tree.UnaryTests:
        self.advance(2)
        tests = self._tests()
        self.expect(")")
        self.expect_end()
        return tree.UnaryTests(tests, True)

    def _tests(self) -> tuple[tree.Node, ...]:
        tests = [self.positive_test()]
        while self.accept(","):
            tests.append(self.positive_test())
        return tuple(tests)

    # -- tokens --------------------------------------------------------------------------------------------------------

    @property
    def token(self) -> Token:
        return self.tokens[self.position]

    def peek(self, ahead: int = 1) -> Token:
        return self.tokens[min(self.position + ahead, len(self.tokens) - 1)]

    def advance(self, count: int = 1) -> Token:
        token = self.tokens[self.position]
        self.position = min(self.position + count, len(self.tokens) - 1)
        return token

    def at(self, operator: str) -> bool:
        token = self.tokens[self.position]
        return token.kind == OPERATOR and token.text == operator

    def at_word(self, word: str) -> bool:
        token = self.tokens[self.position]
        return token.kind == NAME and token.text == word

    def accept(self, operator: str) -> bool:
        if self.at(operator):
            self.advance()
            return True
        return False

    def expect(self, operator: str) -> None:
        if not self.accept(operator):
            raise self.error(N_("expected “{expected}” but found {found}"), expected=operator, found=str(self.token))

    def expect_word(self, word: str) -> None:
        if not self.at_word(word):
            raise self.error(N_("expected “{expected}” but found {found}"), expected=word, found=str(self.token))
        self.advance()

    def expect_end(self) -> None:
        if self.token.kind != END:
            message = N_("did not expect {found} here; put an operator or a comma before it, or remove it")
            raise self.error(message, found=str(self.token))

    def error(self, template: str, **params: object) -> FeelSyntaxError:
        return syntax_error(self.text, self.token.start, template, **params)

    @contextmanager
    def nested(self) -> Generator[None]:
        self.depth += 1
        if self.depth > self.limits.depth:
            raise LimitExceeded(what=N_("nested expressions"), limit=self.limits.depth)
        yield
        self.depth -= 1

    @contextmanager
    def scope(self) -> Generator[Names]:
        names = Names()
        self.scopes.append(names)
        yield names
        self.scopes.pop()

    # -- names ---------------------------------------------------------------------------------------------------------

    def name(self, path: bool = False) -> str | None:
        """Read the name at this place; None when none begins here."""
        if self.token.kind != NAME:
            return None
        found = self._longest_declared(path)
        if found is not None:
            self.advance(found[0])
            return self._with_further_words(found[1])
        if self.token.text in KEYWORDS:
            return None
        return self._with_further_words(self.advance().text)

    def _longest_declared(self, path: bool) -> tuple[int, str] | None:
        best: tuple[int, str] | None = None
        for names in (self.members, self.declared, *self.scopes) if path else (self.declared, *self.scopes):
            found = names.match(self.tokens, self.position)
            if found is not None and (best is None or found[0] > best[0]):
                best = found
        if not path:
            found = self.builtins.match(self.tokens, self.position)
            # `date and time` is the builtin only in a call; elsewhere it is a conjunction of two variables.
            if found is not None and (best is None or found[0] > best[0]) and self.peek(found[0]).text == "(":
                best = found
        return best

    def _with_further_words(self, name: str) -> str:
        """Words that follow directly can only belong to the name: nothing else may stand between two operands."""
        while self.token.kind == NAME and self.token.text not in KEYWORDS:
            name = f"{name} {self.advance().text}"
        return name

    def key(self) -> str | None:
        """The name or text in front of a colon, as context entries and named arguments have; None without a colon."""
        start = self.position
        if self.token.kind == STRING and self.peek().text == ":":
            return self.advance(2).text
        if self.token.kind != NAME:
            return None
        end = start
        while self.tokens[end].kind in (NAME, NUMBER) or self.tokens[end].text in NAME_OPERATORS:
            end += 1
        if self.tokens[end].kind != OPERATOR or self.tokens[end].text != ":":
            return None
        self.position = end + 1
        return join(self.tokens[start:end])

    # -- operators -----------------------------------------------------------------------------------------------------

    def expression(self) -> tree.Node:
        with self.nested():
            return self.binary(OR)

    def inner_expression(self) -> tree.Node:
        """An expression within brackets of its own, where `[` is a filter again."""
        before, self.in_range_end = self.in_range_end, False
        node = self.expression()
        self.in_range_end = before
        return node

    def binary(self, least: int, left: tree.Node | None = None) -> tree.Node:
        node = self.unary() if left is None else left
        while True:
            token = self.tokens[self.position]
            if token.kind == OPERATOR:
                level = _LEVELS.get(token.text, 0)
            elif token.kind == NAME:
                level = _WORD_LEVELS.get(token.text, 0)
            else:
                return node
            if level < least or level == 0:
                return node
            node = self._operation(node, token, level)

    def _operation(self, left: tree.Node, token: Token, level: int) -> tree.Node:
        self.advance()
        if level <= AND:
            return self._chain(left, token, level)
        if level == COMPARISON:
            if token.text == "between":
                low = self.binary(ADDITIVE)
                self.expect_word("and")
                return tree.Between(left, low, self.binary(ADDITIVE), at=token.start)
            if token.text == "in":
                return tree.In(left, self._in_tests(), at=token.start)
            return tree.Comparison(token.text, left, self.binary(ADDITIVE), at=token.start)
        return tree.Arithmetic(token.text, left, self.binary(level + 1), at=token.start)

    def _chain(self, left: tree.Node, token: Token, level: int) -> tree.Node:
        operands = [left, self.binary(level + 1)]
        while self.at_word(token.text):
            self.advance()
            operands.append(self.binary(level + 1))
        return tree.Logical(token.text, tuple(operands), at=token.start)

    def _in_tests(self) -> tuple[tree.Node, ...]:
        if not self.at("("):
            return (self.positive_test(ADDITIVE),)
        start = self.advance().start
        with self.nested():
            first = self.positive_test()
            if self.at(".."):
                return (self.binary(ADDITIVE, self._typed(self.postfix(self._rest_of_range(first, False, start)))),)
            tests = [first]
            while self.accept(","):
                tests.append(self.positive_test())
            self.expect(")")
        if len(tests) == 1:
            return (self.binary(ADDITIVE, self._typed(self.postfix(first))),)
        return tuple(tests)

    def positive_test(self, level: int = OR) -> tree.Node:
        token = self.token
        if token.kind == OPERATOR and token.text in COMPARATORS:
            self.advance()
            return tree.UnaryRange(token.text, self.binary(ADDITIVE), at=token.start)
        return self.inner_expression() if level == OR else self.binary(level)

    def unary(self) -> tree.Node:
        token = self.tokens[self.position]
        if token.kind == OPERATOR and token.text == "-":
            self.advance()
            with self.nested():
                return tree.Negation(self.unary(), at=token.start)
        return self._typed(self.postfix(self.primary()))

    def _typed(self, node: tree.Node) -> tree.Node:
        while self.at_word("instance"):
            start = self.advance().start
            self.expect_word("of")
            node = tree.InstanceOf(node, self.type(), at=start)
        return node

    def postfix(self, node: tree.Node) -> tree.Node:
        while True:
            token = self.tokens[self.position]
            if token.kind != OPERATOR:
                return node
            if token.text == ".":
                self.advance()
                name = self.name(path=True)
                if name is None:
                    raise self.error(N_("expected a name after the point but found {found}"), found=str(self.token))
                node = tree.Path(node, name, at=token.start)
            elif token.text == "[" and not (self.in_range_end and self._closes_range()):
                self.advance()
                node = tree.Filter(node, self.inner_expression(), at=token.start)
                self.expect("]")
            elif token.text == "(":
                node = self._invocation(node)
            else:
                return node

    def _closes_range(self) -> bool:
        following = self.peek()
        if following.kind == NAME:
            return following.text in _AFTER_RANGE_WORDS
        return following.kind in (OPERATOR, END) and following.text in _AFTER_RANGE

    def _invocation(self, function: tree.Node) -> tree.Node:
        start = self.advance().start
        positional: list[tree.Node] = []
        named: list[tuple[str, tree.Node]] = []
        if not self.accept(")"):
            while True:
                name = self.key()
                if name is not None:
                    named.append((name, self.inner_expression()))
                else:
                    positional.append(self.inner_expression())
                if not self.accept(","):
                    break
            self.expect(")")
        if named and positional:
            raise syntax_error(self.text, start, N_("name all arguments of a call, or none"))
        if len({name for name, _ in named}) < len(named):
            raise syntax_error(self.text, start, N_("an argument is named twice; remove one"))
        return tree.Invocation(function, tuple(positional), tuple(named), at=start)

    # -- operands ------------------------------------------------------------------------------------------------------

    def primary(self) -> tree.Node:
        token = self.tokens[self.position]
        if token.kind == NUMBER:
            self.advance()
            value = from_text(token.text)
            if value is None:
                raise LimitExceeded(what=N_("as the exponent of a number"), limit=self.limits.exponent)
            return tree.NumberLiteral(value, at=token.start)
        if token.kind == STRING:
            self.advance()
            return tree.StringLiteral(token.text, at=token.start)
        if token.kind == NAME:
            name = self.name()
            return tree.Name(name, at=token.start) if name is not None else self._keyword(token)
        if token.kind == OPERATOR:
            return self._bracketed(token)
        raise self.error(N_("the expression ends too early; complete it"))

    def _keyword(self, token: Token) -> tree.Node:
        self.advance()
        match token.text:
            case "null":
                return tree.NullLiteral(at=token.start)
            case "true" | "false":
                return tree.BooleanLiteral(token.text == "true", at=token.start)
            case "if":
                return self._if(token.start)
            case "for":
                return self._for(token.start)
            case "some" | "every":
                return self._quantified(token)
            case "function":
                return self._function(token.start)
            case _:
                raise syntax_error(self.text, token.start, N_("expected a value but found {found}"), found=str(token))

    def _bracketed(self, token: Token) -> tree.Node:
        self.advance()
        match token.text:
            case "(":
                return self._parenthesised(token.start)
            case "[":
                return self._list_or_range(token.start)
            case "]":
                return self._rest_of_range(self.inner_expression(), False, token.start)
            case "{":
                return self._context(token.start)
            case "@" if self.token.kind == STRING:
                return tree.AtLiteral(self.advance().text, at=token.start)
            case operator if operator in COMPARATORS:
                return tree.UnaryRange(operator, self.binary(ADDITIVE), at=token.start)
            case _:
                raise syntax_error(self.text, token.start, N_("expected a value but found {found}"), found=str(token))

    def _parenthesised(self, start: int) -> tree.Node:
        node = self.inner_expression()
        if self.at(".."):
            return self._rest_of_range(node, False, start)
        self.expect(")")
        return node

    def _list_or_range(self, start: int) -> tree.Node:
        if self.accept("]"):
            return tree.ListLiteral((), at=start)
        items = [self.inner_expression()]
        if self.at(".."):
            return self._rest_of_range(items[0], True, start)
        while self.accept(","):
            items.append(self.inner_expression())
        self.expect("]")
        return tree.ListLiteral(tuple(items), at=start)

    def _rest_of_range(self, first: tree.Node, included: bool, start: int) -> tree.Node:
        self.expect("..")
        before, self.in_range_end = self.in_range_end, True
        end = self.expression()
        self.in_range_end = before
        if not (self.at("]") or self.at(")") or self.at("[")):
            raise self.error(N_("expected “]” or “)” at the end of the range but found {found}"), found=str(self.token))
        closing = self.advance()
        return tree.RangeLiteral(first, end, included, closing.text == "]", at=start)

    def _context(self, start: int) -> tree.Node:
        entries: list[tuple[str, tree.Node]] = []
        with self.scope() as names:
            while not self.accept("}"):
                if entries:
                    self.expect(",")
                key = self.key()
                if key is None:
                    raise self.error(N_("expected a key and a colon but found {found}"), found=str(self.token))
                entries.append((key, self.inner_expression()))
                names.add(key)
                self.members.add(key)
        return tree.ContextLiteral(tuple(entries), at=start)

    def _if(self, start: int) -> tree.Node:
        # A chain of `else if` is one loop here: it may be long without being deep.
        branches: list[tuple[int, tree.Node, tree.Node]] = []
        while True:
            condition = self.expression()
            self.expect_word("then")
            branches.append((start, condition, self.expression()))
            self.expect_word("else")
            start = self.token.start
            if not self.at_word("if"):
                break
            self.advance()
        node = self.expression()
        for at, condition, then in reversed(branches):
            node = tree.If(condition, then, node, at=at)
        return node

    def _iterators(self, names: Names) -> tuple[tree.Iterator, ...]:
        iterators: list[tree.Iterator] = []
        while True:
            token = self.token
            name = self._variable()
            self.expect_word("in")
            source = self.expression()
            end = self.expression() if self.accept("..") else None
            iterators.append(tree.Iterator(name, source, end, at=token.start))
            names.add(name)
            if not self.accept(","):
                return tuple(iterators)

    def _variable(self) -> str:
        """A name that is being declared: words up to `in`."""
        if self.token.kind != NAME or self.token.text in KEYWORDS:
            raise self.error(N_("expected the name of a variable but found {found}"), found=str(self.token))
        start = self.position
        while self.token.kind in (NAME, NUMBER) or (self.token.kind == OPERATOR and self.token.text in NAME_OPERATORS):
            if self.at_word("in"):
                break
            self.advance()
        return join(self.tokens[start : self.position])

    def _for(self, start: int) -> tree.Node:
        with self.scope() as names:
            iterators = self._iterators(names)
            self.expect_word("return")
            return tree.For(iterators, self.expression(), at=start)

    def _quantified(self, token: Token) -> tree.Node:
        with self.scope() as names:
            iterators = self._iterators(names)
            self.expect_word("satisfies")
            return tree.Quantified(token.text, iterators, self.expression(), at=token.start)

    def _function(self, start: int) -> tree.Node:
        self.expect("(")
        parameters: list[tuple[str, tree.TypeNode | None]] = []
        with self.scope() as names:
            while not self.accept(")"):
                if parameters:
                    self.expect(",")
                parameters.append(self._parameter())
                names.add(parameters[-1][0])
            external = self.at_word("external")
            if external:
                self.advance()
            return tree.FunctionDefinition(tuple(parameters), self.expression(), external, at=start)

    def _parameter(self) -> tuple[str, tree.TypeNode | None]:
        name = self.key()
        if name is not None:
            return name, self.type()
        start = self.position
        while self.token.kind in (NAME, NUMBER) or (self.token.kind == OPERATOR and self.token.text in NAME_OPERATORS):
            self.advance()
        if self.position == start or self.tokens[start].kind != NAME:
            raise self.error(N_("expected the name of a parameter but found {found}"), found=str(self.token))
        return join(self.tokens[start : self.position]), None

    # -- types ---------------------------------------------------------------------------------------------------------

    def type(self) -> tree.TypeNode:
        with self.nested():
            start = self.token.start
            name = self._type_name()
            if not self.at("<"):
                return tree.TypeNode(name, at=start)
            self.advance()
            return self._type_arguments(name, start)

    def _type_name(self) -> str:
        if self.token.kind != NAME:
            raise self.error(N_("expected a type but found {found}"), found=str(self.token))
        found = self.types.match(self.tokens, self.position) or _TYPES_OF_WORDS.match(self.tokens, self.position)
        name = found[1] if found is not None else self.token.text
        self.advance(found[0] if found is not None else 1)
        name = self._with_further_words(name)
        while self.at(".") and self.peek().kind == NAME:
            self.advance()
            name = f"{name}.{self._with_further_words(self.advance().text)}"
        return name

    def _type_arguments(self, name: str, start: int) -> tree.TypeNode:
        arguments: list[tree.TypeNode] = []
        fields: list[tuple[str, tree.TypeNode]] = []
        while not self.accept(">"):
            if arguments or fields:
                self.expect(",")
            if name == "context":
                key = self.key()
                if key is None:
                    raise self.error(N_("expected a key and a colon but found {found}"), found=str(self.token))
                fields.append((key, self.type()))
            else:
                arguments.append(self.type())
        result = None
        if name == "function":
            self.expect("->")
            result = self.type()
        return tree.TypeNode(name, tuple(arguments), tuple(fields), result, False, at=start)
