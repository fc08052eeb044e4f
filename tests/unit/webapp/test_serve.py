"""The server: it answers on its port, and believes a proxy only when it is told which."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.web import installation
from webapp import serve


class Server:
    """Stands in for waitress's server: notes how it was made."""

    def __init__(self) -> None:
        self.happened: list[str] = []
        self.options: dict[str, Any] = {}

    def run(self) -> None:
        self.happened.append("run")

    def close(self) -> None:
        self.happened.append("close")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    made = Server()

    def create(app: Callable[..., object], **options: object) -> Server:
        made.options = options
        return made

    monkeypatch.setattr(serve, "create_server", create)
    return made


def test_it_listens_on_this_machine_unless_told_otherwise(server: Server) -> None:
    serve.run_server(installation().app)
    assert (server.options["host"], server.options["port"]) == ("127.0.0.1", 8000)
    assert server.happened == ["run", "close"]


def test_forwarded_headers_are_dropped_without_a_named_proxy(server: Server) -> None:
    serve.run_server(installation().app)
    assert server.options["clear_untrusted_proxy_headers"] is True
    assert "trusted_proxy" not in server.options


def test_a_named_proxy_is_believed(server: Server) -> None:
    serve.run_server(installation().app, trusted_proxy="10.0.0.1")
    assert server.options["trusted_proxy"] == "10.0.0.1"
    assert "x-forwarded-proto" in server.options["trusted_proxy_headers"]
