"""Text to tokens. Names come as single words; the parser puts them together, for it knows which names exist."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from engine.errors import N_
from engine.feel.errors import FeelSyntaxError, Said

NAME, NUMBER, STRING, OPERATOR, END = "name", "number", "text", "operator", "the end"

KEYWORDS = frozenset(
    {
        *("if", "then", "else", "for", "in", "return", "some", "every", "satisfies", "and", "or", "between"),
        *("instance", "function", "external", "true", "false", "null"),
    }
)

# Longest first: `**` before `*`.
OPERATORS = ("..", "**", "<=", ">=", "!=", "->", *"()[]{},:.+-*/<>=@'’")

# Grammar rules 28 and 29, beyond ASCII.
_STARTS = (
    *((0xC0, 0xD6), (0xD8, 0xF6), (0xF8, 0x2FF), (0x370, 0x37D), (0x37F, 0x1FFF), (0x200C, 0x200D), (0x2070, 0x218F)),
    *((0x2C00, 0x2FEF), (0x3001, 0xD7FF), (0xF900, 0xFDCF), (0xFDF0, 0xFFFD), (0x10000, 0xEFFFF)),
)
_PARTS = (*_STARTS, (0xB7, 0xB7), (0x300, 0x36F), (0x203F, 0x2040))

_ASCII_START = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_?")
_DIGITS = frozenset("0123456789")
_ASCII_PART = _ASCII_START | _DIGITS
_HEX = frozenset("0123456789abcdefABCDEF")
_SPACE = frozenset(
    "\t\n\v\f\r \x85\xa0\u1680\u180e\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u200b"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
_SIMPLE_ESCAPES = {"'": "'", '"': '"', "\\": "\\", "n": "\n", "r": "\r", "t": "\t"}


@dataclass(frozen=True, slots=True)
class Token:
    """`text` is what the token says (a text without its quotes and escapes); `spaced`: white space stands before it."""

    kind: str
    text: str
    start: int
    end: int
    spaced: bool

    def __str__(self) -> str:
        return self.kind if self.kind == END else f'"{self.text}"' if self.kind == STRING else f"“{self.text}”"


def is_name_start(char: str) -> bool:
    """Whether a name may begin with the character."""
    return char in _ASCII_START or (char > "\x7f" and _lies_in(char, _STARTS))


def is_name_part(char: str) -> bool:
    """Whether a name may go on with the character."""
    return char in _ASCII_PART or (char > "\x7f" and _lies_in(char, _PARTS))


@lru_cache(maxsize=4096)
def _lies_in(char: str, ranges: tuple[tuple[int, int], ...]) -> bool:
    return char not in _SPACE and any(low <= ord(char) <= high for low, high in ranges)


def syntax_error(text: str, offset: int, template: str, **params: object) -> FeelSyntaxError:
    """The error at an offset of the text; the template is a gettext message id that says what to do."""
    line = text.count("\n", 0, offset) + 1
    column = offset - (text.rfind("\n", 0, offset) + 1) + 1
    return FeelSyntaxError(line=line, column=column, expression=text, detail=Said(template, **params))


def scan(text: str) -> list[Token]:
    """All tokens, the last one of kind END. Raises FeelSyntaxError."""
    return _Scanner(text).run()


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.length = len(text)

    def run(self) -> list[Token]:
        tokens: list[Token] = []
        while True:
            spaced = self._skip_blank()
            start = self.position
            if start >= self.length:
                tokens.append(Token(END, "", start, start, spaced))
                return tokens
            kind, said = self._next(self.text[start])
            tokens.append(Token(kind, said, start, self.position, spaced))

    def _next(self, char: str) -> tuple[str, str]:
        if is_name_start(char):
            return NAME, self._word()
        if char in _DIGITS or (char == "." and self._peek(1) in _DIGITS):
            return NUMBER, self._number()
        if char == '"':
            return STRING, self._string()
        for operator in OPERATORS:
            if self.text.startswith(operator, self.position):
                self.position += len(operator)
                return OPERATOR, operator
        raise self._error(
            self.position, N_("the character “{character}” has no meaning here; remove it"), character=char
        )

    def _peek(self, ahead: int) -> str:
        return self.text[self.position + ahead : self.position + ahead + 1]

    def _error(self, offset: int, template: str, **params: object) -> FeelSyntaxError:
        return syntax_error(self.text, offset, template, **params)

    def _skip_blank(self) -> bool:
        text, before = self.text, self.position
        while self.position < self.length:
            if text[self.position] in _SPACE:
                self.position += 1
            elif text.startswith("//", self.position):
                end = text.find("\n", self.position)
                self.position = self.length if end < 0 else end
            elif text.startswith("/*", self.position):
                end = text.find("*/", self.position + 2)
                if end < 0:
                    raise self._error(self.position, N_("the comment is not closed; end it with */"))
                self.position = end + 2
            else:
                break
        return self.position > before

    def _word(self) -> str:
        start = self.position
        self.position += 1
        while self.position < self.length and is_name_part(self.text[self.position]):
            self.position += 1
        return self.text[start : self.position]

    def _number(self) -> str:
        start = self.position
        self._digits()
        if self._peek(0) == "." and self._peek(1) in _DIGITS:
            self.position += 1
            self._digits()
        return self.text[start : self.position]

    def _digits(self) -> None:
        while self.position < self.length and self.text[self.position] in _DIGITS:
            self.position += 1

    def _string(self) -> str:
        start = self.position
        self.position += 1
        parts: list[str] = []
        while True:
            end = self.position
            while end < self.length and self.text[end] not in '"\\':
                end += 1
            if end >= self.length:
                raise self._error(start, N_("the text is not closed; end it with a double quote"))
            parts.append(self.text[self.position : end])
            self.position = end + 1
            if self.text[end] == '"':
                return _join_surrogates("".join(parts))
            parts.append(self._escape())

    def _escape(self) -> str:
        char = self._peek(0)
        if char in _SIMPLE_ESCAPES:
            self.position += 1
            return _SIMPLE_ESCAPES[char]
        size = 4 if char == "u" else 6 if char == "U" else 0
        digits = self.text[self.position + 1 : self.position + 1 + size]
        if size and len(digits) == size and _HEX.issuperset(digits) and int(digits, 16) <= 0x10FFFF:
            self.position += 1 + size
            return chr(int(digits, 16))
        # Any other backslash stands for itself: "\s" and "\d" are patterns.
        return "\\"


def _join_surrogates(text: str) -> str:
    """Escapes of UTF-16 halves make one character; a half without its other half becomes U+FFFD."""
    if text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
