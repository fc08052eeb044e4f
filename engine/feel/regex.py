"""Regular expressions in the dialect of XPath, run by RE2."""

from __future__ import annotations

from functools import lru_cache

from engine.feel.environment import Environment
from engine.feel.patterns import BrokenPattern, Pattern


class BrokenRegex(ValueError):
    """No pattern of the dialect, or a replacement that does not fit it."""


class Regex:
    def __init__(self, pattern: Pattern) -> None:
        self.pattern = pattern

    def found_in(self, text: str, environment: Environment) -> bool:
        environment.check_text(len(text))
        return self.pattern.found_in(text)

    def replace(self, text: str, replacement: str, environment: Environment) -> str:
        out = []
        last = 0
        for spans in self.pattern.spans(text):
            out.append(text[last : spans[0][0]])
            i = 0
            while i < len(replacement):
                c = replacement[i]
                if c == "$" and i + 1 < len(replacement) and replacement[i + 1].isdigit():
                    n = int(replacement[i + 1])
                    i += 2
                    if n < len(spans) and spans[n][0] >= 0:
                        out.append(text[spans[n][0] : spans[n][1]])
                    continue
                out.append(c)
                i += 1
            last = spans[0][1]
        out.append(text[last:])
        return "".join(out)

    def split(self, text, environment):
        out = []
        last = 0
        for spans in self.pattern.spans(text):
            out.append(text[last : spans[0][0]])
            last = spans[0][1]
        out.append(text[last:])
        return out


@lru_cache(maxsize=512)
def regex_of(pattern: str, flags: str) -> Regex:
    if not set(flags) <= set("smix"):
        raise BrokenRegex("flags")
    if "x" in flags:
        pattern = "".join(pattern.split())
    f = "".join(c for c in "smi" if c in flags)
    try:
        return Regex(Pattern((f"(?{f})" if f else "") + pattern))
    except BrokenPattern as e:
        raise BrokenRegex(str(e)) from e
