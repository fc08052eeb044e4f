"""What can go wrong in FEEL. Nothing else leaves this package: a wrong value is null, with its reason as a warning."""

from __future__ import annotations

from collections.abc import Mapping

from engine.errors import N_, BaoxiuError


class Said(str):
    """A sentence in English that remembers its message id and parameters, so that a page can say it in its language."""

    template: str
    params: Mapping[str, object]

    def __new__(cls, template: str, **params: object) -> Said:
        self = super().__new__(cls, template.format_map(params))
        self.template = template
        self.params = params
        return self


class FeelError(BaoxiuError):
    """An expression that cannot be read, or an evaluation that had to be stopped."""

    template = N_("The FEEL expression cannot be used: {detail}")
    status = 422


class FeelSyntaxError(FeelError):
    """The text is not FEEL. `line` and `column` count from 1."""

    template = N_("Line {line}, column {column} of “{expression}”: {detail}")

    def __init__(self, *, line: int, column: int, expression: str, detail: Said) -> None:
        super().__init__(line=line, column=column, expression=expression, detail=detail)
        self.line = line
        self.column = column
        self.expression = expression
        self.detail = detail


class LimitExceeded(FeelError):
    """The expression wants more time, memory or depth than `Limits` allow."""

    template = N_("The FEEL expression was stopped because it exceeds the limit of {limit} {what}. Simplify it.")

    def __init__(self, *, what: str, limit: object) -> None:
        super().__init__(what=what, limit=limit)
        self.what = what


class NotStorable(FeelError):
    """A value that has no JSON form, such as a function."""

    template = N_("{kind} cannot be stored; store the value it gives instead.")
