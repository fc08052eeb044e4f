"""What the pages stand on: the settings and the database of this node, reachable from every request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app

from engine.clock import Clock
from engine.database import Database
from engine.settings import Settings

_KEY = "baoxiu"


@dataclass(frozen=True, slots=True)
class Services:
    """The objects of the engine that `create_app` was given."""

    settings: Settings
    database: Database

    @property
    def clock(self) -> Clock:
        """The clock that stamps what is written; pages ask it as well, so that both agree."""
        return self.database.clock


def keep_services(app: Flask, services: Services) -> None:
    """Make the services reachable from the application's requests."""
    app.extensions[_KEY] = services


def services() -> Services:
    """The services of the application that answers the current request."""
    return cast(Services, current_app.extensions[_KEY])
