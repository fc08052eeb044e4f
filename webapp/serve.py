"""Serving the application with waitress: threads for requests, one process; several of them share one PostgreSQL."""

from __future__ import annotations

from typing import Any

from flask import Flask
from waitress.server import create_server

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8000
THREADS = 4
"""Threads that answer; they share one interpreter with the heartbeat, and more of them only make each other, and the
timers, wait (docs/performance.md).
"""
IDLE_SECONDS = 120


def run_server(
    app: Flask, host: str = DEFAULT_HOST, port: int = DEFAULT_PORT, threads: int = THREADS, trusted_proxy: str = ""
) -> None:
    """Answer requests until the process is interrupted.

    `trusted_proxy` is the address of a reverse proxy whose X-Forwarded-For, -Host and -Proto headers are believed (so
    that cookies are marked Secure behind https); without one they are dropped. Raises OSError when the port is taken.
    """
    proxy: dict[str, Any] = {
        "trusted_proxy": trusted_proxy,
        "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"},
    }
    server = create_server(
        app,
        host=host,
        port=port,
        threads=threads,
        channel_timeout=IDLE_SECONDS,
        max_request_body_size=app.config["MAX_CONTENT_LENGTH"] * 2,  # Flask refuses earlier, with a page that says why
        ident=None,
        clear_untrusted_proxy_headers=True,
        **(proxy if trusted_proxy else {}),
    )
    try:
        server.run()
    finally:
        server.close()
