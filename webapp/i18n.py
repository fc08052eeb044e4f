"""Languages: which one a request speaks, and how the engine's texts become the user's.

Texts are English message ids; `webapp/translations` holds the Chinese. Templates and views use ``_()`` and
``ngettext()`` with ``%(name)s`` fields; errors and findings of the engine carry a template with ``{name}`` fields and
its parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, cast

from babel.support import NullTranslations, Translations
from flask import Flask, g, has_app_context, has_request_context, request
from flask_babel import Babel, get_locale, get_translations

from engine.errors import BaoxiuError
from engine.findings import Finding

LOCALES = ("zh_CN", "en")
DEFAULT_LOCALE = "zh_CN"
DEFAULT_ZONE = "Asia/Shanghai"
LOCALE_COOKIE = "locale"
TRANSLATED_PARAMETERS = frozenset({"what", "reason", "detail"})
"""Parameters of errors that may be words of ours (``NotFound(what="task")``); what is no known text stays as it is."""


class FormMessage(Protocol):
    """The shape of `engine.form_schema.Message`."""

    @property
    def template(self) -> str: ...
    @property
    def params(self) -> Mapping[str, object]: ...
    def in_locale(self, locale: str) -> FormMessage: ...


def init_languages(app: Flask) -> None:
    """Give the application its languages."""
    app.config["BABEL_DEFAULT_LOCALE"] = DEFAULT_LOCALE
    app.config["BABEL_DEFAULT_TIMEZONE"] = DEFAULT_ZONE
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "translations"
    Babel(app, locale_selector=_wanted_locale, timezone_selector=_zone)
    cast("Any", app.jinja_env).install_gettext_callables(
        gettext=lambda text: _spoken().translations.ugettext(text),
        ngettext=lambda one, many, number: _spoken().translations.ungettext(one, many, number),
        newstyle=True,
    )
    app.jinja_env.globals["language_tag"] = language_tag
    app.jinja_env.globals["speaks_english"] = speaks_english


@dataclass(frozen=True, slots=True)
class _Spoken:
    """A page's language and its texts."""

    is_english: bool
    translations: Translations | NullTranslations


def _spoken() -> _Spoken:
    """Found once for each request: pages have hundreds of texts, and finding the language took a fifth of the time."""
    if not has_app_context():
        return _Spoken(is_english=False, translations=NullTranslations())
    found: _Spoken | None = g.get("spoken")
    if found is None:
        found = g.spoken = _Spoken(str(get_locale()) == "en", get_translations())
    return found


def gettext(text: str, **values: object) -> str:
    """A text in the page's language, with its ``%(name)s`` fields filled in where values are given."""
    said = _spoken().translations.ugettext(text)
    return said % values if values else said


def ngettext(one: str, many: str, number: int, **values: object) -> str:
    """A text about a number of things in the page's language; ``%(num)s`` is the number."""
    return _spoken().translations.ungettext(one, many, number) % {"num": number, **values}


def language_tag() -> str:
    """The page's language for ``lang``: ``zh-CN`` or ``en``."""
    return "en" if speaks_english() else "zh-CN"


def speaks_english() -> bool:
    """Whether the page is in English; texts of diagrams and forms exist in both languages."""
    return _spoken().is_english


def in_language(chinese: str, english: str) -> str:
    """Which of two texts of the data (a role's, a form's) the page shows; Chinese where there is no English."""
    return english if english and speaks_english() else chinese


def explain(error: BaoxiuError) -> str:
    """An error in the user's language, plain text (templates escape it)."""
    return fill(error.template, error.params)


def explain_finding(finding: Finding) -> tuple[str, str]:
    """A finding and its remedy in the user's language, plain text."""
    return fill(finding.template, finding.params), fill(finding.remedy, finding.params) if finding.remedy else ""


def form_locale() -> str:
    """The locale to give to `Form.render_model` of `engine.form_schema`."""
    return "en" if speaks_english() else "zh"


def explain_message(message: FormMessage) -> str:
    """A form's message at a field in the user's language, plain text."""
    chosen = message.in_locale(form_locale())
    return fill(chosen.template, chosen.params)


def fill(template: str, params: Mapping[str, object]) -> str:
    """Translate a template of the engine and fill its ``{name}`` fields."""
    return gettext(template).format_map({name: _in_words(name, value) for name, value in params.items()})


def _in_words(name: str, value: object) -> object:
    """A parameter as a page says it: our own words translated, moments short and in the organisation's zone."""
    if isinstance(value, datetime):
        from webapp.filters import moment

        return moment(value)
    return gettext(value) if name in TRANSLATED_PARAMETERS and isinstance(value, str) and value else value


def _wanted_locale() -> str:
    """The user's own choice, then the browser's cookie, then its settings; Chinese where nothing fits."""
    if not has_request_context():
        return DEFAULT_LOCALE
    account = g.get("account")
    chosen = (account.locale if account else "") or request.cookies.get(LOCALE_COOKIE, "")
    if chosen in LOCALES:
        return chosen
    best = request.accept_languages.best_match(["zh-CN", "zh", "en"], default="zh-CN")
    return "en" if best == "en" else DEFAULT_LOCALE


def _zone() -> str:
    account = g.get("account") if has_request_context() else None
    return account.zone if account else DEFAULT_ZONE
