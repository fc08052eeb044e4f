"""A row more or less, for forms without JavaScript: pure changes of the posted data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Posted = Mapping[str, Sequence[str]]


def add_row(data: Posted, list_name: str) -> dict[str, list[str]]:
    """The posted data with a blank row at the end of a list; show it with `submit(…, draft=True)`."""
    changed = {name: list(texts) for name, texts in data.items()}
    numbers = [number for name in data if (number := _number(name, list_name)) is not None]
    numbers += [int(text) for text in data.get(list_name, ()) if text.isascii() and text.isdigit() and len(text) < 5]
    changed.setdefault(list_name, []).append(str(max(numbers, default=-1) + 1))
    return changed


def remove_row(data: Posted, row_name: str) -> dict[str, list[str]]:
    """The posted data without a row (`parts[1]`)."""
    list_name, _, rest = row_name.partition("[")
    number = rest.removesuffix("]")
    kept = {name: list(texts) for name, texts in data.items() if not name.startswith(f"{row_name}.")}
    if list_name in kept:
        kept[list_name] = [text for text in kept[list_name] if text != number]
    return kept


def _number(name: str, list_name: str) -> int | None:
    if not name.startswith(f"{list_name}["):
        return None
    text = name[len(list_name) + 1 :].partition("].")[0]
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else None
