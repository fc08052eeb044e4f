"""The frame and its pieces in a real Chromium: both languages, both sizes, with and without a script."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.play import PHONE, WIDE, browser, check_accessible, check_fits, needs_chromium, new_page, picture, serving
from tests.play import sign_in as sign_in_as
from tests.samples import sample_pages
from tests.web import PASSWORD, installation_on_disk

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Browser]]:
    """A server with the sample room, and a browser; both are slow to start."""
    folder: Path = tmp_path_factory.mktemp("shell")
    with serving(installation_on_disk(folder, sample_pages()).app) as address, browser() as chromium:
        yield address, chromium


def sign_in(page: Page) -> None:
    sign_in_as(page, "staff", PASSWORD)


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_every_kind_of_page_is_accessible_and_fits(
    played: tuple[str, Browser], size: tuple[int, int], locale: str
) -> None:
    address, chromium = played
    with new_page(chromium, address, size, locale) as page:
        page.goto("/sign-in")
        page.locator("#username").fill("staff")
        page.locator("main button.primary").click()
        page.locator("#password-error").wait_for()
        inspect(page, f"sign-in-{locale}-{size[0]}")
        sign_in(page)
        for name in ("profile", "sample", "sample/list", "sample/diagram", "nothing"):
            page.goto(f"/{name}")
            if name == "sample/diagram":
                page.locator(".bpmn:not(.mini)[data-drawn]").wait_for()
                page.locator(".bpmn.mini[data-drawn]").wait_for()
            inspect(page, f"{name.replace('/', '-')}-{locale}-{size[0]}")


def test_dark_pages_are_accessible_too(played: tuple[str, Browser]) -> None:
    address, chromium = played
    with new_page(chromium, address, dark=True) as page:
        sign_in(page)
        for name in ("profile", "sample", "sample/list"):
            page.goto(f"/{name}")
            inspect(page, f"{name.replace('/', '-')}-dark")


def test_the_theme_changes_without_a_reload_and_stays(played: tuple[str, Browser]) -> None:
    address, chromium = played
    with new_page(chromium, address) as page:
        sign_in(page)
        page.goto("/sample")
        page.locator("#field-points").fill("还没有保存")
        with page.expect_response("**/preferences/theme"):
            page.locator("[data-theme-switch] button").click()
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        expect(page.locator("#field-points")).to_have_value("还没有保存")
        page.goto("/profile")
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_the_language_changes_without_a_script(played: tuple[str, Browser]) -> None:
    address, chromium = played
    with new_page(chromium, address, scripts=False) as page:
        page.goto("/sign-in")
        expect(page.locator("h1")).to_have_text("登录")
        page.locator("footer button").click()
        expect(page.locator("h1")).to_have_text("Sign in")


@pytest.mark.parametrize("scripts", [True, False], ids=["with a script", "without"])
def test_rows_come_and_go_and_nothing_typed_is_lost(played: tuple[str, Browser], scripts: bool) -> None:
    address, chromium = played
    with new_page(chromium, address, scripts=scripts) as page:
        sign_in(page)
        page.goto("/sample")
        page.locator("#field-points").fill("控制器")
        page.locator("#field-parts-0-name").fill("电缆")
        page.locator("#field-parts-0-quantity").fill("3")
        page.locator("button[name=_add]").click()
        page.locator("#field-parts-1-name").fill("传感器")
        page.locator("#field-parts-1-quantity").fill("4")
        page.locator("button[name=_add]").click()
        expect(page.locator("#field-pieces")).to_have_value("7")
        page.locator("button[name=_remove]").first.click()
        expect(page.locator("#field-parts-0-name")).to_have_value("传感器")
        expect(page.locator("#field-parts-1-name")).to_have_value("")
        expect(page.locator("#field-pieces")).to_have_value("4")
        expect(page.locator("#field-points")).to_have_value("控制器")


def test_a_field_that_depends_on_another_appears_and_the_focus_stays(played: tuple[str, Browser]) -> None:
    address, chromium = played
    with new_page(chromium, address) as page:
        sign_in(page)
        page.goto("/sample")
        page.locator("#field-points").fill("控制器")
        page.locator("#field-urgent").check()
        expect(page.locator("#field-why")).to_be_visible()
        expect(page.locator("#field-urgent")).to_be_focused()
        expect(page.locator("#field-urgent")).to_be_checked()
        expect(page.locator("#field-points")).to_have_value("控制器")


def test_the_summary_of_a_refused_form_takes_the_focus(played: tuple[str, Browser]) -> None:
    address, chromium = played
    with new_page(chromium, address) as page:
        sign_in(page)
        page.goto("/sample")
        page.locator("main button.primary").click()
        expect(page.locator(".notice.bad")).to_be_focused()
        page.locator(".notice.bad a").click()
        expect(page.locator("#field-points")).to_be_focused()


def test_a_list_is_worked_with_the_keyboard(played: tuple[str, Browser]) -> None:
    address, chromium = played
    with new_page(chromium, address) as page:
        sign_in(page)
        page.goto("/sample/list")
        page.keyboard.press("j")
        page.keyboard.press("j")
        expect(page.locator("tr.cursor")).to_contain_text("故障受理 2")
        page.keyboard.press("x")
        expect(page.locator("[data-batch]")).to_be_visible()
        expect(page.locator("[data-count]")).to_have_text("1")
        page.keyboard.press("/")
        page.keyboard.type("xjx")
        expect(page.locator("#q")).to_have_value("xjx")
        page.locator("h1").click()
        page.keyboard.press("Escape")
        page.keyboard.press("Enter")
        page.wait_for_url("**/sample?task=2")


def test_single_keys_do_nothing_once_they_are_off(played: tuple[str, Browser]) -> None:
    address, chromium = played
    with new_page(chromium, address) as page:
        sign_in(page)
        page.goto("/profile")
        page.locator("button[name=keys][value=off]").click()
        page.goto("/sample/list")
        page.keyboard.press("j")
        expect(page.locator("tr.cursor")).to_have_count(0)


def test_a_diagram_shows_where_the_case_stands(played: tuple[str, Browser]) -> None:
    address, chromium = played
    with new_page(chromium, address) as page:
        sign_in(page)
        page.goto("/sample/diagram")
        drawn = page.locator(".bpmn:not(.mini)[data-drawn]")
        expect(drawn.locator("[data-element-id=intake].is-now")).to_be_visible()
        expect(drawn.locator("[data-element-id=start].is-done")).to_be_visible()
        expect(drawn.locator("[data-element-id=first].is-taken")).to_have_count(1)
        expect(drawn.locator(".bpmn-pill")).to_have_text("2")
        expect(drawn.locator(".bjs-powered-by")).to_be_visible()


def test_a_diagram_that_cannot_be_drawn_says_so(played: tuple[str, Browser]) -> None:
    address, chromium = played
    with new_page(chromium, address, fails_on_errors=False) as page:
        sign_in(page)
        page.goto("/sample/diagram?source=/nothing")
        expect(page.locator(".bpmn-failed").first).to_have_text("流程图没有画出来，刷新页面再试。")


def inspect(page: Page, name: str) -> None:
    picture(page, name)
    check_accessible(page)
    check_fits(page)
