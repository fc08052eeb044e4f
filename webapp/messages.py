"""The texts of the product: collected from code and templates, and kept in step with the Chinese catalogue.

``make messages`` adds what is new (untranslated) and drops what is gone; a test fails while anything is untranslated.
Besides gettext's calls it collects the words that errors are given as parameters: ``NotFound(what="task", …)``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

from webapp.i18n import TRANSLATED_PARAMETERS

ROOT = Path(__file__).resolve().parent.parent
CHINESE = ROOT / "webapp" / "translations" / "zh_CN" / "LC_MESSAGES" / "messages.po"
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "N_": None,
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "lazy_gettext": None,
}
_ROOMS = ("engine", "handlers", "webapp")


def collect() -> Catalog:
    """Every text of the product, as a catalogue without translations."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    found = Catalog(project="Baoxiu", charset="utf-8")
    for name, line, message, comments, context in extract_from_dir(
        ROOT, methods, options, keywords=KEYWORDS, comment_tags=("Translators:",), directory_filter=_is_ours
    ):
        found.add(message, locations=[(name, line)], auto_comments=comments, context=context)
    for name, word in _words():
        found.add(word, locations=[(name, 1)])
    return found


def read_chinese() -> Catalog:
    """The Chinese catalogue as it is."""
    with CHINESE.open("rb") as file:
        return read_po(file, locale="zh_CN")


def update() -> list[str]:
    """Bring the Chinese catalogue in step with the code; gives back what is untranslated."""
    catalogue = read_chinese() if CHINESE.is_file() else Catalog(locale="zh_CN", project="Baoxiu")
    catalogue.update(collect(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    text = BytesIO()
    write_po(text, catalogue, width=118, sort_output=True, include_lineno=False, ignore_obsolete=True)
    CHINESE.parent.mkdir(parents=True, exist_ok=True)
    CHINESE.write_text(_without_dates(text.getvalue().decode("utf-8")), encoding="utf-8")
    return untranslated(catalogue)


def untranslated(catalogue: Catalog) -> list[str]:
    """The texts of a catalogue that have no translation or one that is marked fuzzy."""
    missing: list[str] = []
    for message in catalogue:
        strings = message.string if isinstance(message.string, (list, tuple)) else [message.string]
        if message.id and (message.fuzzy or not all(strings)):
            missing.append(message.id[0] if isinstance(message.id, (list, tuple)) else str(message.id))
    return missing


def _words() -> Iterator[tuple[str, str]]:
    """The constant words given to errors under the names that `webapp.i18n.fill` translates."""
    for room in _ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.keyword) and node.arg in TRANSLATED_PARAMETERS:
                    value = node.value
                    if isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value:
                        yield name, value.value


def _is_ours(folder: str | Path) -> bool:
    """Leaves out what is hidden, installed or built."""
    name = Path(folder).name
    return not name.startswith(".") and name not in ("node_modules", "dist", "tests", "docs", "var", "build")


def _without_dates(text: str) -> str:
    """Dates in the header would make every update a conflict between branches."""
    dates = ('"POT-Creation-Date:', '"PO-Revision-Date:', '"Last-Translator:', '"Generated-By:')
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(dates))


def main() -> None:
    """Update and say what is left to translate."""
    missing = update()
    for text in missing:
        print(f"untranslated: {text}")
    print(f"{len(missing)} texts to translate in {CHINESE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
