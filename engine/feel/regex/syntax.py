"""Reading patterns of XPath's dialect, strictly: what the dialect does not know is refused.

Source: XQuery 1.0 and XPath 2.0 Functions and Operators, 7.6.1; XML Schema part 2, appendix F.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.errors import N_
from engine.feel.regex import classes

MAX_GROUPS = 99
MAX_NESTING = 40
MAX_REPEAT = 1_000
_ESCAPED = frozenset("\\|.-^?*+{}()[]$")
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t"}
_SPECIAL = frozenset(".\\?*+{}()|[]^$")


class BrokenRegex(ValueError):
    """No pattern of the dialect, or a replacement that does not fit it. The message is a gettext message id."""


@dataclass(frozen=True, slots=True)
class Characters:
    """One character out of a set: explicit ranges and Unicode categories, or everything but those."""

    ranges: classes.Ranges = ()
    categories: tuple[str, ...] = ()
    negated: bool = False


@dataclass(frozen=True, slots=True)
class AnyCharacter:
    """`.`"""


@dataclass(frozen=True, slots=True)
class Anchor:
    """`^` or `$`."""

    sign: str


@dataclass(frozen=True, slots=True)
class BackReference:
    """`\\1`."""

    group: int


@dataclass(frozen=True, slots=True)
class Group:
    """A group; `number` is 0 where it does not capture."""

    inner: Choice
    number: int


@dataclass(frozen=True, slots=True)
class Repeat:
    """An atom so many times; `most` None is without end."""

    inner: Atom
    least: int
    most: int | None
    greedy: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """Alternatives, each a sequence."""

    branches: tuple[tuple[Atom, ...], ...]


Atom = Characters | AnyCharacter | Anchor | BackReference | Group | Repeat


@dataclass(frozen=True, slots=True)
class Syntax:
    """A pattern read."""

    choice: Choice
    groups: int
    has_references: bool


def read_pattern(pattern: str, ignore_space: bool) -> Syntax:
    """Read a pattern; with `ignore_space` (flag x) white space outside of character classes means nothing."""
    reader = _Reader(pattern, ignore_space)
    choice = reader.choice(0)
    if not reader.ended():
        raise BrokenRegex(N_("a closing parenthesis has no opening one"))
    return Syntax(choice, reader.groups, reader.has_references)


class _Reader:
    def __init__(self, text: str, ignore_space: bool) -> None:
        self.text = text
        self.position = 0
        self.ignore_space = ignore_space
        self.groups = 0
        self.closed: set[int] = set()
        self.has_references = False

    # -- characters ----------------------------------------------------------------------------------------------------

    def ended(self) -> bool:
        self._skip_space()
        return self.position >= len(self.text)

    def _skip_space(self) -> None:
        while self.ignore_space and self.text[self.position : self.position + 1] in (" ", "\t", "\n", "\r"):
            self.position += 1

    def _peek(self) -> str:
        self._skip_space()
        return self.text[self.position : self.position + 1]

    def _take(self) -> str:
        char = self._peek()
        if not char:
            raise BrokenRegex(N_("the pattern ends too early"))
        self.position += 1
        return char

    def _accept(self, char: str) -> bool:
        if self._peek() == char:
            self.position += 1
            return True
        return False

    # -- structure -----------------------------------------------------------------------------------------------------

    def choice(self, depth: int) -> Choice:
        if depth > MAX_NESTING:
            raise BrokenRegex(N_("the groups are nested too deep"))
        branches = [self._branch(depth)]
        while self._accept("|"):
            branches.append(self._branch(depth))
        return Choice(tuple(branches))

    def _branch(self, depth: int) -> tuple[Atom, ...]:
        pieces: list[Atom] = []
        while self._peek() not in ("", "|", ")"):
            pieces.append(self._quantified(self._atom(depth)))
        return tuple(pieces)

    def _quantified(self, atom: Atom) -> Atom:
        char = self._peek()
        if not char or char not in "?*+{":
            return atom
        self.position += 1
        least, most = {"?": (0, 1), "*": (0, None), "+": (1, None)}.get(char) or self._counts()
        greedy = not self._accept("?")
        if isinstance(atom, Anchor):
            raise BrokenRegex(N_("an anchor cannot be repeated"))
        return Repeat(atom, least, most, greedy)

    def _counts(self) -> tuple[int, int | None]:
        least = self._count()
        if self._accept("}"):
            return least, least
        if not self._accept(","):
            raise BrokenRegex(N_("a repetition is written {n}, {n,} or {n,m}"))
        if self._accept("}"):
            return least, None
        most = self._count()
        if not self._accept("}") or most < least:
            raise BrokenRegex(N_("a repetition must not end before it starts"))
        return least, most

    def _count(self) -> int:
        digits = ""
        while self._peek() and self._peek() in "0123456789":
            digits += self._take()
        if not digits or int(digits) > MAX_REPEAT:
            raise BrokenRegex(N_("the count of a repetition must be a number up to 1000"))
        return int(digits)

    def _atom(self, depth: int) -> Atom:
        char = self._take()
        if char == ".":
            return AnyCharacter()
        if char in "^$":
            return Anchor(char)
        if char == "(":
            return self._group(depth)
        if char == "[":
            return self._class(0)
        if char == "\\":
            return self._escape_or_reference()
        if char in _SPECIAL:
            raise BrokenRegex(N_("a special character needs a backslash before it"))
        return Characters(((ord(char), ord(char)),))

    def _group(self, depth: int) -> Group:
        if self._accept("?"):
            if not self._accept(":"):
                raise BrokenRegex(N_("only groups with (?: are known besides plain ones"))
            number = 0
        else:
            self.groups += 1
            number = self.groups
            if number > MAX_GROUPS:
                raise BrokenRegex(N_("the pattern has too many groups"))
        inner = self.choice(depth + 1)
        if not self._accept(")"):
            raise BrokenRegex(N_("a group is not closed"))
        self.closed.add(number)
        return Group(inner, number)

    def _escape_or_reference(self) -> Atom:
        digit = self.text[self.position : self.position + 1]
        if digit and digit in "123456789":
            self.position += 1
            number = int(digit)
            following = self.text[self.position : self.position + 1]
            # A second digit belongs to the number only where there are that many groups.
            if following and following in "0123456789" and number * 10 + int(following) <= self.groups:
                number = number * 10 + int(following)
                self.position += 1
            if number not in self.closed:
                raise BrokenRegex(N_("a back-reference needs its group before it"))
            self.has_references = True
            return BackReference(number)
        return self._escape()

    # -- classes -------------------------------------------------------------------------------------------------------

    def _escape(self) -> Characters:
        char = self.text[self.position : self.position + 1]
        self.position += 1
        if char in _CONTROLS or (char and char in _ESCAPED):
            code = ord(_CONTROLS.get(char, char))
            return Characters(((code, code),))
        if char in ("s", "S"):
            return Characters(classes.SPACE if char == "s" else classes.complement(classes.SPACE))
        if char in ("i", "I"):
            return Characters(classes.NAME_START if char == "i" else classes.complement(classes.NAME_START))
        if char in ("c", "C"):
            return Characters(classes.NAME_PART if char == "c" else classes.complement(classes.NAME_PART))
        if char in ("p", "P"):
            return self._property(negated=char == "P")
        if char in classes.CATEGORIES_OF_ESCAPE:
            return Characters((), classes.CATEGORIES_OF_ESCAPE[char])
        if char == "D":
            return Characters((), ("Nd",), negated=True)
        raise BrokenRegex(N_("a backslash before this character has no meaning"))

    def _property(self, negated: bool) -> Characters:
        end = self.text.find("}", self.position)
        if self.text[self.position : self.position + 1] != "{" or end < 0:
            raise BrokenRegex(N_("a property is written with braces, such as \\p{L}"))
        name = self.text[self.position + 1 : end]
        if self.ignore_space:
            name = "".join(name.split())
        self.position = end + 1
        if name in classes.CATEGORIES:
            return Characters((), (name,), negated)
        if name.startswith("Is") and name[2:] in classes.BLOCKS:
            block = (classes.BLOCKS[name[2:]],)
            return Characters(classes.complement(block) if negated else block)
        raise BrokenRegex(N_("there is no category or block of that name"))

    def _class(self, depth: int) -> Characters:
        """A class behind its bracket; white space counts in it."""
        if depth > MAX_NESTING:
            raise BrokenRegex(N_("the classes are nested too deep"))
        before, self.ignore_space = self.ignore_space, False
        negated = self._accept("^")
        members: list[Characters] = []
        while True:
            char = self._take()
            if char == "]" and members:
                break
            if char == "-" and self._peek() == "[" and members:
                self.position += 1
                taken = self._class(depth + 1)
                if not self._accept("]"):
                    raise BrokenRegex(N_("a class ends behind what is subtracted from it"))
                self.ignore_space = before
                found = classes.difference(ranges_of(_union(members, negated)), ranges_of(taken))
                return Characters(found)
            members.append(self._member(char))
        self.ignore_space = before
        return _union(members, negated)

    def _member(self, char: str) -> Characters:
        if char in "[]":
            raise BrokenRegex(N_("a bracket within a class needs a backslash before it"))
        first = self._escape() if char == "\\" else Characters(((ord(char), ord(char)),))
        low = _single(first)
        rest = self.text[self.position : self.position + 2]
        if low is None or len(rest) < 2 or rest[0] != "-" or rest[1] in "[]":
            return first
        self.position += 1
        last = self._take()
        high = _single(self._escape()) if last == "\\" else ord(last)
        if high is None or high < low:
            raise BrokenRegex(N_("a range of characters must not end before it starts"))
        return Characters(((low, high),))


def _single(found: Characters) -> int | None:
    """The code of the one character of a set, None for other sets."""
    if len(found.ranges) == 1 and not found.categories and found.ranges[0][0] == found.ranges[0][1]:
        return found.ranges[0][0]
    return None


def _union(members: list[Characters], negated: bool) -> Characters:
    ranges: list[tuple[int, int]] = []
    categories: list[str] = []
    for member in members:
        if member.negated:
            ranges.extend(ranges_of(member))
        else:
            ranges.extend(member.ranges)
            categories.extend(member.categories)
    return Characters(classes.merged(tuple(ranges)), tuple(dict.fromkeys(categories)), negated)


def ranges_of(found: Characters) -> classes.Ranges:
    """The set in ranges only."""
    ranges = found.ranges
    for name in found.categories:
        ranges = (*ranges, *classes.category(name))
    return classes.complement(ranges) if found.negated else classes.merged(ranges)
