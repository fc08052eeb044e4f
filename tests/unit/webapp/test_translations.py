"""Every text of the product is there in Chinese, and says its parameters the same way."""

from __future__ import annotations

import re
from functools import cache

from babel.messages.catalog import Catalog

from webapp import messages

FIELD = re.compile(r"%\((\w+)\)s|\{(\w+)")


@cache
def chinese() -> Catalog:
    return messages.read_chinese()


@cache
def texts() -> Catalog:
    return messages.collect()


def singular(message_id: object) -> str:
    return str(message_id[0]) if isinstance(message_id, list | tuple) else str(message_id)


def test_nothing_is_missing_or_fuzzy_in_chinese() -> None:
    known = {singular(message.id) for message in chinese() if message.id}
    wanted = {singular(message.id): message for message in texts() if message.id}
    missing = sorted(f"{text!r}  ({wanted[text].locations[0][0]})" for text in wanted.keys() - known)
    missing += [f"{text!r}  (untranslated)" for text in messages.untranslated(chinese()) if text in wanted]
    assert not missing, "run make messages and translate in webapp/translations:\n" + "\n".join(missing)


def test_no_translation_is_left_of_a_text_that_is_gone() -> None:
    wanted = {singular(message.id) for message in texts() if message.id}
    gone = sorted({singular(message.id) for message in chinese() if message.id} - wanted)
    assert not gone, "run make messages:\n" + "\n".join(gone)


def test_a_translation_has_the_parameters_of_its_text() -> None:
    wrong: list[str] = []
    for message in chinese():
        if not message.id:
            continue
        wanted = fields(singular(message.id))
        strings = message.string if isinstance(message.string, list | tuple) else (message.string,)
        wrong += [f"{message.id}: {text}" for text in strings if text and fields(text) != wanted]
    assert wrong == []


def test_chinese_keeps_to_the_house_style() -> None:
    """Full-width punctuation, 您, and none of the words that blame."""
    wrong: list[str] = []
    for message in chinese():
        strings = message.string if isinstance(message.string, list | tuple) else (message.string,)
        for text in strings:
            has_half_width = re.search(r"[一-鿿][,;:!?]|[,;:!?][一-鿿]", text or "")
            if has_half_width or re.search("你|非法|错误代码|！", text or ""):
                wrong.append(str(text))
    assert wrong == []


def fields(text: str) -> set[str]:
    return {first or second for first, second in FIELD.findall(text)}
