"""The blueprint both halves of this room register their views on."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.wrappers import Response

pages = Blueprint("tasks", __name__, url_prefix="/tasks")
Answer = str | Response | tuple[str, int]
