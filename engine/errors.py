"""The one base class of every error a user, an operator or a developer can meet.

A message names the element, the value and what to do. Messages are written once, in English, as gettext message ids;
the web application translates them with the same parameters. ``N_`` marks a text for extraction.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar


def N_(text: str) -> str:
    """Mark `text` for the message catalogue and give it back unchanged."""
    return text


class BaoxiuError(Exception):
    """Something did not work; `template` says what and what to do, `params` fill its ``{fields}``."""

    template: ClassVar[str] = N_("Something went wrong: {detail}")
    status: ClassVar[int] = 500

    def __init__(self, **params: object) -> None:
        self.params: Mapping[str, object] = params
        super().__init__(self.template.format_map(params))


class InvalidInput(BaoxiuError):
    """A value given from outside cannot be used as it is."""

    template = N_("{value} cannot be used: {reason}")
    status = 422


class NotFound(BaoxiuError):
    """The thing does not exist, or the actor may not know that it does."""

    template = N_("There is no {what} {key}.")
    status = 404


class NotAllowed(BaoxiuError):
    """The actor may see the thing but lacks the permission to do this with it."""

    template = N_("You may not do this: {permission} is missing.")
    status = 403


class Conflict(BaoxiuError):
    """Somebody else was faster, or the thing is no longer in the state the actor saw."""

    template = N_("This has changed in the meantime: {detail}")
    status = 409
