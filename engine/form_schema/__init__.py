"""Forms: form-js schemas read, shown and checked on the server.

`read_form` reads a schema; the `Form` it gives renders (`render_model`, `lines`), takes posts (`submit`) and JSON
(`check`), and makes documents (`document`, `record`). All texts it writes itself are gettext message ids.

Properties (form-js: `properties`, texts) that mean something here, beyond `….en` for English and `option.VALUE.en`:
- of fields: `example` (shown in messages), `above` (a number must be greater), `required` (FEEL, where it depends),
  `unit` and `unit.en`, `total` = "true" (a column's sum), `value` (FEEL, for documents);
- of lists: `minRows`, `maxRows`; of tables: `column.KEY.en`;
- of groups: `standards` (one sentence a line), `standards.en`, `source`;
- of the schema itself: `document`, `family`, `name`, `name.en`, `source`.
"""

from engine.form_schema.form import Form, FormErrors, Line, Submission
from engine.form_schema.messages import Bilingual, Message
from engine.form_schema.model import DocumentKind, DocumentType, Field, Kind
from engine.form_schema.reader import read_form
from engine.form_schema.rows import add_row, remove_row
from engine.form_schema.view import FieldView, FormView, GroupView, ListView, NodeView, TableView

__all__ = [
    "Bilingual",
    "DocumentKind",
    "DocumentType",
    "Field",
    "FieldView",
    "Form",
    "FormErrors",
    "FormView",
    "GroupView",
    "Kind",
    "Line",
    "ListView",
    "Message",
    "NodeView",
    "Submission",
    "TableView",
    "add_row",
    "read_form",
    "remove_row",
]
