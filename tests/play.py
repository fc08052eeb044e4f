"""Playing pages in a real Chromium: a server on a free port, a browser page on it, axe, and pictures.

    with serving(installation_on_disk(tmp_path).app) as address, browser() as chromium:
        with new_page(chromium, address) as page:
            page.goto("/")
            check_accessible(page)

A module of such tests says ``pytestmark = needs_chromium``; where there is no Chromium they are skipped, and the
summary says so.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright
from waitress.server import create_server

from tests.browsers import NONE_FOUND, find_chromium

WIDE = (1280, 800)
PHONE = (390, 844)
PICTURES = Path("test-results") / "screenshots"
AXE_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


needs_chromium = [
    pytest.mark.browser,
    pytest.mark.skipif(find_chromium() is None, reason=f"browser test not run: {NONE_FOUND}"),
]
"""The marks of a browser test (``pytestmark = needs_chromium``); skipped loudly where there is no Chromium."""


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve the application on a free port of this machine; gives its address."""
    server = create_server(app, host="127.0.0.1", port=0, threads=4)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"  # type: ignore[union-attr]
    finally:
        server.close()
        thread.join(timeout=5)


@contextmanager
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    arguments = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_chromium(), args=arguments)
        try:
            yield chromium
        finally:
            chromium.close()


@contextmanager
def new_page(
    chromium: Browser,
    address: str,
    size: tuple[int, int] = WIDE,
    locale: str = "zh-CN",
    dark: bool = False,
    scripts: bool = True,
    fails_on_errors: bool = True,
) -> Iterator[Page]:
    """A page with its own cookies; what its console calls an error fails the test at the end."""
    context = chromium.new_context(
        base_url=address,
        viewport={"width": size[0], "height": size[1]},
        locale=locale,
        color_scheme="dark" if dark else "light",
        java_script_enabled=scripts,
        has_touch=size[0] < 760,
        reduced_motion="reduce",
    )
    context.set_default_timeout(10_000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        yield page
    finally:
        context.close()
    serious = [text for text in complaints if "status of 4" not in text]  # a refused form is told by its status
    assert not (serious and fails_on_errors), serious


def sign_in(page: Page, username: str, password: str) -> None:
    """Fill in the sign-in form and wait for the first page."""
    page.goto("/sign-in")
    page.locator("#username").fill(username)
    page.locator("#password").fill(password)
    page.locator("main button.primary").click()
    page.locator(".whoami").wait_for()


def check_accessible(page: Page) -> None:
    """Fail with every finding of axe on the page as it is."""
    found = Axe().run(page, options=AXE_RULES).response["violations"]
    told = [
        f"{finding['id']}: {finding['help']}\n" + "\n".join(f"  {node['html'][:200]}" for node in finding["nodes"])
        for finding in found
    ]
    assert not told, f"{page.url}\n" + "\n".join(told)


def check_fits(page: Page) -> None:
    """Fail when the page is wider than its window: nothing but tables and diagrams may scroll sideways."""
    extra = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert extra <= 0, f"{page.url} is {extra} px too wide"


def picture(page: Page, name: str, full: bool = False) -> Path:
    """Keep a picture of the page under test-results/screenshots (ignored by git)."""
    path = PICTURES / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path, full_page=full)
    return path
