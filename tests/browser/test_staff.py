"""The pages of staff in a real browser: keys, drafts, uploads, refreshing, and how they look."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from engine.model import UserTask
from tests.play import (
    PHONE,
    WIDE,
    browser,
    check_accessible,
    check_fits,
    needs_chromium,
    new_page,
    picture,
    serving,
    sign_in,
)
from tests.supplier import INTAKE, Supplier, supplier
from tests.web import PASSWORD

pytestmark = needs_chromium

CUSTOMERS = ("苏州恒越精密机械有限公司", "佛山顺联陶瓷", "宁波海盛塑业", "青岛海润橡胶")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as found:
        yield found


@pytest.fixture
def shop(tmp_path: Path) -> Supplier:
    found = supplier(tmp_path)
    for customer in CUSTOMERS:
        found.start(customer_name=customer)
        found.later(minutes=40)
    return found


def looked_at(page: Page, name: str, full: bool = False) -> None:
    check_fits(page)
    check_accessible(page)
    picture(page, name, full)


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_every_page_of_staff_fits_and_is_accessible(
    chromium: Browser, shop: Supplier, size: tuple[int, int], locale: str
) -> None:
    name = f"{size[0]}-{locale}"
    with serving(shop.built.app) as address, new_page(chromium, address, size, locale) as page:
        sign_in(page, "clerk", PASSWORD)
        looked_at(page, f"worklist-{name}")
        page.goto("/tasks?scope=mine")
        looked_at(page, f"worklist-empty-{name}")
        page.goto("/tasks")
        page.locator("a.open").first.click()
        page.locator(".bpmn[data-drawn]").wait_for()
        looked_at(page, f"task-{name}", full=True)
        page.locator("#field-customer_name").fill("")
        page.locator(".actionbar .primary").click()
        page.locator(".notice.bad[role=alert]").wait_for()
        expect(page.locator(".notice.bad[role=alert]")).to_be_focused()
        looked_at(page, f"task-refused-{name}", full=True)
        for path in ("/start", "/start/after_sales_service", "/notifications", "/search?q=苏州"):
            page.goto(path)
            looked_at(page, f"{path.strip('/').partition('?')[0].replace('/', '-')}-{name}")


def test_keys_move_select_claim_and_open(chromium: Browser, shop: Supplier) -> None:
    with serving(shop.built.app) as address, new_page(chromium, address) as page:
        sign_in(page, "clerk", PASSWORD)
        page.keyboard.press("j")
        page.keyboard.press("j")
        expect(page.locator("tr.cursor")).to_have_count(1)
        page.keyboard.press("x")
        expect(page.locator(".batchbar")).to_be_visible()
        expect(page.locator("tr[aria-selected=true]")).to_have_count(1)
        looked_at(page, "worklist-selected")
        page.keyboard.press("c")
        expect(page.locator(".notice.flash.ok")).to_be_visible()
        expect(page.locator(".c-who .avatar.me")).to_have_count(1)
        expect(page.locator(".batchbar")).to_be_hidden()
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        expect(page.locator("#task-form")).to_be_visible()
        page.keyboard.press("Control+k")
        expect(page.locator("#q")).to_be_focused()


def test_the_list_keeps_itself_up_to_date_and_the_cursor_stays(chromium: Browser, shop: Supplier) -> None:
    with serving(shop.built.app) as address, new_page(chromium, address) as page:
        sign_in(page, "clerk", PASSWORD)
        rows = page.locator("table[data-list] tbody tr")
        expect(rows).to_have_count(len(CUSTOMERS))
        page.keyboard.press("j")
        chosen = page.locator("tr.cursor").get_attribute("id")
        shop.start(customer_name="新来的客户")
        page.locator("#tasks").dispatch_event("live")
        expect(rows).to_have_count(len(CUSTOMERS) + 1)
        expect(page.locator("tr.cursor")).to_have_attribute("id", str(chosen))
        expect(page.locator("#filters")).to_contain_text("5")


def test_what_is_typed_saves_itself_and_comes_back(chromium: Browser, shop: Supplier) -> None:
    with serving(shop.built.app) as address, new_page(chromium, address) as page:
        sign_in(page, "clerk", PASSWORD)
        page.goto("/tasks/1")
        page.locator("#field-serial_number").fill("GZ12-0117")
        expect(page.locator("[data-draft-status]")).to_contain_text("已保存")
        page.reload()
        expect(page.locator("#field-serial_number")).to_have_value("GZ12-0117")


def test_a_file_is_uploaded_when_it_is_chosen_and_nothing_typed_is_lost(chromium: Browser, shop: Supplier) -> None:
    shop.complete(1, **INTAKE)
    with shop.database.reading() as tx:
        key = tx.session.scalars(
            select(UserTask.key).where(UserTask.process_instance_key == 1, UserTask.state == "open")
        ).one()
    with serving(shop.built.app) as address, new_page(chromium, address) as page:
        sign_in(page, "clerk", PASSWORD)
        page.goto(f"/tasks/{key}")
        page.locator("#field-phone_questions").fill("问到第 6 问")
        page.locator('[name="phone_cooperation"][value="no"]').check()
        place = page.locator("#slot-remote_evidence")
        page.locator("#file-remote_evidence").set_input_files(
            {"name": "panel.png", "mimeType": "image/png", "buffer": b"a picture"}
        )
        expect(place).to_contain_text("panel.png")
        expect(place.locator(".state.ok")).to_be_visible()
        expect(page.locator("#field-phone_questions")).to_have_value("问到第 6 问")
        page.locator("#file-remote_evidence").set_input_files(
            {"name": "empty.png", "mimeType": "image/png", "buffer": b""}
        )
        expect(page.locator("#slot-remote_evidence small.bad")).to_contain_text("empty.png")
        looked_at(page, "task-evidence", full=True)


def test_a_task_is_given_away_in_a_dialog(chromium: Browser, shop: Supplier) -> None:
    with serving(shop.built.app) as address, new_page(chromium, address) as page:
        sign_in(page, "clerk", PASSWORD)
        page.goto("/tasks/1")
        page.locator(".page-head button[form=claim-form]").click()
        page.locator("[data-dialog=assign]").click()
        expect(page.locator("dialog#assign")).to_be_visible()
        looked_at(page, "task-assign")
        page.keyboard.press("Escape")
        expect(page.locator("dialog#assign")).to_be_hidden()
