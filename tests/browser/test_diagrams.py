"""A diagram too wide for its frame opens where the case stands, at a size that can be read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.play import PHONE, WIDE, browser, needs_chromium, new_page, serving, sign_in
from tests.supplier import supplier
from tests.web import PASSWORD

pytestmark = needs_chromium
READABLE = 0.6


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, Browser]]:
    """The address of a server, the path of a case that waits for its plan, and a browser."""
    shop = supplier(tmp_path_factory.mktemp("diagrams"))
    case = shop.start()
    shop.plan(case)
    with serving(shop.built.app) as address, browser() as chromium:
        yield address, f"/cases/{case}", chromium


def scale(page: Page) -> float:
    """How large the diagram is drawn; 1 is the size it was made in."""
    return page.locator(".bpmn g.viewport").evaluate("group => group.getCTM().a")


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_a_case_opens_at_its_token_and_shows_the_whole_on_request(
    played: tuple[str, str, Browser], size: tuple[int, int]
) -> None:
    address, path, chromium = played
    with new_page(chromium, address, size) as page:
        sign_in(page, "clerk", PASSWORD)
        page.goto(path)
        page.locator(".bpmn[data-drawn]").wait_for()
        frame = page.locator(".bpmn").bounding_box()
        token = page.locator(".bpmn [data-element-id=reply_plan].is-now > .djs-visual").bounding_box()
        assert frame is not None
        assert token is not None
        assert scale(page) >= READABLE
        assert frame["x"] <= token["x"] <= frame["x"] + frame["width"] - token["width"] / 2
        expect(page.locator(".bpmn-lane").filter(has_text="客服内勤")).to_be_visible()
        page.locator("[data-zoom=fit]").click()
        assert scale(page) < READABLE
        expect(page.locator(".bpmn-lane:visible")).to_have_count(0)


def test_steps_have_their_english_names_in_english_pages(played: tuple[str, str, Browser]) -> None:
    address, path, chromium = played
    with new_page(chromium, address, locale="en") as page:
        sign_in(page, "clerk", PASSWORD)
        page.goto(path)
        page.locator(".bpmn[data-drawn]").wait_for()
        expect(page.locator(".bpmn [data-element-id=solution_plan] text")).to_contain_text("Solution plan")
