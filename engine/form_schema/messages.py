"""What a form says to the person who fills it in: what to do, with an example. All texts are gettext message ids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.errors import N_


@dataclass(frozen=True, slots=True)
class Bilingual:
    """A text of the schema's author: the document's own Chinese and, where given, English."""

    zh: str
    en: str = ""

    def in_locale(self, locale: str) -> str:
        """English where it is asked for and there, otherwise the Chinese."""
        return self.en if self.en and locale.lower().startswith("en") else self.zh

    def __str__(self) -> str:
        return self.zh


@dataclass(frozen=True, slots=True)
class Message:
    """An error at a field: a gettext message id and what fills its ``{fields}``."""

    template: str
    params: Mapping[str, object] = field(default_factory=dict[str, object])

    def in_locale(self, locale: str) -> Message:
        """The same with the author's own texts chosen for a locale; the template stays to be translated."""
        chosen = {
            key: value.in_locale(locale) if isinstance(value, Bilingual) else value
            for key, value in self.params.items()
        }
        return Message(self.template, chosen)

    @property
    def english(self) -> str:
        """The message filled in, in English."""
        return self.template.format_map(dict(self.in_locale("en").params))

    def __str__(self) -> str:
        return self.english


FILL_IN = N_("Fill this in")
FILL_IN_EXAMPLE = N_("Fill this in, for example {example}")
CHOOSE_ONE = N_("Choose one of the options")
CHOOSE_SOME = N_("Choose at least one of the options")
TICK = N_("Tick this box to go on")
ADD_FILE = N_("Add a file")
NOT_OFFERED = N_("{value} is not one of the options. Choose one that is offered")
NUMBER = N_("Enter a number, for example {example}")
WHOLE_NUMBER = N_("Enter a whole number, for example {example}")
DECIMALS = N_("Enter a number with at most {decimals} decimal places, for example {example}")
NUMBER_ABOVE = N_("Enter a number greater than {min}, for example {example}")
NUMBER_FROM = N_("Enter a number of at least {min}, for example {example}")
NUMBER_UP_TO = N_("Enter a number of at most {max}, for example {example}")
SHORTEN = N_("Shorten this to at most {max} characters; it has {length}")
LENGTHEN = N_("Write at least {min} characters; there are {length}")
PATTERN = N_("This does not have the form that is asked for")
PATTERN_EXAMPLE = N_("Write it in this form: {example}")
EMAIL = N_("Enter an e-mail address, for example {example}")
PHONE = N_("Enter a telephone number, for example {example}")
DATE = N_("Enter a date, for example {example}")
TIME = N_("Enter a time, for example {example}")
DATE_TIME = N_("Enter a date and time, for example {example}")
NOT_PAST = N_("Enter a date that is not in the past, for example {example}")
TEXT = N_("Write a text here")
YES_NO = N_("Answer with yes or no (true or false)")
LIST = N_("Give a list of rows here")
ROW = N_("Give the fields of this row as an object")
ROWS_FROM = N_("Add at least {min} rows; there are {rows}")
ROWS_UP_TO = N_("Keep at most {max} rows; there are {rows}")
ONE_ROW = N_("Add at least one row")
TOO_MUCH = N_("The form was sent with more than {max} values. Send it in parts")
UNKNOWN_FIELD = N_("The form has no field {name}. Remove it")
AUTHOR = "{text}"
"""The schema's author wrote the message (`patternErrorMessage`); nothing to translate."""
