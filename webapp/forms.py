"""Forms of `engine.form_schema` as they come back from a browser.

The buttons of a form that send it without submitting have names that begin with an underscore: `_add` and `_remove` (a
row), `_refresh` (show the form again because something depends on what was changed). A view asks `is_redraw` first:

    data = posted()
    if is_redraw(data):
        return task_page(form.submit(with_row_changed(data), scope, environment, draft=True))
    submission = form.submit(data, scope, environment, attached)
"""

from __future__ import annotations

from flask import request

from engine.form_schema import add_row, remove_row
from webapp.i18n import form_locale

ADD, REMOVE, REFRESH = "_add", "_remove", "_refresh"
_OURS = ("csrf_token", ADD, REMOVE, REFRESH)
Posted = dict[str, list[str]]


def posted() -> Posted:
    """What the browser sent, by name; everything in it is still text."""
    return request.form.to_dict(flat=False)


def is_redraw(data: Posted) -> bool:
    """Whether the form is only to be shown again."""
    return any(name in data for name in (ADD, REMOVE, REFRESH))


def with_row_changed(data: Posted) -> Posted:
    """The fields alone, with the row that a button has added or removed."""
    fields: Posted = {name: texts for name, texts in data.items() if name not in _OURS}
    if ADD in data:
        fields = add_row(fields, data[ADD][0])
    if REMOVE in data:
        fields = remove_row(fields, data[REMOVE][0])
    return fields


def fields_only(data: Posted) -> Posted:
    """What the form's own fields hold, without our buttons and the token."""
    return {name: texts for name, texts in data.items() if name not in _OURS}


__all__ = ["fields_only", "form_locale", "is_redraw", "posted", "with_row_changed"]
