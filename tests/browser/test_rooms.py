"""The rooms of owners, administrators and compliance in a real Chromium: both languages, both sizes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.builders import diagram, flow, user_task
from tests.play import PHONE, WIDE, browser, check_accessible, check_fits, needs_chromium, new_page, picture, serving
from tests.play import sign_in as sign_in_as
from tests.supplier import INTAKE, Supplier, failing_process, supplier
from tests.web import PASSWORD

pytestmark = needs_chromium
Played = tuple[str, Browser, Supplier, int]

PAGES = {
    "administrator": (
        "/operations",
        "/operations?group=completed",
        "/operations/incidents",
        "/operations/jobs?group=waiting",
        "/operations/cases/{case}/cancel",
        "/settings",
        "/settings/users",
        "/settings/users/new",
        "/settings/users/1",
    ),
    "owner": (
        "/processes",
        "/processes?tab=decisions",
        "/processes?tab=forms",
        "/processes?tab=deployments",
        "/processes/process/after_sales_service",
        "/processes/decision/quote_review_route",
        "/processes/form/solution_plan",
        "/processes/deploy",
    ),
    "compliance": ("/compliance", "/compliance/deviations/overdue", "/compliance/cases/{case}"),
    "price_editor": ("/settings/prices",),
    "calendar_editor": ("/settings/calendars",),
    "staff": ("/settings/registers/service_ledger", "/settings/prices"),
}


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """A server on a supplier with a running, an ended, an overdue and a stopped case, and a browser."""
    shop = supplier(tmp_path_factory.mktemp("rooms"))
    shop.solve(shop.start())
    late = shop.start(customer_name="杭州瑞康食品有限公司")
    shop.stop()
    shop.later(hours=4)
    shop.complete(late, **INTAKE)
    case = shop.start(customer_name="常熟立信染整有限公司")
    shop.plan(case)
    with serving(shop.built.app) as address, browser() as chromium:
        yield address, chromium, shop, case


def sign_in(page: Page, username: str) -> None:
    sign_in_as(page, username, PASSWORD)


@pytest.mark.parametrize("username", PAGES)
@pytest.mark.parametrize("locale", ["zh-CN", "en"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_every_page_is_accessible_and_fits(played: Played, size: tuple[int, int], locale: str, username: str) -> None:
    address, chromium, _, case = played
    with new_page(chromium, address, size, locale) as page:
        sign_in(page, username)
        for number, path in enumerate(PAGES[username]):
            answer = page.goto(path.format(case=case))
            assert answer is not None
            assert answer.status == 200, path
            if "/process/" in path:
                page.locator(".bpmn[data-drawn]").wait_for()
            picture(page, f"{username}-{number}-{locale}-{size[0]}")
            check_accessible(page)
            check_fits(page)


def test_files_are_checked_and_then_deployed_without_being_chosen_again(played: Played) -> None:
    address, chromium, _, _ = played
    file = {"name": "failing.bpmn", "mimeType": "application/xml", "buffer": failing_process() + b"<!-- again -->"}
    with new_page(chromium, address) as page:
        sign_in(page, "owner")
        page.goto("/processes/deploy")
        page.locator("#files").set_input_files([file])
        page.locator("#note").fill("再试一次")
        page.locator("button[value=check]").click()
        expect(page.locator("#findings .notice")).to_contain_text("可以发布")
        assert page.locator("#files").evaluate("input => input.files.length") == 1
        page.locator("button[value=deploy]").click()
        page.wait_for_url("**/processes?tab=deployments")
        expect(page.locator("tbody tr").first).to_contain_text("再试一次")


def test_findings_appear_beside_the_form_when_only_checking(played: Played) -> None:
    address, chromium, _, _ = played
    broken = diagram('<bpmn:startEvent id="start"/>' + user_task("t", "nobody") + flow("start", "t"), "broken")
    with new_page(chromium, address) as page:
        sign_in(page, "owner")
        page.goto("/processes/deploy")
        page.locator("#files").set_input_files(
            [{"name": "broken.bpmn", "mimeType": "application/xml", "buffer": broken}]
        )
        page.locator("button[value=check]").click()
        expect(page.locator("#findings")).to_contain_text("nobody")
        expect(page.locator("#findings .notice.bad")).to_be_visible()
        picture(page, "findings")
        check_accessible(page)


@pytest.mark.parametrize("scripts", [True, False], ids=["with a script", "without"])
def test_rows_of_the_price_list_come_and_go(played: Played, scripts: bool) -> None:
    address, chromium, _, _ = played
    with new_page(chromium, address, scripts=scripts) as page:
        sign_in(page, "price_editor")
        page.goto("/settings/prices")
        before = page.locator("input[name=code]").count()
        page.locator("#name-0").fill("没有保存")
        page.locator("button[name=_add]").click()
        expect(page.locator("input[name=code]")).to_have_count(before + 1)
        expect(page.locator("#name-0")).to_have_value("没有保存")
        page.locator(f"#code-{before}").fill("NEW-1")
        page.locator("button[name=_remove]").first.click()
        expect(page.locator("input[name=code]")).to_have_count(before)
        expect(page.locator(f"#code-{before - 1}")).to_have_value("NEW-1")
        page.locator("button.primary").click()
        expect(page.locator("[role=alert]")).to_be_visible()
        expect(page.locator(f"#code-{before - 1}")).to_have_value("NEW-1")
        picture(page, f"prices-refused-{scripts}")


def test_the_next_days_follow_what_is_typed(played: Played) -> None:
    address, chromium, _, _ = played
    with new_page(chromium, address) as page:
        sign_in(page, "calendar_editor")
        page.goto("/settings/calendars")
        page.locator("#hours_sat").fill("10:00-11:00")
        page.locator("button[name=_preview]").click()
        expect(page.locator("table").last).to_contain_text("10:00–11:00")
        expect(page.locator("#hours_sat")).to_have_value("10:00-11:00")
        page.locator("#hours_sat").fill("morgens")
        page.locator("button[name=_preview]").click()
        expect(page.locator("#hours_sat")).to_have_attribute("aria-invalid", "true")


def test_selected_incidents_are_tried_again(played: Played) -> None:
    address, chromium, _, _ = played
    with new_page(chromium, address) as page:
        sign_in(page, "administrator")
        page.goto("/operations/incidents")
        page.locator("thead [data-all]").check()
        page.locator("button.primary").click()
        expect(page.locator(".flash").first).to_be_visible()
        check_accessible(page)
