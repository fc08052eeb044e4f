"""The room's blueprint with all of its views."""

from webapp.tasks import listing as listing
from webapp.tasks import work as work
from webapp.tasks.blueprint import pages

__all__ = ["pages"]
